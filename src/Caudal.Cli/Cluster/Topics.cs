using Caudal.Client;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Cli.Cluster;

/// <summary>The topics of a cluster: what several commands ask about them.</summary>
internal sealed class Topics(KafkaClient client)
{
    /// <summary>All topics by name.</summary>
    public async ValueTask<TopicDescription[]> ListAsync(CancellationToken cancellationToken)
    {
        var names = (await client.Admin.ListTopicsAsync(includeInternal: true, cancellationToken)).Select(topic => topic.Name);
        var described = await client.Admin.DescribeTopicsAsync(names, cancellationToken);
        // A topic that was deleted in between is no error.
        return
        [
            .. described.Values.Where(topic => topic.Error is null).Select(topic => topic.Value!).OrderBy(
                topic => topic.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Topics that must exist, by name.</summary>
    /// <exception cref="CommandException">One does not.</exception>
    /// <exception cref="KafkaException">One cannot be described.</exception>
    public async ValueTask<TopicDescription[]> DescribeAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var described = await client.Admin.DescribeTopicsAsync(names, cancellationToken);
        foreach (var (name, topic) in described)
        {
            if (topic.Error is BrokerErrorException { Code: ErrorCode.UnknownTopicOrPartition })
                throw new CommandException($"the topic '{name}' does not exist. Create it with 'caudal topic create {name}'.");
        }

        return [.. described.Values.Select(topic => topic.GetOrThrow()).OrderBy(topic => topic.Name, StringComparer.Ordinal)];
    }

    /// <summary>The partitions of topics that must exist.</summary>
    /// <param name="names">The topics.</param>
    /// <param name="partition">The only partition that is wanted; null for all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">A topic or the partition does not exist.</exception>
    public async ValueTask<TopicPartition[]> PartitionsAsync(IEnumerable<string> names, int? partition, CancellationToken cancellationToken)
    {
        var result = new List<TopicPartition>();
        foreach (var topic in await DescribeAsync(names, cancellationToken))
        {
            var partitions = topic.Partitions.Select(p => p.Partition).Where(p => partition is null || p == partition).ToArray();
            if (partitions.Length == 0)
                throw new CommandException(
                    $"the topic '{topic.Name}' has {topic.Partitions.Count} partitions, numbered from 0 on, and no {partition}.");
            result.AddRange(partitions.Select(p => new TopicPartition(topic.Name, p)));
        }

        return [.. result];
    }

    /// <summary>The settings of topics, by topic, that do not have the built-in default.</summary>
    public async ValueTask<Dictionary<string, ConfigEntry[]>> ConfigsAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var described = await client.Admin.DescribeConfigsAsync(names.Select(ConfigResource.Topic), cancellationToken);
        return described.ToDictionary(
            topic => topic.Key.Name, topic => topic.Value.GetOrThrow().Where(entry => !entry.IsDefault).ToArray());
    }

    /// <summary>Creates a topic.</summary>
    /// <returns>The error, or what was created.</returns>
    public async ValueTask<AdminResult<CreatedTopic>> CreateAsync(NewTopic topic, CancellationToken cancellationToken) =>
        (await client.Admin.CreateTopicsAsync([topic], cancellationToken: cancellationToken))[topic.Name];

    /// <summary>Deletes a topic.</summary>
    /// <returns>The error, or null.</returns>
    public async ValueTask<KafkaException?> DeleteAsync(string name, CancellationToken cancellationToken) =>
        (await client.Admin.DeleteTopicsAsync([name], cancellationToken))[name];

    /// <summary>Raises the number of a topic's partitions.</summary>
    /// <returns>The error, or null.</returns>
    public async ValueTask<KafkaException?> EnlargeAsync(string name, int partitions, CancellationToken cancellationToken) =>
        (await client.Admin.CreatePartitionsAsync(new Dictionary<string, int> { [name] = partitions }, cancellationToken))[name];

    /// <summary>Whether the brokers serve an API.</summary>
    public async ValueTask<bool> SupportsAsync(short api, CancellationToken cancellationToken)
    {
        var response = await client.SendAsync<ApiVersionsRequest, ApiVersionsResponse>(
            BrokerTarget.Any,
            // Brokers refuse a request that does not say whose it is.
            new ApiVersionsRequest { ClientSoftwareName = "caudal", ClientSoftwareVersion = "cli" },
            cancellationToken);
        return response.ApiKeys.Any(key => key.ApiKey == api);
    }
}
