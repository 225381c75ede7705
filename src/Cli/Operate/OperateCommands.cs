using System.CommandLine;
using System.Net;
using System.Text.Json;
using Ntm.Cli.Running;
using Ntm.Contracts;

namespace Ntm.Cli.Operate;

/// <summary><c>ntm replay</c> and <c>ntm parked</c>: an operator's calls through the gateway of the system that runs on the data folder.</summary>
internal static class OperateCommands
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Replay()
    {
        var consumer = new Option<string?>("--consumer") { Description = "one service that takes in facts; all of them when left out" };
        consumer.AcceptOnlyFromAmong([.. Topology.Listeners.Keys]);
        var owner = new Option<string?>("--owner") { Description = "one service whose facts are wanted; all of them when left out" };
        owner.AcceptOnlyFromAmong([.. Topology.Owners.Keys]);
        var command = new Command("replay", "Has owners send all their facts again; what a consumer knows already has no effect a second time.") { consumer, owner };
        var system = SystemOptions.AddTo(command);
        command.SetAction((parsed, ct) => system.CallAsync(parsed, async client =>
        {
            var of = parsed.GetValue(owner);
            string[] consumers =
            [
                .. (parsed.GetValue(consumer) is { } one ? [one] : Topology.Listeners.Keys)
                    .Where(to => of is null || Topology.Listeners[to].Intersect(Topology.Owners[of]).Any()),
            ];
            if (consumers is [])
            {
                await Console.Error.WriteLineAsync($"replay: {parsed.GetValue(consumer)} takes in no facts of {of}, so nothing is sent again.");
                return 1;
            }

            return await EachAsync(consumers, async to =>
            {
                var answer = await client.PostAsync($"/api/{to}/operations/replays", system.Operator(parsed), new { owner = of }, ct);
                Console.WriteLine($"{to}: asks {string.Join(", ", answer.GetProperty("owners").EnumerateArray())} for all facts");
            });
        }));
        return command;
    }

    public static Command Parked()
    {
        var command = new Command("parked", "Messages that could not be taken in and wait for an operator.") { List(), Settle("show"), Settle("replay"), Settle("drop") };
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "What is parked, in every service.");
        var system = SystemOptions.AddTo(command);
        command.SetAction((parsed, ct) => system.CallAsync(parsed, client => EachAsync(Topology.Services, async service =>
        {
            for (var at = $"/api/{service}/operations/parked"; at is not null;)
            {
                var page = await client.GetAsync(at, system.Operator(parsed), ct);
                foreach (var item in page.GetProperty("items").EnumerateArray())
                    Console.WriteLine($"{service}  {item.GetProperty("message")}  {item.GetProperty("contract")}  {item.GetProperty("reason").GetString()?.ReplaceLineEndings(" ")}");
                at = page.GetProperty("next").GetString();
            }
        })));
        return command;
    }

    /// <summary>One service that is away keeps nobody from the others; the exit code tells of it.</summary>
    private static async Task<int> EachAsync(IEnumerable<string> services, Func<string, Task> call)
    {
        var code = 0;
        foreach (var service in services)
        {
            try
            {
                await call(service);
            }
            catch (HttpRequestException reason) when (reason.StatusCode >= HttpStatusCode.InternalServerError)
            {
                await Console.Error.WriteLineAsync($"{service}: {(GatewayClient.IsAway(reason) ? "not reachable" : reason.Message)}");
                code = 1;
            }
        }

        return code;
    }

    private static Command Settle(string verb)
    {
        var service = new Argument<string>("service") { Description = "the service that parked it" };
        service.AcceptOnlyFromAmong([.. Topology.Services]);
        var message = new Argument<string>("message") { Description = "id of the message" };
        var reason = new Option<string>("--reason") { Description = "why it is given up", Required = true };
        var command = new Command(verb, verb switch
        {
            "show" => "Shows one with its body.",
            "replay" => "Has it taken in now.",
            _ => "Gives it up, with a reason that is kept.",
        })
        { service, message };
        if (verb == "drop") command.Options.Add(reason);
        var system = SystemOptions.AddTo(command);
        command.SetAction((parsed, ct) => system.CallAsync(parsed, async client =>
        {
            var path = $"/api/{parsed.GetValue(service)}/operations/parked/{Uri.EscapeDataString(parsed.GetValue(message)!)}";
            var answer = verb switch
            {
                "show" => await client.GetAsync(path, system.Operator(parsed), ct),
                "replay" => await client.PostAsync($"{path}/replay", system.Operator(parsed), new { }, ct),
                _ => await client.PostAsync($"{path}/drop", system.Operator(parsed), new { reason = parsed.GetValue(reason) }, ct),
            };
            Console.WriteLine(JsonSerializer.Serialize(answer, Indented));
            return 0;
        }));
        return command;
    }
}

/// <summary>Which system, and who operates it.</summary>
internal sealed record SystemOptions(Option<string?> Data, Option<string> Person, Option<string?> Token)
{
    public static SystemOptions AddTo(Command command)
    {
        var options = new SystemOptions(
            RunningSystem.DataOption(),
            new("--person") { Description = "who does it, for the record", DefaultValueFactory = _ => Environment.UserName },
            new("--token") { Description = "a bearer token of the role operator, where tokens are of an issuer of one's own; better in NTM_TOKEN, for others on the machine see arguments" });
        command.Options.Add(options.Data);
        command.Options.Add(options.Person);
        command.Options.Add(options.Token);
        return options;
    }

    public string Operator(ParseResult parsed) => $"operator@0#{parsed.GetValue(Person)}";

    public async Task<int> CallAsync(ParseResult parsed, Func<GatewayClient, Task<int>> call)
    {
        var folder = RunningSystem.FolderOrDefault(parsed.GetValue(Data));
        if (RunningSystem.Find(folder) is not { } system)
        {
            await Console.Error.WriteLineAsync($"Nothing runs on {folder}: start ./run, or name the data folder with --data.");
            return 1;
        }

        var token = (parsed.GetValue(Token) ?? Environment.GetEnvironmentVariable("NTM_TOKEN"))?.Trim();
        if (token?.All(c => char.IsAsciiLetterOrDigit(c) || "-._~+/=".Contains(c, StringComparison.Ordinal)) == false)
        {
            await Console.Error.WriteLineAsync("What was given as a token is none: it has other characters than a bearer token has.");
            return 1;
        }

        using var client = new GatewayClient(system.AddressOf("gateway", "http"), system.Secret("local-client-secret"), "en", token is "" ? null : token);
        try
        {
            return await call(client);
        }
        catch (Exception reason) when (reason is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            await Console.Error.WriteLineAsync(reason.Message);
            return 1;
        }
    }
}
