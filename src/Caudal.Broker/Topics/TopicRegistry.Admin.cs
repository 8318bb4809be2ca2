namespace Caudal.Broker.Topics;

/// <content>Changes of the journal that concern no topic.</content>
internal sealed partial class TopicRegistry
{
    /// <summary>How many changes the journal holds.</summary>
    public long MetadataRecordCount => _journal.RecordCount;

    /// <summary>Looks at what the journal says, between two changes.</summary>
    public async ValueTask<TResult> ReadMetadataAsync<TResult>(Func<MetadataImage, TResult> read)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            return read(_journal.Image);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Changes what the journal says, between two other changes.</summary>
    /// <param name="change">Decides by what is so now: the records to write, none to change nothing, and what to return.</param>
    /// <returns>What <paramref name="change"/> gave, once its records are on disk.</returns>
    /// <exception cref="IOException">The journal cannot be written; nothing changed.</exception>
    public async ValueTask<TResult> ChangeMetadataAsync<TResult>(
        Func<MetadataImage, (IReadOnlyList<MetadataRecord> Records, TResult Result)> change)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var (records, result) = change(_journal.Image);
            if (records.Count > 0)
                await _journal.AppendAsync(records).ConfigureAwait(false);
            return result;
        }
        finally
        {
            _gate.Release();
        }
    }
}
