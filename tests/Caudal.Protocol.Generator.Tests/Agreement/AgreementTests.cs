namespace Caudal.Protocol.Generator.Tests.Agreement;

/// <summary>The schemas agree with Kafka's own definitions, but for the exceptions listed here.</summary>
public sealed class AgreementTests
{
    [Fact]
    public void Every_schema_agrees_with_Kafkas_definition()
    {
        var kafka = Kafka();
        var messages = Repository.Parse().SelectMany(file => file.Schema.Messages).ToList();
        Assert.True(messages.Count > 50, $"Only {messages.Count} messages were found.");
        var differences = messages.SelectMany(message => Comparison.Run(message, kafka)).ToList();
        var unexplained = differences.Where(d => !Exceptions.All.ContainsKey(d.Key)).Select(d => d.ToString());
        var needless = Exceptions.All.Keys.Except(differences.Select(d => d.Key))
            .Select(key => $"{key}: the exception is no longer needed");
        Assert.Equal("", string.Join('\n', unexplained.Concat(needless)));
    }

    [Theory]
    [InlineData("      FetchOffset: int64", "      FetchOffset: int32", "FetchRequest.Topics.Partitions.FetchOffset type")]
    [InlineData("MinBytes: int32", "MinimumBytes: int32", "FetchRequest.MinBytes exists")]
    [InlineData("RackId: string v11+", "RackId: string v12+", "FetchRequest.RackId exists")]
    [InlineData("SessionEpoch: int32 = -1", "SessionEpoch: int32 = 1", "FetchRequest.SessionEpoch default")]
    [InlineData("IsolationLevel: int8 ignorable", "IsolationLevel: int8", "FetchRequest.IsolationLevel ignorable")]
    [InlineData("ReplicaState: ReplicaStateData v15+ tag 1", "ReplicaState: ReplicaStateData v15+ tag 2", "FetchRequest.ReplicaState tag")]
    [InlineData("[AbortedTransaction] nullable", "[AbortedTransaction]", "FetchResponse.Responses.Partitions.AbortedTransactions nullable")]
    [InlineData("Records: records nullable", "Records: records nullable inflexible", "FetchResponse.Responses.Partitions.Records compact")]
    [InlineData("api 1 Fetch", "api 4 Fetch", "FetchRequest key")]
    [InlineData("versions 4-18", "versions 4-17", "FetchRequest version 18")]
    [InlineData("flexible 12+", "flexible 13+", "FetchRequest flexible")]
    public void A_broken_field_is_named(string right, string wrong, string key)
    {
        var kafka = Kafka();
        var text = File.ReadAllText(Path.Combine(Repository.Schemas, "01_fetch.kafka"));
        Assert.Contains(right, text, StringComparison.Ordinal);
        var broken = SchemaParser.Parse(text.Replace(right, wrong, StringComparison.Ordinal));
        var differences = broken.Messages.SelectMany(message => Comparison.Run(message, kafka)).ToList();
        Assert.Contains(key, differences.Select(d => d.Key));
    }

    [Fact]
    public void Fields_in_another_order_are_named()
    {
        var broken = SchemaParser.Parse(
            "api 12 Heartbeat versions 0-0\nrequest\n  MemberId: string\n  GenerationId: int32\n  GroupId: string\n");
        var differences = Comparison.Run(broken.Messages.Single(), Kafka());
        Assert.Contains("HeartbeatRequest order", differences.Select(d => d.Key));
    }

    private static KafkaDefinitions Kafka()
    {
        if (KafkaDefinitions.Find(Repository.Root) is { } kafka)
            return kafka;
        const string Missing = "Kafka's jars (shared/kafka/4.3 and 3.3 beside the repository or above) are missing";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Missing);
        Assert.Skip(Missing);
        return null!;
    }
}
