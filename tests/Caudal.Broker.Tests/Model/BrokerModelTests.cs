using System.Globalization;
using Caudal.Storage;

namespace Caudal.Broker.Tests.Model;

/// <summary>
/// Random requests of producers, transactions, consumers, groups and administrators to a broker that is restarted, killed and grows older,
/// compared with a simple model: every answer is the model's, and so is everything that can be read. <c>CAUDAL_MODEL_SEEDS</c> sets how
/// many seeds, <c>CAUDAL_MODEL_SEED</c> the first.
/// </summary>
public sealed class BrokerModelTests
{
    private const int Steps = 40;

    /// <summary>Where the broker keeps its data: the seeds take turns.</summary>
    private static readonly Durability[] Modes = [Durability.Os, Durability.Memory, Durability.Group, Durability.Interval];

    [Fact]
    public async Task A_broker_answers_as_the_model_does_whatever_it_is_asked()
    {
        var first = Number("CAUDAL_MODEL_SEED", 1);
        var count = Number("CAUDAL_MODEL_SEEDS", 20);
        for (var seed = first; seed < first + count; seed++)
        {
            await using var run = new BrokerRun(new Random(seed), Modes[seed % Modes.Length]);
            try
            {
                await run.StartAsync();
                for (var step = 0; step < Steps; step++)
                    await run.StepAsync();
                await run.CheckAsync();
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"Seed {seed}: {e.Message}\n{string.Join('\n', run.Trace)}", e);
            }
        }
    }

    private static int Number(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : fallback;
}
