using System.Text.RegularExpressions;
using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

/// <summary>The coordination office opens a period.</summary>
internal static partial class OpenPeriod
{
    internal static readonly string[] Kinds = ["quarter", "year", "adhoc"];
    private static readonly string[] Levels = ["province", "district", "commune"];
    private const int MostUnits = 2_000;

    /// <param name="Type">Id of a report type: its kind, cut-off and due days hold where the body says nothing else.</param>
    /// <param name="Units">Codes of the only units that report, on the day of the figures; null for all.</param>
    /// <param name="Rural">Whether only rural units report.</param>
    public sealed record Body(
        string? Code, string? Kind, string? Set, DateOnly? FiguresAsOf, DateOnly? Opens, DateOnly? DueUnits, DateOnly? DueDepartment, string? Under, string? Level,
        string? Type = null, IReadOnlyList<string?>? Units = null, bool? Rural = null);

    /// <summary>What the opening of a period knows beside its body.</summary>
    /// <param name="Set">The set when it is published.</param>
    /// <param name="Foreign">Whether the set is another province's.</param>
    public sealed record Case(Period? Existing, SetRecord? Set, bool Foreign, UnitRef? Under, UnitTree Tree, WorkCalendar Calendar, string By, DateTimeOffset Now);

    public static Decision Decide(Case c, Body body)
    {
        var set = c.Set?.On(body.FiguresAsOf ?? DateOnly.MaxValue).Set;
        var type = ReportTypes.Find(body.Type);
        var kind = body.Kind ?? type?.Kind;
        var due = DueOf(body, type, c.Calendar);
        var (units, department) = (due.Units?.Ends, due.Department?.Ends);
        var cutOff = body.FiguresAsOf is { } figuresAsOf ? type?.CutOffOf(figuresAsOf) : null;
        var faults = new Faults()
            .Unless(body.Code is { } code && CodeForm().IsMatch(code), "code", "Mã kỳ: 1 đến 40 chữ cái, chữ số hoặc dấu \"-\".", "A code has 1 to 40 letters, digits or \"-\".")
            .Unless(body.Type is null || type is not null, "type", $"Loại báo cáo là {string.Join(", ", ReportTypes.All.Select(t => t.Id))}.", $"The type is one of {string.Join(", ", ReportTypes.All.Select(t => t.Id))}.")
            .Unless(Kinds.Contains(kind), "kind", "Loại kỳ là quarter, year hoặc adhoc.", "The kind is quarter, year or adhoc.")
            .Unless(type is null || kind == type.Kind || !Kinds.Contains(kind), "kind", $"Loại báo cáo này là kỳ {KindVi(type?.Kind)}.", $"This type is of the kind {type?.Kind}.")
            .Unless(set is not null, "set", $"Không có bộ tiêu chí \"{body.Set}\".", $"There is no set \"{body.Set}\".")
            .Required(body.FiguresAsOf, "figuresAsOf")
            .Unless(
                cutOff is null || cutOff == body.FiguresAsOf, "figuresAsOf", $"Số liệu của kỳ này chốt ngày {cutOff:yyyy-MM-dd}.", $"The data of this period are closed on {cutOff:yyyy-MM-dd}.", type?.CutOff?.Act)
            .Unless(c.Under is not null, "under", $"Không có đơn vị mang mã \"{body.Under}\" vào ngày chốt số liệu.", $"No unit carries the code \"{body.Under}\" on the day of the figures.")
            .Unless(Levels.Contains(body.Level), "level", "Cấp là province, district hoặc commune.", "The level is province, district or commune.")
            .Unless(set is null || body.Level is null || set.Tier == body.Level, "level", "Bộ tiêu chí thuộc cấp khác.", "The set is of another level.", set?.LegalText)
            .Unless(set is null || set.Indicators.Any(), "set", "Bộ tiêu chí chưa có chỉ tiêu nào.", "The set has no indicator yet.")
            .Unless(!c.Foreign, "set", "Bộ tiêu chí này là của tỉnh khác.", "The set is another province's.")
            .Unless(
                c.Set?.Retired is not { } end || body.FiguresAsOf is null || body.FiguresAsOf <= end.LastDay, "set", $"Bộ tiêu chí đã bãi bỏ sau ngày {c.Set?.Retired?.LastDay:yyyy-MM-dd}.",
                $"The set is retired after {c.Set?.Retired?.LastDay:yyyy-MM-dd}.")
            .Unless(body.Opens is null || units is null || body.Opens <= units, "dueUnits", "Hạn của đơn vị phải từ ngày mở kỳ.", "The units' due day is not before the opening.")
            .Unless(units is null || department is null || units <= department, "dueDepartment", "Hạn của sở không được trước hạn của đơn vị.", "The department's due day is not before the units'.")
            .Unless(body.Rural != true || body.Level is not ("district" or "province"), "rural", "Chỉ cấp xã có đơn vị đô thị được bỏ qua.", "Only a period of communes leaves urban units out.");
        var opened = faults.Refuse() is not null ? null : new PeriodOpened(
            body.Code!, kind!, body.Set!, body.FiguresAsOf!.Value, body.Opens, units, department, c.Under!.Id, c.Under.Code, body.Level!, c.By, c.Now, type?.Id,
            type is null ? null : due, null, body.Rural == true ? new(ReportTypes.Rural.ExcludedKinds, set is { LegalBasis.Count: > 0 } ? set.LegalText : ReportTypes.Rural.Act) : null, type?.CutOff?.Act);
        if (opened is { Rural: not null }) opened = opened with { Rural = Period.Fold(null, Period.Key(opened.Code), opened)!.Frozen(c.Tree) };
        // Whether a named unit reports can be asked only of a period that stands.
        var asked = opened is null ? [] : Named(c.Tree, opened, body.Units, faults);
        if (faults.Refuse() is { } refusal) return refusal;
        if (c.Existing is not null) return Refusal.Conflict("period-exists", $"Kỳ \"{body.Code}\" đã có.", $"The period \"{body.Code}\" exists.");
        return Decision.Record(opened! with { Units = asked });
    }

    /// <summary>A due day that is given stays as given; one that is not comes from the type.</summary>
    private static PeriodDue DueOf(Body body, ReportType? type, WorkCalendar calendar)
    {
        var day = body.FiguresAsOf ?? DateOnly.MinValue;
        return new(
            PeriodDue.DayOf(body.DueUnits) ?? type?.DueOf(type.Due?.Units, day, calendar),
            PeriodDue.DayOf(body.DueDepartment) ?? type?.DueOf(type.Due?.Department, day, calendar),
            type?.WarnWorkingDays ?? PeriodDue.UsualWarning);
    }

    private static string KindVi(string? kind) => kind switch { "quarter" => "quý", "year" => "năm", _ => "đột xuất" };

    /// <summary>The units of the codes; null where the body names none.</summary>
    private static List<Guid>? Named(UnitTree tree, PeriodOpened opened, IReadOnlyList<string?>? codes, Faults faults)
    {
        if (codes is null) return null;
        var period = Period.Fold(null, Period.Key(opened.Code), opened)!;
        List<Guid> named = [];
        HashSet<Guid> seen = [];
        faults.Unless(codes.Count > 0, "units", "Nêu ít nhất một đơn vị, hoặc bỏ trường units.", "Name at least one unit, or leave units out.")
            .Unless(codes.Count <= MostUnits, "units", $"Nhiều nhất {MostUnits} đơn vị.", $"At most {MostUnits} units.");
        foreach (var (code, i) in codes.Take(MostUnits).Select((code, i) => (code, i)))
        {
            var unit = code is null ? null : tree.Resolve(code, period.FiguresAsOf);
            if (unit is null || !period.Covers(tree, unit.Id))
                faults.Unless(false, $"units[{i}]", $"Vào ngày chốt số liệu, mã \"{code}\" không phải đơn vị cấp {period.Level} thuộc {period.Under}.", $"On the day of the figures \"{code}\" is no {period.Level} under {period.Under}.");
            else if (period.IsExcluded(tree, unit.Id))
                faults.Unless(false, $"units[{i}]", $"{unit.Name} là đơn vị đô thị: kỳ này chỉ hỏi đơn vị nông thôn.", $"{unit.Name} is urban: this period asks rural units only.", opened.Rural!.Act);
            else if (!seen.Add(unit.Id))
                faults.Unless(false, $"units[{i}]", "Đơn vị được nêu hai lần.", "The unit is named twice.");
            else
                named.Add(unit.Id);
        }

        return named;
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
        var foreign = set is not null && under is not null && IsForeign(tree, set, under.Id, body.FiguresAsOf!.Value, c.Today);
        var calendar = await c.Session.LoadAsync<WorkCalendar>(WorkCalendar.Key(WorkCalendar.Vietnam), ct) ?? WorkCalendar.Empty;
        var decision = Decide(new(existing, set, foreign, under, tree, calendar, c.Actor.Person, c.Now), body);
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
        var closed = new PeriodClosed(c.Actor.Person, c.Now, Deadlines.Awaited(found.Asked(tree), await Deadlines.ReportsAsync(c.Session, found, ct)));
        stream.AppendOne(closed);
        return Outcome.Ok(Period.Fold(found, found.Id, closed)!, found.Version + 1);
    });

    [GeneratedRegex(@"\A[\p{L}\p{M}\p{Nd}-]{1,40}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CodeForm();
}
