using JasperFx.Events;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>
/// The situations that tests begin in: the real units of Hà Tĩnh and a set of seven real indicators. Person "an" enters figures,
/// "dung" is of the district, "phuong" of the province.
/// </summary>
internal static class Given
{
    public const string Commune = "18073";
    public const string CommuneOfficer = "commune-officer@18073#an";
    public const string DistrictOfficer = "district-officer@436#dung";
    public const string ProvinceOfficer = "province-officer@42#phuong";

    public static readonly DateOnly EndOf2024 = new(2024, 12, 31);
    public static readonly DateOnly EndOf2025 = new(2025, 12, 31);
    public static readonly DateTimeOffset Imported = Morning(2024, 1, 2);

    public static readonly IReadOnlyDictionary<Guid, List<object>> UnitStreams = UnitsFile.Read(Data("units.json"), Data("regions.json"), Imported);
    public static readonly UnitTree Tree = new(UnitStreams.Select(s => Folded(s.Key, s.Value).State));
    public static readonly IReadOnlyList<CriteriaSetPublished> Published = SetsFile.Read(Data("criteria.json"), Imported);

    /// <summary>Delegated (2.1), a figure for all (3.1), by region (5), a grade (5.3), yes or no (8.4), an exact count (9.1), unknown (10).</summary>
    public static readonly CriteriaSet Set = SetOf("xa-ntm-2021-2025") with
    {
        Criteria =
        [
            .. SetOf("xa-ntm-2021-2025").Criteria
                .Select(c => c with { Indicators = [.. c.Indicators.Where(i => i.Code is "2.1" or "3.1" or "5" or "8.4" or "9.1" or "10"), .. c.No == 5 ? [Grade] : (Indicator[])[]] })
                .Where(c => c.Indicators.Count > 0),
        ],
    };

    public static readonly Period Quarter2024 = PeriodOf("2024-Q4", EndOf2024);
    public static readonly Period Quarter2025 = PeriodOf("2025-Q4", EndOf2025);

    public static Indicator Grade => SetOf("xa-ntm-nang-cao-2021-2025").Find("5.3")!;

    public static string Data(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", file));

    public static CriteriaSet SetOf(string id) => Published.Single(p => p.Set.Id == id).Set;

    /// <summary>The set with its first version and what came after.</summary>
    public static SetRecord Recorded(CriteriaSet set, params IEnumerable<object> later) =>
        later.Prepend(new CriteriaSetPublished(set, "system:import", Imported)).Aggregate((SetRecord?)null, (r, e) => SetRecord.Fold(r, CriteriaSet.Key(set.Id), e))!;

    public static UnitRef Unit(string code, DateOnly day) => Tree.Resolve(code, day)!;

    public static DateTimeOffset Morning(int year, int month, int day) => new(year, month, day, 9, 0, 0, VietnamTime.Offset);

    /// <summary>Who calls with this client id, as the gateway reads it.</summary>
    public static Actor Actor(string client) => new(
        ServiceDefaults.Actor.PersonOf(client), client, client.Contains('#', StringComparison.Ordinal),
        [.. client.Split('#')[0].Split('+').Select(Grant.Parse).OfType<Grant>()]);

    public static ReportedValue ValueOf(string indicator) => indicator switch
    {
        "8.4" => ReportedValue.Of(true),
        "5.3" => ReportedValue.Of("Mức độ 3"),
        "9.1" => ReportedValue.Of(0m),
        _ => ReportedValue.Of(92.5m),
    };

    public static UnitRecord Folded(Guid id, IEnumerable<object> events)
    {
        var projection = new UnitProjection();
        return events.Aggregate((UnitRecord?)null, (unit, e) => projection.Evolve(unit, UnitRecord.Key(id), Event.For(e)))!;
    }

    private static Period PeriodOf(string code, DateOnly figuresAsOf) => Period.Fold(null, Period.Key(code), new PeriodOpened(
        code, "quarter", "xa-ntm-2021-2025", figuresAsOf, figuresAsOf.AddDays(-30), figuresAsOf.AddDays(-17), figuresAsOf.AddDays(-7),
        Unit("42", figuresAsOf).Id, "42", "commune", "phuong", Imported))!;
}
