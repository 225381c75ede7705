using Marten;
using Microsoft.AspNetCore.Http;
using Ntm.ServiceDefaults;

namespace Ntm.Architecture.Tests.Examples.Inspections;

/// <summary>The coordination office records an inspection.</summary>
internal static class HoldInspection
{
    private static readonly string[] Results = ["passed", "failed", "to-repeat"];

    public sealed record Body(string? Unit, DateOnly? Day, string? Result);

    public sealed record Command(Guid Id, Guid Unit, DateOnly Day, string Result, string By);

    public static Refusal? Check(Body body, bool known, DateOnly today) => new Faults()
        .Required(body.Unit, "unit").Required(body.Day, "day").Required(body.Result, "result")
        .Unless(body.Unit is null || known, "unit", "Ngày đó không có đơn vị nào mang mã này.", "No unit carries this code on that day.")
        .Unless(body.Day is null || body.Day <= today, "day", "Ngày kiểm tra không được ở tương lai.", "The day of an inspection is not in the future.")
        .Unless(body.Result is null || Results.Contains(body.Result), "result", "Kết quả là passed, failed hoặc to-repeat.", "The result is passed, failed or to-repeat.")
        .Refuse();

    public static Decision Decide(Command command, bool recognised, DateTimeOffset now) => recognised
        ? Decision.Record(new InspectionHeld(command.Id, command.Unit, command.Day, command.Result, command.By, now))
        : Refusal.Conflict("unit-not-recognised", "Chỉ kiểm tra đơn vị đã được công nhận.", "Only a unit that holds a title is inspected.");

    public static Task<IResult> Handle(HttpContext http, Body body, Commands commands, UnitRegister register) => commands.Run(http, async (c, ct) =>
    {
        if (!c.Actor.Has(Roles.ProvinceOfficer)) return NoRight;
        var tree = await register.GetAsync(ct);
        var unit = body is { Unit: { } code, Day: { } day } ? tree.Resolve(code, day) : null;
        if (Check(body, unit is not null, c.Today) is { } faults) return faults;
        if (!tree.Oversees(c.Actor, Roles.ProvinceOfficer, unit!.Id, body.Day!.Value, c.Today)) return NoRight;
        if (c.IsStale(0)) return Refusal.Stale(0);

        var command = new Command(Guid.CreateVersion7(c.Now), unit.Id, body.Day.Value, body.Result!, c.Actor.Person);
        var decision = Decide(command, await c.Session.Query<UnitTitle>().AnyAsync(t => t.Unit == unit.Id && t.To == null, ct), c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        var key = Inspection.Key(command.Id);
        c.Session.Events.StartStream(key, decision.Events);
        return Outcome.Created(Inspection.Fold(null, key, decision.Events[0])!, 1, $"/api/example/inspections/{command.Id}");
    });

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ Văn phòng Điều phối của tỉnh ghi kết quả kiểm tra.", "Only the province's coordination office records inspections.");
}
