using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>All units below one against a set: each with its counts, and taken together by district and in all.</summary>
internal static class GetOverview
{
    /// <summary>How sure the figures are that decide the indicators; judged counts those that an authority decided.</summary>
    public sealed record Marks(int Seen, int Recalled, int Unknown, int Judged);

    /// <param name="At">Where the unit stands along the set's dimension on the day.</param>
    public sealed record Item(
        string Unit, Guid UnitId, string Name, string? District, Guid? DistrictId, int Met, int NotMet, int NotReported, int Undetermined, int CriteriaMet, int CriteriaTotal,
        bool MeetsSet, int SetVersion, UnitLevel At, Marks Marks);

    /// <summary>The units of one district.</summary>
    public sealed record Group(string Unit, Guid UnitId, string Name, Together Totals);

    /// <param name="Districts">Empty where there are none on the day (after 30 June 2025).</param>
    public sealed record List(
        string Set, int SetVersion, bool? SetInForce, bool SetComplete, string Under, Guid UnderId, string Level, DateOnly ValidOn, IReadOnlyList<Item> Items, string? Next,
        Together Totals, IReadOnlyList<Group> Districts, bool Demonstration, long? AsOfPosition);

    public static async Task<IResult> Handle(
        HttpContext http, string? set, string? under, string? level, string? validOn, bool? rural, string? after, int? limit, Looking looking, SetCatalogue sets, Trails trails,
        Demonstration demonstration, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(validOn, "validOn", AsOf.DayOf(TakesAsOf.Of(http)) ?? looking.Today, faults);
        var take = Paging.Limit(limit, faults);
        faults.Required(set, "set").Unless(level is null || Looking.Levels.Contains(level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (known, refusal) = await looking.AtAsync(TakesAsOf.Of(http), ct);
        if (known is null) return Problems.Of(refusal!);
        if (await sets.FindAsync(set!, known.Position, ct) is not { } record) return Problems.Of(SetCommands.Unknown(set!));
        var actor = Actor.Of(http)!;
        var (above, unknown) = looking.Under(known, actor, under, day);
        if (above is null) return Problems.Of(unknown!);
        var may = known.Now.ReaderOf(actor, looking.Today);
        if (!may(above.Id, day)) return Problems.Of(AssessmentsModule.NoRight);

        var version = record.On(day);
        if (level is not null && level != version.Set.Tier) return Problems.Of(Refusal.Malformed("level", "tier", $"Bộ tiêu chí {set} dành cho cấp {version.Set.Tier}.", $"The set {set} is for the level {version.Set.Tier}."));
        List<UnitRef> units = [.. Looking.Units(known.Tree, above.Id, version.Set.Tier, day, rural is true).Where(u => may(u.Id, day))];
        var reports = (await trails.OfUnitsAsync([.. units.Select(u => u.Id)], ct)).Where(r => r.Set == version.Set.Id).ToLookup(r => r.Unit);
        var scored = Scoring.Of(known.Tree, version.Set, units, reports, day, known.By);
        var districts = units.ToDictionary(u => u.Id, u => known.Tree.Above(u.Id, "district", day));
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        if (format is not null) return Exports.Of(http, "assessments", format, scored.OrderBy(KeyOf, StringComparer.Ordinal).Select(InDistrict).ToAsyncEnumerable(), known.Position);
        var page = Paging.Page(http, scored.OrderBy(KeyOf, StringComparer.Ordinal), KeyOf, after, take);
        return TypedResults.Ok(new List(
            version.Set.Id, version.Number, record.InForceOn(day), version.Set.IsComplete, above.Code, above.Id, version.Set.Tier, day,
            [.. page.Items.Select(InDistrict)], page.Next,
            Together.Of(scored, version.Set), ByDistrict(known.Tree, scored, districts, version.Set, day), demonstration.On, known.Position));

        Item InDistrict(Scored s) => ItemOf(s, districts[s.Unit.Id] is { } district ? known.Tree.Ref(district, day) : null, version.Number);
    }

    internal static List<Group> ByDistrict(UnitTree tree, IEnumerable<Scored> scored, IReadOnlyDictionary<Guid, Guid?> districts, CriteriaSet set, DateOnly day) =>
    [
        .. from unit in scored
           let district = districts[unit.Unit.Id]
           where district is not null
           group unit by district.Value into units
           let named = tree.Ref(units.Key, day)
           orderby named.Code, named.Id
           select new Group(named.Code, named.Id, named.Name, Together.Of([.. units], set)),
    ];

    private static string KeyOf(Scored scored) => $"{scored.Unit.Code}|{scored.Unit.Id}";

    private static Item ItemOf(Scored scored, UnitRef? district, int version)
    {
        var (unit, score) = (scored.Unit, scored.Score);
        var marks = scored.Assessment.Criteria.SelectMany(c => c.Indicators).CountBy(i => i.Mark, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return new(
            unit.Code, unit.Id, unit.Name, district?.Code, district?.Id, score.Met, score.NotMet, score.NotReported, score.Undetermined, score.CriteriaMet, score.CriteriaTotal,
            score.MeetsSet, version, scored.At, new(marks.GetValueOrDefault("seen"), marks.GetValueOrDefault("recalled"), marks.GetValueOrDefault("unknown"), marks.GetValueOrDefault("judged")));
    }
}
