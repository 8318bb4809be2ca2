using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Groups;

/// <content>Steps 1 to 3: join, assign, sync.</content>
internal sealed partial class GroupMembership
{
    // Null: not this time, try again.
    private async ValueTask<Generation?> JoinAsync(CancellationToken cancellationToken)
    {
        var joined = await AskToJoinAsync(cancellationToken).ConfigureAwait(false);
        if (joined is null)
            return null;
        var isLeader = joined.Leader == joined.MemberId;
        var assignments = isLeader && !joined.SkipAssignment
            ? await _leader.AssignAsync(joined, cancellationToken).ConfigureAwait(false)
            : [];
        var partitions = await SyncAsync(joined, assignments, cancellationToken).ConfigureAwait(false);
        if (partitions is null)
            return null;
        _previous = partitions;
        _previousGeneration = joined.GenerationId;
        Log.Joined(_logger, options.GroupId!, joined.MemberId, joined.GenerationId, partitions.Length);
        return new Generation(partitions, isLeader && !joined.SkipAssignment);
    }

    private async ValueTask<JoinGroupResponse?> AskToJoinAsync(CancellationToken cancellationToken)
    {
        var topics = user.Topics;
        var state = new MemberState(topics, _previous, _previousGeneration);
        while (true)
        {
            var request = new JoinGroupRequest
            {
                GroupId = options.GroupId!,
                SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
                RebalanceTimeoutMs = (int)options.MaxPollInterval.TotalMilliseconds,
                MemberId = Identity.MemberId,
                GroupInstanceId = options.GroupInstanceId,
                ProtocolType = ConsumerProtocol.Type,
                Protocols = [.. options.Assignors.Select(assignor => new JoinGroupRequest.JoinGroupRequestProtocol
                {
                    Name = assignor.Name,
                    Metadata = ConsumerProtocol.WriteSubscription(
                        topics, assignor.GetUserData(state), _owned, _isCooperative ? _previousGeneration : -1, null),
                })],
            };
            // A first join is answered at once, with an id. It is waited for even if the consumer is being closed: the coordinator counts
            // on the owner of the id until the session timeout, so the id has to be known to be given back.
            var isFirst = request.MemberId.Length == 0 && request.GroupInstanceId is null;
            var response = await SendParkedAsync<JoinGroupRequest, JoinGroupResponse>(
                request, isFirst ? CancellationToken.None : cancellationToken).ConfigureAwait(false);
            var error = (ErrorCode)response.ErrorCode;
            switch (error)
            {
                case ErrorCode.None:
                    _joinedTopics = topics;
                    Volatile.Write(ref _identity, Identity with { MemberId = response.MemberId, Generation = response.GenerationId });
                    return response;
                case ErrorCode.MemberIdRequired:
                    // KIP-394: the id is given first, so that a member that never comes back does not count.
                    Volatile.Write(ref _identity, Identity with { MemberId = response.MemberId });
                    cancellationToken.ThrowIfCancellationRequested();
                    continue;
                default:
                    Reject(error);
                    return null;
            }
        }
    }

    private async ValueTask<TopicPartition[]?> SyncAsync(
        JoinGroupResponse joined, SyncGroupRequest.SyncGroupRequestAssignment[] assignments, CancellationToken cancellationToken)
    {
        var request = new SyncGroupRequest
        {
            GroupId = options.GroupId!,
            GenerationId = joined.GenerationId,
            MemberId = joined.MemberId,
            GroupInstanceId = options.GroupInstanceId,
            ProtocolType = ConsumerProtocol.Type,
            ProtocolName = joined.ProtocolName,
            Assignments = assignments,
        };
        var response = await SendParkedAsync<SyncGroupRequest, SyncGroupResponse>(request, cancellationToken).ConfigureAwait(false);
        var error = (ErrorCode)response.ErrorCode;
        if (error == ErrorCode.None)
            return ConsumerProtocol.ReadAssignment(response.Assignment);
        Reject(error);
        return null;
    }

    // The coordinator answers when all members have come this far, which may take as long as the slowest of them processes. Nothing else is
    // served on the connection meanwhile, so giving up waiting means giving up the connection.
    private async ValueTask<TResponse> SendParkedAsync<TRequest, TResponse>(TRequest request, CancellationToken cancellationToken)
        where TRequest : IKafkaRequest<TRequest, TResponse>
        where TResponse : IKafkaMessage<TResponse>
    {
        try
        {
            return await _coordinator.SendAsync<TRequest, TResponse>(
                request, options.MaxPollInterval + client.Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _coordinator.Abort();
            throw;
        }
    }

    // Returns if trying again may help.
    private void Reject(ErrorCode error)
    {
        switch (error)
        {
            case ErrorCode.UnknownMemberId:
                _isExpelled = _isCooperative;
                Volatile.Write(ref _identity, Identity with { MemberId = "", Generation = -1 });
                break;
            case ErrorCode.RebalanceInProgress when _isCooperative:
                break;
            case ErrorCode.IllegalGeneration or ErrorCode.RebalanceInProgress:
                _isExpelled = _isCooperative;
                Volatile.Write(ref _identity, Identity with { Generation = -1 });
                break;
            case ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable:
                _coordinator.Forget();
                break;
            default:
                if (!error.IsRetriable())
                    throw Refused(error);
                break;
        }

        Log.JoinFailed(_logger, options.GroupId!, error.KafkaName());
    }
}
