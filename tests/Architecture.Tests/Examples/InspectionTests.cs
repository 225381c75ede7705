using Ntm.Architecture.Tests.Examples.Inspections;

namespace Ntm.Architecture.Tests.Examples;

public sealed class InspectionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.FromHours(7));
    private static readonly Guid Unit = new("0190a6a0-0000-7000-8000-000000000001");
    private static readonly HoldInspection.Command Hold = new(new("0190a6a0-0000-7000-8000-000000000002"), Unit, new(2026, 3, 1), "failed", "binh");

    private static Inspection Failed { get; } =
        Inspection.Fold(null, Inspection.Key(Hold.Id), HoldInspection.Decide(Hold, recognised: true, Now).Events.Single())!;

    [Fact]
    public void An_inspection_of_a_recognised_unit_is_recorded() => Assert.Equal(
        new InspectionHeld(Hold.Id, Unit, new(2026, 3, 1), "failed", "binh", Now),
        Assert.Single(HoldInspection.Decide(Hold, recognised: true, Now).Events));

    [Fact]
    public void A_unit_without_a_title_is_not_inspected() =>
        Assert.Equal("unit-not-recognised", HoldInspection.Decide(Hold, recognised: false, Now).Refusal?.Rule);

    [Fact]
    public void An_empty_body_hears_every_fault_at_once() =>
        Assert.Equal(["unit", "day", "result"], HoldInspection.Check(new(null, null, null), known: false, new(2026, 3, 2))!.Errors!.Keys);

    [Fact]
    public void An_inspection_is_answered_once()
    {
        var answered = Assert.Single(AnswerInspection.Decide(Failed, new("Đã sửa đường"), "an", Now).Events);
        Assert.Equal(new InspectionAnswered("Đã sửa đường", "an", Now), answered);
        var after = Inspection.Fold(Failed, Failed.Id, answered)!;
        Assert.Equal("inspection-answered", AnswerInspection.Decide(after, new("Lần nữa"), "an", Now).Refusal?.Rule);
    }
}
