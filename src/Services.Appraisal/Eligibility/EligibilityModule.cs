using Marten;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

internal static class EligibilityModule
{
    public static StoreOptions AddEligibility(this StoreOptions options)
    {
        options.Schema.For<ApprovedAssessment>();
        options.Schema.For<KnownSet>();
        options.Schema.For<RetiredSet>();
        options.Projections.Add(new LearnedAssessments(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
        return options;
    }

    public static void MapEligibility(this IEndpointRouteBuilder api) => api.MapGet("/eligibility/{unit}", Get)
        .WithAsOf().WithName("GetEligibility")
        .WithSummary("Đơn vị đã đủ điều kiện xét công nhận chưa, còn thiếu gì · Whether a unit may be proposed for a title, and what is missing")
        .Produces<EligibilityView>()
        .ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);

    private static async Task<IResult> Get(
        string unit, string? title, QueryDay? on, HttpContext http, IQuerySession session, UnitRegister units, ProcedureBook book, AsOf past, Demonstration demonstration, TimeProvider clock, CancellationToken ct)
    {
        var today = clock.Today();
        var (target, refusal) = Target.Resolve(await units.GetAsync(ct), book, unit, title, on?.Value ?? AsOf.DayOf(TakesAsOf.Of(http)) ?? today);
        if (target is null) return Problems.Of(refusal!);
        if (!target.Tree.MayRead(Actor.Of(http.User), target.Unit.Id, target.Day, today)) return Problems.Of(Problems.OfStatus(403));

        var (position, malformed) = await past.ResolveAsync(TakesAsOf.Of(http), ct);
        if (malformed is not null) return Problems.Of(malformed);

        var facts = position is { } at
            ? await EligibilityFacts.LoadAsync(session, past, at, target, ct)
            : await EligibilityFacts.LoadAsync(session, target, ct);
        return TypedResults.Ok(EligibilityView.Of(target.Unit, target.Procedure, facts, Text.PrefersEnglish(http), demonstration.On, position));
    }
}
