using Caudal.Client.Groups;
using Caudal.Protocol;
using Caudal.Protocol.Messages;

namespace Caudal.Client.Tests.Groups;

public sealed class ConsumerProtocolTests
{
    [Fact]
    public void A_subscription_is_what_other_clients_read()
    {
        var bytes = ConsumerProtocol.WriteSubscription(["b", "a"], [9], [], -1, "r");

        // Version 3; topics a, b; one byte of user data; nothing owned; no generation; the rack.
        Assert.Equal("0003" + "00000002" + "0001" + "61" + "0001" + "62" + "00000001" + "09" + "00000000" + "ffffffff" + "0001" + "72",
            Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void What_a_cooperative_member_owns_is_in_its_subscription()
    {
        var bytes = ConsumerProtocol.WriteSubscription(["a"], null, [new TopicPartition("a", 0), new TopicPartition("a", 2)], 7, null);

        // Version 3; topic a; no user data; a-0 and a-2 owned since generation 7; no rack.
        Assert.Equal("0003" + "00000001" + "0001" + "61" + "ffffffff" + "00000001" + "0001" + "61" + "00000002" + "00000000" + "00000002"
            + "00000007" + "ffff", Convert.ToHexStringLower(bytes));
        var read = ConsumerProtocol.ReadSubscription(Member(Convert.ToHexStringLower(bytes)));
        Assert.Equal([new TopicPartition("a", 0), new TopicPartition("a", 2)], read.OwnedPartitions);
        Assert.Equal(7, read.OwnedGeneration);
    }

    [Fact]
    public void An_assignment_is_what_other_clients_read()
    {
        var bytes = ConsumerProtocol.WriteAssignment([new TopicPartition("a", 0), new TopicPartition("a", 2)]);

        Assert.Equal("0000" + "00000001" + "0001" + "61" + "00000002" + "00000000" + "00000002" + "ffffffff",
            Convert.ToHexStringLower(bytes));
        Assert.Equal([new TopicPartition("a", 0), new TopicPartition("a", 2)], ConsumerProtocol.ReadAssignment(bytes));
    }

    [Fact]
    public void A_subscription_of_a_later_version_is_read_as_far_as_it_is_known()
    {
        var member = ConsumerProtocol.ReadSubscription(
            Member("0009" + "00000001" + "0001" + "61" + "ffffffff" + "00000000" + "00000005" + "ffff" + "abcdef"));

        Assert.Equal(["a"], member.Topics);
        Assert.Null(member.UserData);
    }

    [Fact]
    public void The_oldest_subscription_is_read() =>
        Assert.Equal(["a"], ConsumerProtocol.ReadSubscription(Member("0000" + "00000001" + "0001" + "61" + "ffffffff")).Topics);

    [Fact]
    public void No_assignment_is_an_empty_one() => Assert.Empty(ConsumerProtocol.ReadAssignment([]));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("ffff00000000")]
    [InlineData("0000000000ff")]
    public void Another_members_nonsense_is_an_error_of_the_protocol(string hex) =>
        Assert.Throws<ProtocolException>(() => ConsumerProtocol.ReadSubscription(Member(hex)));

    private static JoinGroupResponse.JoinGroupResponseMember Member(string hex) =>
        new() { MemberId = "m", Metadata = Convert.FromHexString(hex) };
}
