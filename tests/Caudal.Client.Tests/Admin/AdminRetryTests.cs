using Caudal.Client.Tests.Fakes;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Admin;

public sealed class AdminRetryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_items_whose_error_may_pass_are_asked_for_again()
    {
        await using var cluster = new FakeCluster();
        var asked = new List<string>();
        cluster.Script = call =>
        {
            if (call.Key != ApiKey.CreateTopics)
                return default;
            var names = call.Read<CreateTopicsRequest>().Topics.Select(topic => topic.Name).ToArray();
            asked.Add(string.Join(",", names));
            return ValueTask.FromResult<FakeReply?>(
                new(new CreateTopicsResponse { Topics = [.. names.Select(name => Answer(name, asked.Count))] }));
        };
        await using var client = new KafkaClient(cluster.ClientOptions);

        var results = await client.Admin.CreateTopicsAsync([new("a"), new("b"), new("c")], cancellationToken: Token);

        Assert.Equal(["a,b,c", "b", "b"], asked);
        Assert.Null(results["a"].Error);
        Assert.Null(results["b"].Error);
        Assert.Equal(ErrorCode.PolicyViolation, Assert.IsType<BrokerErrorException>(results["c"].Error).Code);

        static CreateTopicsResponse.CreatableTopicResult Answer(string name, int attempt) => new()
        {
            Name = name,
            ErrorCode = (short)(name switch
            {
                "b" when attempt < 3 => ErrorCode.NotController,
                "c" => ErrorCode.PolicyViolation,
                _ => ErrorCode.None,
            }),
        };
    }

    [Fact]
    public async Task What_does_not_pass_in_time_is_told_item_by_item()
    {
        await using var cluster = new FakeCluster();
        cluster.Script = call => ValueTask.FromResult<FakeReply?>(
            call.Key != ApiKey.CreatePartitions
                ? null
                : new(new CreatePartitionsResponse
                {
                    Results = [new() { Name = "t", ErrorCode = (short)ErrorCode.NotController }],
                }));
        await using var client = new KafkaClient(
            cluster.ClientOptions with { RequestTimeout = TimeSpan.FromMilliseconds(100), ApiTimeout = TimeSpan.FromSeconds(1) });

        var results = await client.Admin.CreatePartitionsAsync(new Dictionary<string, int> { ["t"] = 3 }, Token);

        Assert.Equal(ErrorCode.NotController, Assert.IsType<BrokerErrorException>(results["t"]).Code);
    }

    [Fact]
    public async Task A_call_that_reaches_nobody_fails_as_a_whole()
    {
        await using var cluster = new FakeCluster
        {
            Script = call => ValueTask.FromResult(
            call.Key == ApiKey.DeleteTopics ? FakeReply.Disconnect : null)
        };
        await using var client = new KafkaClient(
            cluster.ClientOptions with { RequestTimeout = TimeSpan.FromMilliseconds(100), ApiTimeout = TimeSpan.FromMilliseconds(100) });

        var error = await Assert.ThrowsAsync<KafkaTimeoutException>(() => client.Admin.DeleteTopicsAsync(["t"], Token).AsTask());
        Assert.Contains("Deleting topic was not done within 100 ms (default.api.timeout.ms)", error.Message);
    }
}
