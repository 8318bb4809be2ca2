using Caudal.Broker.Groups;
using Microsoft.Extensions.Time.Testing;

namespace Caudal.Broker.Tests.Groups;

public class DeadlineQueueTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Lock _gate = new();

    private void Advance(int ms) => _time.Advance(TimeSpan.FromMilliseconds(ms));

    [Fact]
    public void Deadlines_are_reached_in_order_and_once()
    {
        using var queue = new DeadlineQueue(_time, _gate);
        var reached = new List<int>();
        foreach (var ms in (int[])[30, 10, 20])
            queue.Set(new Deadline(() => reached.Add(ms)), ms);
        Advance(9);
        Assert.Empty(reached);
        Advance(100);
        Assert.Equal([10, 20, 30], reached);
        Advance(100);
        Assert.Equal(3, reached.Count);
    }

    [Fact]
    public void A_deadline_can_be_put_off_brought_forward_and_cancelled()
    {
        using var queue = new DeadlineQueue(_time, _gate);
        var reached = 0;
        var deadline = new Deadline(() => reached++);
        queue.Set(deadline, 100);
        Advance(99);
        queue.Set(deadline, 100);
        Advance(99);
        Assert.Equal(0, reached);
        queue.Set(deadline, 0);
        Advance(1);
        Assert.Equal(1, reached);
        queue.Set(deadline, 50);
        queue.Set(deadline, 10);
        Advance(10);
        Assert.Equal(2, reached);
        queue.Set(deadline, 10);
        DeadlineQueue.Cancel(deadline);
        Advance(100);
        Assert.Equal(2, reached);
        queue.Set(deadline, 10);
        Advance(10);
        Assert.Equal(3, reached);
    }

    [Fact]
    public void A_disposed_queue_reaches_nothing()
    {
        var queue = new DeadlineQueue(_time, _gate);
        var reached = 0;
        queue.Set(new Deadline(() => reached++), 10);
        queue.Dispose();
        Advance(100);
        Assert.Equal(0, reached);
    }
}
