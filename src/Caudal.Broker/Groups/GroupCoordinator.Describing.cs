using Caudal.Broker.Network;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Groups;

/// <content>DescribeGroups and ListGroups: what clients and administrators ask about groups.</content>
internal sealed partial class GroupCoordinator
{
    // What everybody may do to a group, as bits by Kafka's operation numbers (KIP-430), since there is no authorizer: read, delete,
    // describe, and its configs.
    private const int AllOperations = (1 << 3) | (1 << 6) | (1 << 8) | (1 << 10) | (1 << 11);

    private const string TypeName = "classic";

    /// <summary>Describes groups. One that does not exist is Dead, from version 6 on GROUP_ID_NOT_FOUND as well.</summary>
    public DescribeGroupsResponse Describe(RequestContext context, DescribeGroupsRequest request)
    {
        lock (_gate)
        {
            var described = Array.ConvertAll(request.Groups, id => Describe_UnderLock(context.ApiVersion, request, id));
            return new DescribeGroupsResponse { Groups = described };
        }
    }

    /// <summary>Lists groups, those of certain states or types if asked for. Both filters ignore case, as Kafka's do.</summary>
    public ListGroupsResponse List(RequestContext context, ListGroupsRequest request)
    {
        _ = context;
        var groups = new List<ListGroupsResponse.ListedGroup>();
        lock (_gate)
        {
            if (_isStopped)
                return new ListGroupsResponse { ErrorCode = (short)ErrorCode.CoordinatorNotAvailable };
            foreach (var group in _groups.Values)
            {
                var state = group.State.ToString();
                if (!Passes(request.StatesFilter, state) || !Passes(request.TypesFilter, TypeName))
                    continue;
                groups.Add(new ListGroupsResponse.ListedGroup
                {
                    GroupId = group.Id,
                    ProtocolType = group.ProtocolType ?? "",
                    GroupState = state,
                    GroupType = TypeName,
                });
            }
        }

        return new ListGroupsResponse { Groups = [.. groups] };

        static bool Passes(string[] filter, string value) => filter.Length == 0 || filter.Contains(value, StringComparer.OrdinalIgnoreCase);
    }

    private DescribeGroupsResponse.DescribedGroup Describe_UnderLock(short version, DescribeGroupsRequest request, string groupId)
    {
        var described = new DescribeGroupsResponse.DescribedGroup { GroupId = groupId };
        if (request.IncludeAuthorizedOperations)
            described.AuthorizedOperations = AllOperations;
        if (_isStopped)
        {
            described.ErrorCode = (short)ErrorCode.CoordinatorNotAvailable;
            return described;
        }

        if (groupId.Length == 0)
        {
            described.ErrorCode = (short)ErrorCode.InvalidGroupId;
            return described;
        }

        if (!_groups.TryGetValue(groupId, out var group))
        {
            described.GroupState = nameof(GroupState.Dead);
            if (version >= 6)
            {
                described.ErrorCode = (short)ErrorCode.GroupIdNotFound;
                described.ErrorMessage = $"Group {groupId} not found.";
            }

            return described;
        }

        // Between generations metadata and assignments belong to the past or the future: they are told in a stable group only.
        var isStable = group.State == GroupState.Stable;
        described.GroupState = group.State.ToString();
        described.ProtocolType = group.ProtocolType ?? "";
        described.ProtocolData = isStable ? group.ProtocolName! : "";
        described.Members = [.. group.Members.Values.Select(member => new DescribeGroupsResponse.DescribedGroupMember
        {
            MemberId = member.Id,
            GroupInstanceId = member.InstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            MemberMetadata = isStable ? member.MetadataFor(group.ProtocolName) : [],
            MemberAssignment = isStable ? member.Assignment : [],
        })];
        return described;
    }
}
