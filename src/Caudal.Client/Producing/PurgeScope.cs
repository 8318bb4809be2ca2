namespace Caudal.Client;

/// <summary>Which records are given up by <see cref="Producer{TKey, TValue}.Purge"/>.</summary>
public enum PurgeScope
{
    /// <summary>Those that were never sent: they are surely not written.</summary>
    Unsent,

    /// <summary>Those that were sent too: whether they are written nobody will know.</summary>
    All,
}
