using Caudal.Protocol;
using Microsoft.Extensions.Logging;

namespace Caudal.Broker.Topics;

internal sealed partial class TopicRegistry
{
    /// <summary>Brings the journal and the store's logs into agreement, and takes the topics in.</summary>
    /// <remarks>
    /// The journal is written before logs are created or deleted, so a crash between leaves: topics without logs (they are created now),
    /// and logs of deleted topics (they are deleted now). Logs that the journal never heard of come from another broker, or the journal was
    /// lost: their topics are adopted.
    /// </remarks>
    public async ValueTask LoadAsync(ILogger logger)
    {
        var current = _journal.Image.Topics.Values.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var strangers = new Dictionary<string, (Uuid Id, int Partitions)>(StringComparer.Ordinal);
        foreach (var log in _store.Logs.ToArray())
        {
            var known = current.TryGetValue(log.Topic, out var topic);
            if (_journal.Image.Deleted.Contains(log.TopicId) || (known && log.TopicId != topic!.Id && log.TopicId != Uuid.Zero))
                await _store.DeleteAsync(log.Topic, log.Partition).ConfigureAwait(false);
            else if (!known)
                strangers[log.Topic] = (log.TopicId, Math.Max(log.Partition + 1, strangers.GetValueOrDefault(log.Topic).Partitions));
        }

        foreach (var (name, (id, partitions)) in strangers)
        {
            Log.Adopted(logger, name, partitions);
            var adopted = new MetadataRecord.TopicCreated(
                name, id == Uuid.Zero ? Uuid.NewRandom() : id, partitions, new Dictionary<string, string>());
            await _journal.AppendAsync(adopted).ConfigureAwait(false);
        }

        // Once the image's own size is behind, half of the file says nothing any more.
        if (_journal.RecordCount > (2 * _journal.Image.Snapshot().Count()) + 64 || _journal.Image.Deleted.Count > 0)
            await _journal.CompactAsync().ConfigureAwait(false);
        foreach (var topic in _journal.Image.Topics.Values)
        {
            var loaded = Add_UnderGate(topic.Name, topic.Id, topic.Partitions, topic.Configs, Stored(topic));
            Reconfigure(loaded);
            await CatchUpAsync(loaded).ConfigureAwait(false);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4021, LogLevel.Warning,
            "Topic {Topic} with {Partitions} partition(s) lies in the data directory but not in the metadata " +
            "journal; it was taken in with default settings.")]
        public static partial void Adopted(ILogger logger, string topic, int partitions);
    }
}
