using Orders.Model;
using Orders.Payments;
using Orders.Stock;

namespace Orders.Stages;

/// <summary>Reserves the goods of each paid order, or gives the money back.</summary>
internal sealed class StockStage(StageContext context, Inventory inventory, PaymentClient payments)
    : Stage(context, "stock", Topics.Payments)
{
    protected override async Task ProcessAsync(Order order, string source, CancellationToken cancellationToken)
    {
        if (Context.Book.Has(order.Id, OrderState.Reserved) || Context.Book.Has(order.Id, OrderState.Refunded))
            return;
        if (await inventory.ReserveAsync(order, cancellationToken))
        {
            await EmitAsync(Topics.Reserved, order, OrderState.Reserved, cancellationToken);
            return;
        }

        await payments.RefundAsync(order, cancellationToken);
        var refunded = order with { Reason = $"The product {order.Product} is out of stock." };
        await EmitAsync(Topics.Refunded, refunded, OrderState.Refunded, cancellationToken);
    }
}
