namespace Caudal.Storage.Tests.Support;

/// <summary>The names in a directory: as they are, and as the disk has them. Changes reach the disk in their order.</summary>
internal sealed class CrashDirectory
{
    private readonly List<(string Name, object? Entry)[]> _changes = [];
    private Dictionary<string, object> _synced = [];

    internal Dictionary<string, object> Names { get; private set; } = [];

    internal void Change(params (string Name, object? Entry)[] change)
    {
        Apply(Names, change);
        _changes.Add(change);
    }

    internal void Sync()
    {
        _synced = new Dictionary<string, object>(Names);
        _changes.Clear();
    }

    /// <summary>Keeps what was synced, and of the changes since the first few; none without a random number.</summary>
    internal void Lose(Random? random)
    {
        var count = random is null ? 0 : random.Next(3) == 0 ? _changes.Count : random.Next(_changes.Count + 1);
        Names = new Dictionary<string, object>(_synced);
        foreach (var change in _changes.Take(count))
            Apply(Names, change);
        Sync();
    }

    private static void Apply(Dictionary<string, object> names, (string Name, object? Entry)[] change)
    {
        foreach (var (name, entry) in change)
        {
            if (entry is null)
                names.Remove(name);
            else
                names[name] = entry;
        }
    }
}
