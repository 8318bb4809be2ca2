using System.Globalization;
using System.Text;
using Caudal.Protocol;
using Caudal.Storage.Producers;
using Caudal.Storage.Segments;

namespace Caudal.Storage.Files;

/// <summary>The files of one partition.</summary>
internal sealed partial class PartitionDirectory(DiskIo io, string path, int tailCacheBytes, FileRemover remover)
{
    /// <summary>The directory; another one once the log was deleted.</summary>
    internal string Path { get; private set; } = path;

    internal DiskIo Io => io;

    internal TailCache Tail { get; } = new(tailCacheBytes);

    internal string PathOf(string name) => System.IO.Path.Combine(Path, name);

    internal string PathOf(long offset, string suffix) => PathOf(FileNames.Of(offset, suffix));

    /// <summary>Opens the file of a segment.</summary>
    /// <param name="baseOffset">Its first offset.</param>
    /// <param name="mode">Whether it is made.</param>
    /// <param name="preallocated">How much room the disk sets aside for a new file, in bytes; its size is 0 nevertheless.</param>
    internal FileData OpenSegment(long baseOffset, FileMode mode, int preallocated = 0) =>
        new(io, PathOf(baseOffset, FileNames.Log), mode, Tail, preallocated);

    /// <summary>Makes the directory with its metadata; the disk has them after the first flush.</summary>
    internal void Create(Uuid topicId, LeaderEpochs epochs)
    {
        io.CreateDirectory(Path);
        io.Create(PathOf(FileNames.PartitionMetadata), Encoding.UTF8.GetBytes($"version: 0\ntopic_id: {topicId}\n"));
        io.Create(PathOf(FileNames.LeaderEpochs), Format(epochs));
    }

    /// <summary>The topic's id; <see cref="Uuid.Zero"/> if the file is missing or damaged.</summary>
    internal Uuid ReadTopicId()
    {
        const string Key = "topic_id:";
        var path = PathOf(FileNames.PartitionMetadata);
        if (!File.Exists(path))
            return Uuid.Zero;
        foreach (var line in File.ReadAllLines(path))
        {
            if (line.StartsWith(Key, StringComparison.Ordinal) && Uuid.TryParse(line.AsSpan(Key.Length).Trim(), null, out var id))
                return id;
        }

        return Uuid.Zero;
    }

    internal void WriteEpochs(LeaderEpochs epochs, bool sync) => io.Replace(PathOf(FileNames.LeaderEpochs), Format(epochs), sync);

    /// <summary>Returns when the disk has what <see cref="Create"/> wrote, as far as it is there.</summary>
    internal void FlushSmallFiles()
    {
        foreach (var path in (string[])[PathOf(FileNames.PartitionMetadata), PathOf(FileNames.LeaderEpochs)])
        {
            if (!File.Exists(path))
                continue;
            using var handle = io.Open(path, FileMode.Open);
            io.Flush(path, handle);
        }
    }

    internal void ReadEpochs(LeaderEpochs epochs)
    {
        foreach (var words in TextFile.Read(PathOf(FileNames.LeaderEpochs)) ?? [])
        {
            if (words.Length == 2 && TextFile.TryNumber(words[0], out var epoch) && TextFile.TryNumber(words[1], out var start))
                epochs.Assign((int)epoch, start);
        }
    }

    /// <summary>Writes what is known of the producers beside the segment that begins, or ends the log, at an offset.</summary>
    internal void WriteSnapshot(long offset, ProducerStates producers)
    {
        io.Replace(PathOf(offset, FileNames.Sequences), ProducerSnapshot.FormatWindows(producers), sync: false);
        io.Replace(PathOf(offset, FileNames.Snapshot), ProducerSnapshot.Format(producers), sync: false);
    }

    /// <summary>Returns when the disk has a snapshot; one that is gone is not missed.</summary>
    internal void FlushSnapshot(long offset)
    {
        foreach (var path in (string[])[PathOf(offset, FileNames.Sequences), PathOf(offset, FileNames.Snapshot)])
        {
            if (!File.Exists(path))
                continue;
            using var handle = io.Open(path, FileMode.Open);
            io.Flush(path, handle);
        }
    }

    internal bool TryReadSnapshot(long offset, ProducerStates producers)
    {
        var windows = PathOf(offset, FileNames.Sequences);
        return ProducerSnapshot.TryRead(
            File.ReadAllBytes(PathOf(offset, FileNames.Snapshot)), File.Exists(windows) ? File.ReadAllBytes(windows) : [], producers);
    }

    /// <summary>The offsets of all snapshots, newest first.</summary>
    internal List<long> Snapshots()
    {
        var result = Offsets(FileNames.Snapshot);
        result.Reverse();
        return result;
    }

    /// <summary>The offsets that files with a suffix are named by, in order.</summary>
    internal List<long> Offsets(string suffix)
    {
        var result = new List<long>();
        foreach (var file in Directory.EnumerateFiles(Path, "*" + suffix))
        {
            if (FileNames.TryParse(System.IO.Path.GetFileName(file.AsSpan()), suffix, out var offset))
                result.Add(offset);
        }

        result.Sort();
        return result;
    }

    internal void DeleteSnapshot(long offset)
    {
        io.Delete(PathOf(offset, FileNames.Snapshot));
        io.Delete(PathOf(offset, FileNames.Sequences));
    }

    /// <summary>Deletes a segment's indexes: recovery makes them anew.</summary>
    internal void DeleteIndexes(long baseOffset)
    {
        io.Delete(PathOf(baseOffset, FileNames.TimeIndex));
        io.Delete(PathOf(baseOffset, FileNames.OffsetIndex));
        io.Delete(PathOf(baseOffset, FileNames.TransactionIndex));
    }

    /// <summary>Renames a segment's files and has them unlinked later.</summary>
    internal void RemoveSegment(LogSegment segment, long delayMs) =>
        RemoveFiles(segment.BaseOffset, FileNames.SegmentSuffixes, delayMs);

    /// <summary>Deletes a segment's files at once: in recovery, when nobody reads them.</summary>
    internal void DeleteSegment(long baseOffset, bool keepsSnapshot = false)
    {
        foreach (var suffix in keepsSnapshot ? CleanedSuffixes : FileNames.SegmentSuffixes)
            io.Delete(PathOf(baseOffset, suffix));
    }

    /// <summary>Renames the whole directory as Kafka does and has it removed later.</summary>
    internal void Remove(string topic, int partition, long delayMs)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{topic}-{partition}.{Guid.NewGuid():n}-delete");
        // Names may have 255 characters: Kafka cuts the topic, too.
        name = name.Length <= 255 ? name : name[^255..];
        var target = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, name);
        io.MoveDirectory(Path, target);
        Path = target;
        remover.RemoveLater(target, delayMs);
    }

    private void RemoveFiles(long baseOffset, string[] suffixes, long delayMs)
    {
        foreach (var suffix in suffixes)
        {
            var file = PathOf(baseOffset, suffix);
            if (!File.Exists(file))
                continue;
            io.Move(file, file + FileNames.Deleted);
            remover.RemoveLater(file + FileNames.Deleted, delayMs);
        }
    }

    private static byte[] Format(LeaderEpochs epochs)
    {
        var lines = new List<string>();
        foreach (var entry in epochs.Entries)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.Epoch} {entry.StartOffset}"));
        return TextFile.Format(lines);
    }
}
