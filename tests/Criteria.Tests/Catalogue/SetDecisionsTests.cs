using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Catalogue;

public sealed class SetDecisionsTests
{
    private static readonly LegalAct Act = new("211/QĐ-TTg", new(2024, 3, 1), null, null);
    private static readonly CriteriaSet Changed = SetJson.Set with { TitleVi = "Bộ sửa đổi", InForceFrom = new(2024, 3, 1) };
    private static readonly SetRecord Drafted = SetRecord.Fold(null, "set/bo-thu-nghiem", new SetDrafted(SetJson.Set, null, "bo", Given.Imported))!;
    private static readonly SetRecord Published = Given.Recorded(SetJson.Set);

    [Fact]
    public void A_draft_is_published_as_it_stands()
    {
        var published = Assert.IsType<CriteriaSetPublished>(Assert.Single(SetDecisions.Publish(Drafted, null, "bo", Given.Imported).Events));
        Assert.Same(SetJson.Set, published.Set);
    }

    [Fact]
    public void A_published_version_never_changes()
    {
        Assert.Equal("set-published", Rule(SetDecisions.ChangeDraft(Published, Changed, "bo", Given.Imported)));
        Assert.Equal("set-published", Rule(SetDecisions.Publish(Published, null, "bo", Given.Imported)));
        Assert.Equal("set-exists", Rule(SetDecisions.Draft(Published, Changed, null, "bo", Given.Imported)));
    }

    [Fact]
    public void An_amendment_is_the_next_version()
    {
        var amended = Assert.IsType<SetAmended>(Assert.Single(Amend(Published, Changed, Act).Events));
        Assert.Equal(2, amended.Version);
        Assert.Equal("set-not-published", Rule(Amend(Drafted, Changed, Act)));
    }

    [Fact]
    public void An_act_amends_once_also_when_others_came_between()
    {
        var record = SetRecord.Fold(Published, Published.Id, Amend(Published, Changed, Act).Events[0])!;
        record = SetRecord.Fold(record, record.Id, Amend(record, Changed with { TitleVi = "Lần ba" }, Act with { Number = "300/QĐ-TTg" }).Events[0])!;
        Assert.Equal("act-known", Rule(Amend(record, Changed with { TitleVi = "Lần tư" }, Act with { Number = " 211/qđ-ttg" })));
        Assert.Equal("act-known", Rule(Amend(record, Changed with { TitleVi = "Lần tư" }, Act with { Number = "1/QĐ-TTg" })));
    }

    [Fact]
    public void Under_the_same_act_what_is_known_to_lack_something_is_completed()
    {
        var incomplete = Given.Recorded(SetJson.Set with { Complete = false });
        var own = SetJson.Set.LegalBasis[0];
        var completed = Assert.IsType<SetAmended>(Assert.Single(Amend(incomplete, SetJson.Set with { Complete = null, TitleVi = "Đủ" }, own).Events));
        Assert.True(completed.Correction);
        var record = SetRecord.Fold(incomplete, incomplete.Id, completed)!;
        Assert.Equal((2, true, true), (record.Latest.Number, record.Latest.Correction, SetSummary.Of(record).Correction));
        Assert.Equal("act-known", Rule(Amend(record, SetJson.Set with { TitleVi = "Lần nữa" }, own)));
        Assert.Null(Assert.IsType<SetAmended>(Assert.Single(Amend(Published, Changed, Act).Events)).Correction);
    }

    [Fact]
    public void Under_the_same_act_what_was_not_seen_is_filled_or_corrected_and_what_was_seen_stays()
    {
        var own = SetJson.Set.LegalBasis[0];
        Assert.True(Corrected("1.3", i => i with { Threshold = Contracts.ReportedValue.Of(5m), ThresholdSource = "seen" }));
        Assert.True(Corrected("1.2", i => i with { ThresholdSource = "seen" }));
        Assert.True(Corrected("1.2", i => i with { TextVi = "b, đúng nguyên văn", Source = "seen" }));
        Assert.True(Corrected("3.2", i => i with { EvidenceVi = "Biên bản", EvidenceSource = "seen" }));
        Assert.False(Corrected("1.1", i => i with { Threshold = Contracts.ReportedValue.Of(85m) }));
        Assert.False(Corrected("1.1", i => i with { TextVi = "khác" }));
        Assert.False(Corrected("2", i => i with { ThresholdSource = "recalled" }));
        Assert.Equal("act-known", Rule(Amend(Published, SetJson.Set with { Criteria = [.. SetJson.Set.Criteria.Take(2)] }, own)));

        bool Corrected(string code, Func<Indicator, Indicator> change)
        {
            var set = SetJson.Set with { Criteria = [.. SetJson.Set.Criteria.Select(c => c with { Indicators = [.. c.Indicators.Select(i => i.Code == code ? change(i) : i)] })] };
            var decision = Amend(Published, set, own);
            return decision.Refusal is null ? Assert.IsType<SetAmended>(Assert.Single(decision.Events)).Correction == true : decision.Refusal.Rule != "act-known";
        }
    }

    [Fact]
    public void An_amended_version_of_a_province_names_the_version_of_the_base_that_it_goes_out_from()
    {
        var adapted = SetRecord.Fold(null, "set/bo-tinh", new SetAdapted(SetJson.Set with { Id = "bo-tinh" }, new(SetJson.Set.Id, 1), Guid.Empty, "phuong", Given.Imported))!;
        var amended = Assert.IsType<SetAmended>(Assert.Single(SetDecisions.Amend(adapted, Changed with { Id = "bo-tinh" }, Act, "phuong", Given.Imported, new(SetJson.Set.Id, 2)).Events));
        var record = SetRecord.Fold(adapted, adapted.Id, amended)!;
        Assert.Equal([1, 2], record.Versions.Select(v => v.Base!.Version));
        Assert.Equal(1, SetRecord.Fold(adapted, adapted.Id, amended with { Base = null })!.Latest.Base!.Version);
    }

    [Fact]
    public void A_provinces_set_is_imported_again_as_it_is_kept()
    {
        var national = Given.Recorded(SetJson.Set with { SpecialRuleVi = "quy định riêng" });
        var typed = SetJson.Set with { Id = "bo-tinh", Scope = "province-42", Amends = SetJson.Set.Id };
        var first = SetDecisions.FirstVersion(typed, new(new(national.SetId, 1), national.Latest.Set), Guid.Empty, "phuong", Given.Imported);
        var record = SetRecord.Fold(null, "set/bo-tinh", first)!;
        var faults = new SetFaults();
        Assert.Equal(("unchanged", 1), ImportSets.Fate(record, typed, "", faults, national));
        Assert.Equal((null, null), ImportSets.Fate(record, typed with { TitleVi = "khác" }, "", faults, national));
    }

    [Fact]
    public void An_amendment_changes_something_and_never_whose_set_it_is()
    {
        Assert.Equal("nothing-changed", Rule(Amend(Published, SetJson.Set with { InForceFrom = new(2024, 3, 1), LegalBasis = [.. SetJson.Set.LegalBasis, Act] }, Act)));
        var refusal = Amend(Published, Changed with { Id = "x", Scope = "province-42", Tier = "district", Period = "2026-2030" }, Act).Refusal;
        Assert.Equal(["set.id", "set.scope", "set.tier", "set.period"], refusal?.Errors?.Keys);
    }

    [Fact]
    public void A_set_is_retired_once_and_neither_amended_nor_adapted_after_it()
    {
        var retired = SetRecord.Fold(Published, Published.Id, SetDecisions.Retire(Published, Act, new(2026, 2, 14), null, "bo", Given.Imported).Events[0])!;
        Assert.Equal("set-retired", Rule(SetDecisions.Retire(retired, Act, new(2026, 2, 14), null, "bo", Given.Imported)));
        Assert.Equal("set-retired", Rule(Amend(retired, Changed, Act)));
        Assert.Equal("base-retired", Rule(SetDecisions.Adapt(null, retired, retired.Latest, Changed, Guid.Empty, "bo", Given.Imported)));
        Assert.Equal("last-day", Rule(SetDecisions.Retire(Published, Act, new(2022, 3, 7), null, "bo", Given.Imported)));
    }

    [Fact]
    public void Only_a_national_set_is_adapted() => Assert.Equal(
        "base-not-national", Rule(SetDecisions.Adapt(null, Given.Recorded(SetJson.Set with { Scope = "province-42" }), Published.Latest, Changed, Guid.Empty, "bo", Given.Imported)));

    [Fact]
    public void What_stands_in_a_published_version_is_not_imported_again()
    {
        var record = SetRecord.Fold(Published, Published.Id, Amend(Published, Changed, Act).Events[0])!;
        Assert.Equal(("unchanged", 1), Fate(record, SetJson.Set).Fate);
        Assert.Equal(("unchanged", 2), Fate(record, Changed).Fate);
        Assert.Equal([("id", "set-published")], Fate(record, Changed with { TitleVi = "Khác" }).Faults);
        Assert.Equal([("id", "set-drafted")], Fate(Drafted, SetJson.Set).Faults);
        Assert.Equal(("published", 1), Fate(null, SetJson.Set).Fate);
    }

    [Fact]
    public void Sets_belong_to_the_ministry_and_the_operator_or_to_the_provinces_office()
    {
        var province = SetScope.ProvinceOf(Given.Tree, "province-42", null, Given.EndOf2024);
        Assert.Equal(province, SetScope.ProvinceOf(Given.Tree, "ha-tinh", null, Given.EndOf2024));
        Assert.Null(SetScope.ProvinceOf(Given.Tree, "province-436", null, Given.EndOf2024));
        Assert.Null(SetScope.ProvinceOf(Given.Tree, "province-99", null, Given.EndOf2024));
        Assert.True(May("ministry@0", "national"));
        Assert.True(May("operator@0", "national"));
        Assert.False(May(Given.ProvinceOfficer, "national"));
        Assert.True(May(Given.ProvinceOfficer, "province-42"));
        Assert.False(May("operator@0", "province-42"));
        Assert.False(May(Given.CommuneOfficer, "province-42"));

        bool May(string client, string scope) => SetScope.MayWrite(Given.Tree, Given.Actor(client), scope, scope == "national" ? null : province, Given.EndOf2024);
    }

    private static Decision Amend(SetRecord record, CriteriaSet set, LegalAct act) => SetDecisions.Amend(record, set, act, "bo", Given.Imported);

    private static ((string?, int?) Fate, IEnumerable<(string, string)> Faults) Fate(SetRecord? record, CriteriaSet set)
    {
        var faults = new SetFaults();
        return (ImportSets.Fate(record, set, "", faults), faults.All.Select(f => (f.Path, f.Rule)));
    }

    private static string? Rule(Decision decision) => decision.Refusal?.Rule;
}
