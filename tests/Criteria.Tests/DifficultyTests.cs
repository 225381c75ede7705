using Ntm.Criteria.Difficulties;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class DifficultyTests
{
    private static readonly Guid Id = DeterministicId.Of("difficulty", "1");

    [Fact]
    public void A_unit_raises_a_difficulty_in_its_report()
    {
        var raised = Assert.IsType<DifficultyRaised>(Assert.Single(Raise(Scene.ThreeTiers, Given.CommuneOfficer, new(" Thiếu vốn ", "3.1", null)).Events));
        Assert.Equal(
            new DifficultyRaised(Id, Scene.ThreeTiers.Chain.Unit.Id, Given.EndOf2024, "2024-Q4", Given.Set.Id, "3.1", "Thiếu vốn", "an", Scene.ThreeTiers.Now), raised);
    }

    [Fact]
    public void A_unit_raises_a_difficulty_at_any_time_without_a_period()
    {
        var scene = Scene.ThreeTiers;
        var raised = (DifficultyRaised)RaiseDifficulty.Decide(Free(scene, Given.CommuneOfficer) with { Set = null }, Id, new("Thiếu vốn", null, null)).Events[0];
        Assert.Equal((scene.Today, null, null, null), (raised.Day, raised.Period, raised.Set, raised.Indicator));
        raised = (DifficultyRaised)RaiseDifficulty.Decide(Free(scene, Given.CommuneOfficer), Id, new("Thiếu vốn", "3.1", Given.Set.Id)).Events[0];
        Assert.Equal((Given.Set.Id, "3.1"), (raised.Set, raised.Indicator));
        Assert.Equal(["set"], Faults(Free(scene, Given.CommuneOfficer) with { Set = null }, new("Thiếu vốn", "3.1", null)));
        Assert.Equal(["set"], Faults(Free(scene, Given.CommuneOfficer) with { Set = null }, new("Thiếu vốn", null, "không-có")));
    }

    [Theory]
    [InlineData("commune-officer@18070#x")]
    [InlineData("district-officer@436#x")]
    [InlineData("province-officer@42#x")]
    public void Only_the_unit_itself_raises_its_difficulties(string client) => Assert.Equal(403, Raise(Scene.ThreeTiers, client, new("Thiếu vốn", null, null)).Refusal?.Status);

    [Fact]
    public void Text_and_indicator_are_checked()
    {
        Assert.Equal(["text"], Faults(Case(Scene.ThreeTiers, Given.CommuneOfficer), new(" ", null, null)));
        Assert.Equal(["text"], Faults(Case(Scene.ThreeTiers, Given.CommuneOfficer), new(new string('x', 4001), null, null)));
        Assert.Equal(["indicator"], Faults(Case(Scene.ThreeTiers, Given.CommuneOfficer), new("Thiếu vốn", "9.9", null)));
        Assert.Equal(["set"], Faults(Case(Scene.ThreeTiers, Given.CommuneOfficer), new("Thiếu vốn", null, "xa-ntm-2026-2030")));
    }

    [Fact]
    public void It_goes_from_the_commune_over_the_district_to_the_province_and_comes_back_answered()
    {
        var raised = Raised(Scene.ThreeTiers);
        Assert.Equal(["pass-on", "answer"], DifficultyView.Asked(raised, Scene.ThreeTiers.Chain).Select(s => s.Step));
        var passedOn = When(raised, Scene.ThreeTiers, Given.DistrictOfficer, c => SettleDifficulty.DecidePassOn(c, new("Đề nghị tỉnh xem xét")));
        Assert.Equal(("passed-on", "Đề nghị tỉnh xem xét", "dung"), (Difficulty.NameOf(passedOn.Status), passedOn.Comments[0].Text, passedOn.Comments[0].By));
        Assert.Equal(["answer"], DifficultyView.Asked(passedOn, Scene.ThreeTiers.Chain).Select(s => s.Step));
        var answered = When(passedOn, Scene.ThreeTiers, Given.ProvinceOfficer, c => SettleDifficulty.DecideAnswer(c, new("Sẽ bố trí vốn")));
        Assert.Equal(("answered", "Sẽ bố trí vốn", 3L), (Difficulty.NameOf(answered.Status), answered.Answer!.Text, answered.Version));
        Assert.Empty(DifficultyView.Of(answered, Scene.ThreeTiers.Chain, Given.Tree, demonstration: false).NextSteps);
    }

    [Fact]
    public void The_province_answers_also_what_nobody_passed_on() =>
        Assert.Equal(DifficultyStatus.Answered, When(Raised(Scene.ThreeTiers), Scene.ThreeTiers, Given.ProvinceOfficer, c => SettleDifficulty.DecideAnswer(c, new("Đã rõ"))).Status);

    [Fact]
    public void After_the_reform_there_is_no_level_between()
    {
        var raised = Raised(Scene.TwoTiers);
        Assert.Equal(["answer"], DifficultyView.Asked(raised, Scene.TwoTiers.Chain).Select(s => s.Step));
        Assert.Equal("no-level-between", SettleDifficulty.DecidePassOn(As(raised, Scene.TwoTiers, Given.ProvinceOfficer), new(null)).Refusal?.Rule);
        Assert.Equal(403, SettleDifficulty.DecidePassOn(As(raised, Scene.TwoTiers, "district-officer@436~2024-12-31#dung"), new(null)).Refusal?.Status);
    }

    [Fact]
    public void Each_step_is_for_those_it_is_for()
    {
        var raised = Raised(Scene.ThreeTiers);
        Assert.Equal(403, SettleDifficulty.DecideAnswer(As(raised, Scene.ThreeTiers, Given.DistrictOfficer), new("x")).Refusal?.Status);
        Assert.Equal(403, SettleDifficulty.DecidePassOn(As(raised, Scene.ThreeTiers, "district-officer@437#x"), new("x")).Refusal?.Status);
        Assert.Equal(403, SettleDifficulty.DecidePassOn(As(raised, Scene.ThreeTiers, Given.ProvinceOfficer), new("x")).Refusal?.Status);
        Assert.Equal(403, SettleDifficulty.DecideWithdraw(As(raised, Scene.ThreeTiers, Given.ProvinceOfficer), new(null)).Refusal?.Status);
        Assert.Equal(422, SettleDifficulty.DecideAnswer(As(raised, Scene.ThreeTiers, Given.ProvinceOfficer), new(null)).Refusal?.Status);
    }

    [Fact]
    public void What_is_answered_or_withdrawn_stays_so()
    {
        var answered = When(Raised(Scene.ThreeTiers), Scene.ThreeTiers, Given.ProvinceOfficer, c => SettleDifficulty.DecideAnswer(c, new("Đã rõ")));
        var withdrawn = When(Raised(Scene.ThreeTiers), Scene.ThreeTiers, Given.CommuneOfficer, c => SettleDifficulty.DecideWithdraw(c, new("Đã tự khắc phục")));
        Assert.Equal("Đã tự khắc phục", withdrawn.Withdrawal);
        foreach (var settled in (Difficulty[])[answered, withdrawn])
        {
            Assert.Equal("difficulty-settled", SettleDifficulty.DecidePassOn(As(settled, Scene.ThreeTiers, Given.DistrictOfficer), new("x")).Refusal?.Rule);
            Assert.Equal("difficulty-settled", SettleDifficulty.DecideAnswer(As(settled, Scene.ThreeTiers, Given.ProvinceOfficer), new("x")).Refusal?.Rule);
            Assert.Equal("difficulty-settled", SettleDifficulty.DecideWithdraw(As(settled, Scene.ThreeTiers, Given.CommuneOfficer), new(null)).Refusal?.Rule);
        }
    }

    [Fact]
    public void A_province_has_nobody_above_it()
    {
        var province = ReportChain.Of(Given.Tree, Given.Unit("42", Given.EndOf2024), Given.EndOf2024)!;
        Assert.Equal("no-level-above", RaiseDifficulty.Decide(Free(Scene.ThreeTiers, Given.ProvinceOfficer) with { Chain = province, Set = null }, Id, new("x", null, null)).Refusal?.Rule);
    }

    private static RaiseDifficulty.Case Case(Scene scene, string client) => new(scene.Chain, Given.Tree, Given.Actor(client), scene.Period.FiguresAsOf, scene.Period, Given.Set, scene.Now);

    private static RaiseDifficulty.Case Free(Scene scene, string client) => new(scene.Chain, Given.Tree, Given.Actor(client), scene.Today, null, Given.Set, scene.Now);

    private static Decision Raise(Scene scene, string client, RaiseDifficulty.Body body) => RaiseDifficulty.Decide(Case(scene, client), Id, body);

    private static Difficulty Raised(Scene scene) => Difficulty.Fold(null, Difficulty.Key(Id), Raise(scene, Given.CommuneOfficer, new("Thiếu vốn", "3.1", null)).Events[0])!;

    private static SettleDifficulty.Case As(Difficulty difficulty, Scene scene, string client) => new(difficulty, scene.Chain, Given.Tree, Given.Actor(client), scene.Now);

    private static Difficulty When(Difficulty difficulty, Scene scene, string client, Func<SettleDifficulty.Case, Decision> decide)
    {
        var decision = decide(As(difficulty, scene, client));
        Assert.Null(decision.Refusal);
        return decision.Events.Aggregate(difficulty, (d, e) => Difficulty.Fold(d, d.Id, e)!);
    }

    private static IEnumerable<string> Faults(RaiseDifficulty.Case c, RaiseDifficulty.Body body) => RaiseDifficulty.Decide(c, Id, body).Refusal!.Errors!.Keys;
}
