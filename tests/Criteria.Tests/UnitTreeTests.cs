using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class UnitTreeTests
{
    private static readonly UnitTree Tree = Given.Tree;
    private static readonly DateOnly Today = new(2026, 3, 2);

    [Theory]
    [InlineData("18070", "2024-12-31", "Phường Trần Phú")]
    [InlineData("18070", "2025-01-01", null)]
    [InlineData("18094", "2024-12-31", "Phường Thạch Linh")]
    [InlineData("18094", "2025-06-30", "Phường Trần Phú")]
    [InlineData("18094", "2025-07-01", null)]
    [InlineData("18100", "2024-12-31", "Xã Thạch Hạ")]
    [InlineData("18100", "2025-06-30", "Phường Thạch Hạ")]
    [InlineData("18100", "2025-07-01", "Phường Trần Phú")]
    [InlineData("18100", "2030-01-01", "Phường Trần Phú")]
    [InlineData("99999", "2024-12-31", null)]
    public void A_code_is_resolved_on_its_day(string code, string day, string? name) => Assert.Equal(name, Tree.Resolve(code, Day(day))?.Name);

    [Fact]
    public void One_name_is_carried_by_three_units()
    {
        Guid[] all = [Unit("18070", "2024-12-31"), Unit("18094", "2025-06-30"), Unit("18100", "2025-07-01")];
        Assert.Equal(3, all.Distinct().Count());
    }

    [Fact]
    public void A_unit_that_was_only_reclassified_keeps_its_id() => Assert.Equal(Unit("18100", "2024-12-31"), Unit("18100", "2025-06-30"));

    [Fact]
    public void A_unit_has_no_facts_on_a_day_without_it()
    {
        Assert.Null(Tree.On(Unit("18070", "2024-12-31"), Day("2025-01-01")));
        Assert.Null(Tree.On(Unit("18073", "2025-07-01"), Day("2025-06-30")));
        Assert.Null(Tree.On(Guid.Empty, Day("2025-06-30")));
    }

    [Fact]
    public void A_unit_that_is_gone_is_called_by_its_last_name()
    {
        Assert.Equal("Phường Thạch Hạ", Tree.Ref(Unit("18100", "2024-12-31"), Day("2026-01-01"))?.Name);
        Assert.Equal("Xã Thạch Hạ", Tree.Ref(Unit("18100", "2024-12-31"), Day("2024-12-31"))?.Name);
        Assert.Null(Tree.Ref(Guid.Empty, Day("2026-01-01")));
    }

    [Fact]
    public void The_chain_is_that_of_the_day()
    {
        Assert.Equal(["18073", "436", "42"], Codes("18073", "2024-12-31"));
        Assert.Equal(["18073", "42"], Codes("18073", "2025-07-01"));
        Assert.Equal(["18196", "439", "42"], Codes("18196", "2025-06-30"));
        Assert.Equal(["18196", "42"], Codes("18196", "2025-07-01"));
        Assert.Equal(["42"], Codes("42", "2024-12-31"));

        static IEnumerable<string> Codes(string code, string day) => Tree.Chain(Unit(code, day), Day(day)).Select(u => Tree.On(u.Id, Day(day))!.Code);
    }

    [Fact]
    public void The_level_above_is_that_of_the_day()
    {
        Assert.Equal(Unit("436", "2024-12-31"), Tree.Above(Unit("18073", "2024-12-31"), "district", Day("2024-12-31")));
        Assert.Null(Tree.Above(Unit("18073", "2025-07-01"), "district", Day("2025-07-01")));
        Assert.Null(Tree.Above(Unit("42", "2024-12-31"), "province", Day("2024-12-31")));
    }

    [Theory]
    [InlineData("436", "2024-12-31", 15)]
    [InlineData("436", "2025-06-30", 27)]
    [InlineData("439", "2024-12-31", 25)]
    [InlineData("439", "2025-06-30", 22)]
    public void Below_a_district_lie_its_communes_of_the_day(string district, string day, int communes)
    {
        var below = Tree.Below(Unit(district, day), null, Day(day)).ToList();
        Assert.Equal(communes, below.Count);
        Assert.Equal(below.Select(u => u.Version.Code).Order(StringComparer.Ordinal), below.Select(u => u.Version.Code));
    }

    [Fact]
    public void A_successor_answers_for_all_that_came_before_it()
    {
        var (now, before, first) = (Unit("18109", "2024-12-31"), Unit("18103", "2024-12-31"), Unit("18106", "2019-12-31"));
        Assert.True(Tree.AnswersFor(now, now, Today));
        Assert.True(Tree.AnswersFor(Unit("18073", "2025-07-01"), Unit("18073", "2024-12-31"), Today));
        Assert.True(Tree.AnswersFor(before, first, Today));
        Assert.False(Tree.AnswersFor(first, before, Today));
        Assert.False(Tree.AnswersFor(now, first, Today));
    }

    [Fact]
    public void Over_two_reforms_the_last_successor_answers()
    {
        var first = Unit("18106", "2019-12-31");
        var last = Tree.Below(null, "commune", Day("2025-07-01")).Where(u => Tree.AnswersFor(u.Unit.Id, first, Today)).ToList();
        Assert.Equal("Phường Trần Phú", Assert.Single(last).Version.FullName);
    }

    [Fact]
    public void Each_part_of_a_divided_unit_answers_for_it()
    {
        var divided = Unit("18082", "2025-06-30");
        var heirs = Tree.Below(null, "commune", Day("2025-07-01")).Where(u => Tree.AnswersFor(u.Unit.Id, divided, Today));
        Assert.Equal(["Phường Thành Sen", "Phường Hà Huy Tập"], heirs.Select(u => u.Version.FullName));
    }

    [Theory]
    [InlineData("18073~2024-12-31", "2026-03-02", "Phường Nam Hà")]
    [InlineData("18073~2025-12-31", "2024-12-20", "Phường Thành Sen")]
    [InlineData("18073", "2024-12-20", "Phường Nam Hà")]
    [InlineData("18073", "2026-03-02", "Phường Thành Sen")]
    [InlineData("18076", "2026-03-02", "Phường Bắc Hà")]
    [InlineData("18070", "2026-03-02", "Phường Trần Phú")]
    [InlineData("436", "2026-03-02", "Thành phố Hà Tĩnh")]
    public void A_grant_speaks_of_its_own_day_else_of_today_else_of_the_codes_last_day(string right, string today, string name)
    {
        var unit = Tree.UnitOf(Grant.Parse($"commune-officer@{right}")!, Day(today));
        Assert.Equal(name, Tree.Ref(unit!.Value, DateOnly.MaxValue)?.Name);
    }

    [Theory]
    [InlineData("18076~2025-07-01")]
    [InlineData("18106~2024-12-31")]
    [InlineData("0")]
    [InlineData("99999")]
    public void A_grant_of_a_code_that_nobody_carries_speaks_of_nobody(string right) =>
        Assert.Null(Tree.UnitOf(Grant.Parse($"commune-officer@{right}")!, Day("2026-03-02")));

    [Fact]
    public void An_empty_tree_knows_nobody()
    {
        Assert.Equal(0, UnitTree.Empty.Count);
        Assert.Null(UnitTree.Empty.Resolve("42", Day("2024-12-31")));
        Assert.Empty(UnitTree.Empty.Chain(Unit("42", "2024-12-31"), Day("2024-12-31")));
        Assert.Empty(UnitTree.Empty.Below(null, null, Day("2024-12-31")));
    }

    private static Guid Unit(string code, string day) => Given.Unit(code, Day(day)).Id;

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd");
}
