using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Periods;

/// <summary>What a period's last day for one level is by its report type.</summary>
/// <param name="Day">Day of the period's last month that the act names, 1 to 28.</param>
/// <param name="Wording">before (ends on the day before, at 24:00) or by (ends on that day, at 24:00).</param>
public sealed record DueRule(int Day, string Wording);

/// <summary>Until when the data of a period run (thời gian chốt số liệu).</summary>
/// <param name="Day">Day of the period's last month, 1 to 28.</param>
public sealed record CutOffRule(int Day, string Act, string Mark);

/// <summary>Kinds of units that a period for rural units does not ask.</summary>
public sealed record RuralRule(IReadOnlyList<string> ExcludedKinds, string Act, string Mark);

/// <summary>Due days by level; null where the type sets none.</summary>
public sealed record DueRules(DueRule? Units, DueRule? Department);

/// <summary>A type of reports (loại báo cáo).</summary>
/// <param name="Kind">quarter, year or adhoc.</param>
/// <param name="Mark">seen, recalled, derived or unknown: how sure its due days are.</param>
/// <param name="Roll">none, next-working-day or previous-working-day.</param>
/// <param name="WarnWorkingDays">Working days before a last day on which it is announced as near.</param>
public sealed record ReportType(
    string Id, string Kind, string NameVi, string NameEn, string Act, string Mark, string Roll, int WarnWorkingDays, CutOffRule? CutOff, DueRules? Due)
{
    /// <summary>The day that the data of the period around the day run to; null where the type does not close them.</summary>
    public DateOnly? CutOffOf(DateOnly day) => CutOff is { } rule ? LastMonthOf(day).AddDays(rule.Day - 1) : null;

    /// <summary>Due day of one level for the period around the day, by the calendar as it is known.</summary>
    public DueDay? DueOf(DueRule? rule, DateOnly day, Calendars.WorkCalendar calendar)
    {
        if (rule is null) return null;
        var named = LastMonthOf(day).AddDays(rule.Day - 1);
        var nominal = rule.Wording == ReportTypes.Before ? named.AddDays(-1) : named;
        return new(nominal, calendar.WorkingDays().Roll(nominal, ReportTypes.Rolls[Roll]), named, rule.Wording, Roll, calendar.Version);
    }

    private DateOnly LastMonthOf(DateOnly day) => Kind == "year" ? new(day.Year, 12, 1) : new(day.Year, (((day.Month - 1) / 3) + 1) * 3, 1);
}

/// <summary><c>data/report-types.json</c>: the law and the plan as data.</summary>
public static class ReportTypes
{
    public const string Before = "before";
    public const string By = "by";
    public const string NoRoll = "none";

    /// <summary>The rolls by their names.</summary>
    public static readonly IReadOnlyDictionary<string, RollRule> Rolls = new Dictionary<string, RollRule>(StringComparer.Ordinal)
    {
        [NoRoll] = RollRule.None,
        ["next-working-day"] = RollRule.NextWorkingDay,
        ["previous-working-day"] = RollRule.PreviousWorkingDay,
    };

    private static readonly JsonSerializerOptions Snake = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Lazy<Content> File = new(() => Read(System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "report-types.json"))));

    public static IReadOnlyList<ReportType> All => File.Value.Types;

    public static RuralRule Rural => File.Value.Rural;

    public static ReportType? Find(string? id) => All.FirstOrDefault(t => t.Id == id);

    /// <exception cref="InvalidDataException">The file breaks a rule; the message names its place.</exception>
    public static Content Read(string json)
    {
        Content content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(json, Snake) ?? throw new InvalidDataException("report-types.json is empty.");
        }
        catch (JsonException broken)
        {
            throw new InvalidDataException($"report-types.json, {broken.Path}: {broken.Message}", broken);
        }

        if (content.Rural is not { ExcludedKinds: not null, Act: not null }) throw new InvalidDataException("report-types.json, rural: kinds and act are missing");
        if (content.Types is null) throw new InvalidDataException("report-types.json, types: there are none");
        HashSet<string> ids = [];
        foreach (var (type, i) in content.Types.Select((type, i) => (type, i)))
        {
            if (type is null) throw new InvalidDataException($"report-types.json, types[{i}]: it is empty");
            foreach (var (text, field) in ((string?, string)[])[(type.Id, "id"), (type.NameVi, "name_vi"), (type.NameEn, "name_en"), (type.Act, "act"), (type.Mark, "mark"), (type.Roll, "roll")])
                Check(!string.IsNullOrWhiteSpace(text), i, field, "it is missing");
            Check(type.CutOff is null or { Act: not null, Mark: not null }, i, "cut_off", "act and mark are missing");
            Check(ids.Add(type.Id), i, "id", $"{type.Id} stands twice");
            Check(OpenPeriod.Kinds.Contains(type.Kind), i, "kind", type.Kind);
            Check(Rolls.ContainsKey(type.Roll), i, "roll", type.Roll);
            Check(type.WarnWorkingDays is >= 0 and <= 60, i, "warn_working_days", "0 to 60");
            Check(type.CutOff is not { Day: < 1 or > 28 }, i, "cut_off.day", "1 to 28");
            Check(type.Kind != "adhoc" || (type.Due is null && type.CutOff is null), i, "due", "an ad hoc report is due when asked");
            foreach (var (rule, level) in ((DueRule?, string)[])[(type.Due?.Units, "units"), (type.Due?.Department, "department")])
            {
                Check(rule is not { Day: < 1 or > 28 }, i, $"due.{level}.day", "1 to 28");
                Check(rule is null or { Wording: Before or By }, i, $"due.{level}.wording", $"{rule?.Wording}");
            }
        }

        return content;

        static void Check(bool ok, int at, string field, string what)
        {
            if (!ok) throw new InvalidDataException($"report-types.json, types[{at}].{field}: {what}");
        }
    }

    public sealed record Content(IReadOnlyList<string> SourceNotes, RuralRule Rural, IReadOnlyList<ReportType> Types);
}
