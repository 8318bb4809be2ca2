namespace Caudal.Bench.Streams;

/// <summary>One workload, with or without exactly once.</summary>
internal sealed record StreamsRun(string Work, bool ExactlyOnce)
{
    /// <summary>Every workload of the peers.</summary>
    public static readonly string[] Works =
    [
        "wordcount", "orders", "ysb", "nexmark-q0", "nexmark-q1", "nexmark-q2", "nexmark-q3", "nexmark-q5", "nexmark-q7", "nexmark-q8",
        "nexmark-q11", "shuffle", "table",
    ];

    /// <summary>The name of the input: all nexmark queries share theirs.</summary>
    public string Input => Work.StartsWith("nexmark-", StringComparison.Ordinal) ? "nexmark" : Work;

    /// <summary><c>true</c> or <c>false</c>, as the peer wants it.</summary>
    public string Eos => ExactlyOnce ? "true" : "false";

    /// <summary>The group of the application.</summary>
    public string Application => $"streams-{Work}-{(ExactlyOnce ? "eos" : "alo")}";

    /// <summary>The topic with the results.</summary>
    public string Output => $"out-{Work}-kafka-streams";

    /// <summary>The topic with what they should be.</summary>
    public string Expected => $"out-{Work}-expected";
}
