using System.Buffers.Binary;
using System.IO.Hashing;
using K4os.Compression.LZ4;
using K4os.Compression.LZ4.Encoders;

namespace Caudal.Compression.Tests;

/// <summary>Frames that other writers make and ours does not.</summary>
internal static class Lz4Frames
{
    /// <summary>A frame of linked blocks of 64 KiB: each refers back to the ones before it.</summary>
    public static byte[] Linked(ReadOnlySpan<byte> data)
    {
        const int BlockSize = 64 << 10;
        using var encoder = LZ4Encoder.Create(chaining: true, LZ4Level.L00_FAST, BlockSize);
        using var frame = new MemoryStream();
        frame.Write(Header(0x40, 0x40));
        var target = new byte[LZ4Codec.MaximumOutputSize(BlockSize)];
        Span<byte> size = stackalloc byte[4];
        while (!data.IsEmpty)
        {
            encoder.TopupAndEncode(data[..Math.Min(BlockSize, data.Length)], target, true, false, out var loaded, out var encoded);
            data = data[loaded..];
            BinaryPrimitives.WriteInt32LittleEndian(size, encoded);
            frame.Write(size);
            frame.Write(target, 0, encoded);
        }

        frame.Write(stackalloc byte[4]);
        return frame.ToArray();
    }

    /// <summary>Magic number, <paramref name="descriptor"/> and its checksum.</summary>
    public static byte[] Header(params byte[] descriptor) =>
        [0x04, 0x22, 0x4D, 0x18, .. descriptor, (byte)(XxHash32.HashToUInt32(descriptor) >> 8)];
}
