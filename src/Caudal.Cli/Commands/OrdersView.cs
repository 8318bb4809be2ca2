using System.Globalization;
using Orders;
using Spectre.Console;

namespace Caudal.Cli.Commands;

/// <summary>Shows how the order pipeline stands: a table that changes in place on a terminal, a line now and then elsewhere.</summary>
internal static class OrdersView
{
    private static readonly TimeSpan LivePeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LinePeriod = TimeSpan.FromSeconds(5);

    public static Task ShowAsync(Terminal terminal, OrdersApplication orders, CancellationToken cancellationToken) =>
        terminal.IsInteractive ? ShowLiveAsync(orders, cancellationToken) : ShowLinesAsync(terminal, orders, cancellationToken);

    private static async Task ShowLiveAsync(OrdersApplication orders, CancellationToken cancellationToken)
    {
        var last = (Status: orders.Describe(), At: TimeProvider.System.GetTimestamp());
        await AnsiConsole.Live(Table(last.Status, 0)).StartAsync(async live =>
        {
            while (await WaitAsync(LivePeriod, cancellationToken))
            {
                var now = (Status: orders.Describe(), At: TimeProvider.System.GetTimestamp());
                var seconds = TimeProvider.System.GetElapsedTime(last.At, now.At).TotalSeconds;
                live.UpdateTarget(Table(now.Status, (now.Status.Notified - last.Status.Notified) / seconds));
                last = now;
            }
        });
    }

    private static async Task ShowLinesAsync(Terminal terminal, OrdersApplication orders, CancellationToken cancellationToken)
    {
        OrdersStatus? last = null;
        while (await WaitAsync(LinePeriod, cancellationToken))
        {
            var status = orders.Describe();
            if (status == last)
                continue;
            last = status;
            await terminal.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"received {status.Received}, validated {status.Validated}, rejected {status.Rejected}, paid {status.Paid}, "
                + $"reserved {status.Reserved}, refunded {status.Refunded}, notified {status.Notified}; "
                + $"to notification p50 {status.P50:0.0} ms, p99 {status.P99:0.0} ms; payment circuit {status.PaymentCircuit}"));
            await terminal.Out.FlushAsync(CancellationToken.None);
        }
    }

    private static async Task<bool> WaitAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await Task.Delay(time, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }

    private static Table Table(OrdersStatus status, double rate)
    {
        var table = new Table().Border(TableBorder.Rounded).Width(72)
            .AddColumn("stage")
            .AddColumn(new TableColumn("orders").RightAligned());
        foreach (var (name, count) in new[]
        {
            ("received", status.Received), ("validated", status.Validated), ("rejected", status.Rejected), ("paid", status.Paid),
            ("reserved", status.Reserved), ("refunded", status.Refunded), ("notified", status.Notified),
        })
            table.AddRow(name, count.ToString("N0", CultureInfo.InvariantCulture));
        table.Caption(string.Create(CultureInfo.InvariantCulture,
            $"{rate:0} orders/s, p50 {status.P50:0.0} ms, p99 {status.P99:0.0} ms, "
            + $"payment circuit {status.PaymentCircuit}. Ctrl+C ends."));
        return table;
    }
}
