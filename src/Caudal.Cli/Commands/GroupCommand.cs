using System.CommandLine;
using System.Globalization;
using Caudal.Cli.Cluster;
using Caudal.Cli.Output;
using Caudal.Client;
using Caudal.Protocol;

namespace Caudal.Cli.Commands;

/// <summary><c>caudal group</c>: lists groups and shows how far they are.</summary>
internal static class GroupCommand
{
    // The least width of columns in the tables of Kafka's own tool.
    private const int Width = 15;

    public static Command Create(Terminal terminal, ClusterOptions cluster) => new("group", "Lists groups and shows how far they are.")
    {
        CreateList(terminal, cluster),
        CreateDescribe(terminal, cluster),
    };

    private static Command CreateList(Terminal terminal, ClusterOptions cluster)
    {
        var json = Json();
        var command = new Command("list", "Lists groups.\n\nExample: caudal group list --json") { json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            var groups = await connection.Client.Admin.ListGroupsAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                GroupListingJson[] shown =
                [
                    .. groups.Select(group => new GroupListingJson(group.GroupId, group.ProtocolType, group.State)),
                ];
                await CliJson.WriteLineAsync(terminal.Out, shown, CliJson.Default.GroupListingJsonArray);
                return 0;
            }

            var table = new TextTable("GROUP", "STATE", "PROTOCOL");
            foreach (var group in groups)
                table.Add(group.GroupId, OrDash(group.State), OrDash(group.ProtocolType));
            await table.WriteAsync(terminal.Out);
            return 0;
        });
        return cluster.AddTo(command);
    }

    private static Command CreateDescribe(Terminal terminal, ClusterOptions cluster)
    {
        var names = new Argument<string[]>("GROUP") { Description = "The groups.", Arity = ArgumentArity.OneOrMore }.RefuseOptions();
        var json = Json();
        var command = new Command(
            "describe", "Shows the members, offsets and lag of groups.\n\nExample: caudal group describe billing") { names, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = await cluster.ConnectAsync(parsed, cancellationToken);
            var groups = new List<GroupJson>();
            foreach (var name in parsed.GetRequiredValue(names).Distinct())
                groups.Add(await DescribeAsync(connection.Client.Admin, name, cancellationToken));
            if (parsed.GetValue(json))
                await CliJson.WriteLineAsync(terminal.Out, [.. groups], CliJson.Default.GroupJsonArray);
            else
                await WriteAsync(terminal.Out, groups);
            return 0;
        });
        return cluster.AddTo(command);
    }

    private static async ValueTask<GroupJson> DescribeAsync(AdminClient admin, string name, CancellationToken cancellationToken)
    {
        var described = (await admin.DescribeGroupsAsync([name], cancellationToken))[name];
        if (described.Error.Is(ErrorCode.GroupIdNotFound) || described.Value is { State: "Dead" })
            throw new CommandException($"the group '{name}' does not exist. 'caudal group list' shows those that do.");
        var group = described.GetOrThrow();
        var committed = await admin.ListGroupOffsetsAsync(name, cancellationToken);
        var owners = group.Members.SelectMany(
            member => member.Assignment.Select(partition => (partition, member))).ToDictionary(pair => pair.partition, pair => pair.member);
        TopicPartition[] partitions =
        [
            .. committed.Keys.Union(owners.Keys).OrderBy(p => p.Topic, StringComparer.Ordinal).ThenBy(p => p.Partition),
        ];
        var ends = await admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => OffsetSpec.Latest), cancellationToken);
        return new GroupJson(
            name, group.State, group.ProtocolType, group.Assignor, group.Members.Count,
            [.. partitions.Select(p => Row(p, committed.GetValueOrDefault(p), ends[p].Value, owners.GetValueOrDefault(p)))]);
    }

    private static GroupOffsetJson Row(
        TopicPartition partition, GroupOffset? committed, OffsetListing? end, GroupMemberDescription? owner) => new(
        partition.Topic, partition.Partition, committed?.Offset, end?.Offset, Lag(committed, end),
        owner?.MemberId, owner?.Host, owner?.ClientId);

    private static long? Lag(GroupOffset? committed, OffsetListing? end) =>
        committed is null || end is null ? null : Math.Max(end.Offset - committed.Offset, 0);

    private static async ValueTask WriteAsync(TextWriter output, List<GroupJson> groups)
    {
        var table = new TextTable(
            "GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID");
        foreach (var column in new[] { 0, 1, 3, 4, 5, 6, 7 })
            table.WithMinimum(column, Width);
        foreach (var group in groups)
        {
            foreach (var row in group.Offsets)
            {
                table.Add(
                    group.Group, row.Topic, Text(row.Partition), Text(row.CurrentOffset), Text(row.LogEndOffset), Text(row.Lag),
                    row.ConsumerId ?? "-", row.Host ?? "-", row.ClientId ?? "-");
            }
        }

        await table.WriteAsync(output);
        foreach (var group in groups.Where(group => group.Members == 0))
            await output.WriteLineAsync($"\nThe group '{group.Group}' has no members.");
    }

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string OrDash(string text) => text.Length > 0 ? text : "-";

    private static Option<bool> Json() => new("--json") { Description = "Print JSON." };
}
