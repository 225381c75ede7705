using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ntm.Bench;

/// <summary>The difference of two versions of a set as large as the largest of the law, each field of each indicator changed.</summary>
internal static class Catalogue
{
    private const string Operator = "operator@0#bench";
    private const string Largest = "xa-ntm-nang-cao-2021-2025";

    public static async Task<Series> DifferenceAsync(Api api, Uri service, int clients, TimeSpan warmUp, TimeSpan duration, CancellationToken ct)
    {
        var set = JsonSerializer.SerializeToNode(await api.GetAsync($"/api/criteria/sets/{Largest}", Operator, ct))!.AsObject();
        var id = $"bench-{Guid.CreateVersion7():N}";
        set["id"] = id;
        await api.MustAsync(HttpMethod.Post, "/api/criteria/sets/import", Operator, new JsonObject { ["sets"] = new JsonArray(set.DeepClone()) }, ct);
        foreach (var indicator in set["criteria"]!.AsArray().SelectMany(c => c!["indicators"]!.AsArray()))
            (indicator!["textEn"], indicator["note"], indicator["departmentVi"]) = ("changed", "changed", "Sở");
        await api.MustAsync(
            HttpMethod.Post, $"/api/criteria/sets/{id}/amend", Operator,
            new JsonObject { ["act"] = new JsonObject { ["number"] = "bench" }, ["inForceFrom"] = "2024-03-01", ["set"] = set }, ct);
        var token = (await api.TokenAsync(Operator)).ToString();
        var request = Wire.Request(HttpMethod.Get, service, $"/api/criteria/sets/{id}/difference?from=1&to=2", token);
        Wire[] wires = [.. Enumerable.Range(0, clients).Select(_ => new Wire(service))];
        await Load.RunAsync(clients, warmUp, Ask);
        var series = await Load.RunAsync(clients, duration, Ask);
        foreach (var wire in wires) wire.Dispose();
        return series;

        async Task<string> Ask(int client, int turn) => (await wires[client].SendAsync(request, ct)).Failure;
    }
}
