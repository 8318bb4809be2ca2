// AlterConfigs (33), versions 0-2. Kafka's clients use IncrementalAlterConfigs instead since 2.3.
// * Replaces all settings of a topic, of the broker or of all brokers: what is not named goes back to its default.
// * Rules and errors are those of IncrementalAlterConfigs. validateOnly changes nothing.
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Replaces the settings of topics and brokers.</summary>
internal sealed class AlterConfigsHandler(ConfigAdministration administration) : RequestHandler<AlterConfigsRequest, AlterConfigsResponse>
{
    /// <inheritdoc/>
    protected override async ValueTask<AlterConfigsResponse?> HandleAsync(RequestContext context, AlterConfigsRequest request, Reply reply)
    {
        var results = new List<AlterConfigsResponse.AlterConfigsResourceResponse>(request.Resources.Length);
        foreach (var same in request.Resources.GroupBy(r => (Type: r.ResourceType, Name: r.ResourceName)))
        {
            var operations = Array.ConvertAll(
                same.First().Configs, static c => new ConfigOperation(c.Name, ConfigOperation.Set, c.Value));
            var (error, message) = same.Skip(1).Any()
                ? (ErrorCode.InvalidRequest, ConfigAdministration.Repeated)
                : await administration
                    .AlterAsync(context.NodeId, same.Key.Type, same.Key.Name, operations, replacesAll: true, request.ValidateOnly)
                    .ConfigureAwait(false);
            results.Add(new()
            {
                ErrorCode = (short)error,
                ErrorMessage = message,
                ResourceType = same.Key.Type,
                ResourceName = same.Key.Name,
            });
        }

        return new AlterConfigsResponse { Responses = [.. results] };
    }
}
