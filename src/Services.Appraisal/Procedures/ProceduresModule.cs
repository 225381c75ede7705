using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Procedures;

internal static class ProceduresModule
{
    /// <summary>A province's file over a version.</summary>
    public sealed record OverlayItem(string Id, string Province, string Version, DateOnly ValidFrom, DateOnly? ValidTo);

    /// <param name="Unseen">How many of its values were not seen in the law itself.</param>
    public sealed record VersionItem(string Version, DateOnly ValidFrom, DateOnly? ValidTo, string? TransitionRule, int Unseen, IReadOnlyList<OverlayItem> Overlays);

    public sealed record Item(string Procedure, string Title, string Tier, string Name, IReadOnlyList<VersionItem> Versions);

    public static StoreOptions AddProcedures(this StoreOptions options)
    {
        options.Schema.For<KnownCalendar>();
        options.Projections.Add(new LearnedCalendar(), JasperFx.Events.Projections.ProjectionLifecycle.Inline);
        return options;
    }

    public static void MapProcedures(this IEndpointRouteBuilder api)
    {
        api.MapGet("/procedures", List).WithName("GetProcedures").WithExport()
            .WithSummary("Các quy trình xét công nhận và các phiên bản · The recognition procedures and their versions")
            .Produces<Page<Item>>().ProducesProblem(422);
        api.MapGet("/procedures/{id}", Get).WithName("GetProcedure")
            .WithSummary("Quy trình xét công nhận, với căn cứ và độ tin cậy · A recognition procedure with its legal basis and marks")
            .WithDescription("`version` phiên bản (default: in force `on` the day; without a day the latest), `province` mã tỉnh: with that province's own values.")
            .Produces<ProcedureView>().ProducesProblem(404).ProducesProblem(422);
        api.MapGet("/procedures/{id}/diagram", GetDiagram).WithName("GetProcedureDiagram")
            .WithSummary("Sơ đồ quy trình (Mermaid) · The procedure as a diagram (Mermaid text)")
            .Produces<string>(contentType: Diagram.MediaType).ProducesProblem(404).ProducesProblem(422);
    }

    private static IResult List(HttpContext http, ProcedureBook book, string? after, int? limit)
    {
        var faults = new Faults();
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse() is { } refusal) return Problems.Of(refusal);
        var english = Text.PrefersEnglish(http);
        var items = book.All.GroupBy(p => p.Id, StringComparer.Ordinal).Select(versions =>
        {
            var title = book.Titles.First(t => t.Id == versions.First().Title);
            return new Item(versions.Key, title.Id, title.Tier, english ? title.NameEn : title.NameVi,
            [
                .. versions.Select(p => new VersionItem(
                    p.Version, p.ValidFrom, p.ValidTo, p.Transition.Rule, ProcedureView.UnseenIn(p, "").Count,
                    [.. book.OverlaysOf(p).Select(o => new OverlayItem(o.Overlay!.Id, o.Overlay.Province, o.Version, o.Overlay.ValidFrom, o.Overlay.ValidTo))])),
            ]);
        });
        return Exports.Answer(http, "procedures", items, i => i.Procedure, after, take);
    }

    private static async Task<IResult> Get(
        string id, string? version, QueryDay? on, string? province, HttpContext http, ProcedureBook book, UnitRegister units, TimeProvider clock, CancellationToken ct)
    {
        var (procedure, refusal) = Find(book, await units.GetAsync(ct), id, version, on?.Value, province, clock.Today());
        return procedure is null ? Problems.Of(refusal!) : TypedResults.Ok(ProcedureView.Of(procedure, Text.PrefersEnglish(http)));
    }

    private static async Task<IResult> GetDiagram(
        string id, string? version, QueryDay? on, string? province, HttpContext http, ProcedureBook book, UnitRegister units, TimeProvider clock, CancellationToken ct)
    {
        var (procedure, refusal) = Find(book, await units.GetAsync(ct), id, version, on?.Value, province, clock.Today());
        return procedure is null ? Problems.Of(refusal!) : TypedResults.Text(Diagram.Of(procedure, Text.PrefersEnglish(http)), Diagram.MediaType);
    }

    /// <summary>
    /// A version may be national or, as a dossier keeps it, with a province's file (<c>version+overlay</c>). Without a day and a version it
    /// is today's, else the latest: how a title was won is read after its end too.
    /// </summary>
    private static (Procedure? Procedure, Refusal? Refusal) Find(
        ProcedureBook book, UnitTree tree, string id, string? version, DateOnly? on, string? province, DateOnly today)
    {
        var day = on ?? today;
        if (book.Latest(id) is not { } latest) return (null, Refusal.NotFound($"Không có quy trình \"{id}\".", $"There is no procedure \"{id}\"."));
        if (province is not null && (tree.Resolve(province, day) is not { } unit || tree.Find(unit.Id)!.Level != "province"))
        {
            return (null, Refusal.Invalid(
                "province", "province-unknown", $"Ngày {day:dd/MM/yyyy} không có tỉnh nào mang mã \"{province}\".", $"No province carries the code \"{province}\" on {day:yyyy-MM-dd}."));
        }

        var found = version is not null ? book.FindVersion(id, version) : book.Find(id, day) ?? (on is null ? latest : null);
        return (found, version) switch
        {
            (not null, _) => (book.Effective(found, province, day), null),
            (_, null) => (null, Refusal.NotFound(
                $"Ngày {day:dd/MM/yyyy} không có phiên bản nào của quy trình \"{id}\" có hiệu lực.", $"No version of the procedure \"{id}\" is in force on {day:yyyy-MM-dd}.")),
            _ => (null, Refusal.NotFound($"Quy trình \"{id}\" không có phiên bản \"{version}\".", $"The procedure \"{id}\" has no version \"{version}\".")),
        };
    }
}
