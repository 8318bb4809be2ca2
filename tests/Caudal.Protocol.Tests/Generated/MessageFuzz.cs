using System.Buffers.Binary;

namespace Caudal.Protocol.Tests.Generated;

/// <summary>
/// Feeds hostile bytes to the readers of all messages. Only <see cref="ProtocolException"/> may come out, and little may be allocated.
/// </summary>
internal static class MessageFuzz
{
    /// <summary>
    /// What reading may allocate for each byte of the frame: an empty struct takes two bytes on the wire and some fifty in memory.
    /// </summary>
    public const int BytesPerByte = 64;

    /// <summary>
    /// What reading may allocate whatever the frame's size: the exception with its text and trace, the outermost objects.
    /// </summary>
    public const int Allowance = 32 * 1024;

    /// <summary>Reads frames that are random, cut off, flipped or lie about lengths.</summary>
    /// <returns>How many were read to their end, and how many were refused.</returns>
    public static (int Read, int Refused) Run(int seed, int iterations)
    {
        var random = new Random(seed);
        var corpus = Corpus(random);
        var (read, refused) = (0, 0);
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var (message, version, frame) = corpus[random.Next(corpus.Count)];
            var input = Corrupt(random, frame);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                message.Read(input, version, out _);
                read++;
            }
            catch (ProtocolException)
            {
                refused++;
            }
            catch (Exception error)
            {
                throw Failure($"{error.GetType().Name}: {error.Message}", error);
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (allocated > Allowance + (long)BytesPerByte * input.Length)
                throw Failure($"{allocated} bytes were allocated for {input.Length}", null);

            InvalidOperationException Failure(string what, Exception? error) =>
                new($"Seed {seed}, iteration {iteration}, {message.Name} version {version}: {what}: {Convert.ToHexString(input)}", error);
        }

        return (read, refused);
    }

    private static List<(GeneratedMessage Message, short Version, byte[] Frame)> Corpus(Random random)
    {
        var corpus = new List<(GeneratedMessage, short, byte[])>();
        foreach (var message in GeneratedMessage.All)
        {
            foreach (var version in message.Versions)
            {
                byte[] frame;
                do
                    frame = GeneratedMessage.Encode(new RandomMessages(message, random).Next(version), version);
                while (frame.Length > 8_000);
                corpus.Add((message, version, frame));
            }
        }

        return corpus;
    }

    private static byte[] Corrupt(Random random, byte[] frame)
    {
        var input = (byte[])frame.Clone();
        switch (random.Next(7))
        {
            case 0:
                input = new byte[random.Next(400)];
                random.NextBytes(input);
                break;
            case 1:
                // Small numbers only: most are lengths that come true, so the reader gets far.
                input = new byte[random.Next(2_000)];
                for (var i = 0; i < input.Length; i++)
                    input[i] = (byte)(random.Next(4) == 0 ? random.Next(4) : 0);
                break;
            case 2:
                input = input[..random.Next(input.Length)];
                break;
            case 3:
                for (var flips = random.Next(1, 9); flips > 0 && input.Length > 0; flips--)
                    input[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 4 when input.Length >= 4:
                BinaryPrimitives.WriteInt32BigEndian(input.AsSpan(random.Next(input.Length - 3)), random.Next(5) switch
                {
                    0 => int.MinValue,
                    1 => int.MaxValue,
                    2 => -1,
                    3 => input.Length,
                    _ => random.Next(1_000_000),
                });
                break;
            case 5 when input.Length >= 5:
                // A varint of the highest value, or one that is too long.
                ReadOnlySpan<byte> varint = random.Next(2) == 0 ? [0xff, 0xff, 0xff, 0xff, 0x0f] : [0xff, 0xff, 0xff, 0xff, 0xff];
                varint.CopyTo(input.AsSpan(random.Next(input.Length - 4)));
                break;
            default:
                // Bytes behind the end, or a piece of the frame twice.
                var from = random.Next(input.Length + 1);
                input = [.. input[..from], .. input[random.Next(from + 1)..]];
                break;
        }

        return input;
    }
}
