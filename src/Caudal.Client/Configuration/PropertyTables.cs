namespace Caudal.Client.Configuration;

/// <summary>The names of all properties by the kind of options that they belong to, for the documentation.</summary>
internal static class PropertyTables
{
    public static IReadOnlyList<(Type Options, PropertyName[] Properties)> All { get; } =
    [
        (typeof(KafkaClientOptions), [.. ClientProperties.Table.Select(p => new PropertyName(p.Name, p.Expected, p.OtherNames))]),
        (typeof(ProducerOptions), [.. ProducerProperties.Table.Select(p => new PropertyName(p.Name, p.Expected, p.OtherNames))]),
        (typeof(ConsumerOptions), [.. ConsumerProperties.Table.Select(p => new PropertyName(p.Name, p.Expected, p.OtherNames))]),
    ];
}

/// <summary>A property without what it does.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Expected">What a value looks like.</param>
/// <param name="OtherNames">What other clients call it.</param>
internal sealed record PropertyName(string Name, string Expected, string[] OtherNames);
