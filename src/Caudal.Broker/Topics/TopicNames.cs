namespace Caudal.Broker.Topics;

/// <summary>Which names topics may have, and which belong to the broker itself.</summary>
internal static class TopicNames
{
    /// <summary>The topic that holds the groups and their offsets.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>The topic that holds the transactions.</summary>
    public const string TransactionState = "__transaction_state";
    private const int MaxLength = 249;

    /// <summary>Whether clients may not write to the topic.</summary>
    public static bool IsInternal(string name) => name is ConsumerOffsets or TransactionState;

    /// <summary>Says what is wrong with a name, in Kafka's words; null if nothing is.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0)
            return "Topic name is invalid: the empty string is not allowed";
        if (name is "." or "..")
            return $"Topic name is invalid: '{name}' is not allowed";
        if (name.Length > MaxLength)
            return $"Topic name is invalid: the length of '{name}' is longer than the max allowed length {MaxLength}";
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
                return $"Topic name is invalid: '{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
        }

        return null;
    }

    /// <summary>What names are compared by for collisions: metric names cannot tell dots and underscores apart.</summary>
    public static string CollisionKey(string name) => name.Replace('.', '_');
}
