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
        foreach (var change in content.Events.Where(GoesOver).GroupBy(e => e.Date)) EndMerged(change.Key, [.. change]);
        foreach (var change in content.Events.Where(e => e is { Kind: "dissolved", Level: "district" }))
        {
            foreach (var code in change.From) Dissolve(change, Holder(code, change.Date.AddDays(-1)));
        }

        foreach (var unit in holders.GroupBy(h => h.Id, h => h.Row)) Classify(unit.Key, [.. unit]);
    }

    /// <summary>Mergers and splits; a split that only repeats mergers from the other side adds nothing.</summary>
    private static bool GoesOver(Change change) => change is { Level: "commune", Kind: "merged" } or { Level: "commune", Kind: "split", RestatesMergedEvents: false };

    /// <summary>What the file says of the unit, each over the days of its row; where it says nothing, nothing is known.</summary>
    private void Classify(Guid unit, IReadOnlyList<Row> rows)
    {
        List<UnitFact> facts = [];
        foreach (var (n, row) in rows.Index())
        {
            DateOnly? from = n == 0 ? null : row.ValidFrom;
            DateOnly? to = n == rows.Count - 1 ? null : row.ValidTo;
            Say(UnitFacts.Mountainous, Of(row.Mountainous), row.MountainousBasis, row.Source);
            Say(UnitFacts.Coastal, Of(row.Coastal), null, row.CoastalSource ?? row.Source);
            Say(UnitFacts.Population, row.Population?.ToString(CultureInfo.InvariantCulture), NoteOn("population"), row.Source);
            Say(UnitFacts.AreaKm2, row.AreaKm2?.ToString(CultureInfo.InvariantCulture), NoteOn("area_km2"), row.Source);

            void Say(string name, string? value, string? basis, string mark)
            {
                if (value is null) return;
                var fact = new UnitFact(name, value, from, to, basis, mark);
                if (facts.FindIndex(f => f.To is { } last && last.AddDays(1) == from && f with { From = from, To = to } == fact) is >= 0 and var before) facts[before] = facts[before] with { To = to };
                else facts.Add(fact);
            }
        }

        if (facts.Count > 0) Add(unit, new UnitClassified(facts, null, Importer, at));
    }

    private static string? Of(bool? yes) => yes switch
    {
        true => "true",
        false => "false",
        null => null,
    };

    /// <summary>The source of a column, as far as a note of the file names it: "area_km2, population: …".</summary>
    private string? NoteOn(string column) => content.SourceNotes.Select(n => n.Split(": ", 2)).FirstOrDefault(n => n.Length == 2 && n[0].Split(", ").Contains(column))?[1];

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
        if (row.ValidFrom is not { } from || Find(CodeBefore(row.Code, from), from.AddDays(-1)) is not { } before || !Continues(before.Row, row, from))
        {
            Create("commune", row, parent, row.ValidFrom is { } first ? PredecessorsOf(row.Code, first, null) : []);
            return;
        }

        string? BasisOf(params ReadOnlySpan<string> kinds)
        {
            foreach (var kind in kinds)
                if (content.Events.FirstOrDefault(e => e.Date == from && e.Kind == kind && e.To.Contains(row.Code)) is { } change) return change.LegalBasis;
            return null;
        }

        if (before.Row.Code != row.Code || (before.Row.FullNameVi != row.FullNameVi && before.Row.Kind == row.Kind))
            Add(before.Id, new UnitRenamed(row.Code, row.NameVi, row.FullNameVi, from, BasisOf("renamed", "reclassified", "merged"), row.Source, Importer, at));
        if (before.Row.Kind != row.Kind)
            Add(before.Id, new UnitReclassified(row.NameVi, row.FullNameVi, row.Kind, from, BasisOf("reclassified", "merged", "renamed"), row.Source, Importer, at));
        if (before.Row.District != row.District) Add(before.Id, new UnitMoved(parent, from, BasisOf("transferred", "unchanged", "merged"), row.Source, Importer, at));
        if (PredecessorsOf(row.Code, from, before.Id) is { Count: > 0 } absorbed)
            Add(before.Id, new UnitEnlarged(absorbed, from, BasisOf("merged", "split"), row.Source, Importer, at));
        holders.Add((before.Id, row));
    }

    /// <summary>Whether the row goes on with the unit before it; a merger under another name, and each of July 2025, makes a new unit.</summary>
    private bool Continues(Row before, Row row, DateOnly from)
    {
        var kinds = content.Events.Where(e => e.Date == from && e.To.Contains(row.Code)).Select(e => e.Kind).ToHashSet(StringComparer.Ordinal);
        if (kinds.Contains("unchanged") || kinds.Contains("renamed")) return true;
        if (from >= new DateOnly(2025, 7, 1)) return false;
        return before.NameVi == row.NameVi || (kinds.Contains("reclassified") && !kinds.Contains("merged"));
    }

    /// <summary>The code before the day, of a unit that got another and stayed itself.</summary>
    private string CodeBefore(string code, DateOnly from) =>
        content.Events.FirstOrDefault(e => e.Kind == "renamed" && e.Date == from && e.To.Contains(code)) is { From: [var before] } ? before : code;

    private List<UnitLink> PredecessorsOf(string code, DateOnly on, Guid? self) =>
    [
        .. content.Events.Where(e => GoesOver(e) && e.Date == on && e.To.Contains(code))
            .SelectMany(e => e.From.Select(from => new UnitLink(Holder(from, on.AddDays(-1)), on, PartOf(e, from))))
            .Where(link => link.Unit != self),
    ];

    /// <summary>Each unit that went over into others ends the day before, with all that took it in; one that stayed itself only gave a part away.</summary>
    private void EndMerged(DateOnly on, IReadOnlyList<Change> changes)
    {
        foreach (var code in changes.SelectMany(m => m.From).Distinct(StringComparer.Ordinal))
        {
            var gone = Holder(code, on.AddDays(-1));
            var into = changes.Where(m => m.From.Contains(code)).ToList();
            var links = into.SelectMany(m => m.To.Select(to => new UnitLink(Holder(to, on), on, PartOf(m, code)))).Where(l => l.Unit != gone).ToList();
            if (links.Count == 0) continue;
            var (basis, mark) = (into[0].LegalBasis, into[0].Source);
            Add(gone, holders.Any(h => h.Id == gone && (h.Row.ValidTo ?? DateOnly.MaxValue) >= on) ? new UnitReduced(links, on, basis, mark, Importer, at)
                : into.Exists(m => m.Kind == "split") ? new UnitSplit(links, on.AddDays(-1), basis, mark, Importer, at)
                : new UnitMerged(links, on.AddDays(-1), basis, mark, Importer, at));
            foreach (var link in links.Where(l => !streams[l.Unit].OfType<UnitCreated>().Single().Predecessors.Any(p => p.Unit == gone)
                         && !streams[l.Unit].OfType<UnitEnlarged>().Any(e => e.Predecessors.Any(p => p.Unit == gone))))
                Add(link.Unit, new UnitEnlarged([link with { Unit = gone }], on, basis, mark, Importer, at));
        }
    }

    private Guid Create(string level, Row row, Guid? parent, IReadOnlyList<UnitLink> predecessors)
    {
        var id = DeterministicId.Of("unit", level, row.Code, row.ValidFrom?.ToString("O", CultureInfo.InvariantCulture) ?? "origin");
        var basis = content.Events.FirstOrDefault(e => GoesOver(e) && e.Date == row.ValidFrom && e.To.Contains(row.Code))?.LegalBasis ?? row.ValidFromBasis;
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

    internal const string Importer = "system:import";

    private sealed record Content(
        List<string> SourceNotes, Row Province, List<Row> Districts, List<Row> CommunesBefore, List<Row> CommunesAfter, List<Change> Events,
        [property: JsonPropertyName("communes_historic_2019")] List<Row> CommunesHistoric2019);

    private sealed record Row(
        string Code, string NameVi, string FullNameVi, string Kind, DateOnly? ValidFrom, DateOnly? ValidTo, string Source,
        string? District = null, string? ValidFromBasis = null, bool? Mountainous = null, string? MountainousBasis = null, bool? Coastal = null, string? CoastalSource = null,
        long? Population = null, [property: JsonPropertyName("area_km2")] decimal? AreaKm2 = null);

    private sealed record Change(
        string Kind, string Level, DateOnly Date, string LegalBasis, List<string> From, List<string> To, string Source, List<Detail>? FromDetail = null, string? Note = null,
        bool RestatesMergedEvents = false);

    private sealed record Detail(string Code, string Part);

    private sealed record Regions([property: JsonPropertyName("regions")] List<RegionRow> List);

    private sealed record RegionRow(string Province, string Region);
}
