using System.Text.Json;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.Notifications.Inbox;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Tests;

/// <summary>Two communes are asked in 2026-Q4; Xã Thạch Trung has not handed in.</summary>
public sealed class PeriodNoticeTests
{
    private static readonly string ThanhSen = Recipient.Officers(Sample.ThanhSen, Roles.CommuneOfficer);
    private static readonly string ThachTrung = Recipient.Officers(new("6b1f9c1e-0000-8000-8000-000000000003"), Roles.CommuneOfficer);
    private static readonly string Province = Recipient.Officers(Sample.Province, Roles.ProvinceOfficer);

    [Fact]
    public void An_opened_period_asks_each_unit_that_reports()
    {
        var entries = Of(Read<PeriodOpened>());
        Assert.Equal([(ThanhSen, true), (ThachTrung, true)], entries.Select(e => (e.Recipient, e.ToDo)));
        Assert.Equal("Cần xử lý: kỳ báo cáo 2026-Q4", entries[0].Subject.Vi);
        Assert.Equal("Kỳ báo cáo 2026-Q4 đã mở, số liệu đến ngày 14/12/2026. Việc có thể làm tiếp: nộp (hạn 14/12/2026).", entries[0].Body.Vi);
        Assert.Equal("/api/criteria/periods/2026-Q4", entries[0].Link);
    }

    [Fact]
    public void A_period_that_is_opened_after_its_last_day_asks_nobody_by_that()
    {
        var opened = Read<PeriodOpened>();
        Assert.Empty(Of(opened with { Period = opened.Period with { Units = opened.Period.Units! with { Ends = new(2026, 11, 19) } } }));
        Assert.NotEmpty(Of(opened with { Period = opened.Period with { Units = opened.Period.Units! with { Ends = new(2026, 11, 20) } } }));
        Assert.NotEmpty(Of(opened with { Period = opened.Period with { Units = null } }));
    }

    [Fact]
    public void Where_nobody_is_missing_it_says_so()
    {
        var (late, closed) = (Read<PeriodDuePassed>(), Read<PeriodClosed>());
        Assert.EndsWith("Tất cả 2 đơn vị đã nộp.", Assert.Single(Of(late with { Period = late.Period with { Missing = [] } })).Body.Vi, StringComparison.Ordinal);
        Assert.EndsWith("All 2 reports are approved.", Assert.Single(Of(late with { Level = "department", Period = late.Period with { Missing = [] } })).Body.En, StringComparison.Ordinal);
        Assert.EndsWith("Tất cả 2 đơn vị đã nộp.", Assert.Single(Of(closed with { Period = closed.Period with { Missing = [] } })).Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_day_that_nears_asks_those_still_missing()
    {
        var entry = Assert.Single(Of(Read<PeriodClosing>()));
        Assert.Equal((ThachTrung, true, "period-closing"), (entry.Recipient, entry.ToDo, entry.Kind));
        Assert.Equal("Reporting period 2026-Q4 is nearly due: 2026-12-14. 1 of 2 units have not handed in. Next: submit (due 2026-12-14).", entry.Body.En);
    }

    [Fact]
    public void A_last_day_that_passed_asks_those_who_are_late_and_tells_the_province()
    {
        var entries = Of(Read<PeriodDuePassed>());
        Assert.Equal([(ThachTrung, true), (Province, false)], entries.Select(e => (e.Recipient, e.ToDo)));
        Assert.Equal("Kỳ báo cáo 2026-Q4 đã quá hạn ngày 14/12/2026. Còn 1 trong 2 đơn vị chưa nộp.", entries[1].Body.Vi);
    }

    [Fact]
    public void The_departments_last_day_is_the_provinces_own_work()
    {
        var near = Read<PeriodClosing>() with { Level = "department" };
        var late = Read<PeriodDuePassed>() with { Level = "department" };
        Assert.Equal((Province, false), Assert.Single(Of(near).Select(e => (e.Recipient, e.ToDo))));
        var entry = Assert.Single(Of(late));
        Assert.Equal((Province, false), (entry.Recipient, entry.ToDo));
        Assert.EndsWith("Còn 1 trong 2 báo cáo chưa được phê duyệt.", entry.Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_day_that_moved_is_told_to_all_that_report_with_both_days()
    {
        var entries = Of(Read<PeriodDueMoved>());
        Assert.Equal([ThanhSen, ThachTrung], entries.Select(e => e.Recipient));
        Assert.Equal("Kỳ báo cáo 2026-Q4: hạn của đơn vị chuyển từ ngày 14/12/2026 sang ngày 15/12/2026 theo lịch nghỉ.", entries[0].Body.Vi);
        Assert.Equal(Province, Assert.Single(Of(Read<PeriodDueMoved>() with { Level = "department" })).Recipient);
    }

    [Fact]
    public void A_closed_period_is_told_to_those_left_out_and_to_the_province()
    {
        Assert.Equal([(ThachTrung, false), (Province, false)], Of(Read<PeriodClosed>()).Select(e => (e.Recipient, e.ToDo)));
        var unknown = Read<PeriodClosed>();
        var entry = Assert.Single(Of(unknown with { Period = unknown.Period with { Missing = null } }));
        Assert.Equal("Kỳ báo cáo 2026-Q4 đã đóng, không nhận số liệu nữa.", entry.Body.Vi);
    }

    [Fact]
    public void A_difficulty_asks_district_and_province_and_its_answer_goes_back_without_a_word_of_it()
    {
        var raised = Read<DifficultyChanged>();
        var entries = Of(raised);
        Assert.Equal(
            [(Recipient.Officers(new("6b1f9c1e-0000-8000-8000-000000000436"), Roles.DistrictOfficer), true), (Province, true), (Recipient.Officers(Sample.NamHa, Roles.CommuneOfficer), false)],
            entries.Select(e => (e.Recipient, e.ToDo)));
        Assert.Equal("Khó khăn, vướng mắc của Phường Nam Hà trong báo cáo kỳ 2024-Q4 đã được nêu. Việc có thể làm tiếp: trả lời.", entries[1].Body.Vi);
        Assert.All(entries, e => Assert.DoesNotContain("kinh phí", e.Body.Vi + e.Subject.Vi, StringComparison.Ordinal));
        var answered = Assert.Single(Of(raised with { Difficulty = raised.Difficulty with { Status = "answered", Period = null, NextSteps = [] } }));
        Assert.Equal(Recipient.Officers(Sample.NamHa, Roles.CommuneOfficer), answered.Recipient);
        Assert.Equal("Difficulty of Phường Nam Hà was answered.", answered.Body.En);
    }

    private static InboxEntry[] Of(IIntegrationEvent fact) => [.. InboxEntry.Of(fact, Sample.Cause, Sample.Levels)];

    private static T Read<T>()
        where T : IIntegrationEvent => JsonSerializer.Deserialize<T>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Events", $"learned.{Topology.NameOf(typeof(T))}.v1.json")), NtmJson.Stored)!;
}
