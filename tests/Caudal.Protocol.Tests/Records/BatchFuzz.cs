using System.Buffers.Binary;
using Caudal.Protocol.Records;

namespace Caudal.Protocol.Tests.Records;

/// <summary>Feeds hostile bytes to everything that reads record batches. Only <see cref="ProtocolException"/> may come out.</summary>
internal static class BatchFuzz
{
    /// <summary>Reads random, truncated, bit-flipped and lying batches.</summary>
    /// <returns>How many inputs were read to their end, and how many were refused.</returns>
    internal static (int Read, int Refused) Run(int seed, int iterations)
    {
        var random = new Random(seed);
        var batches = new byte[32][];
        for (var index = 0; index < batches.Length; index++)
        {
            var producer = new RecordBatchProducer(random.NextInt64(), (short)random.Next(100), random.Next());
            batches[index] = ModelRecord.ToBatch(producer, ModelRecord.Random(random, random.Next(1, 12)));
        }

        var marker = new byte[ControlRecord.BatchSize];
        new ControlRecord(ControlRecordType.Commit, 0, 1).WriteBatch(marker, 0, 0, 0, 1, 0);
        batches[0] = marker;

        var (read, refused) = (0, 0);
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            var input = Corrupt(random, batches);
            try
            {
                Read(input);
                read++;
            }
            catch (ProtocolException)
            {
                refused++;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException(
                    $"Seed {seed}, iteration {iteration}: {error.GetType().Name} from {Convert.ToHexString(input)}", error);
            }
        }

        return (read, refused);
    }

    private static byte[] Corrupt(Random random, byte[][] batches)
    {
        var batch = (byte[])batches[random.Next(batches.Length)].Clone();
        switch (random.Next(6))
        {
            case 0:
                batch = new byte[random.Next(400)];
                random.NextBytes(batch);
                return batch;
            case 1:
                // A header that is right, over records that are noise.
                var noise = batch.AsSpan(RecordBatchHeader.Size);
                random.NextBytes(noise);
                foreach (ref var b in noise)
                    b = random.Next(3) == 0 ? b : (byte)(b & 0x0f);
                return batch;
            case 2:
                return batch[..random.Next(batch.Length)];
            case 3:
                for (var flips = random.Next(1, 9); flips > 0; flips--)
                    batch[random.Next(batch.Length)] ^= (byte)(1 << random.Next(8));
                return batch;
            case 4:
                BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(random.Next(batch.Length - 3)), random.Next(4) switch
                {
                    0 => int.MinValue,
                    1 => int.MaxValue,
                    2 => -random.Next(1000),
                    _ => random.Next(1000),
                });
                return batch;
            default:
                // Several batches, cut or damaged somewhere behind the first.
                byte[] several = [.. batch, .. batches[random.Next(batches.Length)]];
                several[random.Next(batch.Length, several.Length)] ^= (byte)random.Next(1, 256);
                return several[..random.Next(batch.Length, several.Length + 1)];
        }
    }

    private static void Read(byte[] input)
    {
        var sum = 0L;
        foreach (var batch in new RecordBatchEnumerator(input))
        {
            sum += batch.LastOffset + batch.LastSequence + batch.MaxTimestamp + batch.ProducerId + (batch.HasValidCrc ? 1 : 0);
            if (batch.IsControl && batch.Codec == 0)
                sum += ControlRecord.Read(batch).CoordinatorEpoch;
            // A flipped bit may claim a codec: what is behind it is then read as if it had come out of that.
            foreach (var record in batch.GetRecords(batch.RecordsPayload))
            {
                sum += record.Offset + record.Timestamp + record.Key.Length + record.Value.Length + record.Headers.ToArray().Length;
                foreach (var header in record.Headers)
                    sum += header.Key.Length + header.Value.Length;
            }
        }

        GC.KeepAlive(sum);
    }
}
