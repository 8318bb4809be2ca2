using Caudal.Broker.Tests.Support;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Broker.Tests.Handlers;

public class ClientQuotasTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Quotas_are_set_told_and_removed(short version)
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal((ErrorCode.None, null), await AlterAsync(client, [("user", "u")], ("producer_byte_rate", 1000), version: version));
        Assert.Equal((ErrorCode.None, null), await AlterAsync(client, [("user", null)], ("request_percentage", 12.5), version: version));
        Assert.Equal(["user=:request_percentage=12.5", "user=u:producer_byte_rate=1000"], await DescribeAsync(client, false, version));

        Assert.Equal((ErrorCode.None, null), await AlterAsync(client, [("user", "u")], ("producer_byte_rate", null), version: version));
        Assert.Equal(["user=:request_percentage=12.5"], await DescribeAsync(client, false, version));
    }

    [Fact]
    public async Task Filters_match_by_name_by_default_and_by_kind()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);
        await AlterAsync(client, [("user", "u")], ("producer_byte_rate", 1));
        await AlterAsync(client, [("user", null)], ("producer_byte_rate", 2));
        await AlterAsync(client, [("client-id", "c"), ("user", "u")], ("producer_byte_rate", 3));
        await AlterAsync(client, [("ip", "127.0.0.1")], ("connection_creation_rate", 4));
        const string User = "user=u:producer_byte_rate=1";
        const string Default = "user=:producer_byte_rate=2";
        const string Both = "client-id=c,user=u:producer_byte_rate=3";
        const string Ip = "ip=127.0.0.1:connection_creation_rate=4";

        Assert.Equal([Both, Ip, Default, User], await DescribeAsync(client, false));
        Assert.Equal([Both, User], await DescribeAsync(client, false, ("user", 0, "u")));
        Assert.Equal([User], await DescribeAsync(client, true, ("user", 0, "u")));
        Assert.Equal([Default], await DescribeAsync(client, false, ("user", 1, null)));
        Assert.Equal([Both, Default, User], await DescribeAsync(client, false, ("user", 2, null)));
        Assert.Equal([Default, User], await DescribeAsync(client, true, ("user", 2, null)));
        Assert.Equal([Both], await DescribeAsync(client, false, ("user", 2, null), ("client-id", 2, null)));
        Assert.Equal([Ip], await DescribeAsync(client, false, ("ip", 2, null)));
        Assert.Equal([], await DescribeAsync(client, true));
    }

    [Fact]
    public async Task What_is_wrong_with_a_quota_is_said_in_Kafkas_words()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        await RefusedAsync([], "producer_byte_rate", 1, "Invalid empty client quota entity");
        await RefusedAsync([("group", "g")], "producer_byte_rate", 1, "Unhandled client quota entity type: group");
        await RefusedAsync([("user", "")], "producer_byte_rate", 1, "Empty user not supported");
        await RefusedAsync([("user", "u")], "no_such", 1, "Invalid configuration key no_such");
        await RefusedAsync([("user", "u")], "producer_byte_rate", 0, "Quota producer_byte_rate must be greater than 0");
        await RefusedAsync([("user", "u")], "producer_byte_rate", double.NaN, "Quota producer_byte_rate must be greater than 0");
        await RefusedAsync([("user", "u")], "producer_byte_rate", 1.5, "producer_byte_rate cannot be a fractional value.");
        await RefusedAsync([("user", "u")], "producer_byte_rate", 1e30, "Proposed value for producer_byte_rate is too large for a LONG.");
        await RefusedAsync([("ip", "not an ip")], "connection_creation_rate", 1, "not an ip is not a valid IP or resolvable host.");
        await RefusedAsync([("ip", "127.0.0.1")], "producer_byte_rate", 1, "Invalid configuration key producer_byte_rate");
        await RefusedAsync(
            [("ip", "127.0.0.1"), ("user", "u")],
            "connection_creation_rate",
            1,
            "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId");
        Assert.Equal([], await DescribeAsync(client, false));

        async Task RefusedAsync((string, string?)[] entity, string key, double value, string message) =>
            Assert.Equal((ErrorCode.InvalidRequest, message), await AlterAsync(client, entity, (key, value)));
    }

    [Fact]
    public async Task Filters_that_make_no_sense_are_refused()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal(ErrorCode.UnsupportedVersion, await FaultAsync(("group", 2, null)));
        Assert.Equal(ErrorCode.InvalidRequest, await FaultAsync(("", 2, null)));
        Assert.Equal(ErrorCode.InvalidRequest, await FaultAsync(("user", 2, null), ("user", 1, null)));
        Assert.Equal(ErrorCode.InvalidRequest, await FaultAsync(("user", 2, null), ("ip", 2, null)));
        Assert.Equal(ErrorCode.InvalidRequest, await FaultAsync(("user", 0, null)));
        Assert.Equal(ErrorCode.InvalidRequest, await FaultAsync(("user", 1, "u")));
        Assert.Equal(ErrorCode.InvalidRequest, await FaultAsync(("user", 3, null)));

        async Task<ErrorCode> FaultAsync(params (string Type, sbyte Match, string? Name)[] components) =>
            (ErrorCode)(await client.SendAsync(Filter(false, components))).ErrorCode;
    }

    [Fact]
    public async Task Checking_only_changes_nothing()
    {
        await using var broker = await Brokers.StartAsync();
        await using var client = await TestClient.ConnectAsync(broker);

        Assert.Equal((ErrorCode.None, null), await AlterAsync(client, [("user", "u")], ("producer_byte_rate", 1), validateOnly: true));
        Assert.Equal([], await DescribeAsync(client, false));
    }

    [Fact]
    public async Task Quotas_are_there_after_a_restart()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedBrokerOptions { Listen = false, Directory = directory.Path };
        for (var start = 0; start < 3; start++)
        {
            await using var broker = await Brokers.StartAsync(options);
            await using var client = await TestClient.ConnectAsync(broker);
            if (start == 0)
                await AlterAsync(client, [("user", "u"), ("client-id", null)], ("consumer_byte_rate", 7));
            Assert.Equal(["client-id=,user=u:consumer_byte_rate=7"], await DescribeAsync(client, false));
        }
    }

    private static async Task<(ErrorCode Error, string? Message)> AlterAsync(
        TestClient client,
        (string Type, string? Name)[] entity,
        (string Key, double? Value) change,
        bool validateOnly = false,
        short version = 1)
    {
        var request = new AlterClientQuotasRequest
        {
            Entries =
            [
                new()
                {
                    Entity = [.. entity.Select(e => new AlterClientQuotasRequest.EntityData { EntityType = e.Type, EntityName = e.Name })],
                    Ops = [new() { Key = change.Key, Value = change.Value ?? 0, Remove = change.Value is null }],
                },
            ],
            ValidateOnly = validateOnly,
        };
        var entry = (await client.SendAsync(request, version)).Entries[0];
        Assert.Equal(entity, entry.Entity.Select(e => (e.EntityType, e.EntityName)));
        return ((ErrorCode)entry.ErrorCode, entry.ErrorMessage);
    }

    private static DescribeClientQuotasRequest Filter(bool strict, (string Type, sbyte Match, string? Name)[] components) => new()
    {
        Strict = strict,
        Components =
        [
            .. components.Select(c => new DescribeClientQuotasRequest.ComponentData
            {
                EntityType = c.Type,
                MatchType = c.Match,
                Match = c.Name,
            }),
        ],
    };

    private static Task<List<string>> DescribeAsync(
        TestClient client, bool strict, params (string Type, sbyte Match, string? Name)[] components) =>
        DescribeAsync(client, strict, 1, components);

    private static async Task<List<string>> DescribeAsync(
        TestClient client, bool strict, short version, params (string Type, sbyte Match, string? Name)[] components)
    {
        var response = await client.SendAsync(Filter(strict, components), version);
        Assert.Equal(ErrorCode.None, (ErrorCode)response.ErrorCode);
        var told = response.Entries!.Select(e => FormattableString.Invariant(
            $"{string.Join(',', e.Entity.Select(p => $"{p.EntityType}={p.EntityName}"))}:{e.Values[0].Key}={e.Values[0].Value}"));
        return [.. told.Order(StringComparer.Ordinal)];
    }
}
