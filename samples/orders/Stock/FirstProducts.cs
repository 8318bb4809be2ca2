namespace Orders.Stock;

/// <summary>What is on the shelves when the application starts for the first time.</summary>
internal static class FirstProducts
{
    public static IReadOnlyList<(string Name, int Stock, decimal Price)> All { get; } =
    [
        ("notebook", 1_000, 999.00m), ("phone", 1_000, 599.90m), ("tablet", 1_000, 399.00m), ("monitor", 1_000, 249.50m),
        ("keyboard", 1_000, 79.90m), ("mouse", 1_000, 29.90m), ("headset", 1_000, 119.00m), ("webcam", 1_000, 89.00m),
        ("printer", 1_000, 149.00m), ("charger", 1_000, 24.50m), ("cable", 1_000, 9.90m), ("backpack", 1_000, 59.00m),
    ];
}
