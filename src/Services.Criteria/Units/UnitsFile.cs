using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units;

/// <summary>Reads <c>data/units.json</c> as the events of each unit's stream, in the order in which they came into force.</summary>
public sealed class UnitsFile
{
    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true };
    private readonly Content content;
    private readonly string? region;
    private readonly DateTimeOffset at;
    private readonly Dictionary<Guid, List<object>> streams = [];
    private readonly List<(Guid Id, Row Row)> holders = [];

    private UnitsFile(Content content, string? region, DateTimeOffset at) => (this.content, this.region, this.at) = (content, region, at);

    /// <summary>The stream of each unit; ids are made from level, code and first day, so that a second reading gives the same.</summary>
    public static IReadOnlyDictionary<Guid, List<object>> Read(string unitsJson, string regionsJson, DateTimeOffset at)
    {
        var units = JsonSerializer.Deserialize<Content>(unitsJson, Snake)!;
        var ofProvince = JsonSerializer.Deserialize<Regions>(regionsJson, Snake)!.List.FirstOrDefault(r => r.Province == units.Province.Code)?.Region;
        var file = new UnitsFile(units, ofProvince, at);
        file.Lay();
        return file.streams;
    }

    private void Lay()
    {
        var province = Create("province", content.Province, null, []);
        foreach (var district in content.Districts) Create("district", district, province, []);
        foreach (var row in content.CommunesHistoric2019.Concat(content.CommunesBefore).Concat(content.CommunesAfter.Select(r => r with { District = null }))
                     .OrderBy(r => r.ValidFrom ?? DateOnly.MinValue).ThenBy(r => r.Code, StringComparer.Ordinal))
            LayCommune(row, province);
        foreach (var change in content.Events.Where(e => e is { Kind: "merged", Level: "commune" }).GroupBy(e => e.Date)) EndMerged(change.Key, [.. change]);
        foreach (var change in content.Events.Where(e => e is { Kind: "dissolved", Level: "district" }))
        {
            foreach (var code in change.From) Dissolve(change, Holder(code, change.Date.AddDays(-1)));
        }
    }

    /// <summary>Those that the law names as heirs answer for it; which part went to whom stands in the source's own words.</summary>
    private void Dissolve(Change change, Guid gone)
    {
        var part = change.To.Count > 1 ? change.Note ?? "part" : "whole";
        var heirs = change.To.Select(to => new UnitLink(Holder(to, change.Date), change.Date, part)).ToList();
        Add(gone, new UnitDissolved(heirs, change.Date.AddDays(-1), change.LegalBasis, change.Source, Importer, at));
        foreach (var heir in heirs)
            Add(heir.Unit, new UnitEnlarged([heir with { Unit = gone }], change.Date, change.LegalBasis, change.Source, Importer, at));
    }

    private void LayCommune(Row row, Guid province)
    {
        var parent = row.District is { } district ? Holder(district, row.ValidTo ?? row.ValidFrom ?? DateOnly.MinValue) : province;
        if (row.ValidFrom is not { } from || Find(row.Code, from.AddDays(-1)) is not { } before || !Continues(before.Row, row, from))
        {
            Create("commune", row, parent, row.ValidFrom is { } first ? PredecessorsOf(row.Code, first, null) : []);
            return;
        }

        var basis = content.Events.FirstOrDefault(e => e.Date == from && e.To.Contains(row.Code) && e.Kind is "reclassified" or "transferred" or "unchanged" or "merged")?.LegalBasis;
        if (before.Row.FullNameVi != row.FullNameVi || before.Row.Kind != row.Kind)
            Add(before.Id, new UnitReclassified(row.NameVi, row.FullNameVi, row.Kind, from, basis, row.Source, Importer, at));
        if (before.Row.District != row.District) Add(before.Id, new UnitMoved(parent, from, basis, row.Source, Importer, at));
        if (PredecessorsOf(row.Code, from, before.Id) is { Count: > 0 } absorbed)
            Add(before.Id, new UnitEnlarged(absorbed, from, basis, row.Source, Importer, at));
        holders.Add((before.Id, row));
    }

    /// <summary>Whether the row goes on with the unit before it; a merger under another name, and each of July 2025, makes a new unit.</summary>
    private bool Continues(Row before, Row row, DateOnly from)
    {
        var kinds = content.Events.Where(e => e.Date == from && e.To.Contains(row.Code)).Select(e => e.Kind).ToHashSet(StringComparer.Ordinal);
        if (kinds.Contains("unchanged")) return true;
        if (from >= new DateOnly(2025, 7, 1)) return false;
        return before.NameVi == row.NameVi || (kinds.Contains("reclassified") && !kinds.Contains("merged"));
    }

    private List<UnitLink> PredecessorsOf(string code, DateOnly on, Guid? self) =>
    [
        .. content.Events.Where(e => e is { Kind: "merged", Level: "commune" } && e.Date == on && e.To.Contains(code))
            .SelectMany(e => e.From.Select(from => new UnitLink(Holder(from, on.AddDays(-1)), on, PartOf(e, from))))
            .Where(link => link.Unit != self),
    ];

    /// <summary>Each unit that went over into others ends the day before, with all that took it in; one that stayed itself was only enlarged.</summary>
    private void EndMerged(DateOnly on, IReadOnlyList<Change> merges)
    {
        foreach (var code in merges.SelectMany(m => m.From).Distinct(StringComparer.Ordinal))
        {
            var gone = Holder(code, on.AddDays(-1));
            if (Find(code, on) is { } after && after.Id == gone) continue;
            var into = merges.Where(m => m.From.Contains(code)).ToList();
            var links = into.SelectMany(m => m.To.Select(to => new UnitLink(Holder(to, on), on, PartOf(m, code)))).ToList();
            Add(gone, new UnitMerged(links, on.AddDays(-1), into[0].LegalBasis, into[0].Source, Importer, at));
            foreach (var link in links.Where(l => !streams[l.Unit].OfType<UnitCreated>().Single().Predecessors.Any(p => p.Unit == gone)
                         && !streams[l.Unit].OfType<UnitEnlarged>().Any(e => e.Predecessors.Any(p => p.Unit == gone))))
                Add(link.Unit, new UnitEnlarged([link with { Unit = gone }], on, into[0].LegalBasis, into[0].Source, Importer, at));
        }
    }

    private Guid Create(string level, Row row, Guid? parent, IReadOnlyList<UnitLink> predecessors)
    {
        var id = DeterministicId.Of("unit", level, row.Code, row.ValidFrom?.ToString("O", CultureInfo.InvariantCulture) ?? "origin");
        var basis = content.Events.FirstOrDefault(e => e.Kind == "merged" && e.Date == row.ValidFrom && e.To.Contains(row.Code))?.LegalBasis ?? row.ValidFromBasis;
        streams.Add(id, [new UnitCreated(id, level, region, row.Code, row.NameVi, row.FullNameVi, row.Kind, parent, row.ValidFrom, predecessors, basis, row.Source, Importer, at)]);
        holders.Add((id, row));
        return id;
    }

    private void Add(Guid unit, object e) => streams[unit].Add(e);

    private Guid Holder(string code, DateOnly day) => Find(code, day)?.Id ?? throw new InvalidDataException($"units.json: nothing carries code {code} on {day:O}.");

    private (Guid Id, Row Row)? Find(string code, DateOnly day) => holders
        .Where(h => h.Row.Code == code && (h.Row.ValidFrom ?? DateOnly.MinValue) <= day && day <= (h.Row.ValidTo ?? DateOnly.MaxValue))
        .Select(h => ((Guid, Row)?)h).FirstOrDefault();

    private static string PartOf(Change change, string code) => change.FromDetail?.FirstOrDefault(d => d.Code == code)?.Part ?? "whole";

    private const string Importer = "system:import";

    private sealed record Content(
        Row Province, List<Row> Districts, List<Row> CommunesBefore, List<Row> CommunesAfter, List<Change> Events,
        [property: JsonPropertyName("communes_historic_2019")] List<Row> CommunesHistoric2019);

    private sealed record Row(
        string Code, string NameVi, string FullNameVi, string Kind, DateOnly? ValidFrom, DateOnly? ValidTo, string Source,
        string? District = null, string? ValidFromBasis = null);

    private sealed record Change(
        string Kind, string Level, DateOnly Date, string LegalBasis, List<string> From, List<string> To, string Source, List<Detail>? FromDetail = null, string? Note = null);

    private sealed record Detail(string Code, string Part);

    private sealed record Regions([property: JsonPropertyName("regions")] List<RegionRow> List);

    private sealed record RegionRow(string Province, string Region);
}
