using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Caudal.Storage.Files;

/// <summary>
/// The few operations on files that durability rests on, in one place: tests replace it to fail, and to lose what was not synced.
/// </summary>
internal partial class DiskIo
{
    /// <summary>The operating system's files.</summary>
    internal static DiskIo Real { get; } = new();

    internal virtual SafeFileHandle Open(string path, FileMode mode, long preallocated = 0) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.None, preallocated);

    internal virtual void Write(string path, SafeFileHandle handle, ReadOnlySpan<byte> bytes, long position) =>
        RandomAccess.Write(handle, bytes, position);

    internal virtual void Truncate(string path, SafeFileHandle handle, long length) => RandomAccess.SetLength(handle, length);

    /// <summary>Returns when the disk has what was written.</summary>
    internal virtual void Flush(string path, SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(handle);
            return;
        }

        // Without the times of the file: less for the file system's journal.
        while (Native.Fdatasync(handle) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case Native.Interrupted:
                    continue;
                case Native.InvalidArgument or Native.ReadOnlyFileSystem or Native.NotSupported:
                    // As .NET has it: a file system that knows no syncs, or takes no writes, has nothing to bring to the disk.
                    return;
                case var error:
                    throw new IOException($"Syncing {path} failed: {new Win32Exception(error).Message}.");
            }
        }
    }

    /// <summary>Gives a file another name, in place of a file that has it.</summary>
    internal virtual void Move(string from, string to) => File.Move(from, to, overwrite: true);

    /// <summary>Removes a file; one that is not there is no fault.</summary>
    internal virtual void Delete(string path) => File.Delete(path);

    internal virtual void CreateDirectory(string path) => Directory.CreateDirectory(path);

    internal virtual void MoveDirectory(string from, string to) => Directory.Move(from, to);

    /// <summary>Removes a directory with everything in it.</summary>
    internal virtual void DeleteDirectory(string path) => Directory.Delete(path, recursive: true);

    /// <summary>Returns when the disk has the directory's entries. Windows has no such call and keeps its metadata in a journal.</summary>
    internal virtual void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = Native.Open(path, 0);
        if (descriptor < 0)
            throw Failure(path);
        try
        {
            if (Native.Fsync(descriptor) != 0)
                throw Failure(path);
        }
        finally
        {
            _ = Native.Close(descriptor);
        }
    }

    /// <summary>Replaces a small file so that a crash leaves the old or the new content, never a mixture.</summary>
    /// <param name="path">The file; its content is first written to a neighbour with <c>.tmp</c>.</param>
    /// <param name="content">The new content.</param>
    /// <param name="sync">Whether the disk has it on return; else the operating system has.</param>
    internal void Replace(string path, ReadOnlySpan<byte> content, bool sync)
    {
        var temporary = path + ".tmp";
        using (var handle = Open(temporary, FileMode.Create))
        {
            Write(temporary, handle, content, 0);
            if (sync)
                Flush(temporary, handle);
        }

        Move(temporary, path);
        if (sync)
            FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Writes a file that is not there yet: nothing has to be protected from a crash in between.</summary>
    internal void Create(string path, ReadOnlySpan<byte> content)
    {
        using var handle = Open(path, FileMode.Create);
        Write(path, handle, content, 0);
    }

    private static IOException Failure(string path) =>
        new($"Syncing the directory {path} failed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");

    private static partial class Native
    {
        internal const int Interrupted = 4;
        internal const int InvalidArgument = 22;
        internal const int ReadOnlyFileSystem = 30;
        internal const int NotSupported = 95;

        /// <summary>Linux alone has it everywhere.</summary>
        [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
        internal static partial int Fdatasync(SafeFileHandle descriptor);

        [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int Open(string path, int flags);

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        internal static partial int Fsync(int descriptor);

        [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
        internal static partial int Close(int descriptor);
    }
}
