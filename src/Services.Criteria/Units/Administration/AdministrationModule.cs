using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>Acts on the register: create, rename, move, classify, merge, split, dissolve.</summary>
internal static class AdministrationModule
{
    public static IServiceCollection AddUnitAdministration(this IServiceCollection services) => services.AddSingleton<UnitActs>();

    public static void MapUnitAdministration(this RouteGroupBuilder api)
    {
        var units = api.MapGroup("/units");
        units.MapPost("", (HttpContext http, string? dryRun, CreateUnit.Body body, UnitActs acts) =>
                acts.Run(http, new("create", dryRun, null, body.On, body.LegalBasis, FoundsProvince: body.Level == "province"), act => CreateUnit.Plan(act, body)))
            .Describe("CreateUnit", "Thành lập đơn vị · Create a unit", created: true);
        units.MapPost("/{unit}/villages", (HttpContext http, string unit, string? dryRun, CreateUnit.VillageBody body, UnitActs acts) =>
                acts.Run(http, new(ActRequest.CreateVillage, dryRun, unit, body.On, body.LegalBasis), act => CreateUnit.PlanVillage(act, body)))
            .Describe("CreateVillage", "Xã đăng ký thôn, tổ dân phố · A commune registers a village", created: true);
        units.MapPost("/{unit}/rename", (HttpContext http, string unit, string? dryRun, RenameUnit.Body body, UnitActs acts) =>
                acts.Run(http, new("rename", dryRun, unit, body.On, body.LegalBasis), act => RenameUnit.Plan(act, body)))
            .Describe("RenameUnit", "Đổi tên, mã hoặc loại · Change name, code or kind");
        units.MapPost("/{unit}/move", (HttpContext http, string unit, string? dryRun, RenameUnit.MoveBody body, UnitActs acts) =>
                acts.Run(http, new("move", dryRun, unit, body.On, body.LegalBasis), act => RenameUnit.PlanMove(act, body)))
            .Describe("MoveUnit", "Chuyển sang cấp trên khác · Move below another unit");
        units.MapPost("/{unit}/classify", (HttpContext http, string unit, string? dryRun, ClassifyUnit.Body body, UnitActs acts) =>
                acts.Run(http, new("classify", dryRun, unit, body.On, body.LegalBasis), act => ClassifyUnit.Plan(act, body)))
            .Describe("ClassifyUnit", "Phân loại: vùng, nhóm xã, địa hình, dân số, diện tích · Classify: region, commune group, terrain, population, area");
        units.MapPost("/merge", (HttpContext http, string? dryRun, MergeUnits.Body body, UnitActs acts) =>
                acts.Run(http, new("merge", dryRun, null, body.On, body.LegalBasis), act => MergeUnits.Plan(act, body)))
            .Describe("MergeUnits", "Sáp nhập toàn bộ hoặc một phần · Merge whole units or parts", created: true);
        units.MapPost("/{unit}/split", (HttpContext http, string unit, string? dryRun, SplitUnit.Body body, UnitActs acts) =>
                acts.Run(http, new("split", dryRun, unit, body.On, body.LegalBasis), act => SplitUnit.Plan(act, body)))
            .Describe("SplitUnit", "Chia, tách đơn vị · Divide a unit");
        units.MapPost("/{unit}/dissolve", (HttpContext http, string unit, string? dryRun, SplitUnit.DissolveBody body, UnitActs acts) =>
                acts.Run(http, new("dissolve", dryRun, unit, body.On, body.LegalBasis), act => SplitUnit.PlanDissolve(act, body)))
            .Describe("DissolveUnit", "Giải thể đơn vị · Dissolve a unit");
    }

    private static void Describe(this RouteHandlerBuilder command, string name, string summary, bool created = false)
    {
        command.WithName(name).WithSummary(summary)
            .WithDescription(
                "`on`: ngày đầu của trạng thái mới, có thể ở tương lai (first day of the new state, may lie in the future). "
                + "`dryRun=true`: chỉ xem, không ghi gì (shows what would change and records nothing).")
            .Produces<ActAnswer>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(422);
        if (created) command.Produces<ActAnswer>(201);
    }
}
