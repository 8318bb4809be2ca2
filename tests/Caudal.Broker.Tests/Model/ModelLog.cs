namespace Caudal.Broker.Tests.Model;

/// <summary>What became of a record's transaction.</summary>
internal enum Outcome
{
    None,
    Open,
    Committed,
    Aborted,
}

/// <summary>A record or a marker, as it must be in a partition.</summary>
internal sealed class ModelRecord(long offset, string? key, string? value, long timeMs)
{
    public long Offset => offset;

    /// <summary>Null for a marker.</summary>
    public string? Key => key;

    /// <summary>Null for a tombstone.</summary>
    public string? Value => value;

    public long TimeMs => timeMs;

    public Outcome Outcome { get; set; }

    public bool IsMarker => key is null;
}

/// <summary>What a partition must hold.</summary>
internal sealed class ModelLog(string topic, int partition, bool isCompacted)
{
    public string Topic => topic;

    public int Partition => partition;

    public bool IsCompacted => isCompacted;

    public List<ModelRecord> Records { get; } = [];

    public long Start { get; set; }

    public long End => Records.Count;

    /// <summary>Where the first open transaction begins; the end if there is none.</summary>
    public long LastStable
    {
        get
        {
            var open = Records.Find(r => r.Outcome == Outcome.Open);
            return Math.Max(Start, open?.Offset ?? End);
        }
    }

    public List<ModelRecord> Add(IEnumerable<(string Key, string? Value)> pairs, long timeMs, Outcome outcome)
    {
        var added = pairs.Select((p, i) => new ModelRecord(End + i, p.Key, p.Value, timeMs) { Outcome = outcome }).ToList();
        Records.AddRange(added);
        return added;
    }

    public void AddMarker(long timeMs) => Records.Add(new ModelRecord(End, null, null, timeMs));

    /// <summary>What consumers must be given from the start on.</summary>
    public IEnumerable<ModelRecord> Visible(bool committed)
    {
        var end = committed ? LastStable : End;
        return Records.Where(r => !r.IsMarker && r.Offset >= Start && r.Offset < end && !(committed && r.Outcome == Outcome.Aborted));
    }

    /// <summary>The last value of each key.</summary>
    public static SortedDictionary<string, string> Latest(IEnumerable<(string Key, string? Value)> pairs)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in pairs)
        {
            if (value is null)
                result.Remove(key);
            else
                result[key] = value;
        }

        return result;
    }
}
