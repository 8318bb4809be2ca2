// DescribeClientQuotas (48), versions 0-1.
// * What is set is told; nothing is enforced: no client is held back here.
// * A component matches by name, by the default, or any of its kind. Strict leaves out entities with other kinds besides.
// * Kinds that do not exist are UNSUPPORTED_VERSION, other faults INVALID_REQUEST, both with Kafka's words.
using Caudal.Broker.Admin;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Tells the quotas that were set.</summary>
internal sealed class DescribeClientQuotasHandler(TopicRegistry registry)
    : RequestHandler<DescribeClientQuotasRequest, DescribeClientQuotasResponse>
{
    private const sbyte ByName = 0;
    private const sbyte TheDefault = 1;
    private const sbyte AnyName = 2;

    /// <inheritdoc/>
    protected override async ValueTask<DescribeClientQuotasResponse?> HandleAsync(
        RequestContext context, DescribeClientQuotasRequest request, Reply reply)
    {
        if (Fault(request.Components) is var (error, message) && error != ErrorCode.None)
            return new DescribeClientQuotasResponse { ErrorCode = (short)error, ErrorMessage = message, Entries = null };
        var found = await registry
            .ReadMetadataAsync(image => image.Quotas.Where(quota => Matches(quota.Key, request)).ToArray())
            .ConfigureAwait(false);
        return new DescribeClientQuotasResponse { Entries = Array.ConvertAll(found, static quota => Answer(quota.Key, quota.Value)) };
    }

    private static (ErrorCode Error, string? Message) Fault(DescribeClientQuotasRequest.ComponentData[] components)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var component in components)
        {
            var type = component.EntityType;
            if (type.Length == 0)
                return (ErrorCode.InvalidRequest, "Invalid empty entity type.");
            if (!seen.Add(type))
                return (ErrorCode.InvalidRequest, $"Entity type {type} cannot appear more than once in the filter.");
            if (type is not (QuotaEntity.User or QuotaEntity.ClientId or QuotaEntity.Ip))
                return (ErrorCode.UnsupportedVersion, $"Unsupported entity type {type}");
            if (component.MatchType is < ByName or > AnyName)
                return (ErrorCode.InvalidRequest, $"Unknown match type {component.MatchType}");
            if (component.MatchType == ByName && component.Match is null)
                return (ErrorCode.InvalidRequest, "Request specified MATCH_TYPE_EXACT, but set match to null.");
            if (component.MatchType != ByName && component.Match is not null)
            {
                var name = component.MatchType == TheDefault ? "DEFAULT" : "SPECIFIED";
                return (ErrorCode.InvalidRequest, $"Request specified MATCH_TYPE_{name}, but also specified a match string.");
            }
        }

        return seen.Count > 1 && seen.Contains(QuotaEntity.Ip)
            ? (ErrorCode.InvalidRequest,
                "Invalid entity filter component combination. "
                + "IP filter component should not be used with user or clientId filter component.")
            : (ErrorCode.None, null);
    }

    private static bool Matches(QuotaEntity entity, DescribeClientQuotasRequest request)
    {
        if (request.Strict && entity.Parts.Length != request.Components.Length)
            return false;
        return Array.TrueForAll(request.Components, component => component.MatchType == AnyName
            ? entity.Has(component.EntityType)
            : entity.Has(component.EntityType, component.Match));
    }

    private static DescribeClientQuotasResponse.EntryData Answer(QuotaEntity entity, IReadOnlyDictionary<string, double> quotas) => new()
    {
        Entity = Array.ConvertAll(
            entity.Parts,
            static part => new DescribeClientQuotasResponse.EntityData { EntityType = part.Type, EntityName = part.Name }),
        Values = [.. quotas.Select(static quota => new DescribeClientQuotasResponse.ValueData { Key = quota.Key, Value = quota.Value })],
    };
}
