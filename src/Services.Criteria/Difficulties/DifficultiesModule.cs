using JasperFx.Events.Projections;
using Marten;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Difficulties;

/// <summary>Difficulties (khó khăn, vướng mắc): from a unit up to the province, and its answer back.</summary>
internal static class DifficultiesModule
{
    public static StoreOptions AddDifficulties(this StoreOptions options)
    {
        options.Events.MapEventType<DifficultyRaised>("difficulty-raised.v1");
        options.Events.MapEventType<DifficultyPassedOn>("difficulty-passed-on.v1");
        options.Events.MapEventType<DifficultyAnswered>("difficulty-answered.v1");
        options.Events.MapEventType<DifficultyWithdrawn>("difficulty-withdrawn.v1");
        options.Projections.Add(new DifficultyProjection(), ProjectionLifecycle.Inline);
        options.Schema.For<Difficulty>().Index(d => d.UnitId);
        return options;
    }

    public static IntegrationMap AnnounceDifficulties(this IntegrationMap map)
    {
        On<DifficultyRaised>();
        On<DifficultyPassedOn>();
        On<DifficultyAnswered>();
        On<DifficultyWithdrawn>();
        return map;

        void On<TEvent>() where TEvent : class => map.On<TEvent>(
            async (e, session, ct) =>
            {
                var d = (await session.Events.AggregateStreamAsync<Difficulty>(e.StreamKey!, e.Version, token: ct))!;
                var chain = ReportChain.Of(await map.UnitsAsync(ct), d);
                return
                [
                    new DifficultyChanged(map.OriginOf(e), new(
                        d.Number, chain.Unit, d.Period, d.Set, d.Indicator, Difficulty.NameOf(d.Status), d.Version, DifficultyView.Asked(d, chain))),
                ];
            },
            typeof(DifficultyChanged));
    }

    public static void MapDifficulties(this RouteGroupBuilder api)
    {
        api.MapPost("/reports/{period}/{unit}/difficulties", RaiseDifficulty.Handle).Describe("RaiseDifficultyInReport", "Nêu khó khăn trong báo cáo · Raise a difficulty in a report", 201);
        api.MapPost("/units/{unit}/difficulties", RaiseDifficulty.HandleWithoutPeriod).Describe("RaiseDifficulty", "Nêu khó khăn, không theo kỳ · Raise a difficulty at any time", 201)
            .WithDescription("`set` chỉ cần khi nêu chỉ tiêu (only with an `indicator`).");
        api.MapGet("/difficulties", GetDifficulties.HandleList).WithName("GetDifficulties").WithExport().WithSummary("Danh sách khó khăn, vướng mắc · Difficulties")
            .Produces<Page<DifficultyView>>().ProducesProblem(404);
        var one = api.MapGroup("/difficulties/{id:guid}");
        one.MapGet("", GetDifficulties.HandleOne).WithName("GetDifficulty").WithSummary("Một khó khăn · One difficulty").Produces<DifficultyView>().ProducesProblem(403).ProducesProblem(404);
        one.MapPost("/pass-on", SettleDifficulty.PassOn).Describe("PassOnDifficulty", "Chuyển lên tỉnh, kèm ý kiến · Pass on to the province, with a comment");
        one.MapPost("/answer", SettleDifficulty.Answer).Describe("AnswerDifficulty", "Tỉnh trả lời · The province answers");
        one.MapPost("/withdraw", SettleDifficulty.Withdraw).Describe("WithdrawDifficulty", "Đơn vị rút · The unit withdraws");
    }

    private static RouteHandlerBuilder Describe(this RouteHandlerBuilder command, string name, string summary, int status = 200) => command.WithName(name).WithSummary(summary)
        .Produces<DifficultyView>(status).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
}
