using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Pilots.Models;

/// <summary>A unit, or one above it, proposes a pilot model.</summary>
public static class ProposeModel
{
    private const int LongestName = 200;
    private const int LongestTitle = Prose.Longest;

    private static readonly string[] Proposers = [Roles.CommuneOfficer, Roles.DistrictOfficer, Roles.ProvinceOfficer];

    public sealed record Body(string? Kind, string? Unit, string? Village, string? Field, string? Title);

    public sealed record Command(
        Guid Id, string Kind, Guid Unit, string UnitCode, string UnitName, string? Village, string? Field, string Title, string By);

    /// <summary>The input with its texts in NFC.</summary>
    public static Body Clean(Body body) => body with
    {
        Village = Prose.Clean(body.Village),
        Field = Prose.Clean(body.Field),
        Title = Prose.Clean(body.Title),
    };

    /// <summary>All faults of the input at once; <paramref name="level"/> is the unit's, null when no unit carries the code today.</summary>
    public static Refusal? Check(Body body, string? level)
    {
        var faults = new Faults().Required(body.Kind, "kind").Required(body.Unit, "unit").Required(body.Title, "title");
        if (body.Kind is { Length: > 0 } kind)
        {
            faults.Unless(
                ModelKinds.All.Contains(kind), "kind", $"Loại mô hình là một trong: {string.Join(", ", ModelKinds.All)}.", $"The kind is one of: {string.Join(", ", ModelKinds.All)}.");
        }

        if (body.Unit is { Length: > 0 })
        {
            faults.Unless(level is not null, "unit", "Hôm nay không có đơn vị nào mang mã này.", "No unit carries this code today.");
            faults.Unless(
                level is null or "commune" || body.Kind is ModelKinds.CentralPilot, "unit", "Mô hình loại này thuộc một đơn vị cấp xã.", "A model of this kind belongs to a commune.");
        }

        if (body.Kind == ModelKinds.SmartVillage) faults.Required(body.Village, "village");
        if (body.Kind == ModelKinds.SmartCommune) faults.Required(body.Field, "field");
        return faults
            .Readable(body.Village, "village", required: false, LongestName, lines: false)
            .Readable(body.Field, "field", required: false, LongestName, lines: false)
            .Readable(body.Title, "title", required: false, LongestTitle, lines: false)
            .Refuse();
    }

    /// <summary><paramref name="same"/> is the model already proposed for the same kind, unit, village and title.</summary>
    public static Decision Decide(PilotModel? same, Command command, DateTimeOffset now) => same is null
        ? Decision.Record(new ModelProposed(
            command.Id, command.Kind, command.Unit, command.UnitCode, command.UnitName, command.Village, command.Field, command.Title, command.By, now))
        : Refusal.Conflict("model-already-proposed", "Mô hình này đã được đề xuất.", "This model is already proposed.") with
        {
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["model"] = ModelView.HrefOf(same.ModelId) },
        };

    internal static Task<IResult> Handle(Body body, HttpContext http, Commands commands, UnitRegister units, Demonstration demonstration) =>
        commands.Run(http, async (c, ct) =>
        {
            if (!Proposers.Any(c.Actor.Has)) return NoRight;
            var input = Clean(body);
            var tree = await units.GetAsync(ct);
            var unit = tree.Resolve(input.Unit ?? "", c.Today);
            if (Check(input, unit is null ? null : tree.Find(unit.Id)?.Level) is { } faults) return faults;
            if (!MayPropose(tree, c.Actor, unit!.Id, c.Today)) return NoRight;
            if (c.IsStale(0)) return Refusal.Stale(0);

            var command = new Command(
                Guid.CreateVersion7(c.Now), input.Kind!, unit.Id, unit.Code, unit.Name, input.Village, input.Field, input.Title!, c.Actor.Person);
            var likeness = PilotModel.LikenessOf(command.Kind, command.Unit, command.Village, command.Title);
            var same = await c.Session.Query<PilotModel>().FirstOrDefaultAsync(m => m.Likeness == likeness, ct);
            var decision = Decide(same, command, c.Now);
            if (decision.Refusal is { } refusal) return refusal;

            // Two who propose the same at once: the unique index on the likeness lets one through, the other is judged anew.
            c.Session.Events.StartStream<PilotModel>(PilotModel.Key(command.Id), decision.Events);
            var model = PilotModel.Of((ModelProposed)decision.Events[0]);
            return Outcome.Created(ModelView.Of(model, demonstration), 1, ModelView.HrefOf(model.ModelId));
        });

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ cán bộ của xã, của huyện hoặc của tỉnh phía trên được đề xuất mô hình cho đơn vị này.",
        "Only officers of the commune, of its district or of the province above propose a model for this unit.");

    private static bool MayPropose(UnitTree tree, Actor actor, Guid unit, DateOnly today) =>
        tree.ActsAs(actor, Roles.CommuneOfficer, unit, today)
        || tree.Oversees(actor, Roles.DistrictOfficer, unit, today, today)
        || tree.Oversees(actor, Roles.ProvinceOfficer, unit, today, today);

}
