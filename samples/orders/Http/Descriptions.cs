using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Orders.Http;

/// <summary>What endpoints that read and write by themselves take and answer, for the OpenAPI document.</summary>
internal static class Descriptions
{
    /// <summary>Puts an endpoint into the document: those that are plain request delegates are left out otherwise.</summary>
    public static IEndpointConventionBuilder Described(this IEndpointConventionBuilder endpoint, RequestDelegate handler, string summary) =>
        endpoint.WithMetadata(handler.Method).WithSummary(summary);

    public static IEndpointConventionBuilder Takes<T>(this IEndpointConventionBuilder endpoint, params string[] contentTypes) =>
        endpoint.WithMetadata(new AcceptsMetadata(contentTypes, typeof(T)));

    public static IEndpointConventionBuilder Answers<T>(this IEndpointConventionBuilder endpoint, int status = StatusCodes.Status200OK) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(T), ["application/json"]));

    public static IEndpointConventionBuilder AnswersInvalid(this IEndpointConventionBuilder endpoint) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(
            StatusCodes.Status400BadRequest, typeof(HttpValidationProblemDetails), ["application/problem+json"]));

    public static IEndpointConventionBuilder AnswersProblem(this IEndpointConventionBuilder endpoint, int status) =>
        endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), ["application/problem+json"]));
}
