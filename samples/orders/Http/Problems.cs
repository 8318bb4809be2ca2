using Microsoft.AspNetCore.Mvc;
using Orders.Model;

namespace Orders.Http;

/// <summary>Answers for what went wrong, as problem details (RFC 9457).</summary>
internal static class Problems
{
    private const string ContentType = "application/problem+json";

    public static Task BadInput(HttpContext context, Dictionary<string, string[]> errors)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        var problem = new HttpValidationProblemDetails(errors)
        {
            Status = StatusCodes.Status400BadRequest,
            Title = "The request holds invalid orders; none was accepted.",
            Instance = context.Request.Path,
        };
        return context.Response.WriteAsJsonAsync(
            problem, OrdersJson.Default.HttpValidationProblemDetails, ContentType, context.RequestAborted);
    }

    public static Task Write(HttpContext context, int status, string title, string detail, int retryAfterSeconds = 0)
    {
        context.Response.StatusCode = status;
        if (retryAfterSeconds > 0)
            context.Response.Headers.RetryAfter = retryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail, Instance = context.Request.Path };
        return context.Response.WriteAsJsonAsync(problem, OrdersJson.Default.ProblemDetails, ContentType, context.RequestAborted);
    }
}
