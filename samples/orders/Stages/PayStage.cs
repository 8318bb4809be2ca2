using Orders.Model;
using Orders.Payments;

namespace Orders.Stages;

/// <summary>Takes the money of each good order, by a call to the payment service.</summary>
internal sealed class PayStage(StageContext context, PaymentClient payments) : Stage(context, "pay", Topics.Validated)
{
    /// <summary>Calls that are under way at a time.</summary>
    protected override int Parallelism => 64;

    protected override async Task ProcessAsync(Order order, string source, CancellationToken cancellationToken)
    {
        if (Context.Book.Has(order.Id, OrderState.Paid))
            return;
        var receipt = await payments.PayAsync(order, cancellationToken);
        await EmitAsync(Topics.Payments, order with { PaymentId = receipt.PaymentId }, OrderState.Paid, cancellationToken);
    }
}
