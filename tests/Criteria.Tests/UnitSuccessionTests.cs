using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

/// <summary>A merger that is recorded ahead of its day changes nobody's rights before it.</summary>
public sealed class UnitSuccessionTests
{
    private static readonly DateOnly Day = new(2026, 7, 1);
    private static readonly Guid Old = Guid.CreateVersion7();
    private static readonly Guid Giver = Guid.CreateVersion7();
    private static readonly Guid New = Guid.CreateVersion7();

    private static readonly UnitTree Tree = new(
    [
        Unit(Old, "18001", null, Day.AddDays(-1), [], [new(New, Day, "whole")]),
        Unit(Giver, "18002", null, null, [], [new(New, Day, "thôn 3")]),
        Unit(New, "18001", Day, null, [new(Old, Day, "whole"), new(Giver, Day, "thôn 3")], []),
    ]);

    [Fact]
    public void The_successor_answers_from_the_day_of_the_merger()
    {
        Assert.False(Tree.AnswersFor(New, Old, Day.AddDays(-1)));
        Assert.True(Tree.AnswersFor(New, Old, Day));
        var officer = Given.Actor("commune-officer@18001~2026-07-01#an");
        Assert.False(Tree.ActsAs(officer, Roles.CommuneOfficer, Old, Day.AddDays(-1)));
        Assert.True(Tree.ActsAs(officer, Roles.CommuneOfficer, Old, Day));
        Assert.False(Tree.MayRead(officer, Old, Day.AddDays(-30), Day.AddDays(-1)));
        Assert.True(Tree.MayRead(officer, Old, Day.AddDays(-30), Day));
    }

    [Fact]
    public void Who_gave_a_part_and_goes_on_answers_for_himself() => Assert.False(Tree.AnswersFor(New, Giver, Day.AddYears(1)));

    [Fact]
    public void Who_got_a_part_before_the_end_answers_for_nothing_else()
    {
        var (gone, early, heir) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var tree = new UnitTree(
        [
            Unit(gone, "18001", null, Day.AddDays(-1), [], [new(early, Day.AddYears(-1), "thôn 3"), new(heir, Day, "whole")]),
            Unit(early, "18002", null, null, [new(gone, Day.AddYears(-1), "thôn 3")], []),
            Unit(heir, "18003", null, null, [new(gone, Day, "whole")], []),
        ]);
        Assert.False(tree.AnswersFor(early, gone, Day));
        Assert.True(tree.AnswersFor(heir, gone, Day));
    }

    [Fact]
    public void The_predecessor_acts_until_its_last_day_and_the_code_is_the_successors_then()
    {
        var grant = Grant.Parse("commune-officer@18001")!;
        Assert.Equal(Old, Tree.UnitOf(grant, Day.AddDays(-1)));
        Assert.Equal(New, Tree.UnitOf(grant, Day));
    }

    [Fact]
    public void A_code_that_nobody_carried_yet_is_nobodys()
    {
        var tree = new UnitTree([Unit(New, "18001", Day, null, [], [])]);
        Assert.Null(tree.UnitOf(Grant.Parse("commune-officer@18001")!, Day.AddDays(-1)));
        Assert.Equal(New, tree.UnitOf(Grant.Parse("commune-officer@18001~2026-07-01")!, Day.AddDays(-1)));
    }

    [Fact]
    public void Both_walks_tell_the_same_passages_over_two_reforms()
    {
        var last = Given.Unit("18100", Given.EndOf2025).Id;
        var ancestry = Given.Tree.Ancestry(last);
        Assert.Equal([1, 2], ancestry.Select(p => p.Generation).Distinct().Order());
        var first = Given.Unit("18106", new(2019, 12, 31)).Id;
        Assert.Equal((2, new DateOnly(2020, 1, 1), "whole"), Assert.Single(ancestry, p => p.From == first) is var p ? (p.Generation, p.On, p.Part) : default);
        Assert.All(Given.Tree.All, unit => Assert.All(Given.Tree.Ancestry(unit.Id), passage =>
            Assert.Contains(Given.Tree.Descent(passage.From), d => (d.From, d.Into, d.On, d.Part) == (passage.From, passage.Into, passage.On, passage.Part))));
    }

    private static UnitState Unit(Guid id, string code, DateOnly? from, DateOnly? to, IReadOnlyList<UnitLink> before, IReadOnlyList<UnitLink> after) =>
        new(id, "commune", null, [new(code, code, code, "xa", null, from, to, null, "seen")], before, after);
}
