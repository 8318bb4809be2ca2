namespace Caudal.Client.Tests.Groups;

public sealed class AssignorTests
{
    public static TheoryData<string> Names => ["range", "roundrobin", "sticky"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_partition_belongs_to_exactly_one_subscriber_whatever_happens(string name)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var scenario = new AssignorScenario(GroupAssignors.Find(name)!);
            for (var round = 0; round < 12; round++)
            {
                Disturb(scenario, random, sameTopics: false);
                scenario.Rebalance();
                scenario.AssertComplete();
            }
        }
    }

    [Theory]
    [InlineData("roundrobin")]
    [InlineData("sticky")]
    public void Members_with_the_same_topics_get_as_much_as_each_other(string name)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var scenario = new AssignorScenario(GroupAssignors.Find(name)!);
            for (var round = 0; round < 10; round++)
            {
                Disturb(scenario, random, sameTopics: true);
                scenario.Rebalance();
                Assert.InRange(scenario.SpreadOfLoads(), 0, 1);
            }
        }
    }

    [Fact]
    public void Range_gives_neighbours_to_the_same_member_and_the_rest_to_the_first()
    {
        var scenario = new AssignorScenario(GroupAssignors.Range) { Topics = { ["a"] = 7, ["b"] = 7 } };
        scenario.Members["m2"] = scenario.Members["m1"] = scenario.Members["m3"] = ["a", "b"];

        var assignment = scenario.Rebalance();

        Assert.Equal(Partitions("a", 0, 1, 2).Concat(Partitions("b", 0, 1, 2)), assignment["m1"]);
        Assert.Equal(Partitions("a", 3, 4).Concat(Partitions("b", 3, 4)), assignment["m2"]);
        Assert.Equal(Partitions("a", 5, 6).Concat(Partitions("b", 5, 6)), assignment["m3"]);
    }

    [Fact]
    public void Round_robin_deals_partitions_out_in_turn_and_skips_who_does_not_subscribe()
    {
        // The example of Java's documentation of its assignor.
        var scenario = new AssignorScenario(GroupAssignors.RoundRobin) { Topics = { ["t0"] = 1, ["t1"] = 2, ["t2"] = 3 } };
        scenario.Members["c0"] = ["t0"];
        scenario.Members["c1"] = ["t0", "t1"];
        scenario.Members["c2"] = ["t0", "t1", "t2"];

        var assignment = scenario.Rebalance();

        Assert.Equal(Partitions("t0", 0), assignment["c0"]);
        Assert.Equal(Partitions("t1", 0), assignment["c1"]);
        Assert.Equal(Partitions("t1", 1).Concat(Partitions("t2", 0, 1, 2)), assignment["c2"]);
    }

    [Fact]
    public void Static_members_come_first_in_the_order_of_their_instance_ids()
    {
        GroupMember Member(string id, string? instance) => new() { MemberId = id, GroupInstanceId = instance, Topics = ["a"] };

        var assignment = GroupAssignors.Range.Assign(
            new GroupState([Member("x", null), Member("z", "i2"), Member("y", "i3")], new Dictionary<string, int> { ["a"] = 3 }));

        Assert.Equal(Partitions("a", 0), assignment["z"]);
        Assert.Equal(Partitions("a", 1), assignment["y"]);
        Assert.Equal(Partitions("a", 2), assignment["x"]);
    }

    [Theory]
    [InlineData("range", "range")]
    [InlineData("org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin")]
    [InlineData("org.apache.kafka.clients.consumer.StickyAssignor", "sticky")]
    public void Strategies_are_found_by_kafkas_names(string name, string expected) =>
        Assert.Equal(expected, GroupAssignors.Find(name)?.Name);

    [Fact]
    public void An_unknown_strategy_is_not_found() => Assert.Null(GroupAssignors.Find("fair"));

    internal static void Disturb(AssignorScenario scenario, Random random, bool sameTopics)
    {
        string[] names = ["a", "b", "c", "d"];
        foreach (var topic in names)
        {
            if (random.Next(3) == 0)
                scenario.Topics[topic] = random.Next(1, 9);
        }

        string[] Choose() => sameTopics ? names : [.. names.Where(_ => random.Next(2) == 0)];
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            if (random.Next(3) > 0 || scenario.Members.Count == 0)
                scenario.Members[$"m{random.Next(8)}"] = Choose();
            else
                scenario.Members.Remove(scenario.Members.Keys.ElementAt(random.Next(scenario.Members.Count)));
        }
    }

    private static IEnumerable<TopicPartition> Partitions(string topic, params int[] numbers) =>
        numbers.Select(n => new TopicPartition(topic, n));
}
