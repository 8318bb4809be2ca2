using Caudal.Client.Groups;

namespace Caudal.Client.Tests.Groups;

public sealed class StickyAssignorTests
{
    [Fact]
    public void Nothing_moves_when_nothing_changes()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var scenario = new AssignorScenario(GroupAssignors.Sticky);
            for (var round = 0; round < 5; round++)
                AssignorTests.Disturb(scenario, new Random(seed * 10 + round), sameTopics: false);
            var before = scenario.Rebalance();
            var after = scenario.Rebalance();
            Assert.All(before, member => Assert.Equal(member.Value, after[member.Key]));
        }
    }

    [Fact]
    public void No_hand_over_would_make_it_more_even()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var scenario = new AssignorScenario(GroupAssignors.Sticky);
            for (var round = 0; round < 8; round++)
            {
                AssignorTests.Disturb(scenario, random, sameTopics: false);
                scenario.Rebalance();
                Assert.False(scenario.HasBetterHandOver(), $"seed {seed}, round {round}");
            }
        }
    }

    [Fact]
    public void A_leaving_member_moves_only_its_own_partitions()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var scenario = Uniform(members: random.Next(2, 9), partitions: random.Next(1, 60));
            var before = scenario.Rebalance();
            scenario.Members.Remove(scenario.Members.Keys.ElementAt(random.Next(scenario.Members.Count)));
            var after = scenario.Rebalance();
            Assert.All(after, member => Assert.Subset(member.Value.ToHashSet(), before[member.Key].ToHashSet()));
        }
    }

    [Fact]
    public void A_joining_member_takes_no_more_than_its_share()
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var count = random.Next(1, 9);
            var partitions = random.Next(1, 60);
            var scenario = Uniform(count, partitions);
            var before = scenario.Rebalance();
            scenario.Members["new"] = ["t"];
            var after = scenario.Rebalance();
            Assert.All(before, member => Assert.Subset(member.Value.ToHashSet(), after[member.Key].ToHashSet()));
            Assert.Equal(partitions / (count + 1), after["new"].Length);
        }
    }

    [Fact]
    public void Partitions_go_through_a_third_member_if_that_is_the_only_way()
    {
        // Only m2 can relieve m1, and only m3 can relieve m2; loads 4, 3, 2 can become 3, 3, 3 by two hand-overs.
        var scenario = new AssignorScenario(GroupAssignors.Sticky) { Topics = { ["a"] = 4, ["b"] = 5 } };
        scenario.Members["m1"] = ["a"];
        scenario.Members["m2"] = ["a", "b"];
        scenario.Members["m3"] = ["b"];
        scenario.Assignment["m1"] = [.. Enumerable.Range(0, 4).Select(p => new TopicPartition("a", p))];
        scenario.Assignment["m2"] = [.. Enumerable.Range(0, 3).Select(p => new TopicPartition("b", p))];
        scenario.Assignment["m3"] = [.. Enumerable.Range(3, 2).Select(p => new TopicPartition("b", p))];

        scenario.Rebalance();

        scenario.AssertComplete();
        Assert.All(scenario.Assignment.Values, partitions => Assert.Equal(3, partitions.Length));
    }

    [Fact]
    public void Of_two_claims_the_later_generation_counts()
    {
        var partition = new TopicPartition("a", 0);
        GroupMember Member(string id, int generation, params TopicPartition[] claims) =>
            new() { MemberId = id, Topics = ["a"], UserData = StickyUserData.Write(claims, generation) };

        var assignment = GroupAssignors.Sticky.Assign(new GroupState(
            [Member("m1", 4, partition, new TopicPartition("a", 1)), Member("m2", 5, partition)],
                new Dictionary<string, int> { ["a"] = 2 }));

        Assert.Equal([partition], assignment["m2"]);
        Assert.Equal([new TopicPartition("a", 1)], assignment["m1"]);
    }

    [Fact]
    public void User_data_is_javas()
    {
        var data = StickyUserData.Write([new TopicPartition("ab", 1), new TopicPartition("ab", 0), new TopicPartition("a", 7)], 3);

        // Topics: 2; "a": [7]; "ab": [0, 1]; generation 3.
        Assert.Equal(
            "00000002" + "0001" + "61" + "00000001" + "00000007" + "0002" + "6162" + "00000002" + "00000000" + "00000001" + "00000003",
            Convert.ToHexStringLower(data));
    }

    [Fact]
    public void User_data_without_a_generation_is_read_too()
    {
        var (partitions, generation) = StickyUserData.Read(Convert.FromHexString("00000001" + "0001" + "61" + "00000001" + "00000007"));

        Assert.Equal([new TopicPartition("a", 7)], partitions);
        Assert.Equal(StickyUserData.NoGeneration, generation);
    }

    [Fact]
    public void User_data_that_makes_no_sense_claims_nothing()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            var (partitions, _) = StickyUserData.Read(bytes);
            Assert.True(partitions.Count <= 10);
        }
    }

    private static AssignorScenario Uniform(int members, int partitions)
    {
        var scenario = new AssignorScenario(GroupAssignors.Sticky) { Topics = { ["t"] = partitions } };
        for (var i = 0; i < members; i++)
            scenario.Members[$"m{i}"] = ["t"];
        return scenario;
    }
}
