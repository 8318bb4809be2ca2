using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Caudal.Client.Connections;

namespace Caudal.Client.Configuration;

/// <summary>Collects what is wrong with options, each fault with its remedy.</summary>
internal sealed class OptionFaults
{
    private readonly List<string> _faults = [];

    public IReadOnlyList<string> List => _faults;

    /// <summary>Raises one <see cref="ArgumentException"/> that lists all faults, if there are any.</summary>
    public static void ThrowIfAny(IReadOnlyList<string> faults, string options)
    {
        if (faults.Count > 0)
            throw new ArgumentException($"{options}: {string.Join(" ", faults)}");
    }

    public void Add(string fault) => _faults.Add(fault);

    public void Bootstrap(string servers)
    {
        if (!BrokerAddress.TryParseList(servers, out _, out var fault))
            _faults.Add($"bootstrap.servers is '{servers}': {fault}. Give host:port, several separated by commas, e.g. localhost:9092.");
    }

    public void NotNull(string name, [NotNull] object? value)
    {
        if (value is null)
            _faults.Add($"{name} is null; leave it out for its default.");
#pragma warning disable CS8777 // The fault is reported, not thrown.
    }
#pragma warning restore CS8777

    public void NoneNull<T>(string name, IReadOnlyList<T> values)
    {
        if (values is null || values.Any(static value => value is null))
            _faults.Add($"{name} is null or holds a null; leave it out for none.");
    }

    public void AtLeast(string name, TimeSpan value, TimeSpan least, string? leastName = null)
    {
        if (value >= least && value.TotalMilliseconds <= int.MaxValue)
            return;
        var bound = Milliseconds(least) + (leastName is null ? "" : $" ({leastName})");
        _faults.Add($"{name} is {Milliseconds(value)}; it must be from {bound} to {int.MaxValue} ms.");
    }

    public void InRange(string name, long value, long least, long most)
    {
        if (value < least || value > most)
            _faults.Add($"{name} is {value}; it must be from {least} to {most}.");
    }

    private static string Milliseconds(TimeSpan value) => value.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + " ms";
}
