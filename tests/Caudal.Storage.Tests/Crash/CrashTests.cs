using System.Globalization;

namespace Caudal.Storage.Tests.Crash;

/// <summary>
/// Random operations on a log, killed and cut off from power at any write, sync, renaming or deletion, compared with a simple model:
/// each mode keeps what it promises. <c>CAUDAL_CRASH_SEEDS</c> sets how many seeds, <c>CAUDAL_CRASH_SEED</c> the first.
/// </summary>
public sealed class CrashTests
{
    public static TheoryData<Durability> Modes => [Durability.Os, Durability.Interval, Durability.Group];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_a_mode_promises_survives_every_crash(Durability durability)
    {
        var first = Number("CAUDAL_CRASH_SEED", 1);
        var count = Number("CAUDAL_CRASH_SEEDS", 20);
        for (var seed = first; seed < first + count; seed++)
            await RunAsync(durability, seed);
    }

    /// <summary>
    /// What these seeds found among a thousand: compaction that counted on batches (259, 390) or on markers (116, 888) which the disk did
    /// not have yet, a start offset that a second crash took back (263).
    /// </summary>
    [Theory]
    [InlineData(Durability.Interval, 116)]
    [InlineData(Durability.Interval, 259)]
    [InlineData(Durability.Group, 263)]
    [InlineData(Durability.Interval, 390)]
    [InlineData(Durability.Interval, 888)]
    public Task What_was_once_lost_survives(Durability durability, int seed) => RunAsync(durability, seed);

    private static async Task RunAsync(Durability durability, int seed)
    {
        await using var run = await CrashRun.StartAsync(durability, seed);
        try
        {
            await run.RunAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var trace = string.Join('\n', run.Trace);
            throw new InvalidOperationException($"Seed {seed} in mode {durability}: {e.Message}\n{trace}", e);
        }
    }

    private static int Number(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : fallback;
}
