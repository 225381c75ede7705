using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>A fact that lacks what its contract promises is told by name, however deep; one from before a member came is whole.</summary>
public sealed class WholenessTests(ScratchPostgres postgres, ITestOutputHelper output) : IClassFixture<ScratchPostgres>
{
    private const string Origin = """{ "service": "criteria", "stream": "s", "version": 1, "position": 7, "eventId": "0199c0de-0000-7000-8000-000000000001", "recordedAt": "2026-11-24T08:30:00+07:00", "person": "an", "client": "c" }""";

    /// <summary>Members by their type, with the type of each, as the list of the contracts has them.</summary>
    private static readonly ILookup<string, (string Name, string Type)> Members = Repository.Read("tests/Architecture.Tests/contracts.txt").Split('\n')
        .Where(line => line.StartsWith("Ntm.", StringComparison.Ordinal) && line.Contains(" : ", StringComparison.Ordinal))
        .Select(line => line.Split(" : ")).Where(line => line[1] is not ("class" or "interface" or "enum"))
        .ToLookup(line => line[0][..line[0].LastIndexOf('.')], line => ($"{char.ToLowerInvariant(line[0][line[0].LastIndexOf('.') + 1])}{line[0][(line[0].LastIndexOf('.') + 2)..]}", line[1]), StringComparer.Ordinal);

    private static readonly IReadOnlyList<string> Files =
        [.. Directory.GetFiles(Repository.PathOf("tests"), "learned.*.json", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Repository.PathOf("."), f)).Where(f => !f.Contains("/bin/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Samples => [.. Files];

    public static TheoryData<string, string, string> Hollow => new()
    {
        { "UnitChanged", "\"unit\": {}", "unit.id is missing" },
        { "UnitChanged", """ "unit": { "id": "0199c0de-0000-7000-8000-0000000000aa", "level": "commune" } """, "unit.versions is missing" },
        { "UnitChanged", """ "unit": { "id": "0199c0de-0000-7000-8000-0000000000aa", "level": "commune", "versions": [null], "predecessors": [], "successors": [] } """, "unit.versions[0] is missing" },
        { "UnitChanged", """ "unit": { "id": "0199c0de-0000-7000-8000-0000000000aa", "level": "commune", "versions": [], "predecessors": [], "successors": [{ "on": "2025-07-01", "part": "whole" }] } """, "unit.successors[0].unit is missing" },
        { "CalendarChanged", """ "calendar": { "country": "vn" } """, "calendar.days is missing" },
        { "CalendarChanged", """ "calendar": { "country": "vn", "version": 2, "days": [{ "date": "2026-02-17", "kind": "holiday", "mark": "seen" }] } """, "calendar.days[0].name is missing" },
        { "SetPublished", "\"set\": null", "set is missing" },
    };

    [Fact]
    public void The_first_of_all_days_may_have_been_written_by_somebody()
    {
        var report = Files.First(file => Path.GetFileName(file) == "learned.criteria.report-approved.v1.json");
        var sample = JsonNode.Parse(Repository.Read(report))!.AsObject();
        sample["report"]!["figuresAsOf"] = "0001-01-01";
        Assert.Null(FaultOf(Topology.Named("criteria.report-approved")!, sample));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Hollow))]
    public void A_hollow_fact_is_no_fact_and_what_is_missing_is_named(string contract, string state, string fault)
    {
        var read = MessageReading.Read(Encoding.UTF8.GetBytes($$"""{ "messageType": ["urn:message:Ntm.Contracts.Criteria:{{contract}}"], "message": { "origin": {{Origin}}, {{state}} } }"""));
        Assert.Equal((null, fault, 7), (read.Fact, read.Fault, read.Position));
    }

    /// <summary>All that was ever announced and kept, and each with one member left out: it is whole just where the contract lets the member be none.</summary>
    [Theory]
    [MemberData(nameof(Samples))]
    public void What_is_kept_is_whole_and_without_a_member_only_where_the_contract_allows_it(string file)
    {
        var contract = Topology.Named(Path.GetFileName(file)["learned.".Length..^".v1.json".Length])!;
        var sample = JsonNode.Parse(Repository.Read(file))!.AsObject();
        Assert.Null(FaultOf(contract, sample));
        var members = MembersIn(sample, contract.FullName!, "").Where(m => m.Path is not ("origin.position" or "origin.service")).ToList();
        Assert.Contains(members, m => m.Needed);
        foreach (var (path, needed) in members)
        {
            var left = sample.DeepClone();
            Remove(left, path);
            Assert.Equal((path, needed ? $"{path} is missing" : null), (path, FaultOf(contract, left)));
        }
    }

    /// <summary>The register and all criteria sets, which are announced first of all.</summary>
    [Fact]
    public async Task All_that_the_data_files_announce_is_whole()
    {
        await using var criteria = new CriteriaHost(await postgres.CreateAsync());
        await criteria.ApplySchemaAsync();
        await criteria.ImportDataAsync(Ct);
        var map = criteria.Services.GetRequiredService<IntegrationMap>();
        await using var session = criteria.Services.GetRequiredService<IDocumentStore>().QuerySession();
        HashSet<Type> announced = [];
        foreach (var e in await session.Events.QueryAllRawEvents().OrderBy(e => e.Sequence).ToListAsync(Ct))
        {
            foreach (var fact in await map.MapAsync(e, session, Ct))
            {
                Assert.Null(Wholeness.Missing(fact));
                announced.Add(fact.GetType());
            }
        }

        Assert.Superset(new HashSet<Type> { typeof(UnitChanged), typeof(SetPublished), typeof(RegisterImported) }, announced);
    }

    /// <summary>A queue of 10,000 facts drains at more than 3,000 a second: looking through them is a small part of that.</summary>
    [Fact]
    public void Looking_through_ten_thousand_facts_takes_a_fraction_of_a_second()
    {
        var facts = Files.Select(file => (IIntegrationEvent)JsonSerializer.Deserialize(
            Repository.Read(file), Topology.Named(Path.GetFileName(file)["learned.".Length..^".v1.json".Length])!, NtmJson.Stored)!).ToList();
        foreach (var fact in facts) Assert.Null(Wholeness.Missing(fact));
        var clock = Stopwatch.StartNew();
        for (var n = 0; n < 10_000; n++) Assert.Null(Wholeness.Missing(facts[n % facts.Count]));
        output.WriteLine($"{clock.Elapsed.TotalMicroseconds / 10_000:0.0} µs a fact");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }

    private static string? FaultOf(Type contract, JsonNode fact) => MessageReading.Read(Encoding.UTF8.GetBytes(
        new JsonObject { ["messageType"] = new JsonArray($"urn:message:{contract.Namespace}:{contract.Name}"), ["message"] = fact.DeepClone() }.ToJsonString())).Fault;

    /// <summary>Members that are there, with whether each must be: a text, a list, a part, an id or an instant that is not marked as optional.</summary>
    private static IEnumerable<(string Path, bool Needed)> MembersIn(JsonObject value, string type, string path)
    {
        foreach (var (name, of) in Members[type].Where(m => value[m.Name] is not null))
        {
            var needed = !of.EndsWith('?') && of is not ("Int32" or "Int64" or "Boolean" or "Decimal" or "DateOnly");
            yield return ($"{path}{name}", needed);
            foreach (var inner in Inner(value[name]!, of.TrimEnd('?'), $"{path}{name}")) yield return inner;
        }
    }

    private static IEnumerable<(string Path, bool Needed)> Inner(JsonNode value, string type, string path) => value switch
    {
        JsonArray list => list.SelectMany((element, n) => Inner(element!, type["IReadOnlyList<".Length..^1], $"{path}[{n}]")),
        JsonObject part when type.StartsWith("Ntm.", StringComparison.Ordinal) => MembersIn(part, type, $"{path}."),
        _ => [],
    };

    private static void Remove(JsonNode fact, string path)
    {
        var steps = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        var at = steps[..^1].Aggregate(fact, (node, step) => node is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!);
        Assert.True(at.AsObject().Remove(steps[^1]));
    }
}
