namespace Caudal.Broker.Tests.Model;

/// <summary>The files that a process leaves which is killed now.</summary>
internal static class KilledFiles
{
    public static void Copy(string from, string to)
    {
        foreach (var file in new DirectoryInfo(from).GetFiles())
        {
            // Indexes are written aside and renamed in the background: what is gone meanwhile would be gone after a kill too.
            if (file.Name == ".lock" || file.Extension == ".tmp")
                continue;
            try
            {
                file.CopyTo(Path.Combine(to, file.Name));
            }
            catch (FileNotFoundException)
            {
            }
        }

        foreach (var directory in new DirectoryInfo(from).GetDirectories())
            Copy(directory.FullName, Directory.CreateDirectory(Path.Combine(to, directory.Name)).FullName);
    }
}
