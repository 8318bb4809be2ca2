using Orders.Model;

namespace Orders.Stages;

/// <summary>Tells the customer how the order ended.</summary>
internal sealed class NotifyStage(StageContext context) : Stage(context, "notify", Topics.Reserved, Topics.Refunded, Topics.Rejected)
{
    protected override async Task ProcessAsync(Order order, string source, CancellationToken cancellationToken)
    {
        if (Context.Book.Has(order.Id, OrderState.Notified))
            return;
        var now = Context.Options.TimeProvider.GetUtcNow();
        var notification = new Notification(order.Id, order.Customer, Text(order, source), now);
        await Context.Outbox.SendAsync(Topics.Notifications, order.Id, notification, OrdersJson.Default.Notification, cancellationToken);
        Context.Book.Reach(order, OrderState.Notified, now, null);
    }

    private static string Text(Order order, string source) => source switch
    {
        Topics.Reserved => $"Your order {order.Id} of {order.Quantity} x {order.Product} is paid and reserved.",
        Topics.Refunded => $"Your order {order.Id} could not be filled and your money went back. {order.Reason}",
        _ => $"Your order {order.Id} was not accepted. {order.Reason}",
    };
}
