import caudal.peers.Cluster;
import caudal.peers.Options;
import caudal.peers.check.Diff;
import caudal.peers.check.Expect;
import caudal.peers.data.Generate;
import caudal.peers.run.Run;
import caudal.peers.work.App;
import caudal.peers.work.Workload;
import caudal.peers.work.Workloads;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The stream workloads of the peers in a process that does one command after the other, and their applications in processes that may be
 * killed in the middle and started again. Run with "java -cp PEERS/lib/*:KAFKA/4.3/* StreamsPeer.java ...":
 *
 *   commands                          reads commands of peers/streams, one a line; each ends with a line "= CODE"
 *   application WORK BOOTSTRAP ID OUTPUT EOS STATE
 *                                     goes on from what was committed until nothing is left, then prints "done"; meanwhile "taken N"
 */
public class StreamsPeer {
    public static void main(String[] args) throws Exception {
        if (args[0].equals("application"))
            new Application(args).run();
        else
            commands();
        System.exit(0);
    }

    private static void commands() throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            int code;
            try {
                code = command(line.split(" "));
            } catch (Exception e) {
                System.out.println(described(e));
                code = 2;
            }
            System.out.println("= " + code);
            System.out.flush();
        }
    }

    private static int command(String[] args) throws Exception {
        return switch (args[0]) {
            case "generate" -> Generate.command(args[1], Options.parse(args, 2));
            case "expect" -> Expect.command(Workloads.named(args[1]), Options.parse(args, 2));
            case "run" -> Run.command(Workloads.named(args[1]), Options.parse(args, 2));
            case "diff" -> Diff.command(Options.parse(args, 1));
            case "forget" -> forget(args[1], args[2], args[3], args[4]);
            default -> throw new IllegalArgumentException(args[0]);
        };
    }

    /** What the command "run" does first: nothing is left of an earlier application, and its output is empty. Prints the records to do. */
    private static int forget(String work, String bootstrap, String application, String output) {
        try (var cluster = new Cluster(bootstrap)) {
            cluster.forget(application);
            var inputs = cluster.partitions(Workloads.named(work).inputs());
            cluster.recreate(output, inputs.stream().mapToInt(p -> p.partition()).max().getAsInt() + 1, Cluster.KEEP);
            System.out.println(cluster.endOffsets(inputs).values().stream().mapToLong(Long::longValue).sum());
        }
        return 0;
    }

    private static String described(Throwable e) {
        var all = new ArrayList<String>();
        for (; e != null; e = e.getCause())
            all.add(e.toString());
        return String.join("; ", all).replace('\n', ' ');
    }

    /** An application that is not the only one of its life. */
    private static final class Application {
        private final Workload work;
        private final String bootstrap;
        private final String id;
        private final LongAdder taken = new LongAdder();
        private final KafkaStreams streams;
        private volatile Throwable failure;

        Application(String[] args) {
            work = Workloads.named(args[1]);
            bootstrap = args[2];
            id = args[3];
            TimestampExtractor counter = (record, time) -> {
                taken.increment();
                return record.timestamp();
            };
            var app = new App(counter, args[4]);
            work.topology().accept(app);
            var config = config(args[5].equals("true"), args[6]);
            streams = new KafkaStreams(app.builder().build(config), config);
            streams.setUncaughtExceptionHandler(error -> {
                failure = error;
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
        }

        // As the peers set it up, but for what decides how soon a killed one is missed: its session, and its open transactions.
        private Properties config(boolean eos, String state) {
            var config = new Properties();
            config.put("application.id", id);
            config.put("bootstrap.servers", bootstrap);
            config.put("state.dir", state);
            config.put("processing.guarantee", eos ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE);
            config.put("commit.interval.ms", 100);
            config.put("statestore.cache.max.bytes", 0);
            config.put("topology.optimization", StreamsConfig.OPTIMIZE);
            config.put("dsl.store.suppliers.class", "org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers");
            config.put("max.task.idle.ms", work.ordered() ? 0L : -1L);
            config.put("windowstore.changelog.additional.retention.ms", 3650L * 24 * 60 * 60 * 1000);
            config.put("enable.metrics.push", false);
            config.put("consumer.auto.offset.reset", "earliest");
            config.put("consumer.session.timeout.ms", 10_000);
            config.put("producer.transaction.timeout.ms", 10_000);
            return config;
        }

        void run() throws InterruptedException {
            streams.start();
            long said = -1;
            // Asking what is left costs the broker something: only when nothing was taken for a while.
            for (int quiet = 0; ; ) {
                if (failure != null) {
                    System.out.println("failed " + described(failure));
                    System.exit(2);
                }
                long now = taken.sum();
                quiet = now == said ? quiet + 1 : 0;
                if (now != said)
                    System.out.println("taken " + (said = now));
                if (quiet >= 20 && quiet % 20 == 0 && left() == 0)
                    break;
                Thread.sleep(10);
            }
            streams.close();
            System.out.println("done");
        }

        /** What was not committed of the inputs and of the topics between the application's parts; 1 if the broker does not say. */
        private long left() {
            try (var cluster = new Cluster(bootstrap)) {
                var committed = cluster.committed(id);
                List<String> topics = new ArrayList<>(work.inputs());
                cluster.internalTopics(id).stream().filter(t -> t.endsWith("-repartition")).forEach(topics::add);
                return cluster.endOffsets(cluster.partitions(topics)).entrySet().stream()
                        .mapToLong(end -> end.getValue() - committed.getOrDefault(end.getKey(), 0L)).sum();
            } catch (RuntimeException e) {
                return 1;
            }
        }
    }
}
