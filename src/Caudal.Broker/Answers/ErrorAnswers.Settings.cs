using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Answers;

/// <content>The APIs of settings, quotas, log directories and of who may do what.</content>
internal static partial class ErrorAnswers
{
    /// <summary>DescribeConfigs: every resource.</summary>
    public static DescribeConfigsResponse Fail(DescribeConfigsRequest request, short version, ErrorCode error) => new()
    {
        Results = Array.ConvertAll(request.Resources, resource => new DescribeConfigsResponse.DescribeConfigsResult
        {
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>AlterConfigs: every resource.</summary>
    public static AlterConfigsResponse Fail(AlterConfigsRequest request, short version, ErrorCode error) => new()
    {
        Responses = Array.ConvertAll(request.Resources, resource => new AlterConfigsResponse.AlterConfigsResourceResponse
        {
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>IncrementalAlterConfigs: every resource.</summary>
    public static IncrementalAlterConfigsResponse Fail(IncrementalAlterConfigsRequest request, short version, ErrorCode error) => new()
    {
        Responses = Array.ConvertAll(request.Resources, resource => new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse
        {
            ResourceType = resource.ResourceType,
            ResourceName = resource.ResourceName,
            ErrorCode = (short)error,
        }),
    };

    /// <summary>ListConfigResources.</summary>
    public static ListConfigResourcesResponse Fail(ListConfigResourcesRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>UpdateFeatures.</summary>
    public static UpdateFeaturesResponse Fail(UpdateFeaturesRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>AlterReplicaLogDirs: every partition.</summary>
    public static AlterReplicaLogDirsResponse Fail(AlterReplicaLogDirsRequest request, short version, ErrorCode error) => new()
    {
        Results =
        [
            .. request.Dirs.SelectMany(dir => dir.Topics).Select(topic => new AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult
            {
                TopicName = topic.Name,
                Partitions = Array.ConvertAll(
                    topic.Partitions, partition => new AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult
                    {
                        PartitionIndex = partition,
                        ErrorCode = (short)error,
                    }),
            }),
        ],
    };

    /// <summary>DescribeLogDirs: the whole answer from version 3 on; before, there is nothing to say it in.</summary>
    public static DescribeLogDirsResponse Fail(DescribeLogDirsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>DescribeClientQuotas.</summary>
    public static DescribeClientQuotasResponse Fail(DescribeClientQuotasRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error, Entries = null };

    /// <summary>AlterClientQuotas: every entity.</summary>
    public static AlterClientQuotasResponse Fail(AlterClientQuotasRequest request, short version, ErrorCode error) => new()
    {
        Entries = Array.ConvertAll(request.Entries, entry => new AlterClientQuotasResponse.EntryData
        {
            ErrorCode = (short)error,
            Entity = Array.ConvertAll(entry.Entity, entity => new AlterClientQuotasResponse.EntityData
            {
                EntityType = entity.EntityType,
                EntityName = entity.EntityName,
            }),
        }),
    };

    /// <summary>DescribeUserScramCredentials.</summary>
    public static DescribeUserScramCredentialsResponse Fail(
        DescribeUserScramCredentialsRequest request, short version, ErrorCode error) => new() { ErrorCode = (short)error };

    /// <summary>AlterUserScramCredentials: every user.</summary>
    public static AlterUserScramCredentialsResponse Fail(AlterUserScramCredentialsRequest request, short version, ErrorCode error) => new()
    {
        Results =
        [
            .. request.Deletions.Select(d => d.Name).Concat(request.Upsertions.Select(u => u.Name)).Distinct(StringComparer.Ordinal)
                .Select(user => new AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult
                {
                    User = user,
                    ErrorCode = (short)error,
                }),
        ],
    };

    /// <summary>DescribeAcls.</summary>
    public static DescribeAclsResponse Fail(DescribeAclsRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>CreateAcls: every entry.</summary>
    public static CreateAclsResponse Fail(CreateAclsRequest request, short version, ErrorCode error) => new()
    {
        Results = Array.ConvertAll(request.Creations, _ => new CreateAclsResponse.AclCreationResult { ErrorCode = (short)error }),
    };

    /// <summary>DeleteAcls: every filter.</summary>
    public static DeleteAclsResponse Fail(DeleteAclsRequest request, short version, ErrorCode error) => new()
    {
        FilterResults = Array.ConvertAll(
            request.Filters, _ => new DeleteAclsResponse.DeleteAclsFilterResult { ErrorCode = (short)error }),
    };

    /// <summary>SaslHandshake.</summary>
    public static SaslHandshakeResponse Fail(SaslHandshakeRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };

    /// <summary>SaslAuthenticate.</summary>
    public static SaslAuthenticateResponse Fail(SaslAuthenticateRequest request, short version, ErrorCode error) =>
        new() { ErrorCode = (short)error };
}
