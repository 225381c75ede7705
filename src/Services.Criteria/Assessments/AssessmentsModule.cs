using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>Assessments: n of 19, on any day, with the rule behind each figure.</summary>
internal static class AssessmentsModule
{
    /// <param name="SetVersion">The version of the set that governs the day.</param>
    /// <param name="SetInForce">Whether the set is in force on the day; null where nobody knows.</param>
    /// <param name="Dimension">region or communeGroup: what the set's figures differ by.</param>
    /// <param name="At">Where the unit stands along it on the day, with its mark.</param>
    public sealed record View(
        string Unit, Guid UnitId, string Code, string Name, string Set, bool SetComplete, DateOnly ValidOn, int Met, int NotMet, int NotReported, int Undetermined,
        int CriteriaMet, int CriteriaTotal, IReadOnlyList<Assessment.AssessedCriterion> Criteria, bool Demonstration, long? AsOfPosition, int SetVersion, bool? SetInForce,
        string Dimension, UnitLevel At);

    public static void MapAssessments(this RouteGroupBuilder api) =>
        api.MapGet("/assessments/{unit}", HandleAsync).WithName("GetAssessment").WithAsOf().Produces<View>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Đánh giá theo bộ tiêu chí: đạt, không đạt, chưa báo cáo, chưa xác định · Assessment against a set")
            .WithDescription("`validOn` ngày của số liệu (day of the figures, also of the unit's code; default today), `asOf` thời điểm ghi nhận (recorded instant).");

    private static async Task<IResult> HandleAsync(
        HttpContext http, string unit, string? set, string? validOn, string? on, UnitRegister register, PastUnits past, SetCatalogue sets, Assessor assessor, AsOf asOf, Demonstration demonstration, TimeProvider clock, CancellationToken ct)
    {
        var faults = new Faults();
        var today = clock.Today();
        var day = Days.Parse(validOn, "validOn", AsOf.DayOf(TakesAsOf.Of(http)) ?? today, faults);
        var codeDay = Days.Parse(on, "on", day, faults);
        faults.Required(set, "set");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (position, refusal) = await asOf.ResolveAsync(TakesAsOf.Of(http), ct);
        if (refusal is not null) return Problems.Of(refusal);

        // What is asked about the past is answered by the set and the register of then; who may read it, by the register of today.
        if (await sets.FindAsync(set!, position, ct) is not { } record) return Problems.Of(SetCommands.Unknown(set!));
        var now = await register.GetAsync(ct);
        var tree = position is { } at ? await past.AtAsync(at, ct) : now;
        if (tree.Resolve(unit, codeDay) is not { } named) return Problems.Of(GetUnits.Unknown(unit, codeDay));
        if (!now.MayRead(Actor.Of(http)!, named.Id, codeDay, today))
            return Problems.Of(Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem đánh giá.", "Only the unit and those above it read its assessment."));
        var version = record.On(day);
        var found = version.Set;
        var level = Dimensions.Of(tree, found, named.Id, day);
        var a = await assessor.AssessAsync(found, named.Id, level.Value, day, position, ct);
        return TypedResults.Ok(new View(
            named.Code, named.Id, named.Code, named.Name, found.Id, found.IsComplete, day, a.Met, a.NotMet, a.NotReported, a.Undetermined, a.CriteriaMet, a.Criteria.Count,
            a.Criteria, demonstration.On, position, version.Number, record.InForceOn(day), level.Dimension, level));
    }
}
