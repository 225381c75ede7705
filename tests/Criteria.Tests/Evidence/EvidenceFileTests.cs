using Ntm.Criteria.Evidence;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Evidence;

public sealed class EvidenceFileTests
{
    private const string Sha = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private static readonly string Key = EvidenceFile.Key(Sha);
    private static readonly Guid Own = Given.Unit("18073", Given.EndOf2024).Id;
    private static readonly Guid Other = Given.Unit("18070", Given.EndOf2024).Id;
    private static readonly DateOnly Today = new(2024, 12, 20);

    [Fact]
    public void The_first_upload_is_stored_the_next_units_is_shared_and_the_same_units_is_nothing_new()
    {
        var first = Assert.Single(StoreEvidence.Decide(null, By(Own)));
        var file = EvidenceFile.Fold(null, Key, first);
        Assert.Empty(StoreEvidence.Decide(file, By(Own)));
        var second = Assert.IsType<EvidenceShared>(Assert.Single(StoreEvidence.Decide(file, By(Other))));
        file = EvidenceFile.Fold(file, Key, second)!;
        Assert.Equal([Own, Other], file.Holders.Select(h => h.UnitId));
        Assert.Equal(2, file.Version);
    }

    [Fact]
    public void What_a_unit_brings_in_again_later_is_held_anew()
    {
        var file = Folded(By(Own));
        Assert.Empty(StoreEvidence.Decide(file, By(Own) with { At = Given.Imported.AddHours(23) }));
        var again = Assert.IsType<EvidenceShared>(Assert.Single(StoreEvidence.Decide(file, By(Own) with { At = Given.Imported.AddDays(29) })));
        Assert.Equal(Given.Imported.AddDays(29), EvidenceFile.Fold(file, Key, again)!.LastAt);
    }

    [Theory]
    [InlineData("auditor@0#x", null)]
    [InlineData("commune-officer@18073#an", 1)]
    [InlineData("ministry@0#x", 0)]
    public void The_store_is_asked_for_what_may_be_read_on_some_day(string client, int? units) => Assert.Equal(units, Given.Tree.ReadableEver(Given.Actor(client), Today)?.Count);

    /// <summary>The choice in the store leaves nothing out that the rights allow.</summary>
    [Theory]
    [InlineData("district-officer@436#dung")]
    [InlineData("province-officer@42#phuong")]
    [InlineData("commune-officer@18073#an")]
    public void Nothing_readable_is_left_out(string client)
    {
        var (actor, readable) = (Given.Actor(client), Given.Tree.ReadableEver(Given.Actor(client), Given.EndOf2025)!.ToHashSet());
        foreach (var day in (DateOnly[])[Given.EndOf2024, Given.EndOf2025])
            Assert.All(Given.Tree.All.Where(u => Given.Tree.MayRead(actor, u.Id, day, Given.EndOf2025)), u => Assert.Contains(u.Id, readable));
    }

    [Fact]
    public void What_was_removed_can_be_brought_in_again()
    {
        var file = Folded(By(Own), new EvidenceRemoved(Given.Imported));
        Assert.NotNull(file.RemovedAt);
        file = EvidenceFile.Fold(file, Key, Assert.IsType<EvidenceStored>(Assert.Single(StoreEvidence.Decide(file, By(Other)))))!;
        Assert.Equal((null, 3, 2), (file.RemovedAt, file.Version, file.Holders.Count));
    }

    [Theory]
    [InlineData("commune-officer@18073#an", true)]
    [InlineData("district-officer@436#dung", true)]
    [InlineData("province-officer@42#phuong", true)]
    [InlineData("auditor@0#kiem", true)]
    [InlineData("commune-officer@18070#binh", false)]
    [InlineData("district-officer@437#x", false)]
    [InlineData("ministry@0#x", false)]
    public void The_unit_that_brought_it_in_and_those_above_read_a_file(string client, bool reads) =>
        Assert.Equal(reads, Folded(By(Own)).HoldersSeenBy(Given.Tree, Given.Actor(client), [], Today).Count > 0);

    [Fact]
    public void To_name_the_hash_of_anothers_file_opens_nothing()
    {
        var file = Folded(By(Own));
        Assert.False(file.IsHeldBy(Given.Tree, Other, Given.EndOf2024, Today));
        Assert.Empty(file.HoldersSeenBy(Given.Tree, Given.Actor("commune-officer@18070#binh"), [(Other, Given.EndOf2024)], Today));
        Assert.True(file.IsHeldBy(Given.Tree, Own, Given.EndOf2024, Today));
    }

    [Fact]
    public void A_unit_above_refers_to_what_a_unit_below_brought_in()
    {
        var district = Given.Unit("436", Given.EndOf2024).Id;
        Assert.True(Folded(By(Own)).IsHeldBy(Given.Tree, district, Given.EndOf2024, Today));
        Assert.False(Folded(By(district)).IsHeldBy(Given.Tree, Own, Given.EndOf2024, Today));
    }

    [Fact]
    public void Whoever_holds_the_same_is_not_told_of()
    {
        var file = Folded(By(Own), new EvidenceShared(Other, Given.EndOf2024, "Bí mật.pdf", "binh", Given.Imported));
        Assert.Equal([Own], file.HoldersSeenBy(Given.Tree, Given.Actor("commune-officer@18073#an"), [], Today).Select(h => h.UnitId));
        Assert.Equal(2, file.HoldersSeenBy(Given.Tree, Given.Actor("province-officer@42#phuong"), [], Today).Count);
    }

    [Theory]
    [InlineData("commune-officer@18073#an", true)]
    [InlineData("district-officer@436#dung", true)]
    [InlineData("province-officer@42#phuong", true)]
    [InlineData("commune-officer@18070#binh", false)]
    [InlineData("department-officer@42:SNN#x", false)]
    [InlineData("auditor@0#x", false)]
    public void The_unit_and_those_above_it_bring_files_in(string client, bool may) =>
        Assert.Equal(may, Given.Tree.EntersFor(Given.Actor(client), Own, Given.EndOf2024, Today));

    [Fact]
    public void A_reference_to_a_kept_file_takes_its_size_and_kind_and_refuses_others()
    {
        var held = new Dictionary<string, EvidenceFile> { [Sha] = Folded(By(Own)) };
        Decision Record(long? size, string? type) => RecordIndicator.Decide(
            Scene.ThreeTiers.As(Given.CommuneOfficer) with { Held = held }, "3.1",
            new(Given.ValueOf("3.1"), Today, null, [new(Sha.ToUpperInvariant(), size, type)]));
        Assert.Equal(new EvidenceRef(Sha, 2048, "application/pdf"), Assert.Single(Assert.IsType<IndicatorRecorded>(Record(null, null).Events[^1]).Evidence));
        Assert.Null(Record(2048, "application/x-pdf").Refusal);
        Assert.Equal(["evidence"], Record(2047, null).Refusal?.Errors!.Keys);
        Assert.Equal(["evidence"], Record(2048, "image/png").Refusal?.Errors!.Keys);
    }

    private static EvidenceStored By(Guid unit) => new(Sha, 2048, "application/pdf", unit, Given.EndOf2024, "Biên bản.pdf", "an", Given.Imported);

    private static EvidenceFile Folded(params object[] events) => events.Aggregate((EvidenceFile?)null, (f, e) => EvidenceFile.Fold(f, Key, e))!;
}
