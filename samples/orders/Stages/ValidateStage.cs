using Orders.Model;
using Orders.Stock;

namespace Orders.Stages;

/// <summary>Checks fields, amounts and the product of each order.</summary>
internal sealed class ValidateStage(StageContext context, Inventory inventory) : Stage(context, "validate", Topics.Orders)
{
    protected override Task ProcessAsync(Order order, string source, CancellationToken cancellationToken)
    {
        if (Context.Book.Has(order.Id, OrderState.Validated) || Context.Book.Has(order.Id, OrderState.Rejected))
            return Task.CompletedTask;
        return FindFault(order) is { } fault
            ? EmitAsync(Topics.Rejected, order with { Reason = fault }, OrderState.Rejected, cancellationToken)
            : EmitAsync(Topics.Validated, order, OrderState.Validated, cancellationToken);
    }

    private string? FindFault(Order order) =>
        order.Amount <= 0 ? $"The amount {order.Amount} is not above 0."
        : order.Quantity < 1 ? $"The quantity {order.Quantity} is below 1."
        : order.Customer.Length == 0 ? "The customer is missing."
        : inventory.Find(order.Product) is null ? $"The product {order.Product} is not known."
        : null;
}
