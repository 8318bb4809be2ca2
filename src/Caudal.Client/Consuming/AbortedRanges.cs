using Caudal.Protocol.Messages;
using Caudal.Protocol.Records;

namespace Caudal.Client.Consuming;

/// <summary>
/// Tells which batches of one fetch response belong to aborted transactions (KIP-98). The response names each by its producer and its
/// first offset; it ends at the producer's abort marker. Batches are shown in their order, all of them. Not thread safe.
/// </summary>
internal sealed class AbortedRanges
{
    private readonly FetchResponse.AbortedTransaction[] _aborted;
    private readonly HashSet<long> _open = [];
    private int _next;

    private AbortedRanges(FetchResponse.AbortedTransaction[] aborted)
    {
        // Not every broker sorts them.
        _aborted = [.. aborted];
        Array.Sort(_aborted, static (a, b) => a.FirstOffset.CompareTo(b.FirstOffset));
    }

    /// <summary>The ranges of a response; null if nothing was aborted, which is the usual case.</summary>
    public static AbortedRanges? From(FetchResponse.PartitionData data) =>
        data.AbortedTransactions is { Length: > 0 } aborted ? new AbortedRanges(aborted) : null;

    /// <summary>Whether the next batch belongs to an aborted transaction.</summary>
    public bool Covers(RecordBatchView batch)
    {
        for (; _next < _aborted.Length && _aborted[_next].FirstOffset <= batch.LastOffset; _next++)
            _open.Add(_aborted[_next].ProducerId);
        if (!batch.IsTransactional || _open.Count == 0)
            return false;
        if (!batch.IsControl)
            return _open.Contains(batch.ProducerId);
        if (batch.RecordCount > 0 && ControlRecord.Read(batch).Type == ControlRecordType.Abort)
            _open.Remove(batch.ProducerId);
        return false;
    }
}
