// AlterClientQuotas (49), versions 0-1.
// * Quotas are kept in the metadata journal and told by DescribeClientQuotas. They are not enforced.
// * An entity changes whole or not at all; the others go on. Faults are INVALID_REQUEST with Kafka's words. validateOnly changes nothing.
using Caudal.Broker.Admin;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Sets and removes quotas.</summary>
internal sealed class AlterClientQuotasHandler(TopicRegistry registry)
    : RequestHandler<AlterClientQuotasRequest, AlterClientQuotasResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<AlterClientQuotasResponse?> HandleAsync(
        RequestContext context, AlterClientQuotasRequest request, Reply reply)
    {
        var results = new AlterClientQuotasResponse.EntryData[request.Entries.Length];
        for (var i = 0; i < results.Length; i++)
        {
            var entry = request.Entries[i];
            var (error, message) = await AlterAsync(entry, request.ValidateOnly, context.CancellationToken).ConfigureAwait(false);
            results[i] = new AlterClientQuotasResponse.EntryData
            {
                ErrorCode = (short)error,
                ErrorMessage = message,
                Entity = Array.ConvertAll(entry.Entity, static part => new AlterClientQuotasResponse.EntityData
                {
                    EntityType = part.EntityType,
                    EntityName = part.EntityName,
                }),
            };
        }

        return new AlterClientQuotasResponse { Entries = results };
    }

    private async ValueTask<(ErrorCode Error, string? Message)> AlterAsync(
        AlterClientQuotasRequest.EntryData entry, bool validateOnly, CancellationToken cancellationToken)
    {
        var entity = new QuotaEntity(entry.Entity.Select(static part => (part.EntityType, part.EntityName)));
        if (await QuotaRules.FaultAsync(entity, cancellationToken).ConfigureAwait(false) is { } fault)
            return (ErrorCode.InvalidRequest, fault);
        foreach (var operation in entry.Ops)
        {
            if (!operation.Remove && QuotaRules.Fault(entity, operation.Key, operation.Value) is { } wrong)
                return (ErrorCode.InvalidRequest, wrong);
        }

        if (validateOnly)
            return (ErrorCode.None, null);
        try
        {
            return await registry.ChangeMetadataAsync(image => Change(image, entity, entry.Ops)).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            return (ErrorCode.KafkaStorageError, $"The quotas cannot be kept on disk: {e.Message}");
        }
    }

    private static (IReadOnlyList<MetadataRecord> Records, (ErrorCode Error, string? Message) Result) Change(
        MetadataImage image, QuotaEntity entity, AlterClientQuotasRequest.OpData[] operations)
    {
        var present = image.Quotas.GetValueOrDefault(entity);
        var quotas = new Dictionary<string, double>(present ?? new Dictionary<string, double>(), StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            if (operation.Remove)
                quotas.Remove(operation.Key);
            else
                quotas[operation.Key] = operation.Value;
        }

        // Removing what is not there leaves no trace.
        return present is null && quotas.Count == 0
            ? ([], (ErrorCode.None, null))
            : ([new MetadataRecord.QuotasSet(entity, quotas)], (ErrorCode.None, null));
    }
}
