using Caudal.Compression;
using Caudal.Protocol;
using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests.Crash;

/// <summary>One seed: lives of a log, each ended by a crash or in order, and each checked at its beginning.</summary>
internal sealed class CrashRun : IAsyncDisposable
{
    private const int Lives = 6;
    private const int Producers = 4;

    private readonly Random _random;
    private readonly Durability _durability;
    private readonly CrashIo _io;
    private readonly StoreFixture _store;
    private readonly CrashModel _model = new();
    private readonly CompressionType _codec;
    private readonly bool _isCompacted;
    private int _epoch;
    private bool _hasLostAnything;

    private CrashRun(Random random, Durability durability, CrashIo io, StoreFixture store)
    {
        _random = random;
        _durability = durability;
        _io = io;
        _store = store;
        _isCompacted = store.Config.CleanupCompact;
        _codec = (CompressionType)random.Next(5);
    }

    /// <summary>What was done so far, for a failure's message.</summary>
    internal List<string> Trace { get; } = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PartitionLog Log => _store.Log;

    private bool SurvivesPowerCuts => _durability is Durability.Interval or Durability.Group;

    internal static async Task<CrashRun> StartAsync(Durability durability, int seed)
    {
        var random = new Random(seed);
        var config = LogConfig.Default with
        {
            SegmentBytes = random.Next(300, 2000),
            IndexIntervalBytes = random.Next(1, 400),
            CleanupCompact = random.Next(3) > 0,
            CleanupDelete = true,
            MinCleanableDirtyRatio = 0,
            DeleteRetentionMs = random.Next(60_000),
            FileDeleteDelayMs = random.Next(2) == 0 ? 0 : 60_000,
        };
        CrashIo? io = null;
        var store = await StoreFixture.StartAsync(durability, config, path => io = new CrashIo(path, random));
        return new CrashRun(random, durability, io!, store);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    internal async Task RunAsync()
    {
        for (var life = 0; life < Lives; life++)
        {
            _io.OperationsLeft = _random.Next(3) == 0 ? -1 : _random.Next(80);
            for (var step = _random.Next(5, 60); step > 0 && !_io.IsDead; step--)
                await StepAsync();
            if (!_io.IsDead && _random.Next(3) == 0)
                await RestartAsync();
            else
                await CrashAsync();
            if (_hasLostAnything)
            {
                // Nothing was promised but that what is there is right, and that the log goes on.
                CheckRecords();
                Assert.Equal(ErrorCode.None, (await _store.PutAsync("last=1")).Error);
                return;
            }

            Check();
        }
    }

    private async Task StepAsync()
    {
        switch (_random.Next(24))
        {
            case < 12:
                await AppendAsync();
                break;
            case < 15:
                await EndTransactionAsync();
                break;
            case 15 or 16:
                await ResendAsync();
                break;
            case 17:
                _store.Clock.Advance(TimeSpan.FromMilliseconds(_random.Next(1, 40_000)));
                Trace.Add($"time passed: {Describe()}");
                await FlushedAsync();
                break;
            case 18:
                _store.Store.TryWriteCheckpoints();
                break;
            case 19 or 20:
                await _store.CompactAsync();
                Trace.Add($"compacted: {Describe()}");
                break;
            case 21:
                await DeleteRecordsAsync();
                break;
            case 22:
                await _store.Store.RunRetentionAsync();
                break;
            default:
                if (!_io.IsDead)
                    Check();
                break;
        }
    }

    private async Task AppendAsync()
    {
        var producer = _random.Next(Producers);
        // The last producers write in transactions, producer 0 without any identity.
        var isTransactional = producer >= Producers - 2;
        var pairs = Enumerable.Range(0, _random.Next(1, 4))
            .Select(i => _random.Next(5) == 0 ? $"k{_random.Next(9)}" : $"k{_random.Next(9)}={_model.End + i}").ToArray();
        var sequence = producer == 0 ? -1 : _model.NextSequence(producer);
        await AppendAsync(new CrashModel.Entry(_model.End, producer, sequence, isTransactional, pairs));
    }

    private async Task AppendAsync(CrashModel.Entry entry)
    {
        _model.Add(entry);
        Trace.Add($"append {entry.First}-{entry.Last} of {entry.Producer} {(entry.IsTransactional ? "txn" : "")} "
            + (entry.IsMarker ? entry.IsAbort ? "abort" : "commit" : string.Join(' ', entry.Pairs)));
        var result = entry.IsMarker
            ? await Log.AppendMarkerAsync(
                new ControlRecord(entry.IsAbort ? ControlRecordType.Abort : ControlRecordType.Commit, 0, 0), entry.Producer, 0, false, Ct)
            : await _store.AppendAsync(entry.ToBatch(_codec));
        if (result.Error == ErrorCode.None)
            Assert.Equal((entry.First, entry.Last), (result.BaseOffset, result.LastOffset));
        else
            Assert.True(_io.IsDead, $"An append was refused without a crash: {result.Error} {result.Message}");
        if (result.Error == ErrorCode.None && _durability == Durability.Group)
            _model.Durable = _model.End;
    }

    private async Task EndTransactionAsync()
    {
        var producer = Producers - 1 - _random.Next(2);
        if (_model.IsOpen(producer))
            await AppendAsync(new CrashModel.Entry(_model.End, producer, -1, true, []) { IsMarker = true, IsAbort = _random.Next(2) == 0 });
    }

    /// <summary>A producer that did not get its answer sends again, and gets that of the first time.</summary>
    private async Task ResendAsync()
    {
        var producer = _random.Next(1, Producers);
        var last = _model.Entries.LastOrDefault(e => e.Producer == producer && !e.IsMarker);
        // A transaction that ended leaves the batch of the next one as an open one: not what a producer does.
        if (last is null || (last.IsTransactional && !_model.IsOpen(producer)) || _io.IsDead)
            return;
        var result = await _store.AppendAsync(last.ToBatch(_codec));
        if (!_io.IsDead)
            Assert.Equal((ErrorCode.None, last.First), (result.Error, result.BaseOffset));
    }

    private async Task DeleteRecordsAsync()
    {
        // Not into an open transaction, whose start would not be known any more after a crash.
        var offset = _random.NextInt64(Log.LogStartOffset, Log.LastStableOffset + 1);
        var error = await Log.DeleteRecordsAsync(offset, Ct);
        Assert.True(error == ErrorCode.None || _io.IsDead, $"{error}");
        Trace.Add($"deleted to {offset}: {Describe()}");
        if (error == ErrorCode.None)
            _model.Start = Math.Max(_model.Start, offset);
    }

    private async Task FlushedAsync()
    {
        await Log.FlushAsync();
        if (SurvivesPowerCuts && !_io.IsDead)
            Assert.Equal(Log.EndOffset, Log.RecoveryPoint);
        if (SurvivesPowerCuts)
            _model.Durable = Math.Max(_model.Durable, Log.RecoveryPoint);
    }

    private async Task RestartAsync()
    {
        await _store.Store.DisposeAsync();
        if (!_io.IsDead && SurvivesPowerCuts)
            _model.Durable = _model.End;
        if (_io.IsDead)
        {
            await OpenAfterCrashAsync(wasClosing: true);
            return;
        }

        _io.OperationsLeft = -1;
        await _store.OpenAsync();
        Trace.Add($"restart: {Describe()}");
        Assert.True(_store.Store.WasClean);
        Assert.Equal(_epoch, Log.LeaderEpoch);
    }

    private async Task CrashAsync()
    {
        await _store.Store.AbandonAsync();
        await OpenAfterCrashAsync(wasClosing: false);
    }

    private async Task OpenAfterCrashAsync(bool wasClosing)
    {
        // What is synced has no name on the disk yet where nothing is promised.
        var synced = SurvivesPowerCuts ? Log.RecoveryPoint : 0;
        var isPowerCut = _random.Next(2) == 0;
        var end = isPowerCut ? Math.Max(_model.Durable, synced) : EndOfAcknowledged();
        if (isPowerCut)
            _io.PowerCut();
        else
            _io.Revive();
        // Whoever recovers may die of it, too.
        if (_random.Next(3) == 0)
        {
            _io.OperationsLeft = _random.Next(20);
            try
            {
                await _store.OpenAsync();
                await _store.Store.AbandonAsync();
            }
            catch (StorageException) when (_io.IsDead)
            {
            }

            if (isPowerCut)
                _io.PowerCut();
            else
                _io.Revive();
        }

        await _store.OpenAsync();
        Trace.Add($"{(isPowerCut ? "power cut" : "kill")}: {Describe()}");
        Assert.True(Log.EndOffset >= end, $"The log ends at {Log.EndOffset}, {end} was promised.");
        if (!isPowerCut || SurvivesPowerCuts)
            Assert.True(Log.LogStartOffset >= _model.Start, $"{Log.LogStartOffset} is the start, but {_model.Start} was promised.");
        Assert.True(Log.EndOffset <= _model.End);
        if (!isPowerCut || SurvivesPowerCuts)
        {
            // It may have died of the last step of an orderly end, when nothing could get lost any more.
            var isClean = wasClosing && _store.Store.WasClean;
            Assert.True(
                Log.LeaderEpoch > _epoch || Log.EndOffset == 0 || (isClean && Log.LeaderEpoch == _epoch),
                $"The epoch {Log.LeaderEpoch} does not follow {_epoch}.");
        }

        _epoch = Log.LeaderEpoch;
        if (isPowerCut && !SurvivesPowerCuts)
        {
            _hasLostAnything = true;
            return;
        }

        // Compaction touches only what was synced: what is missing above was lost.
        var present = isPowerCut ? Keyed.ReadBatches(Log).Select(b => b.BaseOffset).ToHashSet() : null;
        _model.TruncateTo(Log.EndOffset, e => e.First >= synced && e.Last >= Log.LogStartOffset && present?.Contains(e.First) == false);
        _model.Start = Log.LogStartOffset;
    }

    // The last batch may have been refused: then nobody may count on it.
    private long EndOfAcknowledged() => _io.IsDead && _model.Entries is [.., var last] ? last.First : _model.End;

    private void Check()
    {
        Assert.Equal(_model.End, Log.EndOffset);
        var (low, high) = _model.LastStable();
        Assert.InRange(Log.LastStableOffset, low, high);
        CheckContent();
    }

    /// <summary>Whatever is there is what was written there.</summary>
    private void CheckRecords()
    {
        var records = _model.Records();
        foreach (var (offset, pair) in Keyed.ReadPairs(Log).Select(Split))
            Assert.Equal(records[offset], pair);
    }

    private void CheckContent()
    {
        var bound = Log.LastStableOffset;
        var records = _model.Records();
        var aborted = Log.FindAborted(Log.LogStartOffset, bound)!;
        var committed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var next = Log.LogStartOffset;
        foreach (var batch in Keyed.ReadBatches(Log))
        {
            Assert.True(_isCompacted || batch.BaseOffset <= next, $"Offsets {next} to {batch.BaseOffset} are missing.");
            next = batch.LastOffset + 1;
            var isVoid = aborted.Any(a =>
                a.ProducerId == batch.ProducerId && a.FirstOffset <= batch.BaseOffset && batch.LastOffset < a.LastOffset);
            foreach (var (offset, pair) in batch.Pairs.Select(Split).Where(_ => !batch.IsControl))
            {
                Assert.Equal(records[offset], pair);
                if (!isVoid && offset < bound && offset >= _model.Start)
                    CrashModel.Apply(committed, pair);
            }
        }

        Assert.Equal(string.Join(' ', _model.Committed(bound)), string.Join(' ', committed));
    }

    private string Describe() =>
        $"{(_io.IsDead ? "(dead) " : "")}start {Log.LogStartOffset} end {Log.EndOffset} stable {Log.LastStableOffset} "
        + $"clean {Log.CleanedOffset} synced {Log.RecoveryPoint} segments "
        + string.Join(' ', Log.Segments.Select(s => $"{s.BaseOffset}-{s.NextOffset}"));

    private static (long Offset, string Pair) Split(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (long.Parse(text[..colon], System.Globalization.CultureInfo.InvariantCulture), text[(colon + 1)..]);
    }
}
