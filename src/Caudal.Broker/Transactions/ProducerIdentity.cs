using Caudal.Protocol;

namespace Caudal.Broker.Transactions;

/// <summary>The id and epoch that a producer goes on with.</summary>
/// <param name="Error">None, or why there are none.</param>
/// <param name="ProducerId">The id; −1 with an error.</param>
/// <param name="Epoch">The epoch; −1 with an error.</param>
internal readonly record struct ProducerIdentity(ErrorCode Error, long ProducerId = -1, short Epoch = -1);
