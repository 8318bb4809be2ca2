using System.Globalization;
using Caudal.Protocol.Generator;
using Caudal.Protocol.Tests.Generated;
using Caudal.Protocol.Tests.Records;

namespace Caudal.Protocol.Tests;

/// <summary>No bytes make a reader fail with anything but a protocol error, or allocate much.</summary>
/// <remarks><c>CAUDAL_FUZZ=10000000</c> sets the number of decodes, <c>CAUDAL_FUZZ_SEED</c> another start than the usual one.</remarks>
public sealed class HostileBytesTests
{
    private static readonly int Decodes = Setting("CAUDAL_FUZZ", 200_000);
    private static readonly int Seed = Setting("CAUDAL_FUZZ_SEED", 20261124);

    [Fact]
    public void Messages_raise_nothing_but_protocol_errors_and_allocate_little()
    {
        var iterations = Decodes / 4 * 3;
        var (read, refused) = MessageFuzz.Run(Seed, iterations);
        Assert.Equal(iterations, read + refused);
        Assert.True(read > iterations / 20 && refused > iterations / 4, $"{read} read, {refused} refused: the frames are not mixed well");
    }

    [Fact]
    public void Batches_raise_nothing_but_protocol_errors_and_allocate_little()
    {
        var iterations = Decodes / 4;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (read, refused) = BatchFuzz.Run(Seed, iterations);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(iterations, read + refused);
        Assert.True(allocated / iterations < 64 * 1024, $"{allocated / iterations} bytes were allocated for a batch on average");
    }

    [Fact]
    public void The_smallest_elements_in_the_largest_arrays_allocate_in_proportion()
    {
        foreach (var message in GeneratedMessage.All)
        {
            foreach (var version in message.Versions)
            {
                foreach (var field in message.Model.Fields.Where(f => f.IsArray && f.Struct is not null && f.Versions.Contains(version)))
                {
                    var frame = GeneratedMessage.Encode(Large(message, field), version);
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    message.Read(frame, version, out _);
                    var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    Assert.True(
                        allocated <= MessageFuzz.Allowance + (long)MessageFuzz.BytesPerByte * frame.Length,
                        $"{message.Name} version {version}, {field.Name}: {allocated} bytes for a frame of {frame.Length}");
                }
            }
        }
    }

    [Fact]
    public void A_count_that_the_frame_cannot_hold_allocates_nothing_for_it()
    {
        // MetadataRequest version 1: a million topics are announced, which two million bytes could hold, but the first one is not valid.
        var frame = new byte[4 + 2_000_000];
        frame[1] = 0x0f;
        frame[4] = 0x80;
        var message = GeneratedMessage.Named("MetadataRequest");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ProtocolException>(() => message.Read(frame, 1, out _));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal("MetadataRequest version 1, field Topics.Name, byte 6: the length -32768 is not valid.", error.Message);
        Assert.True(allocated < 100_000, $"{allocated} bytes were allocated");
    }

    [Fact]
    public void A_count_that_the_frame_could_not_hold_is_refused_at_once()
    {
        var message = GeneratedMessage.Named("MetadataRequest");
        var error = Assert.Throws<ProtocolException>(() => message.Read(new byte[] { 0x7f, 0, 0, 0, 0, 0 }, 1, out _));
        Assert.Equal(
            "MetadataRequest version 1, field Topics, byte 4: 2130706432 elements of at least 2 bytes are announced, 2 bytes remain.",
            error.Message);
    }

    private static IKafkaMessage Large(GeneratedMessage message, FieldModel field)
    {
        var type = message.StructType(field.Type);
        var items = Array.CreateInstance(type, 3_000);
        for (var i = 0; i < items.Length; i++)
            items.SetValue(Activator.CreateInstance(type), i);
        var value = message.Create();
        value.GetType().GetProperty(field.Name)!.SetValue(value, items);
        return value;
    }

    private static int Setting(string name, int preset) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : preset;
}
