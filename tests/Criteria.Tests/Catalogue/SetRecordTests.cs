using System.Text.Json;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Catalogue;

public sealed class SetRecordTests
{
    private static readonly LegalAct Act = new("211/QĐ-TTg", new(2024, 3, 1), null, null);
    private static readonly DateOnly March2024 = new(2024, 3, 1);

    [Fact]
    public void The_version_in_force_on_the_day_governs_it()
    {
        var record = Given.Recorded(SetJson.Set, Amended(2, March2024));
        Assert.Equal(1, record.On(March2024.AddDays(-1)).Number);
        Assert.Equal(2, record.On(March2024).Number);
        Assert.Equal(2, record.On(new(2027, 1, 1)).Number);
        Assert.Equal(1, record.On(new(2020, 1, 1)).Number);
    }

    [Fact]
    public void Of_several_in_force_on_one_day_the_one_published_last_governs()
    {
        var record = Given.Recorded(SetJson.Set, Amended(2, March2024), Amended(3, March2024), Amended(4, new(2023, 1, 1)));
        Assert.Equal(4, record.On(March2024).Number);
        Assert.Equal(4, record.On(new(2023, 6, 1)).Number);
    }

    [Fact]
    public void A_first_day_that_nobody_knows_is_not_always()
    {
        var record = Given.Recorded(SetJson.Set with { InForceFrom = null });
        Assert.Null(record.InForceOn(March2024));
        Assert.False(record.InForceOn(new(2026, 2, 15)));
        Assert.True(Given.Recorded(SetJson.Set).InForceOn(March2024));
        Assert.False(Given.Recorded(SetJson.Set).InForceOn(new(2022, 3, 7)));
        Assert.Equal(2, Given.Recorded(SetJson.Set with { InForceFrom = null }, Amended(2, March2024)).On(March2024).Number);
    }

    [Fact]
    public void After_its_last_day_a_retired_set_is_in_force_no_more()
    {
        var record = Given.Recorded(SetJson.Set, new SetRetired(Act, March2024, null, "bo", Given.Imported));
        Assert.True(record.InForceOn(March2024));
        Assert.False(record.InForceOn(March2024.AddDays(1)));
    }

    [Fact]
    public void What_was_published_by_then_is_what_a_look_back_sees()
    {
        var record = Given.Recorded(SetJson.Set, Amended(2, March2024), new SetRetired(Act, March2024, null, "bo", Given.Imported));
        Assert.Equal((1, null), (record.At(1)!.Versions.Count, record.At(1)!.Retired));
        Assert.Equal((2, null), (record.At(2)!.Versions.Count, record.At(2)!.Retired));
        Assert.NotNull(record.At(3)!.Retired);
        var drafted = SetRecord.Fold(SetRecord.Fold(null, "set/x", new SetDrafted(SetJson.Set, null, "bo", Given.Imported)), "set/x", new CriteriaSetPublished(SetJson.Set, "bo", Given.Imported));
        Assert.Null(drafted!.At(1));
        Assert.Single(drafted.At(2)!.Versions);
    }

    [Fact]
    public void A_set_stored_before_there_were_versions_is_its_first()
    {
        var stored = JsonSerializer.Serialize(new { Id = "set/bo-thu-nghiem", SetJson.Set }, NtmJson.Stored);
        var record = JsonSerializer.Deserialize<SetRecord>(stored, NtmJson.Stored)!;
        Assert.Equal((1L, 1), (record.Version, record.Latest.Number));
        Assert.Equal([1, 2], SetRecord.Fold(record, record.Id, Amended(2, March2024))!.Versions.Select(v => v.Number));
        var again = JsonSerializer.Deserialize<SetRecord>(JsonSerializer.Serialize(SetRecord.Fold(record, record.Id, Amended(2, March2024)), NtmJson.Stored), NtmJson.Stored)!;
        Assert.Equal(2, again.Versions.Count);
    }

    private static SetAmended Amended(int version, DateOnly from) => new(version, SetJson.Set with { InForceFrom = from }, Act with { Number = $"{version}/QĐ" }, "bo", Given.Imported);
}
