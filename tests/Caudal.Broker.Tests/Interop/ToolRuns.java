import java.io.*;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Utils;

/**
 * Runs Kafka's own tools against a broker, all of them in this one JVM, and prints what each of them printed under a title.
 * Arguments: the broker's address, and a file that holds everything afterwards.
 */
public class ToolRuns {
    private static final PrintStream out = System.out;
    private static final InputStream in = System.in;
    private static String at;
    private static String awaited;
    private static StringBuilder told = new StringBuilder();

    private static final class Ended extends RuntimeException {
    }

    public static void main(String[] args) throws Exception {
        at = args[0];
        Exit.setExitProcedure((code, message) -> { throw new Ended(); });
        Exit.setHaltProcedure((code, message) -> { throw new Ended(); });

        topics("create", "--create", "--topic", "words", "--partitions", "2", "--config", "retention.ms=3600000");
        topics("create again", "--create", "--topic", "words");
        topics("create if not exists", "--create", "--topic", "words", "--if-not-exists");
        topics("create badly", "--create", "--topic", "bad", "--config", "segment.bytes=5");
        topics("create unknown setting", "--create", "--topic", "bad", "--config", "no.such=5");
        topics("create with dots", "--create", "--topic", "with.dots");
        topics("create assigned", "--create", "--topic", "assigned", "--replica-assignment", "1,1,1");
        topics("list", "--list");
        topics("describe", "--describe", "--topic", "words");
        topics("describe all", "--describe");
        topics("describe missing", "--describe", "--topic", "nope");
        topics("describe overrides", "--describe", "--topics-with-overrides");
        topics("describe unavailable", "--describe", "--unavailable-partitions");
        topics("describe under replicated", "--describe", "--under-replicated-partitions");
        topics("describe at min isr", "--describe", "--at-min-isr-partitions", "--topic", "words");
        topics("alter", "--alter", "--topic", "words", "--partitions", "3");
        topics("alter down", "--alter", "--topic", "words", "--partitions", "1");
        topics("delete", "--delete", "--topic", "assigned");
        topics("delete missing", "--delete", "--topic", "nope");

        run("console producer", "org.apache.kafka.tools.ConsoleProducer", "a:1\nb:2\nc:3\nd:4\n", "--bootstrap-server", at, "--topic", "words",
            "--reader-property", "parse.key=true", "--reader-property", "key.separator=:", "--sync");
        run("console consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer", "", "--bootstrap-server", at, "--topic", "words",
            "--group", "readers", "--from-beginning", "--max-messages", "4", "--timeout-ms", "20000",
            "--formatter-property", "print.key=true", "--formatter-property", "print.partition=true", "--formatter-property", "print.offset=true");
        run("console consumer of one partition", "org.apache.kafka.tools.consumer.ConsoleConsumer", "", "--bootstrap-server", at,
            "--topic", "words", "--partition", "1", "--offset", "earliest", "--max-messages", "1", "--timeout-ms", "20000");
        for (String time : List.of("-1", "-2", "-3", "-4", "-5", "0", "latest", "earliest", "max-timestamp"))
            run("get-offsets " + time, "org.apache.kafka.tools.GetOffsetShell", "", "--bootstrap-server", at, "--topic", "words", "--time", time);
        run("get-offsets missing", "org.apache.kafka.tools.GetOffsetShell", "", "--bootstrap-server", at, "--topic", "nope");
        run("get-offsets all", "org.apache.kafka.tools.GetOffsetShell", "", "--bootstrap-server", at, "--exclude-internal-topics");

        groups("list", "--list");
        groups("list state", "--list", "--state");
        groups("list of type", "--list", "--type", "classic");
        groups("describe", "--describe", "--group", "readers");
        groups("describe offsets", "--describe", "--group", "readers", "--offsets", "--verbose");
        groups("describe members", "--describe", "--group", "readers", "--members", "--verbose");
        groups("describe state", "--describe", "--group", "readers", "--state");
        groups("describe missing", "--describe", "--group", "nope");
        groups("reset dry", "--reset-offsets", "--group", "readers", "--topic", "words", "--to-earliest", "--dry-run");
        groups("reset", "--reset-offsets", "--group", "readers", "--topic", "words:0", "--to-offset", "0", "--execute");
        groups("reset shift", "--reset-offsets", "--group", "readers", "--all-topics", "--shift-by", "-1", "--execute");
        groups("reset to time", "--reset-offsets", "--group", "readers", "--topic", "words", "--to-datetime", "2020-01-01T00:00:00.000", "--execute");
        groups("delete offsets", "--delete-offsets", "--group", "readers", "--topic", "words:1");
        groups("delete offsets missing", "--delete-offsets", "--group", "readers", "--topic", "nope:0");
        groups("describe again", "--describe", "--group", "readers");
        groups("delete", "--delete", "--group", "readers");
        groups("delete missing", "--delete", "--group", "readers");

        configs("alter topic", "--alter", "--entity-type", "topics", "--entity-name", "words", "--add-config", "max.message.bytes=5000,cleanup.policy=[compact,delete]");
        configs("describe topic", "--describe", "--entity-type", "topics", "--entity-name", "words");
        configs("describe all of topic", "--describe", "--entity-type", "topics", "--entity-name", "words", "--all");
        configs("alter badly", "--alter", "--entity-type", "topics", "--entity-name", "words", "--add-config", "max.message.bytes=x");
        configs("alter unknown", "--alter", "--entity-type", "topics", "--entity-name", "words", "--add-config", "no.such=1");
        configs("alter missing", "--alter", "--entity-type", "topics", "--entity-name", "nope", "--add-config", "max.message.bytes=1");
        configs("delete", "--alter", "--entity-type", "topics", "--entity-name", "words", "--delete-config", "max.message.bytes,cleanup.policy");
        configs("delete missing", "--alter", "--entity-type", "topics", "--entity-name", "words", "--delete-config", "flush.ms");
        configs("describe after", "--describe", "--entity-type", "topics", "--entity-name", "words");
        configs("alter broker", "--alter", "--entity-type", "brokers", "--entity-name", "1", "--add-config", "log.retention.ms=700000");
        configs("describe broker", "--describe", "--entity-type", "brokers", "--entity-name", "1");
        configs("reset broker", "--alter", "--entity-type", "brokers", "--entity-name", "1", "--delete-config", "log.retention.ms");
        configs("alter users", "--alter", "--entity-type", "users", "--entity-name", "bob", "--add-config", "producer_byte_rate=1000,SCRAM-SHA-256=[iterations=4096,password=pw]");
        configs("describe users", "--describe", "--entity-type", "users", "--entity-name", "bob");
        configs("alter clients", "--alter", "--entity-type", "clients", "--entity-default", "--add-config", "request_percentage=50");
        configs("describe clients", "--describe", "--entity-type", "clients");
        configs("alter ips", "--alter", "--entity-type", "ips", "--entity-name", "10.9.8.7", "--add-config", "connection_creation_rate=7");
        configs("describe ips", "--describe", "--entity-type", "ips");
        configs("describe users and clients", "--describe", "--entity-type", "users", "--entity-type", "clients");
        configs("delete users", "--alter", "--entity-type", "users", "--entity-name", "bob", "--delete-config", "producer_byte_rate,SCRAM-SHA-256");
        // Kafka enforces what Caudal only tells: the tools that follow are to be as fast as they can.
        configs("delete clients", "--alter", "--entity-type", "clients", "--entity-default", "--delete-config", "request_percentage");
        configs("delete ips", "--alter", "--entity-type", "ips", "--entity-name", "10.9.8.7", "--delete-config", "connection_creation_rate");

        Path json = Files.createTempFile("offsets", ".json");
        write(json, "{\"partitions\":[{\"topic\":\"words\",\"partition\":0,\"offset\":0},{\"topic\":\"words\",\"partition\":1,\"offset\":-1}],\"version\":1}");
        run("delete records", "org.apache.kafka.tools.DeleteRecordsCommand", "", "--bootstrap-server", at, "--offset-json-file", json.toString());
        write(json, "{\"partitions\":[{\"topic\":\"words\",\"partition\":0,\"offset\":99}],\"version\":1}");
        run("delete records beyond", "org.apache.kafka.tools.DeleteRecordsCommand", "", "--bootstrap-server", at, "--offset-json-file", json.toString());
        run("log dirs", "org.apache.kafka.tools.LogDirsCommand", "", "--bootstrap-server", at, "--describe", "--topic-list", "words");
        run("acls", "org.apache.kafka.tools.AclCommand", "", "--bootstrap-server", at, "--list");
        run("acls add", "org.apache.kafka.tools.AclCommand", "", "--bootstrap-server", at, "--add", "--allow-principal", "User:a", "--topic", "words", "--operation", "Read");
        run("features", "org.apache.kafka.tools.FeatureCommand", "", "--bootstrap-server", at, "describe");
        run("features up", "org.apache.kafka.tools.FeatureCommand", "", "--bootstrap-server", at, "upgrade", "--feature", "no.such=1");
        run("api versions", "org.apache.kafka.tools.BrokerApiVersionsCommand", "", "--bootstrap-server", at);
        run("quorum", "org.apache.kafka.tools.MetadataQuorumCommand", "", "--bootstrap-server", at, "describe", "--status");
        run("quorum replication", "org.apache.kafka.tools.MetadataQuorumCommand", "", "--bootstrap-server", at, "describe", "--replication");
        run("cluster id", "org.apache.kafka.tools.ClusterTool", "", "cluster-id", "--bootstrap-server", at);
        run("cluster endpoints", "org.apache.kafka.tools.ClusterTool", "", "list-endpoints", "--bootstrap-server", at);
        run("leader election", "org.apache.kafka.tools.LeaderElectionCommand", "", "--bootstrap-server", at, "--election-type", "PREFERRED", "--topic", "words", "--partition", "0");
        run("leader election of all", "org.apache.kafka.tools.LeaderElectionCommand", "", "--bootstrap-server", at, "--election-type", "PREFERRED", "--all-topic-partitions");
        write(json, "{\"version\":1,\"partitions\":[{\"topic\":\"words\",\"partition\":0,\"replicas\":[1]}]}");
        run("reassign", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "", "--bootstrap-server", at, "--reassignment-json-file", json.toString(), "--execute");
        run("reassign verify", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "", "--bootstrap-server", at, "--reassignment-json-file", json.toString(), "--verify");
        run("reassign list", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "", "--bootstrap-server", at, "--list");
        run("transactions", "org.apache.kafka.tools.TransactionsCommand", "", "--bootstrap-server", at, "list");
        run("producers", "org.apache.kafka.tools.TransactionsCommand", "", "--bootstrap-server", at, "describe-producers", "--topic", "words", "--partition", "2");

        topics("create verified", "--create", "--topic", "verified");
        topics("create perf", "--create", "--topic", "perf");
        // It goes on sending after its main has returned.
        awaited = "\"value\":\"19\"";
        run("verifiable producer", "org.apache.kafka.tools.VerifiableProducer", "", "--bootstrap-server", at, "--topic", "verified", "--max-messages", "20");
        run("verifiable consumer", "org.apache.kafka.tools.VerifiableConsumer", "", "--bootstrap-server", at, "--topic", "verified",
            "--group-id", "verifiable", "--max-messages", "20", "--reset-policy", "earliest");
        run("producer perf", "org.apache.kafka.tools.ProducerPerformance", "", "--topic", "perf", "--num-records", "2000",
            "--record-size", "100", "--throughput", "-1", "--command-property", "bootstrap.servers=" + at);
        run("consumer perf", "org.apache.kafka.tools.ConsumerPerformance", "", "--bootstrap-server", at, "--topic", "perf",
            "--num-records", "2000", "--group", "perf");
        topics("create latency", "--create", "--topic", "latency");
        run("e2e latency", "org.apache.kafka.tools.EndToEndLatency", "", "--bootstrap-server", at, "--topic", "latency",
            "--num-records", "50", "--producer-acks", "all", "--record-size", "20");
        topics("describe perf", "--describe", "--topic", "perf");
        Files.writeString(Path.of(args[1]), told.toString());
        Runtime.getRuntime().halt(0);
    }

    private static void topics(String title, String... args) {
        run("topics " + title, "org.apache.kafka.tools.TopicCommand", "", with(args));
    }

    private static void groups(String title, String... args) {
        run("groups " + title, "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "", with(args));
    }

    private static void configs(String title, String... args) {
        run("configs " + title, "kafka.admin.ConfigCommand", "", with(args));
        // Kafka applies what was altered in the background.
        if (args[0].equals("--alter"))
            Utils.sleep(1000);
    }

    private static String[] with(String[] args) {
        List<String> all = new ArrayList<>(List.of("--bootstrap-server", at));
        all.addAll(List.of(args));
        return all.toArray(new String[0]);
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    private static void run(String title, String main, String input, String... args) {
        long start = System.nanoTime();
        var bytes = new ByteArrayOutputStream();
        var printed = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        System.setOut(printed);
        System.setErr(printed);
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        try {
            Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof Ended))
                printed.println(e.getCause());
        } catch (ReflectiveOperationException e) {
            printed.println(e);
        } finally {
            for (int i = 0; awaited != null && i < 2000 && !bytes.toString(StandardCharsets.UTF_8).contains(awaited); i++)
                Utils.sleep(10);
            awaited = null;
            System.setOut(out);
            System.setIn(in);
        }
        out.println(title + " " + (System.nanoTime() - start) / 1_000_000 + " ms");
        told.append("== ").append(title).append('\n').append(bytes.toString(StandardCharsets.UTF_8).stripTrailing()).append('\n');
    }
}
