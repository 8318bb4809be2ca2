using Caudal.Client.Admin;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client;

/// <content>Rules of access.</content>
public sealed partial class AdminClient
{
    /// <summary>Adds rules.</summary>
    /// <returns>What became of each rule; null for done.</returns>
    public ValueTask<IReadOnlyDictionary<AclBinding, KafkaException?>> CreateAclsAsync(
        IEnumerable<AclBinding> rules,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<AclBinding, bool>(_client, "Creating the rule", rules);
        return call.RunForErrorsAsync(
            async token =>
            {
                var asked = call.Left.ToArray();
                var request = new CreateAclsRequest
                {
                    Creations = [.. asked.Select(rule => new CreateAclsRequest.AclCreation
                    {
                        ResourceType = (sbyte)rule.ResourceType,
                        ResourceName = rule.ResourceName,
                        ResourcePatternType = (sbyte)rule.Pattern,
                        Principal = rule.Principal,
                        Host = rule.Host,
                        Operation = (sbyte)rule.Operation,
                        PermissionType = (sbyte)rule.Permission,
                    })],
                };
                var response = await SendAsync<CreateAclsRequest, CreateAclsResponse>(BrokerTarget.Controller, request, token)
                    .ConfigureAwait(false);
                // Results have no names: they come in the order of the request.
                for (var i = 0; i < Math.Min(asked.Length, response.Results.Length); i++)
                    call.Settle(asked[i], (ErrorCode)response.Results[i].ErrorCode, response.Results[i].ErrorMessage, () => true);
            },
            cancellationToken);
    }

    /// <summary>Lists rules.</summary>
    /// <exception cref="BrokerErrorException">The broker refuses to tell, e.g. SECURITY_DISABLED without an authorizer.</exception>
    public async ValueTask<IReadOnlyList<AclBinding>> DescribeAclsAsync(
        AclFilter? filter = null,
        CancellationToken cancellationToken = default)
    {
        filter ??= new AclFilter();
        var request = new DescribeAclsRequest
        {
            ResourceTypeFilter = (sbyte)filter.ResourceType,
            ResourceNameFilter = filter.ResourceName,
            PatternTypeFilter = (sbyte)filter.Pattern,
            PrincipalFilter = filter.Principal,
            HostFilter = filter.Host,
            Operation = (sbyte)filter.Operation,
            PermissionType = (sbyte)filter.Permission,
        };
        var response = await WholeAsync<DescribeAclsRequest, DescribeAclsResponse>(
            "Listing rules of access", BrokerTarget.Any, request, r => r.ErrorCode, r => r.ErrorMessage, cancellationToken)
            .ConfigureAwait(false);
        return [.. response.Resources.SelectMany(resource => resource.Acls.Select(acl => new AclBinding(
            (AclResourceType)resource.ResourceType, resource.ResourceName, acl.Principal, (AclOperation)acl.Operation,
            (AclPermission)acl.PermissionType, (AclPattern)resource.PatternType, acl.Host)))];
    }

    /// <summary>Deletes the rules that filters select.</summary>
    /// <returns>The rules that each filter deleted.</returns>
    public ValueTask<IReadOnlyDictionary<AclFilter, AdminResult<IReadOnlyList<AclBinding>>>> DeleteAclsAsync(
        IEnumerable<AclFilter> filters,
        CancellationToken cancellationToken = default)
    {
        var call = new ItemCall<AclFilter, IReadOnlyList<AclBinding>>(_client, "Deleting the rules of", filters);
        return call.RunAsync(
            async token =>
            {
                var asked = call.Left.ToArray();
                var request = new DeleteAclsRequest
                {
                    Filters = [.. asked.Select(filter => new DeleteAclsRequest.DeleteAclsFilter
                    {
                        ResourceTypeFilter = (sbyte)filter.ResourceType,
                        ResourceNameFilter = filter.ResourceName,
                        PatternTypeFilter = (sbyte)filter.Pattern,
                        PrincipalFilter = filter.Principal,
                        HostFilter = filter.Host,
                        Operation = (sbyte)filter.Operation,
                        PermissionType = (sbyte)filter.Permission,
                    })],
                };
                var response = await SendAsync<DeleteAclsRequest, DeleteAclsResponse>(BrokerTarget.Controller, request, token)
                    .ConfigureAwait(false);
                for (var i = 0; i < Math.Min(asked.Length, response.FilterResults.Length); i++)
                {
                    var result = response.FilterResults[i];
                    var failed = Array.Find(result.MatchingAcls, acl => acl.ErrorCode != 0);
                    call.Settle(
                        asked[i], (ErrorCode)(result.ErrorCode != 0 ? result.ErrorCode : failed?.ErrorCode ?? 0),
                        result.ErrorMessage ?? failed?.ErrorMessage,
                        () => [.. result.MatchingAcls.Select(acl => new AclBinding(
                            (AclResourceType)acl.ResourceType, acl.ResourceName, acl.Principal, (AclOperation)acl.Operation,
                            (AclPermission)acl.PermissionType, (AclPattern)acl.PatternType, acl.Host))]);
                }
            },
            cancellationToken);
    }
}
