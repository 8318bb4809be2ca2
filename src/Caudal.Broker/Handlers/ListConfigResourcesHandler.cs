// ListConfigResources (74), versions 0-1.
// * Topics and brokers have settings here. Groups, client metrics (all that version 0 asks for) and broker loggers have none: their lists
//   are empty. Kinds that do not exist are UNSUPPORTED_VERSION.
using System.Globalization;
using Caudal.Broker.Configuration;
using Caudal.Broker.Network;
using Caudal.Broker.Nodes;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Handlers;

/// <summary>Lists what has settings.</summary>
internal sealed class ListConfigResourcesHandler(ClusterNodes nodes, TopicRegistry topics)
    : RequestHandler<ListConfigResourcesRequest, ListConfigResourcesResponse>
{
    /// <inheritdoc/>
    protected override ValueTask<ListConfigResourcesResponse?> HandleAsync(
        RequestContext context, ListConfigResourcesRequest request, Reply reply)
    {
        if (context.ApiVersion == 0)
            return new(new ListConfigResourcesResponse());
        if (!Array.TrueForAll(request.ResourceTypes, ConfigResources.Exists))
            return new(new ListConfigResourcesResponse { ErrorCode = (short)ErrorCode.UnsupportedVersion });
        var found = new List<ListConfigResourcesResponse.ConfigResource>();
        if (IsAsked(ConfigResources.Broker))
            found.AddRange(nodes.Live.Select(node => Of(ConfigResources.Broker, node.Id.ToString(CultureInfo.InvariantCulture))));
        if (IsAsked(ConfigResources.Topic))
            found.AddRange(topics.All.Select(static t => t.Name).Order(StringComparer.Ordinal).Select(n => Of(ConfigResources.Topic, n)));
        return new(new ListConfigResourcesResponse { ConfigResources = [.. found] });

        bool IsAsked(sbyte type) => request.ResourceTypes.Length == 0 || request.ResourceTypes.Contains(type);
    }

    private static ListConfigResourcesResponse.ConfigResource Of(sbyte type, string name) =>
        new() { ResourceType = type, ResourceName = name };
}
