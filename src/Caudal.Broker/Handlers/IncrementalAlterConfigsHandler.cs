// IncrementalAlterConfigs (44), versions 0-1.
// * Operations SET, DELETE, APPEND and SUBTRACT; the last two on lists only, starting from the value that counts when the topic has none of
//   its own.
// * Each resource changes whole or not at all. Unknown names and bad values: INVALID_CONFIG for topics, INVALID_REQUEST for brokers, with
//   the nearest name suggested. Kafka keeps unknown names of brokers, and does nothing with them.
// * The broker (by id) and all brokers (empty name) take their dynamic settings only; topics that follow them change at once.
// * A resource or a key named twice is INVALID_REQUEST. validateOnly changes nothing.
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Changes single settings of topics and of the broker.</summary>
internal sealed class IncrementalAlterConfigsHandler(ConfigAdministration administration)
    : RequestHandler<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<IncrementalAlterConfigsResponse?> HandleAsync(
        RequestContext context, IncrementalAlterConfigsRequest request, Reply reply)
    {
        var results = new List<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse>(request.Resources.Length);
        foreach (var same in request.Resources.GroupBy(r => (Type: r.ResourceType, Name: r.ResourceName)))
        {
            var operations = Array.ConvertAll(
                same.First().Configs, static c => new ConfigOperation(c.Name, c.ConfigOperation, c.Value));
            var (error, message) = same.Skip(1).Any()
                ? (ErrorCode.InvalidRequest, ConfigAdministration.Repeated)
                : await administration
                    .AlterAsync(context.NodeId, same.Key.Type, same.Key.Name, operations, replacesAll: false, request.ValidateOnly)
                    .ConfigureAwait(false);
            results.Add(new()
            {
                ErrorCode = (short)error,
                ErrorMessage = message,
                ResourceType = same.Key.Type,
                ResourceName = same.Key.Name,
            });
        }

        return new IncrementalAlterConfigsResponse { Responses = [.. results] };
    }
}
