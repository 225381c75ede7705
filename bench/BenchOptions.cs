using System.Globalization;

namespace Ntm.Bench;

/// <summary>What to measure against; each option is <c>--name value</c> or the variable <c>NTM_BENCH_NAME</c>.</summary>
internal sealed record BenchOptions(
    Uri Gateway, Uri Criteria, string ClientSecret, string Postgres, string CriteriaDatabase, string PgBench, int Reports, int Clients,
    TimeSpan WarmUp, TimeSpan Duration, int Approvals, int ApprovalsPerSecond, bool LatencyOnly, string JsonFile)
{
    public const string Usage =
        """
        Bench --criteria <url of service Criteria> --secret-file <file> --postgres <Npgsql connection string of an administrator>
          [--gateway http://127.0.0.1:8080] [--criteria-database criteria] [--pgbench <path>]
          [--reports 200] [--clients 16] [--warm-up 20] [--seconds 30] [--approvals 280] [--approvals-per-second 20]
          [--latency-only true] [--json bench.json]
        Each option may also be given as NTM_BENCH_<NAME>, e.g. NTM_BENCH_SECRET_FILE.
        """;

    public static BenchOptions? Read(string[] args)
    {
        if (Text("criteria") is not { } criteria || Text("secret-file") is not { } secret || Text("postgres") is not { } postgres) return null;
        return new(
            new Uri(Text("gateway") ?? "http://127.0.0.1:8080"), new Uri(criteria), File.ReadAllText(secret).Trim(), postgres,
            Text("criteria-database") ?? "criteria", Text("pgbench") ?? "pgbench", Number("reports", 200), Number("clients", 16),
            TimeSpan.FromSeconds(Number("warm-up", 20)), TimeSpan.FromSeconds(Number("seconds", 30)),
            Number("approvals", 280), Number("approvals-per-second", 20), Text("latency-only") == "true", Text("json") ?? "bench.json");

        string? Text(string name)
        {
            var at = Array.IndexOf(args, "--" + name);
            if (at >= 0 && at + 1 < args.Length) return args[at + 1];
            return Environment.GetEnvironmentVariable("NTM_BENCH_" + name.ToUpperInvariant().Replace('-', '_'));
        }

        int Number(string name, int otherwise) => Text(name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;
    }
}
