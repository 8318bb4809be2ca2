using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Quotas (KIP-546).</content>
public sealed partial class AdminClient
{
    // Of a filter: the part is exactly this, is the default, or is there at all.
    private const sbyte MatchExact = 0;
    private const sbyte MatchDefault = 1;

    /// <summary>Tells the quotas that are set.</summary>
    /// <param name="entity">Only for those who have these parts; null for all.</param>
    /// <param name="isExact">Whether the entity must have no other parts.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The quotas by their names, e.g. <c>producer_byte_rate</c> in bytes a second.</returns>
    /// <exception cref="BrokerErrorException">The broker refuses to tell.</exception>
    public async ValueTask<IReadOnlyDictionary<QuotaEntity, IReadOnlyDictionary<string, double>>> DescribeQuotasAsync(
        QuotaEntity? entity = null,
        bool isExact = false,
        CancellationToken cancellationToken = default)
    {
        var request = new DescribeClientQuotasRequest
        {
            Strict = isExact,
            Components = [.. (entity?.Parts() ?? []).Select(part => new DescribeClientQuotasRequest.ComponentData
            {
                EntityType = part.Type,
                MatchType = part.Name is null ? MatchDefault : MatchExact,
                Match = part.Name,
            })],
        };
        var response = await WholeAsync<DescribeClientQuotasRequest, DescribeClientQuotasResponse>(
            "Describing quotas", BrokerTarget.Any, request, r => r.ErrorCode, r => r.ErrorMessage, cancellationToken).ConfigureAwait(false);
        return (response.Entries ?? []).ToDictionary(
            entry => QuotaEntity.From(entry.Entity.Select(part => (part.EntityType, part.EntityName))),
            entry => (IReadOnlyDictionary<string, double>)entry.Values.ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal));
    }

    /// <summary>Sets and removes quotas.</summary>
    /// <param name="changes">The quotas of each entity by name; null removes one.</param>
    /// <param name="validateOnly">Only says whether it would work.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What became of each entity; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<QuotaEntity, KafkaException?>> AlterQuotasAsync(
        IReadOnlyDictionary<QuotaEntity, IReadOnlyDictionary<string, double?>> changes,
        bool validateOnly = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var call = new ItemCall<QuotaEntity, bool>(_client, "Changing the quotas of", changes.Keys);
        return call.RunForErrorsAsync(
            async token =>
            {
                var request = new AlterClientQuotasRequest
                {
                    ValidateOnly = validateOnly,
                    Entries = [.. call.Left.Select(entity => new AlterClientQuotasRequest.EntryData
                    {
                        Entity = [.. entity.Parts().Select(
                            part => new AlterClientQuotasRequest.EntityData { EntityType = part.Type, EntityName = part.Name })],
                        Ops = [.. changes[entity].Select(change => new AlterClientQuotasRequest.OpData
                        {
                            Key = change.Key,
                            Value = change.Value ?? 0,
                            Remove = change.Value is null,
                        })],
                    })],
                };
                var response = await SendAsync<AlterClientQuotasRequest, AlterClientQuotasResponse>(
                    BrokerTarget.Controller, request, token).ConfigureAwait(false);
                foreach (var entry in response.Entries)
                {
                    call.Settle(
                        QuotaEntity.From(entry.Entity.Select(part => (part.EntityType, part.EntityName))), (ErrorCode)entry.ErrorCode,
                        entry.ErrorMessage, () => true);
                }
            },
            cancellationToken);
    }
}
