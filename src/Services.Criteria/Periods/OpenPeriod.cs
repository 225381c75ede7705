using System.Text.RegularExpressions;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

/// <summary>The coordination office opens a period.</summary>
internal static partial class OpenPeriod
{
    private static readonly string[] Kinds = ["quarter", "year", "adhoc"];
    private static readonly string[] Levels = ["province", "district", "commune"];

    public sealed record Body(
        string? Code, string? Kind, string? Set, DateOnly? FiguresAsOf, DateOnly? Opens, DateOnly? DueUnits, DateOnly? DueDepartment, string? Under, string? Level);

    /// <param name="found">The set when it is published.</param>
    /// <param name="foreign">Whether the set is another province's.</param>
    public static Decision Decide(Period? existing, Body body, SetRecord? found, bool foreign, UnitRef? under, string by, DateTimeOffset now)
    {
        var set = found?.On(body.FiguresAsOf ?? DateOnly.MaxValue).Set;
        var faults = new Faults()
            .Unless(body.Code is { } code && CodeForm().IsMatch(code), "code", "Mã kỳ: 1 đến 40 chữ cái, chữ số hoặc dấu \"-\".", "A code has 1 to 40 letters, digits or \"-\".")
            .Unless(Kinds.Contains(body.Kind), "kind", "Loại kỳ là quarter, year hoặc adhoc.", "The kind is quarter, year or adhoc.")
            .Unless(set is not null, "set", $"Không có bộ tiêu chí \"{body.Set}\".", $"There is no set \"{body.Set}\".")
            .Required(body.FiguresAsOf, "figuresAsOf")
            .Unless(under is not null, "under", $"Không có đơn vị mang mã \"{body.Under}\" vào ngày chốt số liệu.", $"No unit carries the code \"{body.Under}\" on the day of the figures.")
            .Unless(Levels.Contains(body.Level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.")
            .Unless(set is null || body.Level is null || set.Tier == body.Level, "level", "Bộ tiêu chí thuộc cấp khác.", "The set is of another level.")
            .Unless(set is null || set.Indicators.Any(), "set", "Bộ tiêu chí chưa có chỉ tiêu nào.", "The set has no indicator yet.")
            .Unless(!foreign, "set", "Bộ tiêu chí này là của tỉnh khác.", "The set is another province's.")
            .Unless(
                found?.Retired is not { } end || body.FiguresAsOf is null || body.FiguresAsOf <= end.LastDay, "set", $"Bộ tiêu chí đã bãi bỏ sau ngày {found?.Retired?.LastDay:yyyy-MM-dd}.",
                $"The set is retired after {found?.Retired?.LastDay:yyyy-MM-dd}.")
            .Unless(body.Opens is null || body.DueUnits is null || body.Opens <= body.DueUnits, "dueUnits", "Hạn của đơn vị phải từ ngày mở kỳ.", "The units' due day is not before the opening.")
            .Unless(body.DueUnits is null || body.DueDepartment is null || body.DueUnits <= body.DueDepartment, "dueDepartment", "Hạn của sở phải từ hạn của đơn vị.", "The department's due day is not before the units'.");
        if (faults.Refuse() is { } refusal) return refusal;
        if (existing is not null) return Refusal.Conflict("period-exists", $"Kỳ \"{body.Code}\" đã có.", $"The period \"{body.Code}\" exists.");
        return Decision.Record(new PeriodOpened(
            body.Code!, body.Kind!, body.Set!, body.FiguresAsOf!.Value, body.Opens, body.DueUnits, body.DueDepartment, under!.Id, under.Code, body.Level!, by, now));
    }

    public static Task<IResult> Handle(HttpContext http, Body given, Commands commands, UnitRegister register) => commands.Run(http, async (c, ct) =>
    {
        if (!c.Actor.Has(Roles.ProvinceOfficer)) return Forbidden;
        var body = given with { Code = Prose.Normal(given.Code) };
        var tree = await register.GetAsync(ct);
        var under = body is { Under: { } code, FiguresAsOf: { } day } ? tree.Resolve(code, day) : null;
        if (under is not null && !tree.Oversees(c.Actor, Roles.ProvinceOfficer, under.Id, body.FiguresAsOf!.Value, c.Today)) return Forbidden;
        if (under is not null && Levels.Contains(body.Level) && Array.IndexOf(Levels, tree.Find(under.Id)!.Level) > Array.IndexOf(Levels, body.Level))
            return Refusal.Invalid("under", "under-level", "Đơn vị này ở dưới cấp báo cáo.", "This unit lies below the level that reports.");
        // Of the store, not of memory: another process may just have retired it.
        var set = body.Set is null ? null : await SetCatalogue.ReadAsync(c.Session, body.Set, ct) is { IsPublished: true } found ? found : null;

        var key = Period.Key(body.Code ?? "");
        var existing = await c.Session.LoadAsync<Period>(key, ct);
        if (c.IsStale(existing?.Version ?? 0)) return Refusal.Stale(existing?.Version ?? 0);
        var decision = Decide(existing, body, set, set is not null && under is not null && IsForeign(tree, set, under.Id, body.FiguresAsOf!.Value, c.Today), under, c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        c.Session.Events.StartStream(key, decision.Events);
        var opened = Period.Fold(null, key, decision.Events[0])!;
        return Outcome.Created(new OpenedPeriod(opened, set!.On(opened.FiguresAsOf).Number, set.InForceOn(opened.FiguresAsOf)), 1, $"/api/criteria/periods/{Uri.EscapeDataString(body.Code!)}");
    });

    /// <summary>Whether the set belongs to a province that the units do not lie in.</summary>
    private static bool IsForeign(UnitTree tree, SetRecord set, Guid under, DateOnly day, DateOnly today) =>
        set.Scope != SetRules.National && (SetScope.ProvinceOf(tree, set, today) is not { } province || tree.Chain(under, day).All(u => !tree.AnswersFor(u.Id, province, today)));

    private static Refusal Forbidden { get; } = Refusal.Forbidden(
        "Chỉ Văn phòng Điều phối của tỉnh mở và đóng kỳ báo cáo.", "Only the province's coordination office opens and closes periods.");

    public static Task<IResult> Close(HttpContext http, string period, Commands commands, UnitRegister register) => commands.Run(http, async (c, ct) =>
    {
        var stream = await c.Session.Events.FetchForWriting<Period>(Period.Key(period), ct);
        if (stream.Aggregate is not { } found) return PeriodsModule.Unknown(period);
        var tree = await register.GetAsync(ct);
        if (!tree.Oversees(c.Actor, Roles.ProvinceOfficer, found.UnderId, found.FiguresAsOf, c.Today)) return Forbidden;
        if (c.IsStale(found.Version)) return Refusal.Stale(found.Version);
        if (found.Closed) return Refusal.Conflict("period-closed", "Kỳ báo cáo đã đóng.", "The period is closed already.");
        var closed = new PeriodClosed(c.Actor.Person, c.Now);
        stream.AppendOne(closed);
        return Outcome.Ok(Period.Fold(found, found.Id, closed)!, found.Version + 1);
    });

    [GeneratedRegex(@"\A[\p{L}\p{M}\p{Nd}-]{1,40}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CodeForm();
}
