// ListConfigResources (74), versions 0-1.
// * Topics, brokers and the groups that somebody gave settings. Client metrics (all that version 0 asks for) and broker loggers have none
//   here: their lists are empty. Kinds that do not exist are UNSUPPORTED_VERSION.
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
    protected override async ValueTask<ListConfigResourcesResponse?> HandleAsync(
        RequestContext context, ListConfigResourcesRequest request, Reply reply)
    {
        if (context.ApiVersion == 0)
            return new ListConfigResourcesResponse();
        if (!Array.TrueForAll(request.ResourceTypes, ConfigResources.Exists))
            return new ListConfigResourcesResponse { ErrorCode = (short)ErrorCode.UnsupportedVersion };
        var found = new List<ListConfigResourcesResponse.ConfigResource>();
        if (IsAsked(ConfigResources.Broker))
            found.AddRange(nodes.Live.Select(node => Of(ConfigResources.Broker, node.Id.ToString(CultureInfo.InvariantCulture))));
        if (IsAsked(ConfigResources.Topic))
            found.AddRange(topics.All.Select(static t => t.Name).Order(StringComparer.Ordinal).Select(n => Of(ConfigResources.Topic, n)));
        if (IsAsked(ConfigResources.Group))
        {
            var groups = await topics.ReadMetadataAsync(static image => image.Groups.Keys.ToArray()).ConfigureAwait(false);
            found.AddRange(groups.Order(StringComparer.Ordinal).Select(n => Of(ConfigResources.Group, n)));
        }

        return new ListConfigResourcesResponse { ConfigResources = [.. found] };

        bool IsAsked(sbyte type) => request.ResourceTypes.Length == 0 || request.ResourceTypes.Contains(type);
    }

    private static ListConfigResourcesResponse.ConfigResource Of(sbyte type, string name) =>
        new() { ResourceType = type, ResourceName = name };
}
