using Caudal.Client.Consuming;

namespace Caudal.Client;

/// <summary>Records of one partition, deserialized as they are walked. Valid until the next batch is asked for.</summary>
/// <remarks>Asking for the next batch says that this one is processed, whether all of it was walked or not. Not thread safe.</remarks>
/// <typeparam name="TKey">The type of keys.</typeparam>
/// <typeparam name="TValue">The type of values.</typeparam>
public sealed class ConsumeBatch<TKey, TValue>
{
    private readonly ConsumerEngine _engine;
    private readonly RecordDecoder<TKey, TValue> _decoder;
    private readonly RecordBatchLease _lease;

    internal ConsumeBatch(ConsumerEngine engine, RecordDecoder<TKey, TValue> decoder, RecordBatchLease lease)
    {
        _engine = engine;
        _decoder = decoder;
        _lease = lease;
    }

    /// <summary>The partition.</summary>
    public TopicPartition TopicPartition => _lease.TopicPartition;

    /// <summary>The topic.</summary>
    public string Topic => _lease.Topic;

    /// <summary>The partition's number.</summary>
    public int Partition => _lease.Partition;

    /// <summary>How many records there are.</summary>
    public int Count => _lease.RecordCount;

    /// <summary>Where the batch starts.</summary>
    public long StartOffset => _lease.StartOffset;

    /// <summary>The offset behind the batch: what to store or commit once it is processed.</summary>
    public long NextOffset => _lease.NextOffset;

    /// <summary>
    /// The end of the partition when the batch was fetched: how far behind the consumer is. The first open transaction ends it for
    /// <see cref="IsolationLevel.ReadCommitted"/>.
    /// </summary>
    public long HighWatermark => _lease.HighWatermark;

    /// <summary>Walks the records. Each walk deserializes anew.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks the records of a <see cref="ConsumeBatch{TKey, TValue}"/>; may be held across waits.</summary>
#pragma warning disable CA1034 // An enumerator belongs to its collection.
    public struct Enumerator
#pragma warning restore CA1034
    {
        private readonly ConsumeBatch<TKey, TValue> _batch;
        private ConsumeResult<TKey, TValue> _current;
        private int _position;
        private int _index;

        internal Enumerator(ConsumeBatch<TKey, TValue> batch) => _batch = batch;

        /// <summary>The record that <see cref="MoveNext"/> read.</summary>
        public readonly ConsumeResult<TKey, TValue> Current => _current;

        /// <summary>Reads the next record.</summary>
        /// <returns>False after the last one.</returns>
        /// <exception cref="RecordDeserializationException">A deserializer refused the record; the next call goes on behind it.</exception>
        /// <exception cref="ObjectDisposedException">The next batch was asked for already.</exception>
        public bool MoveNext()
        {
            _batch._engine.NoteActivity();
            if (_index >= _batch._lease.RecordCount)
                return false;
            _current = _batch._decoder.Read(_batch._lease, ref _position, ref _index);
            return true;
        }
    }
}
