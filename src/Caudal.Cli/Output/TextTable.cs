namespace Caudal.Cli.Output;

/// <summary>Columns of text that line up, for people and for <c>awk</c>: one space between them, names in the first line.</summary>
internal sealed class TextTable(params string[] names)
{
    // What Kafka's own tables have at least.
    private readonly int[] _minimum = new int[names.Length];
    private readonly List<string[]> _rows = [];

    /// <summary>Gives a column a width that it has at least.</summary>
    public TextTable WithMinimum(int column, int width)
    {
        _minimum[column] = width;
        return this;
    }

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes all rows. The last column is not padded.</summary>
    public async ValueTask WriteAsync(TextWriter output)
    {
        var widths = names.Select(
            (name, i) => Math.Max(_minimum[i], _rows.Select(row => row[i].Length).Append(name.Length).Max())).ToArray();
        foreach (var row in _rows.Prepend(names))
            await output.WriteLineAsync(string.Join(' ', row.Select((cell, i) => i == row.Length - 1 ? cell : cell.PadRight(widths[i]))));
    }
}
