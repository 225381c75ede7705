using System.Text;
using Microsoft.AspNetCore.Http;
using Ntm.Criteria.Search;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests;

public sealed class SearchTests
{
    private static readonly DateOnly Today = new(2026, 11, 1);
    private static readonly SearchIndex Index = new(Given.Tree, Given.Published.ToDictionary(p => p.Set.Id, p => Given.Recorded(p.Set), StringComparer.Ordinal));

    [Theory]
    [InlineData("xã")]
    [InlineData("t")]
    [InlineData("thach ha")]
    public void Pages_of_any_size_are_the_whole_list(string question)
    {
        var whole = Index.Find(question, null, Today).Select(h => h.Key).ToList();
        Assert.Equal(whole.Order(StringComparer.Ordinal), whole);
        foreach (var size in (int[])[1, 7, 1000])
        {
            List<string> read = [];
            while (Index.Find(question, null, Today, read.LastOrDefault(), size) is { Count: > 0 } page) read.AddRange(page.Select(h => h.Key));
            Assert.Equal(whole, read);
        }
    }

    [Fact]
    public void Every_name_is_found_with_and_without_marks_composed_or_not()
    {
        foreach (var unit in Given.Tree.All)
        {
            foreach (var version in unit.Versions)
            {
                var asWritten = Keys(version.FullName);
                Assert.Equal(asWritten, Keys(version.FullName.Normalize(NormalizationForm.FormD)));
                Assert.Equal(asWritten, Keys(version.FullName.ToUpperInvariant()));
                foreach (var written in new[] { version.FullName, Folding.Fold(version.FullName), version.Name, Folding.Fold(version.Name) })
                    Assert.Contains(Index.Find(written, "unit", Today), h => h.Unit!.Id == unit.Id);
            }
        }

        static IEnumerable<string> Keys(string question) => Index.Find(question, null, Today).Select(h => h.Key);
    }

    [Fact]
    public void A_mark_that_stands_alone_asks_for_nothing()
    {
        Assert.Empty(Folding.Asks("\u0301"));
        Assert.Empty(Folding.Asks("\u0301 \u0300 ."));
        Assert.Equal([("thọ", "tho")], Folding.Asks("Thọ \u0301"));
    }

    [Theory]
    [InlineData("Đức Thọ", "duc tho")]
    [InlineData("Hoà", "hoa")]
    [InlineData("ƯỚC", "uoc")]
    public void Folding_leaves_no_mark(string text, string folded)
    {
        Assert.Equal(folded, Folding.Fold(text));
        Assert.Equal(folded, Folding.Fold(text.Normalize(NormalizationForm.FormD)));
    }

    [Fact]
    public void Marks_that_were_typed_come_first()
    {
        var found = Index.Find("Thạch Hà", "unit", Today);
        Assert.Equal("Xã Thạch Hà", found[0].Version!.FullName);
        Assert.Contains(found, h => h.Version!.Name == "Thạch Hạ");
        Assert.Equal("Phường Thạch Hạ", Index.Find("phường thạch hạ", "unit", Today)[0].Version!.FullName);
        var bare = Index.Find("thach ha", "unit", Today).Select(h => h.Version!.Name).ToList();
        Assert.Contains("Thạch Hà", bare);
        Assert.Contains("Thạch Hạ", bare);
    }

    [Fact]
    public void Beginnings_of_words_do_in_any_order()
    {
        Assert.Equal("Phường Trần Phú", Index.Find("phu tra", "unit", Today)[0].Version!.FullName);
        Assert.Empty(Index.Find("hàtĩnh", null, Today));
    }

    [Fact]
    public void A_code_comes_before_codes_that_begin_with_it()
    {
        Assert.All(Index.Find("18100", null, Today).Take(2), h => Assert.Contains(h.Unit!.Versions, v => v.Code == "18100"));
        var begun = Index.Find("181", "unit", Today);
        Assert.True(begun.Count > 20);
        Assert.All(begun, h => Assert.Contains(h.Unit!.Versions, v => v.Code.StartsWith("181", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_in_force_comes_before_what_has_ended()
    {
        var found = Index.Find("18100", "unit", Today);
        Assert.Equal(["Phường Trần Phú", "Phường Thạch Hạ"], found.Select(h => SearchModule.UnitOf(Given.Tree, h.Unit!, h.Version!, Today).Name));
    }

    [Fact]
    public void A_unit_that_has_ended_is_shown_with_those_that_answer_for_it()
    {
        var trace = Index.Find("18070", "unit", Today).Select(h => SearchModule.UnitOf(Given.Tree, h.Unit!, h.Version!, Today)).Single();
        Assert.Equal(("18070", "Phường Trần Phú", false), (trace.Code, trace.Name, trace.InForce));
        Assert.Equal(["18073"], trace.Successors.Select(s => s.Code));
        Assert.Null(trace.Matched);
    }

    [Fact]
    public void A_former_name_leads_to_the_unit_under_the_name_of_the_day()
    {
        var day = new DateOnly(2025, 3, 1);
        var found = Index.Find("xã Thạch Hạ", "unit", day)[0];
        var shown = SearchModule.UnitOf(Given.Tree, found.Unit!, found.Version!, day);
        Assert.Equal(("Phường Thạch Hạ", true), (shown.Name, shown.InForce));
        Assert.Equal(("Xã Thạch Hạ", "18100", true), (shown.Matched!.Name, shown.Matched.Code, shown.Matched.Former));
        Assert.Equal(new DateOnly(2024, 12, 31), shown.Matched.To);
        var then = SearchModule.UnitOf(Given.Tree, found.Unit!, found.Version!, new(2024, 6, 1));
        Assert.Equal(("Xã Thạch Hạ", null), (then.Name, then.Matched));
    }

    [Fact]
    public void Far_days_have_an_answer()
    {
        Assert.NotEmpty(Index.Find("ha tinh", null, DateOnly.MinValue));
        foreach (var day in new[] { DateOnly.MinValue, DateOnly.MaxValue })
            Assert.All(Index.Find("thach", "unit", day), h => Assert.NotNull(SearchModule.UnitOf(Given.Tree, h.Unit!, h.Version!, day).Name));
    }

    [Fact]
    public void Indicators_are_found_by_code_set_and_text()
    {
        Assert.All(Index.Find("8.4", "indicator", Today).Take(2), h => Assert.Equal("8.4", h.Indicator!.Code));
        Assert.Equal(57, Index.Find("xa-ntm-2021-2025", "indicator", Today).TakeWhile(h => h.Set!.Set.Id == "xa-ntm-2021-2025").Count());
        foreach (var text in new[] { "công nghệ thông tin", "cong nghe thong tin", "công nghệ thông tin".Normalize(NormalizationForm.FormD) })
            Assert.Contains(Index.Find(text, "indicator", Today), h => h is { Set.Set.Id: "xa-ntm-2021-2025", Indicator.Code: "8.4" });
        Assert.Equal(("8.4", "xa-ntm-2021-2025"), Index.Find("8.4 xa-ntm-2021-2025", "indicator", Today)[0] is var h ? (h.Indicator!.Code, h.Set!.Set.Id) : default);
    }

    [Theory]
    [InlineData("thach", null)]
    [InlineData("xa", "unit")]
    [InlineData("ty le", "indicator")]
    public void Pages_show_everything_once_and_in_the_same_order(string question, string? kind)
    {
        var all = Index.Find(question, kind, Today);
        Assert.True(all.Count > 7);
        List<string> paged = [];
        string? after = null;
        do
        {
            var page = Paging.Page(new DefaultHttpContext(), Index.Find(question, kind, Today), h => h.Key, after, 7);
            paged.AddRange(page.Items.Select(h => h.Key));
            after = page.Next is null ? null : page.Items[^1].Key;
        }
        while (after is not null);
        Assert.Equal(all.Select(h => h.Key), paged);
        Assert.Equal(paged.Count, paged.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [InlineData("không có đơn vị nào như thế")]
    [InlineData("999999")]
    [InlineData("???")]
    [InlineData("\U0001F600")]
    public void What_is_not_there_is_not_found(string question) => Assert.Empty(Index.Find(question, null, Today));

    [Fact]
    public void A_register_that_was_only_read_anew_says_the_same()
    {
        Assert.True(SearchIndex.SaysTheSame(Given.Tree, new UnitTree(Given.UnitStreams.Select(s => Given.Folded(s.Key, s.Value).State))));
        var renamed = Given.Tree.All.Select((u, n) => n == 5 ? u with { Versions = [.. u.Versions.SkipLast(1), u.Versions[^1] with { Name = "Khác" }] } : u);
        Assert.False(SearchIndex.SaysTheSame(Given.Tree, new UnitTree(renamed)));
        Assert.False(SearchIndex.SaysTheSame(Given.Tree, new UnitTree(Given.Tree.All.Skip(1))));
    }
}
