using Microsoft.Extensions.Configuration;
using Ntm.AppHost;

var builder = DistributedApplication.CreateBuilder(args);
var (numbers, unreadable) = Numbers.Of(builder.Configuration);
var data = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "../..", builder.Configuration["NTM_DATA"] ?? ".data"));
var demonstration = builder.Configuration.GetValue("Ntm:Demonstration", false);

// The store and the broker: ours, or existing ones
var (servers, wrong) = builder.Configuration["infra"] == "external" ? Servers.External(builder) : (Servers.Own(builder), null);
if (numbers is null || servers is null)
{
    Console.Error.WriteLine(unreadable ?? wrong);
    return 1;
}

// Roles, databases, broker users and the broker's topology exist before any service runs
var provision = servers.AddProvision(builder, data);

// The services, each with its database, its two roles, its broker user and its schema step
var house = new House(builder, servers, provision, $"http://127.0.0.1:{numbers.GatewayHttp}/", demonstration, numbers.Replicas);
var criteria = house.AddService("criteria", "../Services.Criteria/Services.Criteria.csproj");
var appraisal = house.AddService("appraisal", "../Services.Appraisal/Services.Appraisal.csproj");
var pilots = house.AddService("pilots", "../Services.Pilots/Services.Pilots.csproj");
var notifications = house.AddService("notifications", "../Services.Notifications/Services.Notifications.csproj");
var central = house.AddService("central", "../Services.Central/Services.Central.csproj")
    .AsHttp2Service();

// The one door
var clientSecret = builder.AddParameter("local-client-secret", secret: true);
var gateway = house.AddWeb("gateway", "../Gateway/Gateway.csproj")
    .WithHttpEndpoint(port: numbers.GatewayHttp, name: "http")
    .WithHttpEndpoint(port: numbers.GatewayGrpc, name: "grpc", env: "GATEWAY_GRPC_PORT")
    .AsHttp2Service()
    .WithEnvironment("Ntm__Gateway__ServiceHttpVersion", "2")
    .WithEnvironment("Ntm__Auth__KeysFolder", Path.Combine(data, "keys"))
    .WithEnvironment("Ntm__Auth__LocalClientSecret", clientSecret)
    .WithHttpHealthCheck("/health/ready")
    .WithUrlForEndpoint("http", url => url.DisplayText = "Gateway")
    // For programs: as a link of http it would open in no browser.
    .WithUrlForEndpoint("grpc", url => (url.Url, url.DisplayText) = (url.Url.Replace("http:", "grpc:", StringComparison.Ordinal), "gRPC for central systems"));
gateway.WithUrl($"{gateway.GetEndpoint("http")}/docs", "Docs page");

foreach (var service in new[] { criteria, appraisal, pilots, notifications, central })
{
    // Services know the gateway by name only (signing keys, read lazily): the gateway is the one that waits.
    service.WithReference(gateway);
    gateway.WithReference(service).WaitFor(service);
}

// The main job, played on the demonstration's own data once everything is ready
if (demonstration)
{
    builder.AddProject("demo", "../Cli/Cli.csproj")
        .WithArgs("demo", "--lang", builder.Configuration["NTM_LANG"] ?? "vi")
        .WithReference(gateway)
        .WithEnvironment("Ntm__Auth__LocalClientSecret", clientSecret)
        .WaitFor(gateway)
        .WithExplicitStart();
}

builder.Build().Run();
return Environment.ExitCode;
