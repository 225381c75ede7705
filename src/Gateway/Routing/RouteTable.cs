using System.Net;
using Ntm.Gateway.Descriptions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Ntm.Gateway.Routing;

/// <summary>Which path goes to which service, who may come in, and how long an answer may be silent.</summary>
internal static class RouteTable
{
    private const string TokenNeeded = "Default";
    private const string Public = "Anonymous";
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>A province drawn finely is larger than anything else that is sent.</summary>
    private const long BoundariesBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(30);

    /// <summary>A whole register is judged and recorded in one piece before the first byte of the answer.</summary>
    private static readonly TimeSpan Import = TimeSpan.FromMinutes(5);

    private const long WholeRegister = 64 * 1024 * 1024;

    private const long FilledFile = 20 * 1024 * 1024;

    /// <summary>A file of 20 MB, and the frame of a form around it.</summary>
    private const long EvidenceFile = (20 * 1024 * 1024) + (64 * 1024);

    /// <summary>Streams send a sign of life every 20 to 30 s; there is no limit on their whole length.</summary>
    private static readonly TimeSpan Stream = TimeSpan.FromSeconds(120);

    public static readonly IReadOnlyList<RouteConfig> Routes =
    [
        Route("criteria", "/api/criteria/{**path}", "criteria", TokenNeeded),
        Route("register-import", "/api/criteria/register/import", "criteria-import", TokenNeeded) with { MaxRequestBodySize = WholeRegister },
        Route("period-import", "/api/criteria/periods/{period}/import", "criteria-import", TokenNeeded) with { MaxRequestBodySize = FilledFile },
        Route("evidence", "/api/criteria/evidence", "criteria", TokenNeeded) with { MaxRequestBodySize = EvidenceFile },
        Route("criteria-boundaries", "/api/criteria/boundaries", "criteria", TokenNeeded) with { MaxRequestBodySize = BoundariesBytes },
        Route("appraisal", "/api/appraisal/{**path}", "appraisal", TokenNeeded),
        Route("dossier-documents", "/api/appraisal/dossiers/{id}/documents", "appraisal", TokenNeeded) with { MaxRequestBodySize = EvidenceFile },
        Route("condition-documents", "/api/appraisal/confirmations/{unit}/{condition}/documents", "appraisal", TokenNeeded) with { MaxRequestBodySize = EvidenceFile },
        Route("recognitions", "/api/appraisal/recognitions", "appraisal", Public, Reads),
        Route("central", "/api/central/{**path}", "central", TokenNeeded),
        Route("pilots", "/api/pilots/{**path}", "pilots", TokenNeeded),
        Route("notifications", "/api/notifications/{**path}", "notifications", TokenNeeded),
        Route("notifications-stream", "/api/notifications/stream", "notifications-stream", TokenNeeded, Reads),
        Route("open-data", "/open-data/{**path}", "central", Public, Reads),
        // Central answers UNAUTHENTICATED and PERMISSION_DENIED itself: a gRPC caller reads no 401.
        Route("grpc-central", "/ntm.central.v1.{service}/{method}", "central-grpc", Public),
        Route("grpc-reflection", "/grpc.reflection.{service}/{method}", "central-grpc", Public),
        Route("grpc-health", "/grpc.health.v1.{service}/{method}", "central-grpc", Public),
        .. Services.All.Select(Description),
    ];

    /// <param name="httpVersion">HTTP version towards the services, 1.1 or 2 (cleartext); gRPC is always 2.</param>
    public static IReadOnlyList<ClusterConfig> Clusters(string httpVersion)
    {
        var version = Version.Parse(httpVersion.Contains('.', StringComparison.Ordinal) ? httpVersion : httpVersion + ".0");
        return
        [
            .. Services.All.Select(service => Cluster(service.Name, (version.Major == 2 ? "http://_h2." : "http://") + service.Name, version, Answer)),
            Cluster("criteria-import", (version.Major == 2 ? "http://_h2." : "http://") + "criteria", version, Import),
            // A stream for each listener: on connections of their own.
            Cluster("notifications-stream", "http://notifications", HttpVersion.Version11, Stream),
            Cluster("central-grpc", "http://_h2.central", HttpVersion.Version20, Stream),
        ];
    }

    /// <summary>The name of the service behind a cluster: a service has a second one where it also streams.</summary>
    public static string ServiceOf(ClusterConfig cluster) => cluster.ClusterId.Split('-')[0];

    public static bool IsStream(ClusterConfig cluster) => cluster.HttpRequest?.ActivityTimeout == Stream;

    private static RouteConfig Route(string id, string path, string cluster, string policy, IReadOnlyList<string>? methods = null) => new()
    {
        RouteId = id,
        ClusterId = cluster,
        AuthorizationPolicy = policy,
        Match = new RouteMatch { Path = path, Methods = methods },
    };

    /// <summary>A service writes its own address into its description: it must see the gateway's.</summary>
    private static RouteConfig Description(Service service) =>
        Route("openapi-" + service.Name, "/openapi/" + service.Name + ".json", service.Name, Public, Reads) with
        {
            Order = DocsPage.DescriptionOrder,
            Transforms =
            [
                new Dictionary<string, string>(StringComparer.Ordinal) { ["PathSet"] = "/openapi/v1.json" },
                new Dictionary<string, string>(StringComparer.Ordinal) { ["RequestHeaderOriginalHost"] = "true" },
            ],
        };

    private static ClusterConfig Cluster(string id, string address, Version version, TimeSpan silence) => new()
    {
        ClusterId = id,
        Destinations = new Dictionary<string, DestinationConfig>(StringComparer.Ordinal) { [id] = new() { Address = address } },
        LoadBalancingPolicy = LoadBalancingPolicies.RoundRobin,
        // Who failed is left out for a while (Failover); where all did, all are tried: the next one may be up again.
        HealthCheck = new HealthCheckConfig
        {
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
            Passive = new PassiveHealthCheckConfig { Enabled = true },
        },
        HttpRequest = new ForwarderRequestConfig
        {
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            ActivityTimeout = silence,
        },
    };
}
