using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;

namespace Orders.Model;

/// <summary>The JSON of everything that travels, generated at build time: no reflection, so the application runs as native code.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Order[]))]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(StockChange))]
[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(Product[]))]
[JsonSerializable(typeof(ProductUpdate))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Receipt[]))]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(PaymentReceipt))]
[JsonSerializable(typeof(PaymentRequest))]
[JsonSerializable(typeof(PaymentServiceState))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(HttpValidationProblemDetails))]
public sealed partial class OrdersJson : JsonSerializerContext;
