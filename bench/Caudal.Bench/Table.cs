using System.Globalization;

namespace Caudal.Bench;

/// <summary>Figures of two sides, measured in turns.</summary>
internal sealed class Table(string ours, string theirs)
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, (List<double> Ours, List<double> Theirs)> _figures = [];

    /// <summary>Notes a figure of one side.</summary>
    public void Add(string name, bool isOurs, double value)
    {
        if (!_figures.TryGetValue(name, out var sides))
        {
            _figures[name] = sides = ([], []);
            _order.Add(name);
        }

        (isOurs ? sides.Ours : sides.Theirs).Add(value);
    }

    /// <summary>Prints medians, and ours as a part of theirs.</summary>
    public void Print()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",-52}{ours,14}{theirs,14}{"ratio",9}"));
        foreach (var name in _order)
        {
            var (left, right) = (Median(_figures[name].Ours), Median(_figures[name].Theirs));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-52}{left,14:N1}{right,14:N1}{left / right,9:N2}"));
        }
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values.Count == 0 ? double.NaN : values[values.Count / 2];
    }
}
