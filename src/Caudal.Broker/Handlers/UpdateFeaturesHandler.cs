// UpdateFeatures (57), versions 0-2.
// * Levels outside of what is supported, and lower ones without the request's leave: INVALID_UPDATE_VERSION, in Kafka's words. One fault
//   refuses all changes; before version 2 each feature has a result of its own.
// * Levels are kept in the metadata journal and told by ApiVersions at once. validateOnly changes nothing.
using Caudal.Broker.Admin;
using Caudal.Broker.Network;
using Caudal.Broker.Topics;
using Caudal.Protocol;
using Caudal.Protocol.Messages;
using Update = Caudal.Protocol.Messages.UpdateFeaturesRequest.FeatureUpdateKey;

namespace Caudal.Broker.Handlers;

/// <summary>Changes the levels of the cluster's features.</summary>
internal sealed class UpdateFeaturesHandler(BrokerIdentity identity, TopicRegistry registry, Features features)
    : RequestHandler<UpdateFeaturesRequest, UpdateFeaturesResponse>
{
    private const sbyte Upgrade = 1;

    /// <inheritdoc/>
    protected override async ValueTask<UpdateFeaturesResponse?> HandleAsync(
        RequestContext context, UpdateFeaturesRequest request, Reply reply)
    {
        var updates = request.FeatureUpdates;
        var (error, message) = Fault(updates, context.ApiVersion) is { } fault
            ? (ErrorCode.InvalidUpdateVersion, $"The update failed for all features since the following feature had an error: {fault}")
            : (ErrorCode.None, (string?)null);
        if (error == ErrorCode.None && !request.ValidateOnly)
            (error, message) = await SetAsync(updates).ConfigureAwait(false);
        return new UpdateFeaturesResponse
        {
            ErrorCode = (short)error,
            ErrorMessage = message,
            Results = context.ApiVersion >= 2
                ? []
                : Array.ConvertAll(updates, update => new UpdateFeaturesResponse.UpdatableFeatureResult
                {
                    Feature = update.Feature,
                    ErrorCode = (short)error,
                    ErrorMessage = message,
                }),
        };
    }

    private string? Fault(Update[] updates, short version)
    {
        foreach (var update in updates)
        {
            var mayGoDown = version == 0 ? update.AllowDowngrade : update.UpgradeType != Upgrade;
            if (features.Fault(update.Feature, update.MaxVersionLevel, mayGoDown, identity.NodeId) is { } fault)
                return fault;
        }

        return null;
    }

    private async ValueTask<(ErrorCode Error, string? Message)> SetAsync(Update[] updates)
    {
        try
        {
            var changed = Array.FindAll(updates, update => features.LevelOf(update.Feature) != update.MaxVersionLevel);
            await registry.ChangeMetadataAsync<bool>(_ => (
                Array.ConvertAll(changed, static update => new MetadataRecord.FeatureSet(update.Feature, update.MaxVersionLevel)), true))
                .ConfigureAwait(false);
            foreach (var update in changed)
                features.Set(update.Feature, update.MaxVersionLevel);
            return (ErrorCode.None, null);
        }
        catch (IOException e)
        {
            return (ErrorCode.KafkaStorageError, $"The levels of the features cannot be kept on disk: {e.Message}");
        }
    }
}
