using Ntm.Criteria.Calendars;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class OpenPeriodTests
{
    private static readonly OpenPeriod.Body Whole = new(
        "2024-Q4", "quarter", "xa-ntm-2021-2025", Given.EndOf2024, new(2024, 12, 1), new(2024, 12, 14), new(2024, 12, 24), "42", "commune");

    [Fact]
    public void A_whole_period_is_opened_with_the_id_of_the_unit_above()
    {
        var decision = Open(Whole);
        Assert.Null(decision.Refusal);
        Assert.Equal(
            new PeriodOpened(
                "2024-Q4", "quarter", "xa-ntm-2021-2025", Given.EndOf2024, new(2024, 12, 1), new(2024, 12, 14), new(2024, 12, 24),
                Given.Unit("42", Given.EndOf2024).Id, "42", "commune", "phuong", Given.Imported),
            Assert.Single(decision.Events));
    }

    [Fact]
    public void Due_days_may_stay_open() => Assert.Null(Open(Whole with { Opens = null, DueUnits = null, DueDepartment = null }).Refusal);

    [Fact]
    public void An_empty_body_hears_every_fault_at_once() => Assert.Equal(
        ["code", "kind", "set", "figuresAsOf", "under", "level"], Faults(new OpenPeriod.Body(null, null, null, null, null, null, null, null, null)));

    [Theory]
    [InlineData("")]
    [InlineData("2024 Q4")]
    [InlineData("2024/Q4")]
    [InlineData("2024_Q4")]
    [InlineData("12345678901234567890123456789012345678901")]
    public void A_code_of_another_form_is_refused(string code) => Assert.Equal(["code"], Faults(Whole with { Code = code }));

    [Theory]
    [InlineData("Q")]
    [InlineData("Quý-4-2024")]
    [InlineData("1234567890123456789012345678901234567890")]
    public void A_code_has_letters_of_any_language_digits_and_hyphens(string code) => Assert.Null(Open(Whole with { Code = code }).Refusal);

    [Theory]
    [InlineData("month")]
    [InlineData("Quarter")]
    public void A_kind_that_is_not_known_is_refused(string kind) => Assert.Equal(["kind"], Faults(Whole with { Kind = kind }));

    [Fact]
    public void A_set_that_is_not_known_is_refused() => Assert.Equal(["set"], Faults(Whole with { Set = "xa-ntm" }));

    [Fact]
    public void A_set_without_indicators_takes_no_figures() => Assert.Equal(["set"], Faults(Whole with { Set = "xa-ntm-2026-2030" }));

    [Theory]
    [InlineData("district")]
    [InlineData("province")]
    public void A_set_of_another_level_is_refused(string level) => Assert.Equal(["level"], Faults(Whole with { Level = level }));

    [Fact]
    public void A_level_that_is_not_known_is_refused() => Assert.Contains("level", Faults(Whole with { Level = "village" }));

    [Fact]
    public void A_set_of_districts_goes_with_districts() => Assert.Null(Open(Whole with { Set = "huyen-ntm-2021-2025", Level = "district" }).Refusal);

    [Theory]
    [InlineData("436", "2025-07-01")]
    [InlineData("448", "2025-01-01")]
    [InlineData("43", "2024-12-31")]
    public void The_unit_above_carries_its_code_on_the_day_of_the_figures(string under, string day) =>
        Assert.Equal(["under"], Faults(Whole with { Under = under, FiguresAsOf = Day(day) }));

    [Theory]
    [InlineData("2024-12-15", "2024-12-14", "2024-12-24", "dueUnits")]
    [InlineData("2024-12-01", "2024-12-25", "2024-12-24", "dueDepartment")]
    public void Due_days_come_one_after_the_other(string opens, string units, string department, string field) =>
        Assert.Equal([field], Faults(Whole with { Opens = Day(opens), DueUnits = Day(units), DueDepartment = Day(department) }));

    [Fact]
    public void Due_days_may_fall_on_one_day()
    {
        var day = new DateOnly(2024, 12, 14);
        Assert.Null(Open(Whole with { Opens = day, DueUnits = day, DueDepartment = day }).Refusal);
    }

    [Fact]
    public void A_code_names_one_period_for_ever()
    {
        var closed = Period.Fold(Given.Quarter2024, Given.Quarter2024.Id, new PeriodClosed("phuong", Given.Imported));
        Assert.Equal((409, "period-exists"), Refused(Open(Whole, Given.Quarter2024)));
        Assert.Equal((409, "period-exists"), Refused(Open(Whole, closed)));
    }

    [Fact]
    public void A_closed_period_keeps_what_it_was()
    {
        var closed = Period.Fold(Given.Quarter2024, Given.Quarter2024.Id, new PeriodClosed("phuong", Given.Imported));
        Assert.Equal(Given.Quarter2024 with { Closed = true, Version = 2 }, closed);
    }

    private static Decision Open(OpenPeriod.Body body, Period? existing = null, WorkCalendar? calendar = null)
    {
        var set = Given.Published.SingleOrDefault(p => p.Set.Id == body.Set) is { } published ? Given.Recorded(published.Set) : null;
        var under = body is { Under: { } code, FiguresAsOf: { } day } ? Given.Tree.Resolve(code, day) : null;
        return OpenPeriod.Decide(new(existing, set, Foreign: false, under, Given.Tree, calendar ?? WorkCalendar.Empty, "phuong", Given.Imported), body);
    }

    private static IEnumerable<string> Faults(OpenPeriod.Body body)
    {
        var decision = Open(body);
        Assert.Equal((422, "invalid-input"), Refused(decision));
        return decision.Refusal!.Errors!.Keys;
    }

    private static (int?, string?) Refused(Decision decision) => (decision.Refusal?.Status, decision.Refusal?.Rule);

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");
}
