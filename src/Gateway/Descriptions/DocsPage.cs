using Ntm.Gateway.Routing;
using Scalar.AspNetCore;

namespace Ntm.Gateway.Descriptions;

/// <summary>One browsable page over the descriptions of all services; its scripts come from the gateway, nothing from outside.</summary>
internal static class DocsPage
{
    /// <summary>Descriptions of services come before the gateway's own, which nobody needs.</summary>
    public const int DescriptionOrder = -2;

    public static void MapDocsPage(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/openapi/{service}.json", () => Results.NotFound()).WithOrder(DescriptionOrder + 1).AllowAnonymous().ExcludeFromDescription();
        endpoints.MapScalarApiReference("/docs", Configure).AllowAnonymous();
    }

    private static void Configure(ScalarOptions page)
    {
        page.WithTitle("Nông thôn mới Hà Tĩnh: giao diện lập trình · New Rural Development Hub: APIs");
        page.DisableDefaultFonts().DisableTelemetry().DisableAgent().DisableMcp().HideClientButton().HideDeveloperTools();
        foreach (var service in Services.All)
            page.AddDocument(service.Name, $"{service.Title.Vi} · {service.Title.En}", $"/openapi/{service.Name}.json");
    }
}
