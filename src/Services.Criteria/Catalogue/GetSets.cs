using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>Sets and their versions, as they read on a day and as they were known at an instant.</summary>
internal static class GetSets
{
    public sealed record Item(
        string Id, string Title, string TitleVi, string TitleEn, string Tier, string Period, string Scope, string Dimension, int Version, int Versions, string Status, bool Complete,
        int Criteria, int Indicators, ExpectedCounts? ExpectedCounts, DateOnly? InForceFrom, DateOnly? InForceTo, string? InForceToSource, bool? InForce, string? Amends, SetBase? Base,
        DateOnly? LastDay, string Source, IReadOnlyList<LegalAct> LegalBasis);

    /// <summary>One published version, without its content.</summary>
    /// <param name="Correction">Whether it completes or corrects the text of an act that was recorded already.</param>
    /// <param name="Base">The version that a province's set goes out from.</param>
    public sealed record VersionItem(
        int Version, LegalAct? Act, DateOnly? InForceFrom, DateOnly? InForceTo, bool Complete, int Criteria, int Indicators, DateTimeOffset? PublishedAt, string? PublishedBy, bool Correction,
        SetBase? Base);

    public sealed record VersionList(string Id, string Status, IReadOnlyList<VersionItem> Items, string? Next, SetEnd? Retired, long? AsOfPosition);

    /// <summary>A version that is compared.</summary>
    public sealed record Side(string Set, int Version, bool Complete);

    public sealed record DifferenceView(
        Side From, Side To, IReadOnlyList<FieldDifference> Set, IReadOnlyList<CriterionDifference> Criteria, IReadOnlyList<IndicatorDifference> Indicators, int Unchanged, long? AsOfPosition);

    public static async Task<IResult> List(
        HttpContext http, SetCatalogue sets, AsOf asOf, TimeProvider clock, string? on, string? after, int? limit, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(on, "on", AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today(), faults);
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        var (position, malformed) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (malformed is not null) return Problems.Of(malformed);
        var known = position is { } at ? await sets.AllAsync(at, ct) : (await sets.AllAsync(ct)).Values.Where(r => r.IsPublished);
        return Exports.Answer(http, "sets", known.OrderBy(r => r.SetId, StringComparer.Ordinal).Select(r => ItemOf(http, r, day)), i => i.Id, after, take);
    }

    public static Task<IResult> One(
        HttpContext http, string set, int? version, string? on, SetCatalogue sets, AsOf asOf, TimeProvider clock, CancellationToken ct) =>
        OnAsync(http, set, sets, asOf, on, clock, (record, day, position) =>
        {
            if (Pick(record, version, day) is not { } found) return Task.FromResult(Problems.Of(UnknownVersion(set, version)));
            http.Response.Headers.ETag = ETags.Of(record.Version);
            return Task.FromResult<IResult>(TypedResults.Ok(SetView.Of(record, found, day, position)));
        }, ct);

    public static Task<IResult> Versions(HttpContext http, string set, SetCatalogue sets, AsOf asOf, TimeProvider clock, CancellationToken ct) =>
        OnAsync(http, set, sets, asOf, null, clock, (record, _, position) =>
        {
            IReadOnlyList<VersionItem> items =
            [
                .. record.Versions.Select(v => new VersionItem(
                    v.Number, v.Act, v.Set.InForceFrom, v.Set.InForceTo, v.Set.IsComplete, v.Set.Criteria.Count, v.Set.Indicators.Count(), v.At, v.By, v.Correction, v.Base)),
            ];
            return Task.FromResult(Exports.Whole(http, "versions", items, position, () => TypedResults.Ok(new VersionList(
                record.SetId, SetSummary.StatusOf(record), items, null, SetEnd.Of(record.Retired), position))));
        }, ct);

    public static Task<IResult> Difference(
        HttpContext http, string set, int? from, int? to, SetCatalogue sets, AsOf asOf, TimeProvider clock, CancellationToken ct) =>
        OnAsync(http, set, sets, asOf, null, clock, (record, _, position) =>
        {
            var faults = new Faults().Required(from, "from").Required(to, "to");
            if (faults.Refuse(400) is { } refusal) return Task.FromResult(Problems.Of(refusal));
            foreach (var number in (int[])[from!.Value, to!.Value])
                if (record.Find(number) is null) return Task.FromResult(Problems.Of(UnknownVersion(set, number)));
            var (left, right) = (record.Find(from.Value)!, record.Find(to.Value)!);
            return Task.FromResult<IResult>(TypedResults.Ok(ViewOf(SideOf(set, left), SideOf(set, right), SetDifference.Between(left.Set, right.Set), position)));
        }, ct);

    public static Task<IResult> FromBase(
        HttpContext http, string set, int? version, string? on, SetCatalogue sets, AsOf asOf, TimeProvider clock, CancellationToken ct) =>
        OnAsync(http, set, sets, asOf, on, clock, async (record, day, position) =>
        {
            if (Pick(record, version, day) is not { } own) return Problems.Of(UnknownVersion(set, version));
            if ((own.Base?.Set ?? own.Set.Amends) is not { } id)
                return Problems.Of(Refusal.Conflict("no-base", $"Bộ tiêu chí \"{set}\" không điều chỉnh bộ nào.", $"The set \"{set}\" goes out from no other."));
            if (await sets.FindAsync(id, position, ct) is not { } national) return Problems.Of(SetCommands.Unknown(id));
            var @base = (own.Base is { } reference ? national.Find(reference.Version) : null) ?? national.On(own.Set.InForceFrom ?? day);
            return TypedResults.Ok(ViewOf(SideOf(id, @base), SideOf(set, own), SetDifference.Between(@base.Set, own.Set, known: own.Set.Complete != false), position));
        }, ct);

    public static async Task<IResult> Draft(
        HttpContext http, string set, UnitRegister register, IQuerySession session, AsOf asOf, TimeProvider clock, CancellationToken ct)
    {
        if (!SetScope.MayWriteSome(Actor.Of(http)!) && !Actor.Of(http)!.Has(Roles.Auditor)) return Problems.Of(SetCommands.Forbidden);
        var (position, malformed) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (malformed is not null) return Problems.Of(malformed);
        var key = CriteriaSet.Key(set);
        var version = position is { } at && SetRules.IsId(set) ? await asOf.VersionAtAsync(key, at, ct) : 0;
        var record = !SetRules.IsId(set) || (position is not null && version == 0) ? null
            : position is null ? await session.LoadAsync<SetRecord>(key, ct)
            : await session.Events.AggregateStreamAsync<SetRecord>(key, version, token: ct);
        if (record is null) return Problems.Of(SetCommands.Unknown(set));
        var (tree, today) = (await register.GetAsync(ct), clock.Today());
        var actor = Actor.Of(http)!;
        if (!actor.Has(Roles.Auditor) && !SetScope.MayWrite(tree, actor, record.Scope, SetScope.ProvinceOf(tree, record, today), today)) return Problems.Of(SetCommands.Forbidden);
        if (record.Draft is null) return Problems.Of(Refusal.NotFound($"Bộ tiêu chí \"{set}\" không có dự thảo.", $"The set \"{set}\" has no draft."));
        http.Response.Headers.ETag = ETags.Of(record.Version);
        return TypedResults.Ok(SetView.OfDraft(record, position));
    }

    private static async Task<IResult> OnAsync(
        HttpContext http, string set, SetCatalogue sets, AsOf asOf, string? on, TimeProvider clock, Func<SetRecord, DateOnly, long?, Task<IResult>> answer, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(on, "on", AsOf.DayOf(TakesAsOf.Of(http)) ?? clock.Today(), faults);
        if (faults.Refuse(400) is { } refusal) return Problems.Of(refusal);
        var (position, malformed) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (malformed is not null) return Problems.Of(malformed);
        return await sets.FindAsync(set, position, ct) is { } record ? await answer(record, day, position) : Problems.Of(SetCommands.Unknown(set));
    }

    private static SetVersion? Pick(SetRecord record, int? version, DateOnly day) => version is { } number ? record.Find(number) : record.On(day);

    private static Refusal UnknownVersion(string set, int? version) =>
        Refusal.NotFound($"Bộ tiêu chí \"{set}\" không có phiên bản {version}.", $"The set \"{set}\" has no version {version}.");

    private static Side SideOf(string set, SetVersion version) => new(set, version.Number, version.Set.IsComplete);

    private static DifferenceView ViewOf(Side from, Side to, SetDifference d, long? position) => new(from, to, d.Set, d.Criteria, d.Indicators, d.Unchanged, position);

    private static Item ItemOf(HttpContext http, SetRecord record, DateOnly day)
    {
        var version = record.On(day);
        var s = version.Set;
        return new(
            s.Id, new Text(s.TitleVi, s.TitleEn).For(http), s.TitleVi, s.TitleEn, s.Tier, s.Period, s.Scope, s.Along, version.Number, record.Versions.Count, SetSummary.StatusOf(record),
            s.IsComplete, s.Criteria.Count, s.Indicators.Count(), s.ExpectedCounts, s.InForceFrom, s.InForceTo, s.InForceToSource, record.InForceOn(day), s.Amends, version.Base,
            record.Retired?.LastDay, s.Source, s.LegalBasis);
    }
}
