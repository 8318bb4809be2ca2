namespace Caudal.Storage.Tests.Support;

/// <summary>The bytes of a file: as they are, and as the disk has them.</summary>
internal sealed class CrashFile
{
    internal byte[] Content { get; set; } = [];

    internal byte[] Synced { get; set; } = [];

    internal void Write(ReadOnlySpan<byte> bytes, long position)
    {
        var grown = new byte[Math.Max(Content.Length, (int)position + bytes.Length)];
        Content.CopyTo(grown, 0);
        bytes.CopyTo(grown.AsSpan((int)position));
        Content = grown;
    }

    /// <summary>Keeps what was synced, and of the rest nothing, everything, a part, or its length with zeros instead of it.</summary>
    /// <param name="random">Decides; null for nothing.</param>
    internal void Lose(Random? random)
    {
        if (ReferenceEquals(Content, Synced))
            return;
        var common = Math.Min(Content.Length, Synced.Length);
        var same = Content.AsSpan(0, common).CommonPrefixLength(Synced);
        Content = random?.Next(5) switch
        {
            0 => Content,
            1 => [.. Content.AsSpan(0, random.Next(same, Content.Length + 1))],
            2 => [.. Content.AsSpan(0, same), .. new byte[Content.Length - same]],
            _ => Synced,
        };
        Synced = Content;
    }
}
