using Caudal.Client.Tests.Consuming;
using Caudal.Protocol;

namespace Caudal.Client.Tests.Admin;

/// <summary>The rest of administration on a whole cluster. What a cluster does not serve is skipped there, and only there.</summary>
public sealed class ClusterAdminMoreTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_are_deleted_up_to_an_offset()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(2);
        foreach (var value in new[] { "a", "b", "c" })
            await cluster.ProduceAsync(topic, 0, value);
        var (first, second) = (new TopicPartition(topic, 0), new TopicPartition(topic, 1));

        var results = await cluster.Client.Admin.DeleteRecordsAsync(
            new Dictionary<TopicPartition, long> { [first] = 2, [second] = 5, [new TopicPartition(topic, 9)] = 0 }, Token);

        Assert.Equal(2, results[first].GetOrThrow());
        Assert.Equal(ErrorCode.OffsetOutOfRange, Assert.IsType<BrokerErrorException>(results[second].Error).Code);
        Assert.Equal(
            ErrorCode.UnknownTopicOrPartition, Assert.IsType<BrokerErrorException>(results[new TopicPartition(topic, 9)].Error).Code);
        var earliest = await cluster.Client.Admin.ListOffsetsAsync(
            new Dictionary<TopicPartition, OffsetSpec> { [first] = OffsetSpec.Earliest }, Token);
        Assert.Equal(2, earliest[first].GetOrThrow().Offset);
    }

    [Fact]
    public async Task Members_are_put_out_of_their_group_and_its_offsets_deleted()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await cluster.ProduceAsync(topic, 0, "a");
        var group = TestCluster.Name("g");
        var partition = new TopicPartition(topic, 0);
        await using var consumer = cluster.Client.CreateConsumer(new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8)
        {
            GroupId = group,
            GroupInstanceId = "one",
            AutoOffsetReset = AutoOffsetReset.Earliest,
        });
        consumer.Subscribe(topic);
        await ConsumerFixture.TakeAsync(consumer, 1);
        await consumer.CommitAsync(Token);
        await consumer.CloseAsync(Token);
        var (known, unknown) = (MemberToRemove.ByInstance("one"), MemberToRemove.ByInstance("nobody"));

        var removed = await cluster.Client.Admin.RemoveMembersAsync(group, [known, unknown], cancellationToken: Token);
        Assert.Null(removed[known]);
        Assert.Equal(ErrorCode.UnknownMemberId, Assert.IsType<BrokerErrorException>(removed[unknown]).Code);
        Assert.Empty((await cluster.Client.Admin.DescribeGroupsAsync([group], Token))[group].GetOrThrow().Members);

        await SkipIfNotServedAsync(async () =>
        {
            (await cluster.Client.Admin.DeleteGroupOffsetsAsync(group, [partition], Token)).ThrowIfAnyFailed();
            Assert.Empty(await cluster.Client.Admin.ListGroupOffsetsAsync(group, Token));
        });
    }

    [Fact]
    public async Task Log_directories_tell_what_they_hold()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await cluster.ProduceAsync(topic, 0, "a");
        var broker = (await cluster.Client.Admin.DescribeClusterAsync(Token)).Brokers[0].Id;
        await SkipIfNotServedAsync(async () =>
        {
            var dirs = (await cluster.Client.Admin.DescribeLogDirsAsync([broker], Token))[broker].GetOrThrow();
            var replica = dirs.SelectMany(d => d.Replicas).Single(r => r.TopicPartition == new TopicPartition(topic, 0));
            Assert.True(replica.Size > 0);
            Assert.All(dirs, d => Assert.Null(d.Error));
        });
    }

    [Fact]
    public async Task Quotas_are_set_told_and_removed()
    {
        await using var cluster = await TestCluster.StartAsync();
        var admin = cluster.Client.Admin;
        var client = new QuotaEntity(ClientId: TestCluster.Name("c"));
        await SkipIfNotServedAsync(async () =>
        {
            (await admin.AlterQuotasAsync(
                new Dictionary<QuotaEntity, IReadOnlyDictionary<string, double?>>
                {
                    [client] = new Dictionary<string, double?> { ["producer_byte_rate"] = 1e6 },
                },
                cancellationToken: Token)).ThrowIfAnyFailed();
            await UntilAsync(async () => (await admin.DescribeQuotasAsync(client, cancellationToken: Token)).Count == 1);
            Assert.Equal(1e6, (await admin.DescribeQuotasAsync(client, cancellationToken: Token))[client]["producer_byte_rate"]);
            (await admin.AlterQuotasAsync(
                new Dictionary<QuotaEntity, IReadOnlyDictionary<string, double?>>
                {
                    [client] = new Dictionary<string, double?> { ["producer_byte_rate"] = null },
                },
                cancellationToken: Token)).ThrowIfAnyFailed();
            await UntilAsync(async () => (await admin.DescribeQuotasAsync(client, cancellationToken: Token)).Count == 0);
        });
    }

    [Fact]
    public async Task Users_with_passwords_are_set_told_and_removed()
    {
        await using var cluster = await TestCluster.StartAsync();
        var admin = cluster.Client.Admin;
        var user = TestCluster.Name("u");
        await SkipIfNotServedAsync(async () =>
        {
            (await admin.AlterScramUsersAsync([new ScramChange(user, new ScramCredential(ScramMechanism.Sha512, 4096), "secret")], Token))
                .ThrowIfAnyFailed();
            await UntilAsync(async () => (await admin.DescribeScramUsersAsync([user], Token))[user].Error is null);
            Assert.Equal(
                [new ScramCredential(ScramMechanism.Sha512, 4096)],
                (await admin.DescribeScramUsersAsync([user], Token))[user].GetOrThrow());
            (await admin.AlterScramUsersAsync([new ScramChange(user, new ScramCredential(ScramMechanism.Sha512), null)], Token))
                .ThrowIfAnyFailed();
            await UntilAsync(async () => (await admin.DescribeScramUsersAsync([user], Token))[user].Error is BrokerErrorException
            {
                Code: ErrorCode.ResourceNotFound,
            });
        });
    }

    [Fact]
    public async Task Rules_of_access_are_told_or_refused_by_a_cluster_without_them()
    {
        await using var cluster = await TestCluster.StartAsync();
        var admin = cluster.Client.Admin;
        var rule = new AclBinding(AclResourceType.Topic, TestCluster.Name("t"), "User:alice", AclOperation.Read);
        await SkipIfNotServedAsync(async () =>
        {
            if ((await admin.CreateAclsAsync([rule], Token))[rule] is { } error)
            {
                Assert.Equal(ErrorCode.SecurityDisabled, Assert.IsType<BrokerErrorException>(error).Code);
                var refused = await Assert.ThrowsAsync<BrokerErrorException>(
                    async () => await admin.DescribeAclsAsync(cancellationToken: Token));
                Assert.Equal(ErrorCode.SecurityDisabled, refused.Code);
                return;
            }

            var filter = new AclFilter(ResourceName: rule.ResourceName);
            await UntilAsync(async () => (await admin.DescribeAclsAsync(filter, Token)).Contains(rule));
            Assert.Equal([rule], (await admin.DeleteAclsAsync([filter], Token))[filter].GetOrThrow());
        });
    }

    [Fact]
    public async Task Producers_and_transactions_are_described()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        await using (var producer = cluster.Client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8)))
            await producer.ProduceAsync(new ProducerRecord<string?, string?>(topic, "k", "v"), Token);
        var partition = new TopicPartition(topic, 0);
        var admin = cluster.Client.Admin;
        await SkipIfNotServedAsync(async () =>
        {
            var producer = Assert.Single((await admin.DescribeProducersAsync([partition], Token))[partition].GetOrThrow());
            Assert.Equal((0, null), (producer.LastSequence, producer.TransactionStart));
            var id = TestCluster.Name("x");
            Assert.DoesNotContain(await admin.ListTransactionsAsync(cancellationToken: Token), t => t.TransactionalId == id);
            Assert.Equal(
                ErrorCode.TransactionalIdNotFound,
                Assert.IsType<BrokerErrorException>((await admin.DescribeTransactionsAsync([id], Token))[id].Error).Code);
        });
    }

    [Fact]
    public async Task Leaders_replicas_features_and_the_quorum_are_administered()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        var partition = new TopicPartition(topic, 0);
        var admin = cluster.Client.Admin;
        Assert.NotEmpty(await admin.DescribeFeaturesAsync(Token));
        await SkipIfNotServedAsync(async () =>
        {
            var elected = await admin.ElectLeadersAsync(ElectionType.Preferred, [partition], Token);
            Assert.Equal(ErrorCode.ElectionNotNeeded, Assert.IsType<BrokerErrorException>(elected[partition]).Code);
            Assert.DoesNotContain(partition, (await admin.ListReassignmentsAsync(Token)).Keys);
            var moved = await admin.AlterReassignmentsAsync(
                new Dictionary<TopicPartition, IReadOnlyList<int>?> { [partition] = null }, Token);
            Assert.Equal(ErrorCode.NoReassignmentInProgress, Assert.IsType<BrokerErrorException>(moved[partition]).Code);
            var features = await admin.UpdateFeaturesAsync(
                new Dictionary<string, int> { ["no.such.feature"] = 1 }, validateOnly: true, cancellationToken: Token);
            Assert.NotNull(features["no.such.feature"]);
            var quorum = await admin.DescribeQuorumAsync(Token);
            Assert.Contains(quorum.Voters, v => v.Id == quorum.LeaderId);
        });
    }

    // A broker says in its list of versions what it serves.
    private static async Task SkipIfNotServedAsync(Func<Task> test)
    {
        try
        {
            await test();
        }
        catch (UnsupportedVersionException e) when (e.Message.Contains("does not serve it", StringComparison.Ordinal))
        {
            Assert.Skip(e.Message);
        }
    }

    // A cluster with a controller apart learns of changes a moment after they were acknowledged.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        while (!await condition())
            late.Token.ThrowIfCancellationRequested();
    }
}
