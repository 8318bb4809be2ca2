using Caudal.Protocol.Generator;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>Every generated type, in every version, with random values.</summary>
public sealed class RoundTripTests
{
    private const int Rounds = 12;

    public static TheoryData<string> Messages => [.. GeneratedMessage.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Messages))]
    public void What_is_written_is_what_is_read(string name)
    {
        var message = GeneratedMessage.Named(name);
        ForEachVersion(message, (version, value, because) =>
        {
            var bytes = GeneratedMessage.Encode(value, version);
            var read = message.Read(bytes, version, out var remaining);
            Assert.True(remaining == 0, $"{because}: {remaining} bytes were left");
            // A field that the version does not have was never set: it must come back with its default.
            Same(Graph.Difference(value, read), because);
            Assert.Equal(bytes, GeneratedMessage.Encode((IKafkaMessage)read, version));
        });
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void The_bytes_are_those_that_the_schema_asks_for(string name)
    {
        var message = GeneratedMessage.Named(name);
        ForEachVersion(message, (version, value, _) =>
            Assert.Equal(SchemaEncoder.Encode(message.Model, value, version), GeneratedMessage.Encode(value, version)));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Unknown_tagged_fields_are_skipped_at_every_level(string name)
    {
        var message = GeneratedMessage.Named(name);
        ForEachVersion(message, (version, value, because) =>
        {
            var bytes = SchemaEncoder.Encode(message.Model, value, version, withUnknownTags: true);
            var read = message.Read(bytes, version, out var remaining);
            Assert.True(remaining == 0, $"{because}: {remaining} bytes were left");
            Same(Graph.Difference(value, read), because);
        });
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_field_that_the_version_lacks_is_dropped_if_ignorable_and_refused_if_not(string name)
    {
        var message = GeneratedMessage.Named(name);
        foreach (var version in message.Versions)
        {
            foreach (var field in message.Model.Fields.Where(f => !f.Versions.Contains(version)))
            {
                var value = message.Create();
                var plain = GeneratedMessage.Encode(value, version);
                Set(message, value, field);
                if (field.Ignorable)
                {
                    Assert.Equal(plain, GeneratedMessage.Encode(value, version));
                    continue;
                }

                var error = Assert.Throws<UnsupportedVersionException>(() => GeneratedMessage.Encode(value, version));
                Assert.Contains($"{name} version {version} cannot carry {field.Name}", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Null_is_refused_in_versions_that_have_no_null(string name)
    {
        var message = GeneratedMessage.Named(name);
        foreach (var version in message.Versions)
        {
            var fields = message.Model.Fields.Where(f => f.IsNullable && f.Versions.Contains(version) && !f.Nullable.Contains(version));
            foreach (var field in fields)
            {
                var value = message.Create();
                value.GetType().GetProperty(field.Name)!.SetValue(value, null);
                var error = Assert.Throws<UnsupportedVersionException>(() => GeneratedMessage.Encode(value, version));
                Assert.Contains(field.Name, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Versions_outside_the_range_are_refused(string name)
    {
        var message = GeneratedMessage.Named(name);
        var range = message.Model.Versions;
        foreach (var version in new[] { (short)-1, (short)(range.Min - 1), (short)(range.Max + 1), short.MaxValue })
        {
            var error = Assert.Throws<UnsupportedVersionException>(() => GeneratedMessage.Encode(message.Create(), version));
            Assert.Contains($"{name} has no version {version}", error.Message, StringComparison.Ordinal);
            Assert.Throws<UnsupportedVersionException>(() => message.Read(new byte[100], version, out _));
        }
    }

    private static void ForEachVersion(GeneratedMessage message, Action<short, IKafkaMessage, string> check)
    {
        foreach (var version in message.Versions)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var seed = version * 1000 + round;
                var value = new RandomMessages(message, new Random(seed)).Next(version);
                check(version, value, $"{message.Name} version {version}, seed {seed}");
            }
        }
    }

    private static void Set(GeneratedMessage message, IKafkaMessage value, FieldModel field)
    {
        var property = value.GetType().GetProperty(field.Name)!;
        var unset = property.GetValue(value);
        var random = new RandomMessages(message, new Random(1));
        var version = field.Versions.Intersect(message.Model.Versions).Max;
        while (Graph.Difference(unset, property.GetValue(value)) is null)
            property.SetValue(value, random.Value(field, version));
    }

    private static void Same(string? difference, string because) => Assert.True(difference is null, $"{because}: {difference}");
}
