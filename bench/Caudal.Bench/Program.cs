using System.ComponentModel;
using System.Runtime.InteropServices;
using Caudal.Bench;
using Caudal.Bench.Streams;

// Figures beside peers on the same machine, in turns: what is printed are medians and ratios. See CONTRIBUTING.md.
var settings = new Settings(args);
using var stop = new CancellationTokenSource();
// Both ways of ending it end the brokers that it started as well.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    switch (args.FirstOrDefault())
    {
        case "protocol":
            await ProtocolComparison.RunAsync(settings, stop.Token);
            return 0;
        case "protocol-side":
            ProtocolSide.Run(settings);
            return 0;
        case "start-side":
            await StartSide.RunAsync();
            return 0;
        case "broker":
            await BrokerComparison.RunAsync(settings, stop.Token);
            return 0;
        case "hostile":
            return await HostileCrowd.RunAsync(settings, stop.Token);
        case "streams":
            return await StreamsProof.RunAsync(settings, stop.Token);
        default:
            await Console.Error.WriteLineAsync("""
                usage: bench COMMAND [--quick] [--rounds N] [--shared DIRECTORY] [--caudal PROGRAM] [--only PART]

                  protocol   messages and record batches beside Kafka's Java classes, ns each
                  broker     the broker beside Apache Kafka; its parts are start, disk, group, memory, partitions, connections
                  hostile    10,000 idle connections, 5,000 that never read, 5,000 half frames: memory of the broker
                  streams    Kafka Streams' workloads on the broker, their results compared: [--only WORK,…] [--events N]
                             [--kill application|broker] [--seed N] [--on caudal|kafka]; ends with 1 if anything differs

                --shared says where the tools of Apache Kafka and the other clients are (default ../shared beside the repository).
                --caudal names the command to measure, for instance a native one; by default the one that was built along with this.
                """);
            return 2;
    }
}
catch (OperationCanceledException)
{
    return 130;
}
catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or IOException)
{
    await Console.Error.WriteLineAsync($"bench: {e.Message}");
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
