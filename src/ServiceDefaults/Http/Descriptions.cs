using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Ntm.ServiceDefaults;

/// <summary>A read that takes <c>asOf</c>.</summary>
public sealed record TakesAsOf
{
    /// <summary>The instant as the caller wrote it.</summary>
    public static string? Of(HttpContext http) => http.Request.Query["asOf"];
}

/// <summary>The OpenAPI description of a service, with what every call of the house has: token, key, expected version, past.</summary>
public static class Descriptions
{
    private const string Scheme = "token";

    public static TBuilder WithAsOf<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new TakesAsOf());

    internal static void AddDescriptions(this WebApplicationBuilder builder, string service) => builder.Services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        // Many slices have a record Body or View of their own: the slice belongs to the name.
        options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is { } id
            ? type.Type.DeclaringType is { } slice ? slice.Name + id : id
            : null;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = $"NTM Hub · {service}";
            document.Info.Version = "v1";
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                BearerFormat = "JWT",
                Description = "Mã truy cập từ POST /connect/token · Access token of POST /connect/token",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (metadata.OfType<IAllowAnonymous>().Any()) return Task.CompletedTask;
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
            operation.Parameters ??= [];
            if (context.Description.HttpMethod is "POST" or "PUT")
            {
                Add(operation, ParameterLocation.Header, "Idempotency-Key", "uuid", "Khóa của lệnh, gửi lại được · Key of the command, safe to repeat", required: true);
                Add(operation, ParameterLocation.Header, "If-Match", null, "Phiên bản mong đợi, ví dụ \"7\" · Expected version, e.g. \"7\"");
            }

            if (metadata.OfType<TakesAsOf>().Any())
                Add(operation, ParameterLocation.Query, "asOf", "date-time", "Thời điểm ghi nhận · The recorded instant to look back to");
            return Task.CompletedTask;
        });
    });

    private static void Add(OpenApiOperation operation, ParameterLocation where, string name, string? format, string description, bool required = false)
    {
        if (operation.Parameters!.Any(p => p.Name == name)) return;
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = name,
            In = where,
            Required = required,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = format },
        });
    }
}
