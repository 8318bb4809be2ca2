using System.Runtime.CompilerServices;
using Caudal.Storage.Files;
using Microsoft.Win32.SafeHandles;

namespace Caudal.Storage.Tests.Support;

/// <summary>
/// A disk that dies at a chosen operation, and then holds what a real one could: of each file what was synced and some of what was
/// written since, of each directory the names that were synced and the first few of the changes since.
/// </summary>
/// <remarks>Files lie in a real directory; this keeps beside it what of them would survive. Everything happens under one lock.</remarks>
/// <param name="root">The store's directory.</param>
/// <param name="random">Decides what survives; null for nothing but what was synced.</param>
internal sealed class CrashIo(string root, Random? random) : DiskIo
{
    private readonly Lock _lock = new();
    private readonly CrashDirectory _root = new();
    private readonly ConditionalWeakTable<SafeFileHandle, CrashFile> _open = [];

    /// <summary>After how many more operations the disk dies; −1 for never.</summary>
    internal int OperationsLeft { get; set; } = -1;

    internal bool IsDead { get; private set; }

    /// <summary>A sync of a file or a directory waits here first; it gets the path.</summary>
    internal Action<string>? BeforeSync { get; set; }

    /// <summary>All operations so far that could be the last.</summary>
    internal int Operations { get; private set; }

    internal override SafeFileHandle Open(string path, FileMode mode, long preallocated = 0)
    {
        lock (_lock)
        {
            var isNew = mode == FileMode.Create;
            if (isNew)
                Step();
            else
                Live();
            var (directory, name) = Find(path);
            var file = directory.Names.GetValueOrDefault(name) as CrashFile;
            if (file is null)
                directory.Change((name, file = new CrashFile()));
            else if (isNew)
                file.Content = [];
            var handle = base.Open(path, mode, preallocated);
            _open.Add(handle, file);
            return handle;
        }
    }

    internal override void Write(string path, SafeFileHandle handle, ReadOnlySpan<byte> bytes, long position)
    {
        lock (_lock)
        {
            Live();
            var file = FileOf(handle);
            if (IsLast())
            {
                // Torn.
                bytes = bytes[..(random?.Next(bytes.Length + 1) ?? (bytes.Length / 2))];
                base.Write(path, handle, bytes, position);
                file.Write(bytes, position);
                Die();
            }

            Step();
            base.Write(path, handle, bytes, position);
            file.Write(bytes, position);
        }
    }

    internal override void Truncate(string path, SafeFileHandle handle, long length)
    {
        lock (_lock)
        {
            Step();
            base.Truncate(path, handle, length);
            var file = FileOf(handle);
            var content = file.Content;
            Array.Resize(ref content, (int)length);
            file.Content = content;
        }
    }

    internal override void Flush(string path, SafeFileHandle handle)
    {
        BeforeSync?.Invoke(path);
        lock (_lock)
        {
            Step();
            var file = FileOf(handle);
            file.Synced = file.Content;
        }
    }

    internal override void FlushDirectory(string path)
    {
        BeforeSync?.Invoke(path);
        lock (_lock)
        {
            Step();
            FindDirectory(path).Sync();
        }
    }

    internal override void Move(string from, string to)
    {
        lock (_lock)
        {
            Step();
            base.Move(from, to);
            var (directory, name) = Find(from);
            directory.Change((name, null), (Path.GetFileName(to), directory.Names[name]));
        }
    }

    internal override void Delete(string path)
    {
        lock (_lock)
        {
            Live();
            if (!File.Exists(path))
                return;
            Step();
            base.Delete(path);
            var (directory, name) = Find(path);
            directory.Change((name, null));
        }
    }

    internal override void CreateDirectory(string path)
    {
        lock (_lock)
        {
            Live();
            base.CreateDirectory(path);
            if (Path.GetFullPath(path) == Path.GetFullPath(root))
                return;
            Step();
            var (directory, name) = Find(path);
            if (!directory.Names.ContainsKey(name))
                directory.Change((name, new CrashDirectory()));
        }
    }

    internal override void MoveDirectory(string from, string to)
    {
        lock (_lock)
        {
            Step();
            base.MoveDirectory(from, to);
            var (directory, name) = Find(from);
            directory.Change((name, null), (Path.GetFileName(to), directory.Names[name]));
        }
    }

    internal override void DeleteDirectory(string path)
    {
        lock (_lock)
        {
            Step();
            base.DeleteDirectory(path);
            var (directory, name) = Find(path);
            directory.Change((name, null));
        }
    }

    /// <summary>The power comes back: the directory holds what survived.</summary>
    internal void PowerCut()
    {
        lock (_lock)
        {
            foreach (var file in Directory.GetFiles(root))
                File.Delete(file);
            foreach (var directory in Directory.GetDirectories(root))
                Directory.Delete(directory, recursive: true);
            Restore(_root, root);
            Revive();
        }
    }

    /// <summary>Only the process died: everything that was written is there.</summary>
    internal void Revive()
    {
        IsDead = false;
        OperationsLeft = -1;
    }

    private void Restore(CrashDirectory directory, string path)
    {
        directory.Lose(random);
        foreach (var (name, entry) in directory.Names)
        {
            var target = Path.Combine(path, name);
            if (entry is CrashDirectory inner)
            {
                Directory.CreateDirectory(target);
                Restore(inner, target);
            }
            else if (entry is CrashFile file)
            {
                file.Lose(random);
                File.WriteAllBytes(target, file.Content);
            }
        }
    }

    private void Live()
    {
        if (IsDead)
            throw new IOException("The power is off.");
    }

    private bool IsLast() => OperationsLeft == 0;

    private void Step()
    {
        Live();
        if (IsLast())
            Die();
        Operations++;
        if (OperationsLeft > 0)
            OperationsLeft--;
    }

    private void Die()
    {
        IsDead = true;
        throw new IOException("The power went off.");
    }

    private CrashFile FileOf(SafeFileHandle handle) =>
        _open.TryGetValue(handle, out var file) ? file : throw new InvalidOperationException("The file was not opened here.");

    private (CrashDirectory Directory, string Name) Find(string path) =>
        (FindDirectory(Path.GetDirectoryName(path)!), Path.GetFileName(path));

    private CrashDirectory FindDirectory(string path)
    {
        var relative = Path.GetRelativePath(root, path);
        var directory = _root;
        foreach (var name in relative == "." ? [] : relative.Split(Path.DirectorySeparatorChar))
        {
            directory = directory.Names.GetValueOrDefault(name) as CrashDirectory
                ?? throw new DirectoryNotFoundException($"Could not find a part of the path '{path}'.");
        }

        return directory;
    }
}
