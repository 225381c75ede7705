using Ntm.Pilots.Models;

namespace Ntm.Pilots.Tests;

public sealed class ProposeModelTests
{
    private static readonly DateTimeOffset Now = new(2024, 6, 3, 8, 0, 0, TimeSpan.FromHours(7));
    private static readonly Guid Unit = new("11111111-1111-4111-8111-111111111111");
    private static readonly ProposeModel.Body Village = new(ModelKinds.SmartVillage, "18445", "Đông Trung", null, "Thôn thông minh Đông Trung");

    [Fact]
    public void A_whole_smart_village_is_recorded_with_who_and_when()
    {
        var command = CommandOf(Village);
        var decision = ProposeModel.Decide(null, command, Now);
        Assert.Equal(
            new ModelProposed(command.Id, "smart-village", Unit, "18445", "Xã Cẩm Bình", "Đông Trung", null, "Thôn thông minh Đông Trung", "an", Now),
            Assert.Single(decision.Events));
    }

    [Fact]
    public void What_is_proposed_already_is_refused_and_shown()
    {
        var first = PilotModel.Of((ModelProposed)ProposeModel.Decide(null, CommandOf(Village), Now).Events[0]);
        var refusal = ProposeModel.Decide(first, CommandOf(Village), Now).Refusal;
        Assert.Equal((409, "model-already-proposed"), (refusal!.Status, refusal.Rule));
        Assert.Equal($"/api/pilots/models/{first.ModelId}", refusal.More!["model"]);
    }

    [Fact]
    public void Letter_case_blanks_and_composed_letters_make_no_other_model()
    {
        var decomposed = ProposeModel.Clean(Village with { Title = " Thôn   THÔNG minh Đông Trung ".Normalize(System.Text.NormalizationForm.FormD) });
        Assert.Equal(Likeness(Village), Likeness(decomposed));
        Assert.NotEqual(Likeness(Village), Likeness(Village with { Village = "Tam Đồng" }));
    }

    [Fact]
    public void All_that_is_missing_is_named_at_once()
    {
        var refusal = ProposeModel.Check(new(null, null, null, null, null), null);
        Assert.Equal(422, refusal!.Status);
        Assert.Equal(["kind", "title", "unit"], refusal.Errors!.Keys.Order());
    }

    [Theory]
    [InlineData(ModelKinds.SmartVillage, "village")]
    [InlineData(ModelKinds.SmartCommune, "field")]
    [InlineData("smart-city", "kind")]
    public void Each_kind_asks_for_its_own(string kind, string field) =>
        Assert.Equal([field], ProposeModel.Check(new(kind, "18445", null, null, "Mô hình"), "commune")!.Errors!.Keys);

    [Theory]
    [InlineData(ModelKinds.ECommerceCommune)]
    [InlineData(ModelKinds.CentralPilot)]
    public void Other_kinds_need_neither_village_nor_field(string kind) =>
        Assert.Null(ProposeModel.Check(new(kind, "18445", null, null, "Mô hình"), "commune"));

    [Fact]
    public void A_code_that_nobody_carries_today_is_a_fault_of_the_unit() =>
        Assert.Equal(["unit"], ProposeModel.Check(Village, null)!.Errors!.Keys);

    [Fact]
    public void Only_a_central_pilot_may_belong_to_a_district()
    {
        Assert.Equal(["unit"], ProposeModel.Check(Village, "district")!.Errors!.Keys);
        Assert.Null(ProposeModel.Check(new(ModelKinds.CentralPilot, "446", null, null, "Mô hình"), "district"));
    }

    [Fact]
    public void Texts_are_bounded_and_hold_no_control_characters()
    {
        Assert.Null(ProposeModel.Check(Village with { Title = new('ộ', 4000), Village = new('ộ', 200) }, "commune"));
        Assert.Equal(["title"], ProposeModel.Check(Village with { Title = new('a', 4001) }, "commune")!.Errors!.Keys);
        Assert.Equal(["village"], ProposeModel.Check(Village with { Village = "a\0b" }, "commune")!.Errors!.Keys);
        Assert.Equal(["title"], ProposeModel.Check(ProposeModel.Clean(Village with { Title = "a\ud800" }), "commune")!.Errors!.Keys);
        Assert.Equal(["title"], ProposeModel.Check(ProposeModel.Clean(Village with { Title = "   " }), "commune")!.Errors!.Keys);
    }

    private static ProposeModel.Command CommandOf(ProposeModel.Body body) =>
        new(Guid.CreateVersion7(Now), body.Kind!, Unit, body.Unit!, "Xã Cẩm Bình", body.Village, body.Field, body.Title!, "an");

    private static string Likeness(ProposeModel.Body body) => PilotModel.LikenessOf(body.Kind!, Unit, body.Village, body.Title!);
}
