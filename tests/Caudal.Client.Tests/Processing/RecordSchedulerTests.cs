using Caudal.Client.Consuming;
using Caudal.Client.Processing;

namespace Caudal.Client.Tests.Processing;

public sealed class RecordSchedulerTests
{
    [Theory]
    [InlineData(ProcessingOrder.Partition)]
    [InlineData(ProcessingOrder.Key)]
    [InlineData(ProcessingOrder.None)]
    public void Order_is_kept_and_only_what_is_done_is_stored(ProcessingOrder order)
    {
        for (var seed = 0; seed < 300; seed++)
            new Model(order, new Random(seed)).Run(200);
    }

    [Fact]
    public void There_is_room_until_the_limit_however_far_others_are_done()
    {
        var scheduler = new RecordScheduler<int>(ProcessingOrder.None, maxPending: 3);
        var cursor = new PartitionCursor(new TopicPartition("t", 0)) { Track = new PositionTrack(0, 0) };
        var work = scheduler.Find(cursor, cursor.Track, CancellationToken.None, out _)!;
        for (var i = 0; i < 3; i++)
            Assert.True(scheduler.Admit(work, i, null, i));
        Assert.False(scheduler.HasRoom);
        var taken = new List<WorkItem<int>>();
        while (scheduler.TryTake(out var item))
            taken.Add(item);

        scheduler.Finish(taken[1], true);
        scheduler.Finish(taken[2], true);
        Assert.False(scheduler.HasRoom);
        Assert.Equal(0, cursor.Track.Stored);

        scheduler.Finish(taken[0], true);
        Assert.True(scheduler.HasRoom);
        Assert.False(scheduler.IsBusy);
        Assert.Equal(3, cursor.Track.Stored);
    }

    [Fact]
    public void After_a_seek_what_was_running_is_waited_for_and_stores_nothing()
    {
        var scheduler = new RecordScheduler<int>(ProcessingOrder.Partition, maxPending: 10);
        var cursor = new PartitionCursor(new TopicPartition("t", 0)) { Track = new PositionTrack(5, 5) };
        var work = scheduler.Find(cursor, cursor.Track, CancellationToken.None, out _)!;
        scheduler.Admit(work, 5, null, 5);
        scheduler.Admit(work, 6, null, 6);
        Assert.True(scheduler.TryTake(out var running));
        cursor.Track = new PositionTrack(0, 0);

        Assert.Null(scheduler.Find(cursor, cursor.Track, CancellationToken.None, out var drained));
        Assert.False(drained.IsCompleted);
        scheduler.Finish(running, true);
        Assert.True(drained.IsCompleted);
        Assert.False(scheduler.TryTake(out _));
        Assert.NotNull(scheduler.Find(cursor, cursor.Track, CancellationToken.None, out _));
        Assert.Equal(0, cursor.Track.Stored);
    }

    [Fact]
    public void A_pause_forgets_nothing_of_what_is_running()
    {
        var scheduler = new RecordScheduler<int>(ProcessingOrder.None, maxPending: 10);
        var cursor = new PartitionCursor(new TopicPartition("t", 0)) { Track = new PositionTrack(0, 0) };
        var work = scheduler.Find(cursor, cursor.Track, CancellationToken.None, out _)!;
        scheduler.Admit(work, 0, null, 0);
        Assert.True(scheduler.TryTake(out var first));
        cursor.Track.Position = 1;
        cursor.Refetch();
        Assert.Same(work, scheduler.Find(cursor, cursor.Track, CancellationToken.None, out _));
        scheduler.Admit(work, 1, null, 1);
        Assert.True(scheduler.TryTake(out var second));

        scheduler.Finish(second, true);
        Assert.Equal(0, cursor.Track.Stored);
        scheduler.Finish(first, true);
        Assert.Equal(2, cursor.Track.Stored);
    }

    private sealed class Model(ProcessingOrder order, Random random)
    {
        private readonly RecordScheduler<int> _scheduler = new(order, 50);
        private readonly List<WorkItem<int>> _running = [];
        private readonly Dictionary<(TopicPartition, int), long> _lastOfLane = [];
        private readonly HashSet<TopicPartitionOffset> _done = [];
        private readonly Dictionary<TopicPartition, long> _next = [];
        private readonly PartitionCursor[] _cursors = [.. Enumerable.Range(0, 3).Select(New)];

        public void Run(int steps)
        {
            for (var step = 0; step < steps; step++)
            {
                switch (random.Next(10))
                {
                    case < 4:
                        Admit(random.Next(_cursors.Length));
                        break;
                    case < 6:
                        Take();
                        break;
                    case < 9 when _running.Count > 0:
                        Finish(random.Next(_running.Count));
                        break;
                    case 9 when random.Next(8) == 0:
                        GiveUp(random.Next(_cursors.Length));
                        break;
                }

                Check();
            }
        }

        private static PartitionCursor New(int partition) =>
            new(new TopicPartition("t", partition)) { Track = new PositionTrack(0, 0) };

        private void Admit(int i)
        {
            var cursor = _cursors[i];
            if (!_scheduler.HasRoom || _scheduler.Find(cursor, cursor.Track, CancellationToken.None, out _) is not { } work)
                return;
            var offset = _next.GetValueOrDefault(cursor.Partition) + random.Next(1, 3) - 1;
            _next[cursor.Partition] = offset + 1;
            var key = random.Next(4);
            _scheduler.Admit(work, offset, key == 3 ? null : key, key);
            cursor.Track.Position = offset + 1;
        }

        private void Take()
        {
            if (!_scheduler.TryTake(out var item))
                return;
            if (LaneOf(item) is { } lane)
            {
                Assert.DoesNotContain(_running, r => LaneOf(r) == lane);
                Assert.True(_lastOfLane.GetValueOrDefault(lane, -1) < item.Offset);
                _lastOfLane[lane] = item.Offset;
            }

            _running.Add(item);
        }

        private void Finish(int i)
        {
            var item = _running[i];
            _running.RemoveAt(i);
            _done.Add(new TopicPartitionOffset(item.Work.Partition, item.Offset));
            _scheduler.Finish(item, true);
        }

        // The partition goes to another member and comes back, from what was stored.
        private void GiveUp(int i)
        {
            var old = _cursors[i];
            var drained = _scheduler.GiveUpAsync([old.Partition], cancel: false);
            while (_running.FindIndex(r => r.Work.Partition == old.Partition) is >= 0 and var running)
            {
                Assert.False(drained.IsCompleted);
                Finish(running);
            }

            Assert.True(drained.IsCompleted);
            _cursors[i] = New(i);
            _cursors[i].Track = new PositionTrack(old.Track.Stored, old.Track.Stored);
            _next[old.Partition] = old.Track.Stored;
            foreach (var lane in _lastOfLane.Keys.Where(l => l.Item1 == old.Partition).ToArray())
                _lastOfLane.Remove(lane);
        }

        private (TopicPartition, int)? LaneOf(WorkItem<int> item) => order switch
        {
            ProcessingOrder.Partition => (item.Work.Partition, 0),
            ProcessingOrder.Key when item.Record < 3 => (item.Work.Partition, item.Record),
            _ => null,
        };

        private void Check()
        {
            foreach (var cursor in _cursors)
            {
                // Offsets that were never admitted are gaps in the log; everything else before the stored offset was handled.
                foreach (var item in _running.Where(r => r.Work.Partition == cursor.Partition))
                    Assert.True(cursor.Track.Stored <= item.Offset);
                if (cursor.Track.Stored > 0)
                    Assert.Contains(new TopicPartitionOffset(cursor.Partition, cursor.Track.Stored - 1), _done);
            }
        }
    }
}
