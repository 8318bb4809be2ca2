using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Model;

/// <summary>One seed: a broker, a model of it, and what is asked of both.</summary>
internal sealed partial class BrokerRun(Random random, Durability durability) : IAsyncDisposable
{
    private const long RetentionMs = 60_000;

    private readonly List<TemporaryDirectory> _directories = [];
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000));
    private readonly List<ModelLog> _logs = [];
    private EmbeddedBroker _broker = null!;
    private TestClient _client = null!;

    /// <summary>What was done so far, for a failure's message.</summary>
    public List<string> Trace { get; } = [];

    private bool IsInMemory => durability == Durability.Memory;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task StartAsync()
    {
        _directories.Add(new TemporaryDirectory());
        await OpenAsync();
        await CreateAsync("plain", 2, "cleanup.policy=delete", "retention.ms=-1");
        await CreateAsync("compact", 2, "cleanup.policy=compact", "min.cleanable.dirty.ratio=0", "delete.retention.ms=20000");
        await CreateAsync("short", 1, "cleanup.policy=delete", $"retention.ms={RetentionMs}");
        await CreateAsync("gone", 1, "cleanup.policy=delete", "retention.ms=-1");
        for (var i = 0; i < 3; i++)
            await InitializeAsync(i);
        await OpenSessionAsync();
    }

    public Task StepAsync() => random.Next(40) switch
    {
        < 6 => ProducePlainAsync(),
        < 11 => ProduceIdempotentAsync(),
        < 17 => WriteInTransactionAsync(),
        < 19 => CommitInTransactionAsync(),
        < 23 => EndTransactionAsync(),
        23 => TakeOverAsync(),
        < 26 => CommitOffsetAsync(),
        < 28 => DeleteRecordsAsync(),
        28 => RecreateTopicAsync(),
        29 => AddMemberAsync(),
        30 => RemoveMemberAsync(),
        31 => ReplaceStaticMemberAsync(),
        32 => CommitAsMemberAsync(),
        33 => PassAsync(TimeSpan.FromMilliseconds(random.Next(20_000))),
        34 => ExpireAsync(),
        35 => PollSessionAsync(),
        36 => CheckAsync(),
        37 => CheckTimesAsync(),
        38 => RestartAsync(),
        _ => KillAsync(),
    };

    public async Task CheckAsync()
    {
        Trace.Add("check");
        foreach (var log in _logs)
            await CheckAsync(log);
        await CheckGroupsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await CloseAsync();
        _directories.ForEach(d => d.Dispose());
    }

    private async Task CheckAsync(ModelLog log)
    {
        await ObserveStartAsync(log);
        Assert.Equal((log.End, ErrorCode.None), await _client.ListOffsetAsync(log, -1));
        Assert.Equal((log.LastStable, ErrorCode.None), await _client.ListOffsetAsync(log, -1, level: 1));
        foreach (var committed in new[] { false, true })
        {
            var read = await _client.ReadAsync(log, log.Start, committed);
            var expected = log.Visible(committed).Select(r => (r.Offset, r.Key!, r.Value)).ToList();
            if (!log.IsCompacted)
            {
                Assert.Equal(expected, read);
                continue;
            }

            // Compaction takes records away and changes none, and of each key the last one stays.
            Assert.Empty(read.Except(expected));
            Assert.Equal(read.Select(r => r.Offset).Order(), read.Select(r => r.Offset));
            if (committed)
                Assert.Equal(ModelLog.Latest(expected.Select(Pair)), ModelLog.Latest(read.Select(Pair)));
        }
    }

    // Retention may take what is old, whole segments at a time, and nothing else.
    private async Task ObserveStartAsync(ModelLog log)
    {
        var (start, error) = await _client.ListOffsetAsync(log, -2);
        Assert.Equal(ErrorCode.None, error);
        if (log.Topic == "short")
        {
            Assert.InRange(start, log.Start, log.End);
            Assert.All(log.Records.Where(r => r.Offset < start && r.Offset >= log.Start), r => Assert.True(NowMs - r.TimeMs > RetentionMs));
            log.Start = start;
        }

        Assert.Equal(log.Start, start);
    }

    private async Task CheckTimesAsync()
    {
        var log = _logs[random.Next(_logs.Count)];
        if (log.IsCompacted)
            return;
        await ObserveStartAsync(log);
        var visible = log.Visible(committed: false).ToList();
        if (visible.Count == 0)
            return;
        var time = visible[random.Next(visible.Count)].TimeMs + random.Next(2);
        var expected = visible.Find(r => r.TimeMs >= time)?.Offset ?? -1;
        // A marker has a time, too.
        var marker = log.Records.Find(r => r.IsMarker && r.Offset >= log.Start && r.TimeMs >= time)?.Offset ?? -1;
        var (found, error) = await _client.ListOffsetAsync(log, time);
        Trace.Add($"time {time} in {log.Topic}-{log.Partition}: {found}");
        Assert.Equal(ErrorCode.None, error);
        Assert.Contains(found, new[] { expected, marker });
    }

    private async Task PassAsync(TimeSpan time)
    {
        Trace.Add($"{time.TotalMilliseconds} ms pass");
        _time.Advance(time);
        await BeatAllAsync(ErrorCode.None);
    }

    // Whoever was silent for so long is gone, and all that is kept for a minute.
    private async Task ExpireAsync()
    {
        if (_producers.Any(p => p.IsOpen))
            return;
        Trace.Add("everything expires");
        _time.Advance(TimeSpan.FromSeconds(320));
        await MembersAreGoneAsync();
        var log = _logs.Single(l => l.Topic == "short");
        await ObserveStartAsync(log);
        Assert.Equal(log.End, log.Start);
    }

    private async Task CreateAsync(string name, int partitions, params string[] configs)
    {
        await _client.CreateTopicAsync(name, partitions, [.. configs, "internal.segment.bytes=1200", "index.interval.bytes=100"]);
        for (var partition = 0; partition < partitions; partition++)
            _logs.Add(new ModelLog(name, partition, configs.Contains("cleanup.policy=compact")));
    }

    private async Task RestartAsync()
    {
        if (IsInMemory)
            return;
        Trace.Add("restart");
        await CloseAsync();
        await ReopenAsync();
    }

    // The files as they are between two requests are what a killed process leaves.
    private async Task KillAsync()
    {
        if (IsInMemory)
            return;
        Trace.Add("kill");
        var copy = new TemporaryDirectory();
        KilledFiles.Copy(_directories[^1].Path, copy.Path);
        await CloseAsync();
        _directories.Add(copy);
        await ReopenAsync();
    }

    private async Task ReopenAsync()
    {
        await OpenAsync();
        await ReconnectMembersAsync();
        await OpenSessionAsync();
    }

    private async Task OpenAsync()
    {
        _broker = await Brokers.StartAsync(new EmbeddedBrokerOptions
        {
            Listen = false,
            Directory = IsInMemory ? null : _directories[^1].Path,
            Durability = durability,
            TimeProvider = _time,
            Config = new Dictionary<string, string>
            {
                ["log.cleaner.backoff.ms"] = "10000",
                ["log.retention.check.interval.ms"] = "10000",
                ["connections.max.idle.ms"] = "2000000000",
            },
        });
        _client = await TestClient.ConnectAsync(_broker);
        foreach (var producer in _producers)
            producer.Client.Client = _client;
    }

    private async Task CloseAsync()
    {
        await DisconnectMembersAsync();
        await _client.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private static (string, string?) Pair((long Offset, string Key, string? Value) record) => (record.Key, record.Value);
}
