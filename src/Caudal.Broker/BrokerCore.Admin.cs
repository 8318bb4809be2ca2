using Caudal.Broker.Admin;
using Caudal.Broker.Configuration;
using Caudal.Broker.Handlers;
using Caudal.Broker.Nodes;

namespace Caudal.Broker;

/// <content>The handlers that administrators and their tools use most.</content>
internal sealed partial class BrokerCore
{
    private readonly Features _features;

    private List<RequestHandler> MakeAdminHandlers(
        MetadataHandler metadata, Coordinators coordinators, ConfigStore configs, TimeProvider time)
    {
        var administration = new ConfigAdministration(_topics, configs);
        return
        [
            new DeleteRecordsHandler(_topics),
            new OffsetForLeaderEpochHandler(_topics),
            new DescribeAclsHandler(),
            new CreateAclsHandler(),
            new DeleteAclsHandler(),
            new AlterConfigsHandler(administration),
            new IncrementalAlterConfigsHandler(administration),
            new DescribeClientQuotasHandler(_topics),
            new AlterClientQuotasHandler(_topics),
            new DescribeUserScramCredentialsHandler(_topics),
            new AlterUserScramCredentialsHandler(_topics),
            new DescribeQuorumHandler(Nodes, _topics, time),
            new UpdateFeaturesHandler(Identity, _topics, _features),
            new ListConfigResourcesHandler(Nodes, _topics),
            new DescribeTopicPartitionsHandler(_topics, metadata, configs),
            new DescribeLogDirsHandler(_topics, _store.Directory),
            new AlterReplicaLogDirsHandler(_topics, _store.Directory),
            new OffsetDeleteHandler(_groups, coordinators),
        ];
    }
}
