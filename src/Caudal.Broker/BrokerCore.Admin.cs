using Caudal.Broker.Handlers;

namespace Caudal.Broker;

/// <content>The handlers that administrators and their tools use most.</content>
internal sealed partial class BrokerCore
{
    private List<RequestHandler> MakeAdminHandlers() =>
    [
        new DeleteRecordsHandler(_topics),
        new OffsetForLeaderEpochHandler(_topics),
    ];
}
