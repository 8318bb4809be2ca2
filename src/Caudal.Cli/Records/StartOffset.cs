using System.Globalization;
using Caudal.Client;

namespace Caudal.Cli.Records;

/// <summary>
/// Where consuming starts in a partition: at its first record, behind its last one, at an offset, or a number of records before the end.
/// </summary>
internal readonly record struct StartOffset
{
    private readonly StartOffsetKind _kind;
    private readonly long _number;

    private StartOffset(StartOffsetKind kind, long number = 0)
    {
        _kind = kind;
        _number = number;
    }

    /// <summary>The first record.</summary>
    public static StartOffset Beginning => new(StartOffsetKind.Beginning);

    /// <summary>Behind the last record.</summary>
    public static StartOffset End => new(StartOffsetKind.End);

    /// <summary>An offset.</summary>
    public static StartOffset At(long offset) => new(StartOffsetKind.At, offset);

    /// <summary>Reads <c>beginning</c>, <c>end</c>, <c>N</c> or <c>-N</c>.</summary>
    public static bool TryParse(string text, out StartOffset result)
    {
        result = text switch
        {
            "beginning" or "start" or "earliest" => Beginning,
            "end" or "latest" => End,
            _ => default,
        };
        if (result._kind != StartOffsetKind.None)
            return true;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || number == long.MinValue)
            return false;
        result = text[0] == '-' ? new StartOffset(StartOffsetKind.BeforeEnd, -number) : At(number);
        return true;
    }

    /// <summary>Reads <c>beginning</c>, <c>end</c>, <c>N</c> or <c>-N</c>.</summary>
    /// <exception cref="CommandException">It is something else.</exception>
    public static StartOffset Parse(string text) => TryParse(text, out var result)
        ? result
        : throw new CommandException($"--offset {text}: expected beginning, end, N or -N.", CaudalCommand.WrongUse);

    /// <summary>Finds the offsets of partitions.</summary>
    public async ValueTask<TopicPartitionOffset[]> ResolveAsync(
        Consumer<Ignore, Ignore> consumer, TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        var start = this;
        var first = await consumer.BeginningOffsetsAsync(partitions, cancellationToken);
        var end = _kind == StartOffsetKind.Beginning ? first : await consumer.EndOffsetsAsync(partitions, cancellationToken);
        return [.. partitions.Select(p => new TopicPartitionOffset(p, start.Resolve(first[p], end[p])))];
    }

    private long Resolve(long first, long end) => _kind switch
    {
        StartOffsetKind.Beginning => first,
        StartOffsetKind.At => _number,
        StartOffsetKind.BeforeEnd => Math.Max(first, end - _number),
        _ => end,
    };
}

internal enum StartOffsetKind
{
    None,
    Beginning,
    End,
    At,
    BeforeEnd,
}
