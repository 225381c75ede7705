using JasperFx.Events.Projections;
using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

internal static class EligibilityModule
{
    public static StoreOptions AddEligibility(this StoreOptions options)
    {
        options.Schema.For<ApprovedAssessment>();
        options.Schema.For<KnownSet>();
        options.Schema.For<RetiredSet>();
        options.Projections.Add(new LearnedAssessments(), ProjectionLifecycle.Inline);
        options.Projections.Add(new KeptEligibilityProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddEligibility(this IServiceCollection services) =>
        services.AddSingleton<EligibilityKeeper>().AddHostedService<EligibilityByDay>();

    public static void AddEligibilityWatch(this MartenServiceCollectionExtensions.MartenConfigurationExpression store) =>
        store.AddSubscriptionWithServices<EligibilityWatch>(ServiceLifetime.Singleton, _ => { });

    public static void MapEligibility(this IEndpointRouteBuilder api)
    {
        api.MapGet("/eligibility/{unit}", GetEligibility.Now)
            .WithAsOf().WithName("GetEligibility")
            .WithSummary("Đơn vị đã đủ điều kiện xét công nhận chưa, còn thiếu gì · Whether a unit may be proposed for a title, and what is missing")
            .Produces<EligibilityView>()
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
        api.MapGet("/eligibility/{unit}/history", GetEligibility.History)
            .WithAsOf().WithExport().WithName("GetEligibilityHistory")
            .WithSummary("Khi nào đủ, khi nào không còn đủ điều kiện, và vì sao · When a unit became eligible or ceased to be, and by what")
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(422);
    }
}
