namespace Ntm.Bench;

/// <summary>The calls of the table: PUT of a figure, each client to a report of its own so that they do not queue at one stream; a small GET.</summary>
internal static class HttpLoad
{
    public static async Task<Series> PutAsync(Api api, Stage stage, Uri target, int clients, TimeSpan duration, CancellationToken ct)
    {
        List<string> tokens = [];
        foreach (var report in stage.Reports) tokens.Add((await api.TokenAsync(report.Officer)).ToString());
        return await OnWiresAsync(target, clients, duration, (client, turn) =>
        {
            var at = ((turn * clients) + client) % stage.Reports.Count;
            var indicator = stage.Indicators[(turn + client) % stage.Indicators.Count];
            return Wire.Request(
                HttpMethod.Put, target, Stage.PathOf(stage.Reports[at], indicator), tokens[at], $"Idempotency-Key: {Guid.CreateVersion7()}\r\n",
                $$"""{"value":{{(turn % 2 == 0 ? "true" : "false")}},"validOn":"{{Stage.ThreeTiers}}","note":null,"evidence":[]}""");
        }, ct);
    }

    /// <summary>One period, by many callers: the limit per client is left as it is.</summary>
    public static async Task<Series> GetAsync(Api api, Stage stage, Uri target, int clients, TimeSpan duration, CancellationToken ct)
    {
        List<byte[]> requests = [];
        foreach (var report in stage.Reports)
            requests.Add(Wire.Request(HttpMethod.Get, target, $"/api/criteria/periods/{report.Period}", (await api.TokenAsync(report.Officer)).ToString()));
        return await OnWiresAsync(target, clients, duration, (client, turn) => requests[((turn * clients) + client) % requests.Count], ct);
    }

    public static async Task<Series> OnWiresAsync(Uri target, int clients, TimeSpan duration, Func<int, int, byte[]> request, CancellationToken ct)
    {
        Wire[] wires = [.. Enumerable.Range(0, clients).Select(_ => new Wire(target))];
        var series = await Load.RunAsync(clients, duration, async (client, turn) => (await wires[client].SendAsync(request(client, turn), ct)).Failure);
        foreach (var wire in wires) wire.Dispose();
        return series;
    }
}
