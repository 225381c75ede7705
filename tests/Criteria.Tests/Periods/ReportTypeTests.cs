using Ntm.Criteria.Calendars;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Periods;

public sealed class ReportTypeTests
{
    private static readonly WorkCalendar Calendar = WorkingDaysTests.Recorded(HolidaysFile.Read(Given.Data("holidays.json")));
    private static readonly OpenPeriod.Body Quarter = new("2026-Q1", null, "xa-ntm-2021-2025", new(2026, 3, 14), null, null, null, "42", "commune", "unit-quarter");

    [Fact]
    public void Before_the_15th_ends_on_the_14th_and_by_the_15th_on_the_15th()
    {
        var before = Opened(Quarter);
        Assert.Equal((new DateOnly(2026, 3, 14), new DateOnly(2026, 3, 24)), (before.DueUnits, before.DueDepartment));
        Assert.Equal(new(new(2026, 3, 14), new(2026, 3, 14), new(2026, 3, 15), "before", "none", 1), before.Due!.Units);
        var rolled = Opened(Quarter with { Type = "unit-quarter-rolled" });
        Assert.Equal(new(new(2026, 3, 14), new(2026, 3, 16), new(2026, 3, 15), "before", "next-working-day", 1), rolled.Due!.Units);
        Assert.Equal((new DateOnly(2026, 3, 16), new DateOnly(2026, 3, 24)), (rolled.DueUnits, rolled.DueDepartment));
        var by = ReportTypes.Find("unit-quarter")!.DueOf(new(15, "by"), new(2026, 3, 14), Calendar)!;
        Assert.Equal(new(new(2026, 3, 15), new(2026, 3, 15), new(2026, 3, 15), "by", "none", 1), by);
    }

    [Theory]
    [InlineData("unit-year", "2024-12-14", "2024-12-14", "2024-12-24")]
    [InlineData("unit-year-rolled", "2024-12-14", "2024-12-16", "2024-12-24")]
    [InlineData("unit-quarter", "2024-06-14", "2024-06-14", "2024-06-24")]
    [InlineData("unit-quarter-rolled", "2024-06-14", "2024-06-14", "2024-06-24")]
    [InlineData("unit-quarter-rolled", "2024-09-14", "2024-09-16", "2024-09-24")]
    public void A_type_knows_the_due_days_of_its_period(string type, string figuresAsOf, string units, string department)
    {
        var opened = Opened(Quarter with { Type = type, FiguresAsOf = Day(figuresAsOf) });
        Assert.Equal((Day(units), Day(department)), (opened.DueUnits, opened.DueDepartment));
        Assert.Equal((type, type[5..].Split('-')[0]), (opened.Type, opened.Kind));
    }

    [Fact]
    public void A_due_day_that_is_given_stays_as_given()
    {
        var opened = Opened(Quarter with { Type = "unit-quarter-rolled", DueUnits = new(2026, 3, 14) });
        Assert.Equal(new(new(2026, 3, 14), new(2026, 3, 14)), opened.Due!.Units);
        Assert.Equal(new DateOnly(2026, 3, 24), opened.DueDepartment);
        Assert.Null(Opened(Quarter with { Type = null, Kind = "quarter" }).Due);
    }

    [Fact]
    public void The_data_of_a_quarter_are_closed_on_the_14th_of_its_last_month()
    {
        var refusal = Open(Quarter with { FiguresAsOf = new(2026, 3, 31) }).Refusal!;
        Assert.Equal(["figuresAsOf"], refusal.Errors!.Keys);
        Assert.Equal("NĐ 09/2019/NĐ-CP, điều 12 khoản 2", refusal.LegalBasis!["figuresAsOf"]);
        Assert.Equal("NĐ 09/2019/NĐ-CP, điều 12 khoản 2", Opened(Quarter).CutOffAct);
    }

    [Fact]
    public void A_type_that_is_not_known_or_of_another_kind_is_refused()
    {
        Assert.Equal(["type"], Faults(Quarter with { Type = "unit-month", Kind = "quarter" }));
        Assert.Equal(["kind"], Faults(Quarter with { Kind = "year" }));
        Assert.Equal(["kind"], Faults(Quarter with { Type = null }));
    }

    [Fact]
    public void An_ad_hoc_report_is_due_when_asked()
    {
        var opened = Opened(Quarter with { Type = "unit-adhoc", FiguresAsOf = new(2026, 4, 2), DueUnits = new(2026, 4, 9) });
        Assert.Equal((new DateOnly(2026, 4, 9), null), (opened.DueUnits, opened.DueDepartment));
    }

    [Fact]
    public void Only_named_units_report()
    {
        var opened = Opened(Quarter with { Units = ["18073", "18100"] });
        var period = Period.Fold(null, "period/x", opened)!;
        var asked = period.Asked(Given.Tree);
        Assert.Equal(["18073", "18100"], asked.Select(u => Given.Tree.Ref(u, period.FiguresAsOf)!.Code));
        Assert.NotNull(Criteria.Reports.ReportChain.Of(Given.Tree, period, "18073"));
        Assert.Null(Criteria.Reports.ReportChain.Of(Given.Tree, period, "18652"));
        Assert.Equal(69, Period.Fold(null, "period/x", Opened(Quarter))!.Asked(Given.Tree).Count);
    }

    [Fact]
    public void Named_units_are_of_the_level_below_the_unit_on_the_day_and_named_once() =>
        Assert.Equal(["units[1]", "units[2]", "units[3]", "units[4]"], Faults(Quarter with { Units = ["18073", "18073", "42", "99999", null] }));

    [Fact]
    public void An_empty_list_of_units_is_refused() => Assert.Equal(["units"], Faults(Quarter with { Units = [] }));

    [Fact]
    public void A_period_for_rural_units_asks_no_ward_and_says_by_what_act()
    {
        var period = Period.Fold(null, "period/x", Opened(Quarter with { Rural = true }))!;
        Assert.Equal(60, period.Asked(Given.Tree).Count);
        var refusal = Criteria.Reports.ReportCommands.NotAsked(Given.Tree, "18073", period);
        Assert.Equal((422, "urban-unit"), (refusal.Status, refusal.Rule));
        Assert.StartsWith("QĐ 318/QĐ-TTg", refusal.LegalBasis!["unit"], StringComparison.Ordinal);
        Assert.Equal(404, Criteria.Reports.ReportCommands.NotAsked(Given.Tree, "99999", period).Status);
        var named = Open(Quarter with { Rural = true, Units = ["18073"] }).Refusal!;
        Assert.Equal(["units[0]"], named.Errors!.Keys);
        Assert.StartsWith("QĐ 318/QĐ-TTg", named.LegalBasis!["units[0]"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_later_act_does_not_change_who_was_asked()
    {
        var opened = Opened(Quarter with { Rural = true });
        var period = Period.Fold(null, "period/x", opened)!;
        var (rural, urban) = (period.Asked(Given.Tree)[0], Given.Unit("18073", period.FiguresAsOf).Id);
        // An act of a day that is past makes a ward of the commune and a commune of the ward.
        var after = new UnitTree(Given.Tree.All.Select(u => u.Id == rural ? OfKind(u, "phuong") : u.Id == urban ? OfKind(u, "xa") : u));
        Assert.Equal(period.Asked(Given.Tree), period.Asked(after));
        Assert.NotNull(Criteria.Reports.ReportChain.Of(after, period, Given.Tree.Ref(rural, period.FiguresAsOf)!.Code));
        // What was opened before is judged by the kinds.
        var old = Period.Fold(null, "period/x", opened with { Rural = opened.Rural! with { Excluded = null } })!;
        Assert.DoesNotContain(rural, old.Asked(after));

        static Contracts.Criteria.UnitState OfKind(Contracts.Criteria.UnitState unit, string kind) => unit with { Versions = [.. unit.Versions.Select(v => v with { Kind = kind })] };
    }

    [Fact]
    public void The_act_of_a_rural_period_is_that_of_its_set()
    {
        var model = OpenPeriod.Decide(
            new(null, Given.Recorded(Given.SetOf("xa-ntm-kieu-mau-2021-2025")), Foreign: false, Given.Unit("42", new(2026, 3, 14)), Given.Tree, Calendar, "phuong", Given.Imported),
            Quarter with { Set = "xa-ntm-kieu-mau-2021-2025", Rural = true });
        Assert.StartsWith("QĐ 319/QĐ-TTg", ((PeriodOpened)model.Events[0]).Rural!.Act, StringComparison.Ordinal);
        var districts = OpenPeriod.Decide(
            new(null, Given.Recorded(Given.SetOf("huyen-ntm-2021-2025")), Foreign: false, Given.Unit("42", new(2024, 12, 14)), Given.Tree, Calendar, "phuong", Given.Imported),
            Quarter with { Set = "huyen-ntm-2021-2025", Level = "district", FiguresAsOf = new(2024, 12, 14), Rural = true });
        Assert.Equal(["rural"], districts.Refusal!.Errors!.Keys);
    }

    [Fact]
    public void More_units_than_may_be_named_are_one_fault()
    {
        var many = Quarter with { Units = [.. Enumerable.Repeat("18073", 2_001)] };
        Assert.Single(Open(many).Refusal!.Errors!["units"]);
        Assert.Equal(1 + 1_999, Open(many).Refusal!.Errors!.Count);
    }

    [Fact]
    public void Townships_are_asked_since_nobody_says_that_they_do_not_report()
    {
        var period = Period.Fold(null, "period/x", Opened(Quarter with { FiguresAsOf = new(2024, 12, 14), Rural = true }))!;
        Assert.Equal(182 + 13, period.Asked(Given.Tree).Count);
    }

    [Theory]
    [InlineData("\"quarter\"", "\"month\"", "types[0].kind")]
    [InlineData("\"before\"", "\"until\"", "types[0].due.units.wording")]
    [InlineData("\"roll\": \"none\"", "\"roll\": \"maybe\"", "types[0].roll")]
    [InlineData("\"unit-year\"", "\"unit-quarter\"", "types[1].id")]
    [InlineData("\"warn_working_days\": 5", "\"warn_working_days\": 500", "types[0].warn_working_days")]
    [InlineData("\"cut_off\"", "\"cutoff\"", "$.types[0]")]
    [InlineData("\"id\": \"unit-quarter\", ", "", "types[0].id")]
    [InlineData("\"types\": [", "\"types\": [ null,", "types[0]")]
    [InlineData("\"rural\": {", "\"rural\": null, \"rural\": null, \"x\": {", "report-types.json")]
    public void A_file_at_fault_is_refused_with_its_place(string good, string bad, string place)
    {
        var json = Given.Data("report-types.json").Replace(good, bad, StringComparison.Ordinal);
        Assert.Contains(place, Assert.Throws<InvalidDataException>(() => ReportTypes.Read(json)).Message, StringComparison.Ordinal);
    }

    internal static PeriodOpened Opened(OpenPeriod.Body body)
    {
        var decision = Open(body);
        Assert.Null(decision.Refusal);
        return (PeriodOpened)decision.Events[0];
    }

    private static Decision Open(OpenPeriod.Body body) => OpenPeriod.Decide(
        new(null, Given.Recorded(Given.SetOf("xa-ntm-2021-2025")), Foreign: false, Given.Tree.Resolve(body.Under!, body.FiguresAsOf!.Value), Given.Tree, Calendar, "phuong", Given.Imported), body);

    private static IEnumerable<string> Faults(OpenPeriod.Body body) => Open(body).Refusal!.Errors!.Keys;

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");
}
