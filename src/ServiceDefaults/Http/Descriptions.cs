using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Ntm.Contracts;

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
        options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is null ? null : NameOf(type.Type);
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Complete(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
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
            if (metadata.OfType<TakesFormat>().Any())
                Add(operation, ParameterLocation.Query, "format", null, "csv, xlsx hoặc json: toàn bộ danh sách thành tệp · csv, xlsx or json: the whole list as a file");
            return Task.CompletedTask;
        });
    });

    /// <summary>Many slices have a record Body, View or Item of their own: the slice belongs to the name, also within a page.</summary>
    private static string NameOf(Type type)
    {
        var own = type.DeclaringType is { } slice && !type.IsGenericParameter ? slice.Name + type.Name : type.Name;
        return type.IsGenericType ? $"{own[..own.IndexOf('`', StringComparison.Ordinal)]}Of{string.Concat(type.GetGenericArguments().Select(NameOf))}" : own;
    }

    /// <summary>What the exporter does not see behind our converters, and what a caller may leave out.</summary>
    private static void Complete(OpenApiSchema schema, JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        if (plain == typeof(string)) schema.Type ??= JsonSchemaType.String;
        else if (plain == typeof(decimal)) schema.Type ??= JsonSchemaType.Number;
        else if (plain == typeof(DateTimeOffset)) (schema.Type, schema.Format) = (schema.Type ?? JsonSchemaType.String, "date-time");
        else if (plain == typeof(ReportedValue)) schema.Type = JsonSchemaType.Number | JsonSchemaType.Boolean | JsonSchemaType.String;
        else if (plain == typeof(QueryDay)) (schema.Type, schema.Format, schema.Properties, schema.Required) = (JsonSchemaType.String, "date", null, null);
        foreach (var property in type.Properties.Where(p => p.IsGetNullable))
        {
            schema.Required?.Remove(property.Name);
            if (property.PropertyType == typeof(string) && schema.Properties?.TryGetValue(property.Name, out var found) == true && found is OpenApiSchema text)
                text.Type = JsonSchemaType.String | JsonSchemaType.Null;
        }
    }

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
