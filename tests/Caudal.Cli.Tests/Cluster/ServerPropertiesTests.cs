using Caudal.Cli.Cluster;

namespace Caudal.Cli.Tests.Cluster;

public class ServerPropertiesTests
{
    // What Kafka 4.3 ships as config/server.properties, comments aside.
    private const string Shipped = """
        process.roles=broker,controller
        node.id=1
        controller.quorum.bootstrap.servers=localhost:9093
        listeners=PLAINTEXT://:9092,CONTROLLER://:9093
        inter.broker.listener.name=PLAINTEXT
        advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
        controller.listener.names=CONTROLLER
        listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
        num.network.threads=3
        num.io.threads=8
        socket.send.buffer.bytes=102400
        socket.receive.buffer.bytes=102400
        socket.request.max.bytes=104857600
        log.dirs=/tmp/kraft-combined-logs
        num.partitions=1
        num.recovery.threads.per.data.dir=1
        offsets.topic.replication.factor=1
        share.coordinator.state.topic.replication.factor=1
        share.coordinator.state.topic.min.isr=1
        transaction.state.log.replication.factor=1
        transaction.state.log.min.isr=1
        log.retention.hours=168
        log.segment.bytes=1073741824
        log.retention.check.interval.ms=300000
        """;

    [Fact]
    public void The_file_that_Kafka_ships_is_understood()
    {
        var file = Parse(Shipped);

        Assert.Equal((null, 9092, "/tmp/kraft-combined-logs"), (file.Host, file.Port, file.Directory));
        Assert.Equal("PLAINTEXT://localhost:9092", file.Config["advertised.listeners"]);
        Assert.Contains("num.io.threads", file.WithoutEffect);
        Assert.Equal("102400", file.Config["socket.send.buffer.bytes"]);
        Assert.Empty(new Broker.EmbeddedBrokerOptions { Config = file.Config }.Validate());
    }

    [Theory]
    [InlineData("process.roles=controller", "must name broker")]
    [InlineData("listeners=SSL://:9092", "TLS")]
    [InlineData("listeners=A://:9092,B://:9093", "one listener")]
    [InlineData("listeners=9092", "NAME://HOST:PORT")]
    [InlineData("log.dirs=/a,/b", "one directory")]
    [InlineData("listener.security.protocol.map=CLIENTS:SASL_SSL", "PLAINTEXT")]
    public void What_the_broker_is_not_is_refused_by_name(string line, string reason)
    {
        var error = Assert.Throws<CommandException>(() => Parse(line));

        Assert.Equal(CaudalCommand.WrongUse, error.ExitCode);
        Assert.Contains(reason, error.Message);
        Assert.Contains("server.properties: " + line.Split('=')[0], error.Message);
    }

    [Fact]
    public async Task Settings_that_nobody_knows_are_refused_with_the_nearest_name()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("caudal-cli-").FullName, "server.properties");
        await File.WriteAllTextAsync(path, "num.partition=3\n", TestContext.Current.CancellationToken);

        var result = await CommandLine.RunAsync("broker", "--memory", "--port", "0", "--config-file", path);

        Assert.Contains("did you mean num.partitions?", result.Failed(CaudalCommand.WrongUse).Error);
    }

    private static ServerProperties Parse(string text) => ServerProperties.From(PropertiesFile.Parse(text), "server.properties");
}
