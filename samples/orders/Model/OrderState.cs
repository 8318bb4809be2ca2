using System.Text.Json.Serialization;

namespace Orders.Model;

/// <summary>The states of an order, in the order in which they can follow each other.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderState>))]
public enum OrderState
{
    /// <summary>Accepted over HTTP and acknowledged by the broker.</summary>
    [JsonStringEnumMemberName("received")]
    Received,

    /// <summary>Found to be good.</summary>
    [JsonStringEnumMemberName("validated")]
    Validated,

    /// <summary>Refused, for the reason given.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>Paid.</summary>
    [JsonStringEnumMemberName("paid")]
    Paid,

    /// <summary>The goods are reserved.</summary>
    [JsonStringEnumMemberName("reserved")]
    Reserved,

    /// <summary>The goods had run out and the money went back.</summary>
    [JsonStringEnumMemberName("refunded")]
    Refunded,

    /// <summary>The customer was told.</summary>
    [JsonStringEnumMemberName("notified")]
    Notified,
}
