using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Caudal.Protocol.Records;

namespace Caudal.Client;

/// <summary>
/// What the client tells of itself, by OpenTelemetry's messaging conventions: an activity source and a meter, both named <see
/// cref="Name"/>.
/// </summary>
/// <remarks>
/// Nothing is measured, made or written while nobody listens. The context of a trace travels in the headers <c>traceparent</c> and
/// <c>tracestate</c> (W3C). Thread safe.
/// </remarks>
public static class ClientTelemetry
{
    /// <summary>The name to listen to: <c>AddSource(ClientTelemetry.Name)</c> and <c>AddMeter(ClientTelemetry.Name)</c>.</summary>
    public const string Name = "Caudal.Client";

    private const string TraceParent = "traceparent";
    private const string TraceState = "tracestate";

    private static readonly ActivitySource Source = new(Name);
    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> Sent = Meter.CreateCounter<long>(
        "messaging.client.sent.messages", "{message}", "Records that brokers have acknowledged, or that failed.");

    private static readonly Counter<long> Consumed = Meter.CreateCounter<long>(
        "messaging.client.consumed.messages", "{message}", "Records that were handed out to the application.");

    private static readonly Histogram<double> SendDuration = Meter.CreateHistogram<double>(
        "messaging.client.operation.duration", "s", "How long it took until a record was acknowledged.");

    private static readonly Histogram<double> ProcessDuration = Meter.CreateHistogram<double>(
        "messaging.process.duration", "s", "How long handlers took for a record.");

    /// <summary>Whether anything is to be told of records that are sent.</summary>
    internal static bool TracesSending => Source.HasListeners() || Sent.Enabled || SendDuration.Enabled;

    /// <summary>Whether there is a trace whose context records are to carry.</summary>
    internal static bool CarriesContext => Source.HasListeners() && Activity.Current is not null;

    /// <summary>Whether anything is to be told of records that are handled.</summary>
    internal static bool TracesProcessing => Source.HasListeners() || ProcessDuration.Enabled;

    /// <summary>The context of the trace that a record was sent in; null if it carries none.</summary>
    /// <param name="headers">The record's headers.</param>
    public static ActivityContext? ReadContext(IReadOnlyList<RecordHeader> headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        string? parent = null;
        string? state = null;
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i].Key == TraceParent)
                parent = Text(headers[i]);
            else if (headers[i].Key == TraceState)
                state = Text(headers[i]);
        }

        return parent is not null && ActivityContext.TryParse(parent, state, isRemote: true, out var context) ? context : null;
    }

    /// <summary>Adds the context of a trace to headers, in place of one that they carry.</summary>
    /// <param name="headers">The headers, or null for none; they are not changed.</param>
    /// <param name="activity">The activity whose context is added.</param>
    public static RecordHeader[] WriteContext(RecordHeader[]? headers, Activity activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        var result = new List<RecordHeader>((headers?.Length ?? 0) + 2);
        foreach (var header in headers ?? [])
        {
            if (header.Key is not (TraceParent or TraceState))
                result.Add(header);
        }

        if (activity.IdFormat == ActivityIdFormat.W3C && activity.Id is { } id)
        {
            result.Add(new RecordHeader(TraceParent, Encoding.ASCII.GetBytes(id)));
            if (activity.TraceStateString is { Length: > 0 } state)
                result.Add(new RecordHeader(TraceState, Encoding.ASCII.GetBytes(state)));
        }

        return [.. result];
    }

    internal static Activity? StartSend(string topic)
    {
        var activity = Source.StartActivity($"send {topic}", ActivityKind.Producer);
        Describe(activity, topic, "send");
        return activity;
    }

    internal static void EndSend(Activity? activity, string topic, RecordMetadata? written, Exception? error, TimeSpan elapsed)
    {
        var tags = Tags(topic, "send", error);
        Sent.Add(1, tags);
        SendDuration.Record(elapsed.TotalSeconds, tags);
        if (activity is null)
            return;
        if (written is { } place)
        {
            activity.SetTag("messaging.destination.partition.id", place.Partition);
            activity.SetTag("messaging.kafka.offset", place.Offset);
        }

        Fail(activity, error);
    }

    internal static Activity? StartProcess(TopicPartition partition, long offset, string? group, IReadOnlyList<RecordHeader> headers)
    {
        if (!Source.HasListeners())
            return null;
        var activity = Source.StartActivity($"process {partition.Topic}", ActivityKind.Consumer, ReadContext(headers) ?? default);
        Describe(activity, partition.Topic, "process");
        activity?.SetTag("messaging.destination.partition.id", partition.Partition);
        activity?.SetTag("messaging.kafka.offset", offset);
        if (group is not null)
            activity?.SetTag("messaging.consumer.group.name", group);
        return activity;
    }

    internal static void EndProcess(Activity? activity, string topic, string? group, Exception? error, TimeSpan elapsed)
    {
        var tags = Tags(topic, "process", error);
        if (group is not null)
            tags.Add("messaging.consumer.group.name", group);
        ProcessDuration.Record(elapsed.TotalSeconds, tags);
        Fail(activity, error);
    }

    internal static void Receive(TopicPartition partition, string? group, int count)
    {
        if (!Consumed.Enabled)
            return;
        var tags = Tags(partition.Topic, "poll", null);
        if (group is not null)
            tags.Add("messaging.consumer.group.name", group);
        Consumed.Add(count, tags);
    }

    private static void Describe(Activity? activity, string topic, string operation)
    {
        activity?.SetTag("messaging.system", "kafka");
        activity?.SetTag("messaging.destination.name", topic);
        activity?.SetTag("messaging.operation.name", operation);
        activity?.SetTag("messaging.operation.type", operation);
    }

    private static TagList Tags(string topic, string operation, Exception? error)
    {
        var tags = new TagList
        {
            { "messaging.system", "kafka" },
            { "messaging.destination.name", topic },
            { "messaging.operation.name", operation },
        };
        if (error is not null)
            tags.Add("error.type", ErrorType(error));
        return tags;
    }

    private static void Fail(Activity? activity, Exception? error)
    {
        if (activity is null || error is null)
            return;
        activity.SetTag("error.type", ErrorType(error));
        activity.SetStatus(ActivityStatusCode.Error, error.Message);
    }

    private static string ErrorType(Exception error) =>
        error is BrokerErrorException broker ? broker.Code.ToString() : error.GetType().Name;

    private static string? Text(RecordHeader header) => header.Value is { } value ? Encoding.ASCII.GetString(value.Span) : null;
}
