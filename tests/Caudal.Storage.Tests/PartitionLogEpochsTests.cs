using Caudal.Protocol.Records;
using Caudal.Storage.Tests.Support;

namespace Caudal.Storage.Tests;

public sealed class PartitionLogEpochsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.Os)]
    [InlineData(Durability.Group)]
    public async Task A_new_leader_begins_an_epoch_at_the_end_of_the_log(Durability durability)
    {
        await using var store = await StoreFixture.StartAsync(durability);
        await store.AppendAsync("a", "b");
        Assert.Equal(1, await store.Log.BecomeLeaderAsync(cancellationToken: Ct));
        await store.AppendAsync("c");
        Assert.Equal(5, await store.Log.BecomeLeaderAsync(5, Ct));
        Assert.Equal((0, 2L), store.Log.EndOffsetFor(0));
        Assert.Equal((1, 3L), store.Log.EndOffsetFor(4));
        Assert.Equal((5, 3L), store.Log.EndOffsetFor(5));
        await store.AppendAsync("d");
        using var read = store.Log.Read(3, 1000, true);
        Assert.Equal(5, RecordBatchView.Read(read.Records.Span).PartitionLeaderEpoch);
    }

    [Fact]
    public async Task An_older_epoch_changes_nothing()
    {
        await using var store = await StoreFixture.StartAsync(Durability.Memory);
        await store.Log.BecomeLeaderAsync(3, Ct);
        Assert.Equal(3, await store.Log.BecomeLeaderAsync(2, Ct));
        Assert.Equal(3, await store.Log.BecomeLeaderAsync(3, Ct));
        Assert.Equal(3, store.Log.LeaderEpoch);
    }

    [Fact]
    public async Task An_epoch_without_records_survives_a_crash_and_the_next_one_is_later()
    {
        await using var store = await StoreFixture.StartAsync();
        await store.AppendAsync("a");
        await store.Log.BecomeLeaderAsync(7, Ct);
        await store.CrashAsync();
        Assert.Equal(8, store.Log.LeaderEpoch);
        await store.RestartAsync();
        Assert.Equal(8, store.Log.LeaderEpoch);
    }
}
