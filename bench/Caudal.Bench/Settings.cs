using System.Globalization;
using System.Reflection;

namespace Caudal.Bench;

/// <summary>What the command line says.</summary>
internal sealed class Settings(string[] arguments)
{
    private static readonly string Root = typeof(Settings).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == "RepositoryRoot").Value!;

    /// <summary>Whether a short slice is enough.</summary>
    public bool Quick => arguments.Contains("--quick");

    /// <summary>How often each side runs.</summary>
    public int Rounds => Value("--rounds") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Quick ? 1 : 3;

    /// <summary>The one part of a command to run; null for all of them.</summary>
    public string? Only => Value("--only");

    /// <summary>How many events the stream workloads have.</summary>
    public int Events => Value("--events") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Quick ? 5_000 : 200_000;

    /// <summary>What is killed in the middle: <c>application</c> or <c>broker</c>; null for nothing.</summary>
    public string? Kill => Value("--kill");

    /// <summary>How often it is killed in each run.</summary>
    public int Kills => Quick ? 1 : 3;

    /// <summary>The broker that the clients work on: <c>caudal</c> or <c>kafka</c>.</summary>
    public string On => Value("--on") ?? "caudal";

    /// <summary>Where random choices begin.</summary>
    public int Seed => Value("--seed") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;

    /// <summary>The folder with <c>kafka</c> and <c>peers</c>.</summary>
    public string Shared => Path.GetFullPath(Value("--shared") ?? Path.Combine(Root, "..", "shared"));

    /// <summary>Kafka's start script and tools.</summary>
    public string Kafka => Path.Combine(Shared, "kafka", "kafka");

    /// <summary>A peer's program.</summary>
    public string Peer(string name) => Path.Combine(Shared, "peers", name);

    /// <summary>The <c>caudal</c> command: native if one is given with <c>--caudal</c>, else what was built beside this program.</summary>
    public string Caudal => Value("--caudal") ?? FindCommand();

    private static string FindCommand()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        // artifacts/bin/Caudal.Bench/release/ stands beside artifacts/bin/Caudal.Cli/release/.
        var name = OperatingSystem.IsWindows() ? "caudal.exe" : "caudal";
        return Path.Combine(folder.Parent!.Parent!.FullName, "Caudal.Cli", folder.Name, name);
    }

    private string? Value(string name)
    {
        var at = Array.IndexOf(arguments, name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
