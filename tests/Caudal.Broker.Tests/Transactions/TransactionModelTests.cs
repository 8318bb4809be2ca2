using Caudal.Broker.Tests.Support;
using Caudal.Protocol;

namespace Caudal.Broker.Tests.Transactions;

/// <summary>
/// Random transactions of several producers in both protocols, with records, offsets, takeovers, restarts and kills, against a list of what
/// must be seen: committed records exactly once, in their order, and nothing that was aborted.
/// </summary>
public sealed class TransactionModelTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Readers_see_committed_transactions_whole_and_no_others(int seed)
    {
        await using var model = new Model(new Random(seed));
        await model.StartAsync();
        for (var step = 0; step < 60; step++)
            await model.StepAsync();
        await model.CheckAsync();
        Assert.True(model.Ended > 0);
    }

    private sealed class Model(Random random) : IAsyncDisposable
    {
        private const int Partitions = 2;
        private readonly List<TemporaryDirectory> _directories = [];
        private readonly List<Record>[] _logs = [.. Enumerable.Range(0, Partitions).Select(_ => new List<Record>())];
        private readonly List<Producer> _producers = [];
        private EmbeddedBroker _broker = null!;
        private TestClient _client = null!;
        private int _written;

        public int Ended { get; private set; }

        public async Task StartAsync()
        {
            _directories.Add(new TemporaryDirectory());
            await OpenAsync();
            await _client.CreateTopicAsync("t", Partitions);
            for (var i = 0; i < 4; i++)
                await InitializeAsync(i);
        }

        public async Task StepAsync()
        {
            var index = random.Next(_producers.Count);
            var producer = _producers[index];
            switch (random.Next(20))
            {
                case < 9:
                    await WriteAsync(producer, random.Next(Partitions));
                    break;
                case < 11:
                    await CommitOffsetAsync(producer);
                    break;
                case < 16:
                    await EndAsync(producer, random.Next(3) > 0);
                    break;
                case 16:
                    // Another process takes over: what is open is aborted.
                    producer.Void();
                    await InitializeAsync(index);
                    break;
                case 17:
                    await CheckAsync();
                    break;
                case 18:
                    await CloseAsync();
                    await OpenAsync();
                    break;
                default:
                    await KillAsync();
                    break;
            }
        }

        public async Task CheckAsync()
        {
            for (var partition = 0; partition < Partitions; partition++)
            {
                var expected = _logs[partition].TakeWhile(r => r.Outcome is not null).Where(r => r.Outcome == true).Select(r => r.Value);
                Assert.Equal(expected, await _client.ReadCommittedAsync("t", partition));
            }

            foreach (var producer in _producers)
            {
                var (offset, error) = await _client.FetchOffsetAsync(producer.Group, "t");
                Assert.Equal(producer.PendingOffset is null ? ErrorCode.None : ErrorCode.UnstableOffsetCommit, error);
                if (producer.PendingOffset is null)
                    Assert.Equal(producer.Offset, offset);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await CloseAsync();
            _directories.ForEach(d => d.Dispose());
        }

        private async Task InitializeAsync(int index)
        {
            var client = new TransactionClient(_client, $"producer-{index}", second: index % 2 == 1);
            ErrorCode error;
            while ((error = await client.InitializeAsync()) == ErrorCode.ConcurrentTransactions)
            {
            }

            Assert.Equal(ErrorCode.None, error);
            if (index == _producers.Count)
                _producers.Add(new Producer(index));
            _producers[index].Client = client;
        }

        private async Task WriteAsync(Producer producer, int partition)
        {
            if (!producer.IsSecond)
                Assert.Equal(ErrorCode.None, await producer.Client.AddAsync("t", partition));
            string[] values = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"{producer.Group}:{_written++}")];
            Assert.Equal(ErrorCode.None, await producer.Client.WriteAsync("t", partition, values));
            foreach (var value in values)
            {
                var record = new Record(value);
                producer.Open.Add(record);
                _logs[partition].Add(record);
            }

            producer.IsOpen = true;
        }

        private async Task CommitOffsetAsync(Producer producer)
        {
            if (!producer.IsSecond)
                Assert.Equal(ErrorCode.None, await producer.Client.AddOffsetsAsync(producer.Group));
            producer.PendingOffset = random.Next(1000);
            Assert.Equal(ErrorCode.None, await producer.Client.CommitOffsetAsync(producer.Group, "t", producer.PendingOffset.Value));
            producer.IsOpen = true;
        }

        private async Task EndAsync(Producer producer, bool commit)
        {
            if (!producer.IsOpen)
                return;
            Assert.Equal(ErrorCode.None, await producer.Client.EndAsync(commit));
            producer.End(commit);
            Ended++;
        }

        private async Task OpenAsync()
        {
            _broker = await Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = _directories[^1].Path });
            _client = await TestClient.ConnectAsync(_broker);
            foreach (var producer in _producers)
                producer.Client.Client = _client;
        }

        private async Task CloseAsync()
        {
            await _client.DisposeAsync();
            await _broker.DisposeAsync();
        }

        // The files as they are between two requests are what a killed process leaves.
        private async Task KillAsync()
        {
            var copy = new TemporaryDirectory();
            Copy(new DirectoryInfo(_directories[^1].Path), copy.Path);
            await CloseAsync();
            _directories.Add(copy);
            await OpenAsync();
        }

        private static void Copy(DirectoryInfo from, string to)
        {
            foreach (var file in from.GetFiles())
            {
                // Indexes are written aside and renamed in the background: what is gone meanwhile would be gone after a kill too.
                if (file.Name == ".lock" || file.Extension == ".tmp")
                    continue;
                try
                {
                    file.CopyTo(Path.Combine(to, file.Name));
                }
                catch (FileNotFoundException)
                {
                }
            }

            foreach (var directory in from.GetDirectories())
                Copy(directory, Directory.CreateDirectory(Path.Combine(to, directory.Name)).FullName);
        }
    }

    private sealed class Producer(int index)
    {
        public TransactionClient Client { get; set; } = null!;

        public bool IsSecond { get; } = index % 2 == 1;

        public string Group { get; } = $"g{index}";

        public List<Record> Open { get; } = [];

        public bool IsOpen { get; set; }

        public long Offset { get; private set; } = -1;

        public long? PendingOffset { get; set; }

        public void Void() => End(false);

        public void End(bool commit)
        {
            Open.ForEach(r => r.Outcome = commit);
            Open.Clear();
            if (commit && PendingOffset is { } offset)
                Offset = offset;
            PendingOffset = null;
            IsOpen = false;
        }
    }

    private sealed class Record(string value)
    {
        public string Value { get; } = value;

        public bool? Outcome { get; set; }
    }
}
