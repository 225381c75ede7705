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

    public static Refusal NoRight { get; } = Refusal.Forbidden("Chỉ đơn vị và cấp trên của đơn vị được xem đánh giá.", "Only the unit and those above it read its assessment.");

    public static IServiceCollection AddAssessments(this IServiceCollection services) => services.AddSingleton<Trails>().AddSingleton<Assessor>().AddSingleton<Looking>();

    public static void MapAssessments(this RouteGroupBuilder api)
    {
        var assessments = api.MapGroup("/assessments");
        assessments.MapGet("", GetOverview.Handle).WithName("GetAssessments").WithAsOf().WithExport().Produces<GetOverview.List>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Tổng hợp đánh giá các đơn vị: từng đơn vị, từng huyện, toàn tỉnh · Overview of all units against a set")
            .WithDescription(
                "`set` bộ tiêu chí (set), `under` mã đơn vị cấp trên (code of the unit above; default the caller's own), `level` cấp (default the set's), `validOn` ngày của số liệu (day; default today), "
                + "`rural` true: bỏ qua phường (wards of the day are left out), "
                + "`asOf` thời điểm ghi nhận (recorded instant).");
        assessments.MapPost("/what-if", WhatIf.Handle).WithName("ScoreWhatIf").WithAsOf().Produces<WhatIf.View>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(422)
            .WithSummary("Tính thử theo bộ tiêu chí hoặc mức khác; không ghi gì · Score against another set or other figures; nothing is written");
        assessments.MapGet("/difference", GetDifferences.Handle).WithName("GetAssessmentDifferences").WithExport().Produces<GetDifferences.List>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Đánh giá của các đơn vị thay đổi thế nào giữa hai ngày hoặc hai thời điểm: số lượng · How the units' assessments changed between two days or instants: counts")
            .WithDescription(
                "`under` mã đơn vị cấp trên (code of the unit above on each side's day; default the caller's own), `from`, `to`, `fromValidOn`, `toValidOn` như của một đơn vị (as for one unit), "
                + "`rural` true: bỏ qua phường (wards of each side's day are left out).");
        assessments.MapGet("/{unit}", HandleAsync).WithName("GetAssessment").WithAsOf().Produces<View>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Đánh giá theo bộ tiêu chí: đạt, không đạt, chưa báo cáo, chưa xác định · Assessment against a set")
            .WithDescription("`validOn` ngày của số liệu (day of the figures, also of the unit's code; default today), `asOf` thời điểm ghi nhận (recorded instant).");
        assessments.MapGet("/{unit}/difference", GetDifference.Handle).WithName("GetAssessmentDifference").Produces<GetDifference.View>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Đánh giá thay đổi thế nào giữa hai ngày hoặc hai thời điểm · What changed between two days or instants")
            .WithDescription(
                "`from`, `to` ngày của số liệu (a day of the figures, by all that is recorded now) hoặc thời điểm ghi nhận (an instant, by what was recorded then; default today), "
                + "`fromValidOn`, `toValidOn` ngày của số liệu khác (another day of the figures), `on` ngày của mã đơn vị (day of the unit's code).");
        assessments.MapGet("/{unit}/indicators/{indicator}/events", GetFigureEvents.Handle).WithName("GetFigureEvents").WithAsOf().WithExport().Produces<GetFigureEvents.List>().ProducesProblem(403).ProducesProblem(404)
            .WithSummary("Mọi sự kiện đằng sau một số liệu, ai và khi nào · All events behind a figure, who and when");
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, string unit, string? set, string? validOn, string? on, Looking looking, SetCatalogue sets, Assessor assessor, Demonstration demonstration, CancellationToken ct)
    {
        var faults = new Faults();
        var day = Days.Parse(validOn, "validOn", AsOf.DayOf(TakesAsOf.Of(http)) ?? looking.Today, faults);
        var codeDay = Days.Parse(on, "on", day, faults);
        faults.Required(set, "set");
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);

        // What is asked about the past is answered by the set and the register of then; who may read it, by the register of today.
        var (known, refusal) = await looking.AtAsync(TakesAsOf.Of(http), ct);
        if (known is null) return Problems.Of(refusal!);
        if (await sets.FindAsync(set!, known.Position, ct) is not { } record) return Problems.Of(SetCommands.Unknown(set!));
        if (known.Tree.Resolve(unit, codeDay) is not { } named) return Problems.Of(GetUnits.Unknown(unit, codeDay));
        var may = known.Now.ReaderOf(Actor.Of(http)!, looking.Today);
        if (!may(named.Id, codeDay) || !may(named.Id, day)) return Problems.Of(NoRight);
        var version = record.On(day);
        var found = version.Set;
        var level = Dimensions.Of(known.Tree, found, named.Id, day);
        var a = await assessor.AssessAsync(found, named.Id, level.Value, day, known.Position, ct);
        return TypedResults.Ok(new View(
            named.Code, named.Id, named.Code, named.Name, found.Id, found.IsComplete, day, a.Met, a.NotMet, a.NotReported, a.Undetermined, a.CriteriaMet, a.Criteria.Count,
            a.Criteria, demonstration.On, known.Position, version.Number, record.InForceOn(day), level.Dimension, level));
    }
}
