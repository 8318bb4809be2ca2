using System.Globalization;
using System.Text;
using Caudal.Protocol;
using Caudal.Storage.Files;

namespace Caudal.Storage;

/// <summary>The files that a log directory has once: lock, identity, and the mark of an orderly end.</summary>
internal sealed class StoreDirectory : IDisposable
{
    private const string LockFile = ".lock";
    private const string CleanMark = ".kafka_cleanshutdown";
    private const string MetaFile = "meta.properties";

    private readonly DiskIo _io;
    private readonly FileStream _lock;

    private StoreDirectory(DiskIo io, string path, FileStream lockFile)
    {
        _io = io;
        Path = path;
        _lock = lockFile;
    }

    internal string Path { get; }

    /// <summary>The cluster's id, from the directory or new.</summary>
    internal string ClusterId { get; private set; } = "";

    /// <summary>Whether the last user closed the directory in order.</summary>
    internal bool WasClean { get; private set; }

    /// <summary>Makes the directory if need be, locks it, and takes the mark away.</summary>
    /// <exception cref="StorageException">It is in use, cannot be written, or belongs to another cluster or node.</exception>
    internal static StoreDirectory Open(LogStoreOptions options)
    {
        var path = System.IO.Path.GetFullPath(options.Directory!);
        FileStream lockFile;
        try
        {
            options.Io.CreateDirectory(path);
            lockFile = Lock(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new StorageException(
                $"The log directory {path} cannot be used: {e.Message} Check that it is a directory that this user may write to.", e);
        }

        var result = new StoreDirectory(options.Io, path, lockFile);
        try
        {
            result.ReadOrMakeIdentity(options);
            result.TakeCleanMark();
            return result;
        }
        catch (Exception e)
        {
            result.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new StorageException($"The log directory {path} cannot be used: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The directories of partitions. Those that a deletion left behind are removed.</summary>
    internal IEnumerable<(string Path, string Topic, int Partition)> Partitions()
    {
        foreach (var directory in Directory.GetDirectories(Path))
        {
            var name = System.IO.Path.GetFileName(directory);
            if (name.EndsWith("-delete", StringComparison.Ordinal))
                _io.DeleteDirectory(directory);
            // The log of Kafka's own controller is no topic.
            else if (FileNames.TryParsePartition(name, out var topic, out var partition) && topic != "__cluster_metadata")
                yield return (directory, topic, partition);
        }
    }

    /// <summary>Says that everything is on disk. Kafka 4 expects a small JSON document.</summary>
    internal void MarkClean() =>
        _io.Replace(System.IO.Path.Combine(Path, CleanMark), "{\"version\":0,\"brokerEpoch\":-1}"u8, sync: true);

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, LockFile);
        FileStream? stream = null;
        try
        {
            // The share mode keeps other processes of .NET away, and other stores of this process.
            stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // Java's lock is another kind on Unix.
            if (OperatingSystem.IsLinux())
                stream.Lock(0, long.MaxValue);
            return stream;
        }
        catch (IOException e)
        {
            stream?.Dispose();
            throw new StorageException(
                $"The log directory {path} is locked: another broker uses it. Stop that one or choose another directory.", e);
        }
    }

    private void ReadOrMakeIdentity(LogStoreOptions options)
    {
        var file = System.IO.Path.Combine(Path, MetaFile);
        if (!File.Exists(file))
        {
            ClusterId = options.ClusterId ?? Uuid.NewRandom().ToString();
            var text = string.Create(CultureInfo.InvariantCulture,
                $"version=1\ncluster.id={ClusterId}\nnode.id={options.NodeId}\ndirectory.id={Uuid.NewRandom()}\n");
            _io.Replace(file, Encoding.UTF8.GetBytes(text), sync: true);
            return;
        }

        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadAllLines(file))
        {
            if (!line.StartsWith('#') && line.IndexOf('=', StringComparison.Ordinal) is var at and > 0)
                properties[line[..at].Trim()] = line[(at + 1)..].Trim();
        }

        if (!properties.TryGetValue("cluster.id", out var clusterId) || !properties.TryGetValue("node.id", out var nodeId))
        {
            throw new StorageException(
                $"{file} lacks cluster.id or node.id: it is damaged, or older than Kafka 3.3. Restore it, or choose another directory.");
        }

        if (options.ClusterId is { } wanted && wanted != clusterId)
        {
            throw new StorageException(
                $"The log directory {Path} belongs to the cluster {clusterId}, not to {wanted}. Choose another directory.");
        }

        if (nodeId != options.NodeId.ToString(CultureInfo.InvariantCulture))
        {
            throw new StorageException(
                $"The log directory {Path} belongs to node {nodeId}, not to node {options.NodeId}. Choose another directory or node id.");
        }

        ClusterId = clusterId;
    }

    private void TakeCleanMark()
    {
        var mark = System.IO.Path.Combine(Path, CleanMark);
        WasClean = File.Exists(mark);
        if (!WasClean)
            return;
        _io.Delete(mark);
        _io.FlushDirectory(Path);
    }
}
