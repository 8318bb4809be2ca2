namespace Caudal.Client;

/// <summary>
/// Who commits offsets within a transaction: the coordinator of the group refuses those of a member that the group has moved on from
/// (KIP-447).
/// </summary>
/// <param name="GroupId">The group.</param>
/// <param name="GenerationId">The generation that the member belongs to, −1 for a consumer that is not a member.</param>
/// <param name="MemberId">The member's id, empty for a consumer that is not a member.</param>
/// <param name="GroupInstanceId">The static member's id, or null.</param>
public sealed record ConsumerGroupMetadata(string GroupId, int GenerationId = -1, string MemberId = "", string? GroupInstanceId = null);
