using Ntm.Pilots.Models;
using Ntm.Pilots.Targets;

namespace Ntm.Pilots.Tests;

public sealed class TargetsTests
{
    private static readonly Plan Plan = Plan.Load(Path.Combine(AppContext.BaseDirectory, "data", "plan.json"));

    [Fact]
    public void The_plan_has_its_sixteen_lines()
    {
        Assert.Equal(16, Plan.Targets.Count);
        Assert.All(Plan.Targets, t => Assert.Equal(new DateOnly(2025, 12, 31), t.Due));
        Assert.Equal((20m, 4m), (Line("2.4").Threshold, Line("2.5").Threshold));
    }

    [Fact]
    public void Recognised_models_count_and_proposed_ones_stand_beside_them()
    {
        var view = GetTargets.View(Line("2.4"), [new(ModelKinds.SmartVillage, 30, 19)], english: true);
        Assert.Equal((19m, 30, false), (view.Actual, view.Proposed, view.Reached));
        Assert.Equal("Smart villages that meet decision 38/2022/QĐ-UBND", view.Title);
    }

    [Fact]
    public void The_goal_itself_is_reached() =>
        Assert.True(GetTargets.View(Line("2.5"), [new(ModelKinds.SmartCommune, 0, 4)], english: false).Reached);

    [Fact]
    public void Without_any_model_the_count_is_zero()
    {
        var view = GetTargets.View(Line("2.5"), [], english: false);
        Assert.Equal((0m, 0, false), (view.Actual, view.Proposed, view.Reached));
        Assert.Equal(view.TitleVi, view.Title);
    }

    [Fact]
    public void A_figure_from_elsewhere_is_never_made_up()
    {
        var others = Plan.Targets.Where(t => GetTargets.KindOf(t.Id) is null).ToList();
        Assert.Equal(14, others.Count);
        Assert.All(others, line =>
        {
            var view = GetTargets.View(line, [new(ModelKinds.SmartVillage, 30, 30)], english: false);
            Assert.Null(view.Actual);
            Assert.Null(view.Proposed);
            Assert.False(view.Reached);
            Assert.NotEmpty(view.From);
        });
    }

    private static TargetLine Line(string id) => Plan.Targets.Single(t => t.Id == id);
}
