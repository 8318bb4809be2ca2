namespace Caudal.Client.Configuration;

/// <summary>A property by Kafka's name, and what it sets.</summary>
/// <typeparam name="TOptions">The options that it is part of.</typeparam>
/// <param name="Name">The name that Kafka's Java clients use, or librdkafka's where those have none.</param>
/// <param name="Expected">What a value looks like, for errors.</param>
/// <param name="Apply">Sets it; null if the value cannot be read.</param>
/// <param name="OtherNames">What other clients call it.</param>
internal sealed record OptionProperty<TOptions>(
    string Name,
    string Expected,
    Func<TOptions, string,
    TOptions?> Apply,
    params string[] OtherNames)
    where TOptions : class;
