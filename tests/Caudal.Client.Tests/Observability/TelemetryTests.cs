using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Caudal.Client.Tests.Consuming;

namespace Caudal.Client.Tests.Observability;

public sealed class TelemetryTests
{
    [Fact]
    public async Task A_trace_goes_with_the_record_from_the_producer_to_the_handler()
    {
        await using var cluster = await TestCluster.StartAsync();
        var topic = await cluster.CreateTopicAsync(1);
        var (spans, counts) = (new ConcurrentQueue<Activity>(), new ConcurrentDictionary<string, double>());
        using var listener = Listen(topic, spans);
        using var meter = Measure(topic, counts);
        await using var producer = cluster.Client.CreateProducer(new ProducerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8));
        await using var consumer = cluster.Client.CreateConsumer(new ConsumerOptions<string?, string?>(Serdes.Utf8, Serdes.Utf8)
        {
            AutoOffsetReset = AutoOffsetReset.Earliest,
        });
        consumer.Assign(new TopicPartition(topic, 0));

        await producer.ProduceAsync(new ProducerRecord<string?, string?>(topic, "k", "v"), TestCluster.Token);
        using var stop = new CancellationTokenSource();
        ActivityTraceId? handledIn = null;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.RunAsync(
            async (_, _) =>
            {
                handledIn = Activity.Current?.TraceId;
                await stop.CancelAsync();
            },
            null,
            stop.Token));

        var send = Assert.Single(spans, s => s.OperationName == $"send {topic}");
        var process = Assert.Single(spans, s => s.OperationName == $"process {topic}");
        Assert.Equal((ActivityKind.Producer, ActivityKind.Consumer), (send.Kind, process.Kind));
        Assert.Equal(send.SpanId, process.ParentSpanId);
        Assert.Equal(send.TraceId, handledIn);
        Assert.Equal(0L, process.GetTagItem("messaging.kafka.offset"));
        Assert.Equal(1, counts["messaging.client.sent.messages"]);
        Assert.Equal(1, counts["messaging.client.consumed.messages"]);
        Assert.Contains("messaging.process.duration", counts.Keys);
        Assert.Contains("messaging.client.operation.duration", counts.Keys);
    }

    [Fact]
    public void A_context_replaces_the_one_that_headers_carry()
    {
        using var activity = new Activity("a").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "x=1";

        var once = ClientTelemetry.WriteContext([new("mine", "1"u8.ToArray())], activity);
        var twice = ClientTelemetry.WriteContext(once, activity);

        Assert.Equal(["mine", "traceparent", "tracestate"], twice.Select(h => h.Key));
        var context = ClientTelemetry.ReadContext(twice);
        Assert.Equal((activity.TraceId, activity.SpanId, "x=1"), (context!.Value.TraceId, context.Value.SpanId, context.Value.TraceState));
        Assert.Null(ClientTelemetry.ReadContext([new("traceparent", "nonsense"u8.ToArray())]));
    }

    private static ActivityListener Listen(string topic, ConcurrentQueue<Activity> spans)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == ClientTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.OperationName.EndsWith(topic, StringComparison.Ordinal))
                    spans.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static MeterListener Measure(string topic, ConcurrentDictionary<string, double> counts)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ClientTelemetry.Name)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        return listener;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "messaging.destination.name" && Equals(tag.Value, topic))
                    counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
            }
        }
    }
}
