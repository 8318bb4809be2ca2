using Caudal.Client.Consuming;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Consuming;

public sealed class FetchSessionTests
{
    [Fact]
    public void The_broker_always_knows_what_is_to_be_read()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var session = new FetchSession();
            var broker = new ScriptedSessions();
            var cursors = Enumerable.Range(0, 6).Select(
                i => new PartitionCursor(new TopicPartition(i < 3 ? "a" : "b", i)) { TopicId = new Uuid(1, i < 3 ? 1L : 2L) }).ToArray();
            for (var round = 0; round < 30; round++)
            {
                var plan = new FetchPlan(1_000);
                foreach (var cursor in cursors)
                {
                    if (random.Next(4) == 0)
                        cursor.Track = new PositionTrack(random.Next(5), -1);
                    if (random.Next(12) == 0)
                        cursor.TopicId = new Uuid(1, random.Next(5, 9) * 10 + (cursor.Partition.Topic == "a" ? 1L : 2L));
                    if (random.Next(3) > 0)
                        plan.Add(cursor);
                }

                if (plan.Entries.Count == 0)
                    continue;
                if (random.Next(10) == 0)
                    broker.Clear();
                var request = session.Next(plan, ConsumerFixture.Options);
                if (!broker.TryOpen(0, request, out var half))
                {
                    Assert.False(session.Accept(new FetchResponse { ErrorCode = (short)ErrorCode.FetchSessionIdNotFound }));
                    continue;
                }

                var known = request.Topics.SelectMany(t => t.Partitions.Select(p => (t.TopicId.ToString(), p.Partition, p.FetchOffset)));
                var wanted = plan.Entries.Select(e => (e.TopicId.ToString(), e.Cursor.Partition.Partition, e.Offset));
                Assert.Equal(wanted.Order(), known.Order());
                var response = new FetchResponse();
                half.Reduce(response);
                Assert.True(session.Accept(response));
                if (random.Next(8) == 0)
                    session.Restart();
            }
        }
    }

    [Fact]
    public async Task Within_a_session_only_news_is_sent()
    {
        await using var fixture = New(partitions: 20);
        var sessions = fixture.Cluster.Log.Sessions!;
        var consumer = fixture.Consumer();
        consumer.Assign([.. Enumerable.Range(0, 20).Select(i => new TopicPartition("t", i))]);
        for (var i = 0; i < 20; i++)
        {
            fixture.Cluster.Log.Append("t", i, $"{i}");
            Assert.Equal([$"{i}"], await ConsumerFixture.TakeAsync(consumer, 1));
        }

        Assert.InRange(sessions.Started, 1, FetchLinks.Lanes);
        // Each record moves one partition; without a session each request would have named twenty.
        Assert.InRange(sessions.Named, 1, 100);
    }

    [Fact]
    public async Task A_broker_that_forgets_the_session_loses_nothing()
    {
        await using var fixture = New(partitions: 2);
        var consumer = fixture.Consumer();
        consumer.Assign(new TopicPartition("t", 0), new TopicPartition("t", 1));
        for (var i = 0; i < 20; i++)
        {
            if (i % 4 == 0)
                fixture.Cluster.Log.Sessions!.Clear();
            fixture.Cluster.Log.Append("t", i % 2, $"{i}");
            Assert.Equal([$"{i}"], await ConsumerFixture.TakeAsync(consumer, 1));
        }
    }

    [Fact]
    public async Task A_rebalance_neither_reconnects_nor_starts_a_new_session()
    {
        await using var fixture = New(partitions: 1);
        fixture.Cluster.Log.Append("t", 0, "a");
        var consumer = fixture.Member();
        await ConsumerFixture.TakeAsync(consumer, 1);
        await RebalanceAsync(fixture, consumer);
        var (connections, sessions) = (fixture.Cluster.Accepted, fixture.Cluster.Log.Sessions!.Started);

        for (var i = 0; i < 5; i++)
            await RebalanceAsync(fixture, consumer);

        // The second link may have been opened in between, once.
        Assert.InRange(fixture.Cluster.Accepted - connections, 0, 1);
        Assert.InRange(fixture.Cluster.Log.Sessions!.Started - sessions, 0, 1);
    }

    private static async Task RebalanceAsync(ConsumerFixture fixture, Consumer<string?, string?> consumer)
    {
        var joins = fixture.Cluster.Group.Joins.Count;
        fixture.Cluster.Group.Beats.Enqueue(ErrorCode.RebalanceInProgress);
        await ConsumerFixture.UntilAsync(() => fixture.Cluster.Group.Joins.Count > joins);
        fixture.Cluster.Log.Append("t", 0, "b");
        await ConsumerFixture.TakeAsync(consumer, 1);
    }

    private static ConsumerFixture New(int partitions)
    {
        var fixture = new ConsumerFixture();
        fixture.Cluster.Log.Sessions = new ScriptedSessions();
        fixture.Cluster.Log.Create("t", partitions);
        return fixture;
    }
}
