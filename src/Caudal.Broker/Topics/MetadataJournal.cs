using System.Buffers.Binary;
using Caudal.Protocol;
using Caudal.Protocol.Checksums;
using Microsoft.Win32.SafeHandles;

namespace Caudal.Broker.Topics;

/// <summary>Keeps the broker's metadata on disk: a file of checked frames, each forced to disk before the change counts.</summary>
/// <remarks>
/// A frame is its length (int32), the CRC-32C of the record (uint32) and the record. A frame that a crash cut off at the end of the file
/// was never acknowledged and is dropped; damage before the end is an error, since what follows it would be lost silently.
/// <see cref="CompactAsync"/> writes the image into a new file and renames it over the old one: either side of the rename is a whole
/// journal. Without a directory nothing is kept. One writer at a time: the callers hold the registry's gate.
/// </remarks>
internal sealed class MetadataJournal : IDisposable
{
    /// <summary>The name of the file in the data directory.</summary>
    public const string FileName = "caudal-metadata.journal";

    private const int FrameHeader = 8;

    private readonly string? _path;
    private SafeFileHandle? _file;
    private long _end;
    private bool _isTorn;

    private MetadataJournal(string? path) => _path = path;

    /// <summary>What the journal says.</summary>
    public MetadataImage Image { get; } = new();

    /// <summary>How many records the file holds.</summary>
    public int RecordCount { get; private set; }

    /// <summary>
    /// Reads the journal of a data directory, changing nothing: the store needs the topics' settings before it locks the directory.
    /// </summary>
    /// <param name="directory">The data directory, which need not exist yet; null to keep nothing.</param>
    /// <exception cref="BrokerException">The file cannot be read, or is damaged before its end.</exception>
    public static MetadataJournal Read(string? directory)
    {
        if (directory is null)
            return new MetadataJournal(null);
        var journal = new MetadataJournal(Path.Combine(directory, FileName));
        try
        {
            if (File.Exists(journal._path))
                journal.Load(File.ReadAllBytes(journal._path));
            return journal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ProtocolException)
        {
            throw new BrokerException($"The metadata journal {journal._path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Opens the file for changes, once the directory is locked, and cuts off what a crash left incomplete.</summary>
    /// <exception cref="BrokerException">The file cannot be written.</exception>
    public void StartWriting()
    {
        if (_path is null)
            return;
        try
        {
            _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            if (_isTorn)
                RandomAccess.SetLength(_file, _end);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerException($"The metadata journal {_path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Makes a change: it is on disk when the task completes.</summary>
    public ValueTask AppendAsync(MetadataRecord record) => AppendAsync([record]);

    /// <summary>Makes several changes with one write; a crash may keep the first of them only.</summary>
    public async ValueTask AppendAsync(IReadOnlyList<MetadataRecord> records)
    {
        if (_file is { } file)
        {
            byte[] frame = [.. records.SelectMany(Encode)];
            var at = _end;
            // Forcing to disk blocks: a worker thread waits for the disk, the caller does not.
            await Task.Run(() =>
            {
                RandomAccess.Write(file, frame, at);
                RandomAccess.FlushToDisk(file);
            }).ConfigureAwait(false);
            _end += frame.Length;
        }

        RecordCount += records.Count;
        foreach (var record in records)
            Image.Apply(record);
    }

    /// <summary>Rewrites the file with the fewest records that say the same. The logs of deleted topics must be gone.</summary>
    public async ValueTask CompactAsync()
    {
        Image.Deleted.Clear();
        if (_path is null)
            return;
        await Task.Run(() =>
        {
            var fresh = _path + ".new";
            using (var file = File.OpenHandle(fresh, FileMode.Create, FileAccess.Write))
            {
                var end = 0L;
                foreach (var record in Image.Snapshot())
                {
                    var frame = Encode(record);
                    RandomAccess.Write(file, frame, end);
                    end += frame.Length;
                }

                RandomAccess.FlushToDisk(file);
            }

            _file?.Dispose();
            File.Move(fresh, _path, overwrite: true);
            _file = File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            _end = RandomAccess.GetLength(_file);
        }).ConfigureAwait(false);
        RecordCount = Image.Snapshot().Count();
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private static byte[] Encode(MetadataRecord record)
    {
        using var buffer = new FrameBuffer();
        var writer = new KafkaWriter(buffer);
        record.Write(ref writer);
        writer.Flush();
        var frame = new byte[FrameHeader + buffer.Length];
        buffer.CopyTo(frame.AsSpan(FrameHeader));
        BinaryPrimitives.WriteInt32BigEndian(frame, buffer.Length);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), Crc32C.Compute(frame.AsSpan(FrameHeader)));
        return frame;
    }

    private void Load(byte[] bytes)
    {
        var position = 0;
        while (TryFrame(bytes, position, out var length))
        {
            var reader = new KafkaReader(bytes.AsMemory(position + FrameHeader, length));
            Image.Apply(MetadataRecord.Read(ref reader));
            RecordCount++;
            position += FrameHeader + length;
        }

        if (position < bytes.Length && !IsTornTail(bytes, position))
        {
            throw new BrokerException($"The metadata journal {_path} is damaged at byte {position} of {bytes.Length}. "
                + "Restore the data directory from a backup, or delete this file: topics are then found again by their directories, "
                + "without their settings.");
        }

        _end = position;
        _isTorn = position < bytes.Length;
    }

    private static bool TryFrame(byte[] bytes, int position, out int length)
    {
        length = 0;
        if (bytes.Length - position < FrameHeader)
            return false;
        length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(position));
        if (length <= 0 || length > bytes.Length - position - FrameHeader)
            return false;
        var crc = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(position + 4));
        return crc == Crc32C.Compute(bytes.AsSpan(position + FrameHeader, length));
    }

    // A crash leaves at most the last frame incomplete: bytes that end too early, or zeros where the file grew before its content was
    // written.
    private static bool IsTornTail(byte[] bytes, int position)
    {
        if (bytes.Length - position < FrameHeader || !bytes.AsSpan(position).ContainsAnyExcept((byte)0))
            return true;
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(position));
        return length > 0 && position + FrameHeader + (long)length >= bytes.Length;
    }
}
