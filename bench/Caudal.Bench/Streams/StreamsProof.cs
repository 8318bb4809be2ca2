using System.Globalization;
using System.Text.Json;

namespace Caudal.Bench.Streams;

/// <summary>
/// Kafka Streams' workloads on the broker, their results compared with those computed by plain code, undisturbed, or with the application
/// or the broker killed in the middle. Whatever differs, hangs or fails is a mistake of the broker until Apache Kafka shows the same.
/// </summary>
internal static class StreamsProof
{
    /// <summary>Prints a table and returns 1 if anything differed.</summary>
    public static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        var (runs, kill, events) = Plan(settings);
        await using var broker = new StreamsBroker(settings, settings.On == "kafka", kill is not null);
        await broker.StartAsync(cancellationToken);
        await using var peer = PeerProcess.StartCommands(settings);
        var kills = kill is null ? "" : $", kill -9 of the {kill}, {settings.Kills} times each";
        Console.WriteLine($"{settings.On}, {events:N0} events{kills}");
        Console.WriteLine($"{"workload",-14}{"exactly once",-14}{"seconds",9}{"keys",12}{"differences",13}");
        var made = new HashSet<string>();
        var failed = 0;
        foreach (var run in runs)
        {
            var since = TimeProvider.System.GetTimestamp();
            var told = await RunAsync(settings, broker, peer, run, kill, events, made, cancellationToken);
            var seconds = TimeProvider.System.GetElapsedTime(since).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Work,-14}{run.Eos,-14}{seconds,9:N1}{told.Text}"));
            failed += told.Exact ? 0 : 1;
        }

        Console.WriteLine($"{runs.Count - failed} exact, {failed} not");
        return failed == 0 ? 0 : 1;
    }

    private static (List<StreamsRun> Runs, string? Kill, int Events) Plan(Settings settings)
    {
        var works = settings.Only?.Split(',') ?? (settings.Quick ? ["wordcount"] : StreamsRun.Works);
        if (works.FirstOrDefault(work => !StreamsRun.Works.Contains(work)) is { } unknown)
            throw new ArgumentException($"There is no workload '{unknown}'; they are {string.Join(", ", StreamsRun.Works)}.");
        var kill = settings.Kill;
        if (kill is not (null or "application" or "broker"))
            throw new ArgumentException($"--kill {kill}: it is the application or the broker.");
        // What a killed application did after its last commit is done twice, unless it is exactly once.
        bool[] modes = kill is null && !settings.Quick ? [false, true] : [true];
        return ([.. works.SelectMany(work => modes.Select(mode => new StreamsRun(work, mode)))], kill, settings.Events);
    }

    private static async Task<(bool Exact, string Text)> RunAsync(
        Settings settings,
        StreamsBroker broker,
        PeerProcess peer,
        StreamsRun run,
        string? kill,
        int events,
        HashSet<string> made,
        CancellationToken cancellationToken)
    {
        var at = $"--bootstrap {broker.Bootstrap}";
        if (made.Add(run.Input) && await FailsAsync($"generate {run.Work} {at} --events {events}") is { } input)
            return input;
        if (made.Add(run.Expected) && await FailsAsync($"expect {run.Work} {at}") is { } expected)
            return expected;
        if (kill is null)
        {
            if (await FailsAsync($"run {run.Work} {at} --id {run.Application} --eos {run.Eos}") is { } ran)
                return ran;
        }
        else
        {
            var forgot = await peer.CommandAsync($"forget {run.Work} {broker.Bootstrap} {run.Application} {run.Output}", cancellationToken);
            if (forgot.Code != 0)
                return (false, $"  forget: {forgot.Line}");
            var records = long.Parse(forgot.Line, CultureInfo.InvariantCulture);
            var last = await DisturbAsync(settings, broker, run, kill, records, cancellationToken);
            if (last != "done")
                return (false, $"  {last}");
        }

        var (code, line) = await peer.CommandAsync($"diff {at} --left {run.Output} --right {run.Expected}", cancellationToken);
        if (!line.StartsWith('{'))
            return (false, $"  diff: {line}");
        using var json = JsonDocument.Parse(line);
        var (keys, differences) = (json.RootElement.GetProperty("keys").GetInt64(), json.RootElement.GetProperty("differences").GetInt64());
        return (code == 0, string.Create(CultureInfo.InvariantCulture, $"{keys,12:N0}{differences,13:N0}"));

        async Task<(bool Exact, string Text)?> FailsAsync(string command)
        {
            var (code, line) = await peer.CommandAsync(command, cancellationToken);
            return code == 0 ? null : (false, $"  {command}: {line}");
        }
    }

    // Between two kills at most one part of those that they cut the records into is taken up: something is left for the last application.
    private static async Task<string> DisturbAsync(
        Settings settings, StreamsBroker broker, StreamsRun run, string kill, long records, CancellationToken cancellationToken)
    {
        var random = new Random(run.Work.Length + settings.Seed);
        var application = PeerProcess.StartApplication(settings, run, broker.Bootstrap, broker.Folder("state"));
        try
        {
            var taken = 0L;
            for (var i = 0; i < settings.Kills; i++)
            {
                var part = Math.Max(1, (long)(records / (settings.Kills + 1) * (0.2 + (0.8 * random.NextDouble()))));
                taken = kill == "application" ? part : taken + part;
                if (await application.TakenAsync(taken, cancellationToken) is { } ended)
                    return $"before kill {i + 1}: {ended}";
                if (kill == "application")
                {
                    await application.DisposeAsync();
                    application = PeerProcess.StartApplication(settings, run, broker.Bootstrap, broker.Folder("state"));
                }
                else
                {
                    await broker.KillAsync();
                    await broker.StartAsync(cancellationToken);
                }
            }

            return await application.TakenAsync(long.MaxValue, cancellationToken) ?? "";
        }
        finally
        {
            await application.DisposeAsync();
        }
    }
}
