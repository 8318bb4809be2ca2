using Caudal.Broker.Tests.Model;
using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.EdgeCases;

/// <summary>Those of <see cref="EdgeCaseListTests"/> that belong to no handler's tests.</summary>
public class EdgeCaseTests
{
    [Fact]
    public async Task Tags_that_are_not_known_are_skipped()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        // Tag 5 in the header, then name and version of the client's software, then tags 7 and 300.
        await client.PostRawAsync(
            (short)ApiKey.ApiVersions, 3, [1, 5, 1, 9, 2, (byte)'a', 2, (byte)'1', 2, 7, 2, 1, 2, 0xac, 0x02, 0]);
        var answer = await client.ReceiveAsync<ApiVersionsResponse>(3, headerVersion: 0);

        Assert.Equal(ErrorCode.None, (ErrorCode)answer.ErrorCode);
        Assert.NotEmpty(answer.ApiKeys);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_five_batches_are_known_after_the_end(bool kill)
    {
        using var directory = new TemporaryDirectory();
        using var copy = new TemporaryDirectory();
        await using (var broker = await StartAsync(directory))
        {
            await using var client = await TestClient.ConnectAsync(broker);
            await client.CreateTopicAsync("t");
            for (var sequence = 0; sequence < 6; sequence++)
                Assert.Equal(sequence, (await client.ProduceAsync("t", Batch(sequence))).BaseOffset);
            if (kill)
                KilledFiles.Copy(directory.Path, copy.Path);
        }

        await using var next = await StartAsync(kill ? copy : directory);
        await using var again = await TestClient.ConnectAsync(next);
        for (var sequence = 1; sequence < 6; sequence++)
        {
            var repeated = await again.ProduceAsync("t", Batch(sequence));
            Assert.Equal((ErrorCode.None, sequence), ((ErrorCode)repeated.ErrorCode, repeated.BaseOffset));
        }

        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (ErrorCode)(await again.ProduceAsync("t", Batch(0))).ErrorCode);
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (ErrorCode)(await again.ProduceAsync("t", Batch(7))).ErrorCode);
        Assert.Equal(6, (await again.ProduceAsync("t", Batch(6))).BaseOffset);

        static byte[] Batch(int sequence) => Batches.Idempotent(7, 0, sequence, $"v{sequence}");
    }

    [Fact]
    public async Task A_coordinator_is_found_at_once_in_every_version()
    {
        for (short version = 0; version <= FindCoordinatorRequest.MaxVersion; version++)
        {
            // A new broker each time: nobody may be told to wait until topics are there.
            await using var broker = await Brokers.StartAsync();
            await using var client = await TestClient.ConnectAsync(broker);
            for (sbyte type = 0; type <= (version == 0 ? 0 : 1); type++)
            {
                var request = version < 4
                    ? new FindCoordinatorRequest { Key = "g", KeyType = type }
                    : new FindCoordinatorRequest { CoordinatorKeys = ["g"], KeyType = type };
                var answer = await client.SendAsync(request, version);
                var (error, host, port) = version < 4
                    ? (answer.ErrorCode, answer.Host, answer.Port)
                    : (answer.Coordinators[0].ErrorCode, answer.Coordinators[0].Host, answer.Coordinators[0].Port);
                Assert.Equal((ErrorCode.None, broker.Host, broker.Port), ((ErrorCode)error, host, port));
            }
        }
    }

    [Fact]
    public async Task Nobody_is_throttled()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await client.CreateTopicAsync("t");

        var metadata = await client.SendAsync(new MetadataRequest { Topics = null });
        var produced = await client.SendAsync(Brokers.Produce("t", Batches.Of("a")), 12);
        var fetched = await client.SendAsync(Brokers.Fetch("t", 0), 12);
        var found = await client.SendAsync(new FindCoordinatorRequest { CoordinatorKeys = ["g"] });
        var offsets = await client.SendAsync(new OffsetFetchRequest { Groups = [new() { GroupId = "g" }] }, 8);
        var beat = await client.SendAsync(new HeartbeatRequest { GroupId = "g", MemberId = "m" });
        var identity = await client.SendAsync(new InitProducerIdRequest { TransactionalId = null });

        int[] times =
        [
            metadata.ThrottleTimeMs, produced.ThrottleTimeMs, fetched.ThrottleTimeMs, found.ThrottleTimeMs, offsets.ThrottleTimeMs,
            beat.ThrottleTimeMs, identity.ThrottleTimeMs,
        ];
        Assert.All(times, time => Assert.Equal(0, time));
    }

    private static Task<EmbeddedBroker> StartAsync(TemporaryDirectory directory) =>
        Brokers.StartAsync(new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path });
}
