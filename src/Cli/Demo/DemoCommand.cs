using System.CommandLine;
using System.Diagnostics;
using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Ntm.Cli.Running;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Ntm.Cli.Demo;

/// <summary><c>ntm demo</c>: plays the main job for the next commune, through the gateway and gRPC only.</summary>
public static class DemoCommand
{
    internal static readonly ActivitySource Tracing = new("Ntm.Demo");

    public static Command Create()
    {
        var language = new Option<string>("--lang") { Description = "vi or en", DefaultValueFactory = _ => "vi" };
        language.AcceptOnlyFromAmong("vi", "en");
        var command = new Command("demo", "Plays the main job for the next commune on a demonstration's data (./run --demo starts it).") { language };
        command.SetAction((parsed, ct) => RunAsync(parsed.GetValue(language)!, ct));
        return command;
    }

    private static async Task<int> RunAsync(string language, CancellationToken ct)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        var gateway = Required(configuration, "services:gateway:http:0");
        using var tracing = configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 }
            ? Sdk.CreateTracerProviderBuilder().AddSource(Tracing.Name).AddHttpClientInstrumentation().AddOtlpExporter().Build()
            : null;
        using var client = new GatewayClient(new(gateway), Required(configuration, "Ntm:Auth:LocalClientSecret"), language);
        var story = new DemoStory(client, new(Required(configuration, "services:gateway:grpc:0")), new Teller(language == "en"), configuration["DASHBOARD_PORT"] ?? "18888");
        try
        {
            await story.PlayAsync(ct);
            return 0;
        }
        catch (Exception reason) when (reason is HttpRequestException or RpcException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"demo: {reason.Message}");
            return 1;
        }
    }

    private static string Required(IConfiguration configuration, string key) => configuration[key]
        ?? throw new InvalidOperationException($"the setting '{key}' is missing; ./run --demo gives it.");
}

/// <summary>Tells the steps in the language of the audience.</summary>
internal sealed class Teller(bool english)
{
    private int step;

    public void Say(string vi, string en) => Console.WriteLine(english ? en : vi);

    public void Step(string vi, string en)
    {
        step++;
        Say($"{step,3}. {vi}", $"{step,3}. {en}");
    }

    public void Detail(string vi, string en) => Say($"       {vi}", $"       {en}");

    public void Table(string vi, string en, IReadOnlyList<(string Vi, string En, string Where)> rows)
    {
        Console.WriteLine();
        Say(vi, en);
        var width = rows.Max(r => (english ? r.En : r.Vi).Length);
        foreach (var row in rows) Console.WriteLine($"  {(english ? row.En : row.Vi).PadRight(width)}  {row.Where}");
        Console.WriteLine();
    }
}
