using JasperFx.Events.Projections;
using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>Criteria sets of the law: drafted, published, amended, adapted by a province, retired.</summary>
internal static class CatalogueModule
{
    public static StoreOptions AddCatalogue(this StoreOptions options)
    {
        options.Events.MapEventType<CriteriaSetPublished>("criteria-set-published.v1");
        options.Events.MapEventType<SetDrafted>("set-drafted.v1");
        options.Events.MapEventType<SetDraftChanged>("set-draft-changed.v1");
        options.Events.MapEventType<SetAmended>("set-amended.v1");
        options.Events.MapEventType<SetAdapted>("set-adapted.v1");
        options.Events.MapEventType<SetRetired>("set-retired.v1");
        options.Projections.Add(new SetProjection(), ProjectionLifecycle.Inline);
        return options;
    }

    public static IServiceCollection AddCatalogue(this IServiceCollection services) => services.AddSingleton<SetCatalogue>().AddSingleton<SetCommands>()
        .AddSingleton(provider => new KeptTable("mt_doc_setrecord", provider.GetRequiredService<SetCatalogue>().Invalidate));

    public static void MapCatalogue(this RouteGroupBuilder api)
    {
        api.MapGet("/sets", GetSets.List).WithName("GetSets").WithAsOf().WithExport().WithSummary("Các bộ tiêu chí · Criteria sets").Produces<Page<GetSets.Item>>()
            .WithDescription("`on` ngày áp dụng (day; default today): phiên bản của ngày đó (the version of that day).");
        api.MapPost("/sets", SetCommands.Draft).Describe("DraftSet", "Dự thảo bộ tiêu chí · Draft a set", 201);
        api.MapPost("/sets/import", ImportSets.Handle).WithName("ImportSets").WithSummary("Nhập bộ tiêu chí từ JSON; dryRun=true chỉ kiểm tra · Import sets from JSON; dryRun=true only checks")
            .Produces<ImportSets.Result>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(422);
        var set = api.MapGroup("/sets/{set}");
        set.MapGet("", GetSets.One).WithAsOf().WithName("GetSet").WithSummary("Một bộ tiêu chí, kèm mức tin cậy · One set with its marks").Produces<SetView>().ProducesProblem(404)
            .WithDescription("`version` số phiên bản (number), else the version of the day `on` (default today).");
        set.MapGet("/versions", GetSets.Versions).WithAsOf().WithExport().WithName("GetSetVersions").WithSummary("Các phiên bản đã ban hành · Published versions").Produces<GetSets.VersionList>().ProducesProblem(404);
        set.MapGet("/difference", GetSets.Difference).WithAsOf().WithName("GetSetDifference").WithSummary("Khác nhau giữa hai phiên bản · Difference of two versions")
            .Produces<GetSets.DifferenceView>().ProducesProblem(400).ProducesProblem(404);
        set.MapGet("/difference-from-base", GetSets.FromBase).WithAsOf().WithName("GetSetDifferenceFromBase")
            .WithSummary("Bộ của tỉnh khác bộ quốc gia ở đâu · Where a province's set differs from the national one").Produces<GetSets.DifferenceView>().ProducesProblem(404).ProducesProblem(409);
        set.MapGet("/draft", GetSets.Draft).WithAsOf().WithName("GetSetDraft").WithSummary("Dự thảo · The draft").Produces<SetView>().ProducesProblem(403).ProducesProblem(404);
        set.MapPut("/draft", SetCommands.ChangeDraft).Describe("ChangeSetDraft", "Viết lại dự thảo · Write the draft anew");
        set.MapPost("/publish", SetCommands.Publish).Describe("PublishSet", "Ban hành dự thảo · Publish the draft");
        set.MapPost("/amend", SetCommands.Amend).Describe("AmendSet", "Sửa đổi: ban hành phiên bản mới · Amend: publish a further version");
        set.MapPost("/adapt", SetCommands.Adapt).Describe("AdaptSet", "Tỉnh điều chỉnh bộ quốc gia · A province adapts a national set", 201);
        set.MapPost("/retire", SetCommands.Retire).Describe("RetireSet", "Bãi bỏ · Retire");
    }

    private static void Describe(this RouteHandlerBuilder command, string name, string summary, int status = 200) => command.WithName(name).WithSummary(summary)
        .Produces<SetSummary>(status).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
}
