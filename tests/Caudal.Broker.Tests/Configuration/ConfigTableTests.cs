using Caudal.Broker.Configuration;

namespace Caudal.Broker.Tests.Configuration;

public class ConfigTableTests
{
    [Fact]
    public void Every_default_is_a_value_that_its_own_check_accepts()
    {
        foreach (var definition in TopicConfigs.All.Concat(BrokerConfigs.All).Concat(GroupConfigs.All))
        {
            Assert.Equal(
                (definition.Name, null), (definition.Name, definition.Default is { Length: > 0 } value ? definition.Check(value) : null));
            Assert.NotEmpty(definition.Documentation);
        }
    }

    [Fact]
    public void Every_synonym_is_a_broker_setting_with_the_same_default()
    {
        foreach (var definition in TopicConfigs.All)
        {
            foreach (var synonym in definition.Synonyms)
            {
                Assert.True(BrokerConfigs.TryGet(synonym.Name, out var broker), synonym.Name);
                if (broker.Default is { } value)
                    Assert.Equal((definition.Name, definition.Default), (definition.Name, TopicConfigs.Convert(synonym, value)));
            }
        }
    }

    [Theory]
    [InlineData("retention.mss", "retention.ms")]
    [InlineData("cleanup.polici", "cleanup.policy")]
    [InlineData("max.message.byte", "max.message.bytes")]
    public void The_nearest_name_is_suggested(string typed, string meant) =>
        Assert.Equal($" (did you mean {meant}?)", NearestName.Suggest(typed, TopicConfigs.All.Select(d => d.Name)));

    [Fact]
    public void Nothing_is_suggested_for_what_is_like_nothing() =>
        Assert.Equal("", NearestName.Suggest("zookeeper", TopicConfigs.All.Select(d => d.Name)));

    [Fact]
    public void The_strongest_place_that_somebody_set_counts()
    {
        var store = new ConfigStore(new Dictionary<string, string> { ["log.retention.hours"] = "2", ["log.retention.minutes"] = "5" });
        Assert.True(TopicConfigs.TryGet("retention.ms", out var definition));
        var none = new Dictionary<string, string>();

        Assert.Equal(("300000", ConfigSource.StaticBroker), store.Resolve(definition, none));
        store.DynamicDefault = new Dictionary<string, string> { ["log.retention.ms"] = "7" };
        Assert.Equal(("7", ConfigSource.DynamicDefaultBroker), store.Resolve(definition, none));
        store.Dynamic = new Dictionary<string, string> { ["log.retention.ms"] = "8" };
        Assert.Equal(("8", ConfigSource.DynamicBroker), store.Resolve(definition, none));
        Assert.Equal(("9", ConfigSource.Topic), store.Resolve(definition, new Dictionary<string, string> { ["retention.ms"] = "9" }));
    }
}
