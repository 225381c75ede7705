using Ntm.Contracts;
using Ntm.Notifications.Inbox;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Tests;

public sealed class EntriesTests
{
    [Fact]
    public void A_submitted_report_asks_the_next_one_once_and_tells_the_unit()
    {
        var entries = Of(Sample.Submitted);
        Assert.Equal(
            [(Recipient.Officers(Sample.Province, "province-officer"), true), (Recipient.Officers(Sample.NamHa, "commune-officer"), false)],
            entries.Select(e => (e.Recipient, e.ToDo)));
        Assert.All(entries, e =>
        {
            Assert.Equal("/api/criteria/reports/2024-Q4/18073", e.Link);
            Assert.Equal(Sample.Submitted.Origin.RecordedAt, e.CreatedAt);
            Assert.Equal(Sample.Cause, e.CausedBy);
        });
        Assert.Equal("Cần xử lý: báo cáo kỳ 2024-Q4 của Phường Nam Hà", entries[0].Subject.Vi);
        Assert.Equal(
            "Báo cáo kỳ 2024-Q4 của Phường Nam Hà đã được nộp. Việc có thể làm tiếp: trả lại (hạn 24/12/2024); thẩm tra (hạn 24/12/2024).", entries[0].Body.Vi);
        Assert.Equal("Report 2024-Q4 of Phường Nam Hà was submitted. Next: return (due 2024-12-24); verify (due 2024-12-24).", entries[0].Body.En);
        Assert.Equal("Báo cáo kỳ 2024-Q4 của Phường Nam Hà đã được nộp.", entries[1].Body.Vi);
    }

    [Fact]
    public void A_unit_that_must_act_itself_gets_one_entry_that_asks_it()
    {
        var entry = Assert.Single(Of(Sample.Returned));
        Assert.True(entry.ToDo);
        Assert.Equal(Recipient.Officers(Sample.NamHa, "commune-officer"), entry.Recipient);
        Assert.Contains("chỉ tiêu 8.4", entry.Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_carry_no_reason_title_or_person_that_somebody_wrote()
    {
        Assert.DoesNotContain("minh chứng", Assert.Single(Of(Sample.Returned)).Body.Vi, StringComparison.Ordinal);
        Assert.DoesNotContain("Đông Trung", Assert.Single(Of(Sample.Model)).Body.Vi, StringComparison.Ordinal);
        Assert.All(Of(Sample.Dossier), e => Assert.DoesNotContain("binh", e.Body.Vi + e.Body.En, StringComparison.Ordinal));
    }

    [Fact]
    public void Named_persons_are_asked_one_by_one_with_all_their_steps()
    {
        var entries = Of(Sample.Dossier);
        Assert.Equal(["person/binh", "person/chi", Recipient.Officers(Sample.NamHa, "commune-officer")], entries.Select(e => e.Recipient));
        Assert.EndsWith("Next: vote; close the vote.", entries[0].Body.En, StringComparison.Ordinal);
        Assert.EndsWith("Next: vote.", entries[1].Body.En, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_attends_a_session_is_asked_once_and_of_its_end_the_province_is_told_without_a_choice()
    {
        var asked = Of(Sample.BallotOpened);
        Assert.Equal([("person/1", true), ("person/3", true)], asked.Select(e => (e.Recipient, e.ToDo)));
        Assert.Equal("Phiên họp Hội đồng thẩm định về 2 hồ sơ đã mở bỏ phiếu. Việc có thể làm tiếp: bỏ phiếu.", asked[0].Body.Vi);
        Assert.Equal("/api/appraisal/sessions/0193a1f0-0000-7000-8000-00000000aa01", asked[0].Link);
        var told = Assert.Single(Of(Sample.BallotClosed));
        Assert.Equal((Recipient.Officers(Sample.Province, "province-officer"), false), (told.Recipient, told.ToDo));
        Assert.Equal("Session of the appraisal council on 2 dossiers is closed: 1 passed.", told.Body.En);
        Assert.Empty(Of(Sample.BallotOpened with { Ballot = Sample.BallotOpened.Ballot with { Session = null, Province = null } }));
    }

    [Fact]
    public void Who_takes_the_attendance_is_asked_once_and_of_a_dissolved_session_all_who_were_asked_are_told()
    {
        var called = Of(Sample.BallotCalled);
        Assert.Equal([("person/2", true), ("person/1", true)], called.Select(e => (e.Recipient, e.ToDo)));
        Assert.Equal("Phiên họp Hội đồng thẩm định về 2 hồ sơ được thành lập. Việc có thể làm tiếp: ghi danh sách có mặt.", called[0].Body.Vi);
        Assert.Equal([(Recipient.Officers(Sample.Province, "province-officer"), false), ("person/1", false), ("person/3", false)], Of(Sample.BallotDissolved).Select(e => (e.Recipient, e.ToDo)));
    }

    [Fact]
    public void A_council_of_the_country_is_of_no_province_and_its_members_are_told_of_its_end()
    {
        var opened = Of(Sample.BallotOpened with { Ballot = Sample.BallotOpened.Ballot with { Province = null } });
        Assert.Equal([("person/1", true), ("person/3", true)], opened.Select(e => (e.Recipient, e.ToDo)));
        var closed = Of(Sample.BallotClosed with { Ballot = Sample.BallotClosed.Ballot with { Province = null } });
        Assert.NotEmpty(closed);
        Assert.All(closed, e => Assert.Equal((true, false), (e.Recipient.StartsWith("person/", StringComparison.Ordinal), e.ToDo)));
    }

    [Fact]
    public void A_department_is_asked_by_its_code()
    {
        var asked = Sample.Dossier with
        {
            Dossier = Sample.Dossier.Dossier with { NextSteps = [new("accept", "/x", ["department-officer"], Sample.Province, null, "SNN")] },
        };
        Assert.Contains(Of(asked), e => e.ToDo && e.Recipient == $"unit/{Sample.Province}/department-officer/SNN");
    }

    [Fact]
    public void A_step_without_a_unit_falls_to_the_unit_concerned()
    {
        var asked = Sample.Dossier with { Dossier = Sample.Dossier.Dossier with { NextSteps = [new("submit", "/x", ["commune-officer"])] } };
        Assert.Equal((Recipient.Officers(Sample.NamHa, "commune-officer"), true), Assert.Single(Of(asked).Select(e => (e.Recipient, e.ToDo))));
    }

    [Theory]
    [InlineData("ministry")]
    [InlineData("council-member")]
    public void A_step_of_the_country_asks_the_holders_of_the_role_for_the_country_and_not_those_of_the_unit_concerned(string role)
    {
        var asked = Sample.Dossier with { Dossier = Sample.Dossier.Dossier with { NextSteps = [new("council", "/x", [role])] } };
        Assert.Equal([(Recipient.Everywhere(role), true), (Recipient.Officers(Sample.NamHa, "commune-officer"), false)], Of(asked).Select(e => (e.Recipient, e.ToDo)));
    }

    [Fact]
    public void A_step_that_a_province_added_is_asked_for_by_its_name()
    {
        var asked = Sample.Dossier with
        {
            Dossier = Sample.Dossier.Dossier with
            {
                Step = "tham-van",
                StepNameVi = "Tham vấn cộng đồng",
                StepNameEn = "Community hearing",
                NextSteps = [new("kiem-tra", "/x", ["province-officer"], Sample.Province, NameVi: "Kiểm tra môi trường", NameEn: "Inspection of the environment")],
            },
        };
        var entry = Assert.Single(Of(asked), e => e.ToDo);
        Assert.Contains("kiểm tra môi trường", entry.Body.Vi, StringComparison.Ordinal);
        Assert.Contains("đã qua bước: tham vấn cộng đồng", entry.Body.Vi, StringComparison.Ordinal);
        Assert.Contains("inspection of the environment", entry.Body.En, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_cause_gives_the_same_entry_and_another_cause_another()
    {
        Assert.Equal(Of(Sample.Approved), Of(Sample.Approved));
        Assert.NotEqual(Of(Sample.Approved)[0].Id, InboxEntry.Of(Sample.Approved, Sample.NamHa, Sample.Levels).Single().Id);
    }

    [Fact]
    public void A_recognition_tells_the_unit()
    {
        var entry = Assert.Single(Of(Sample.Recognition));
        Assert.Equal(
            "Công nhận xã đạt chuẩn nông thôn mới cho Phường Nam Hà theo Quyết định số 3210/QĐ-UBND có hiệu lực từ ngày 20/12/2024.", entry.Body.Vi);
        Assert.Equal("/api/appraisal/recognitions?unit=18073&title=commune-ntm&on=2024-12-20", entry.Link);
    }

    [Theory]
    [InlineData("announced", "đã được công bố ngày 24/12/2024", "was published on 2024-12-24")]
    [InlineData("corrected", "đã được đính chính bằng Quyết định số 3300/QĐ-UBND ngày 30/12/2024", "was corrected by decision 3300/QĐ-UBND of 2024-12-30")]
    [InlineData("acknowledged", "được thừa nhận từ đơn vị cũ, có hiệu lực từ ngày 20/12/2024", "is acknowledged from its predecessors, in force from 2024-12-20")]
    public void What_became_of_a_recognition_is_told(string change, string vi, string en)
    {
        var state = Sample.Recognition.Recognition with
        {
            PublishedOn = new(2024, 12, 24),
            Inherited = new(2020, []),
            Corrections = [new("3300/QĐ-UBND", new(2024, 12, 30), "QĐ 18", "Ghi sai số của nội bộ", new("1", new(2024, 12, 20), "QĐ 18", "Phường Nam Hà"))],
        };
        var entry = Assert.Single(Of(Sample.Recognition with { Recognition = state, Change = change }));
        Assert.EndsWith($"{vi}.", entry.Body.Vi, StringComparison.Ordinal);
        Assert.EndsWith($"{en}.", entry.Body.En, StringComparison.Ordinal);
        Assert.DoesNotContain("nội bộ", entry.Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void A_raised_flag_asks_the_council_and_tells_the_unit()
    {
        var entries = Of(Sample.Flagged);
        Assert.Equal(
            [("person/binh", true), ("person/chi", true), (Recipient.Officers(Sample.NamHa, "commune-officer"), false)], entries.Select(e => (e.Recipient, e.ToDo)));
        Assert.Equal(
            "Số liệu đã ghim của hồ sơ công nhận xã đạt chuẩn nông thôn mới của Phường Nam Hà đã được đính chính (cảnh báo số 2). Việc có thể làm tiếp: trả lời cảnh báo số 2.", entries[0].Body.Vi);
        Assert.EndsWith("were corrected (flag 2). Next: answer flag 2.", entries[0].Body.En, StringComparison.Ordinal);
        Assert.All(entries, e => Assert.Equal($"/api/appraisal/dossiers/{Sample.Flagged.Flags.Dossier}", e.Link));
    }

    [Fact]
    public void An_answered_flag_tells_council_and_unit_and_asks_nobody()
    {
        var entries = Of(Sample.Flagged with { Flags = Sample.Flagged.Flags with { Raised = [], Answered = 1 } });
        Assert.Equal([Recipient.Officers(Sample.NamHa, "commune-officer"), "person/binh", "person/chi"], entries.Select(e => e.Recipient));
        Assert.All(entries, e => Assert.Equal(("flag-answered", false), (e.Kind, e.ToDo)));
        Assert.EndsWith("cảnh báo số 1 được trả lời là không ảnh hưởng đến việc thẩm định.", entries[0].Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dossier_that_moved_says_from_where_to_where_and_until_when_where_nobody_is_asked_by_this()
    {
        var moved = Sample.Dossier with { Dossier = Sample.Dossier.Dossier with { From = "accepted", Due = new(2026, 12, 5) } };
        Assert.All(Of(moved), e => Assert.Contains("Trạng thái: đã tiếp nhận → Hội đồng đang bỏ phiếu.", e.Body.Vi, StringComparison.Ordinal));
        Assert.All(Of(moved), e => Assert.DoesNotContain("Hạn:", e.Body.Vi, StringComparison.Ordinal));
        var inSession = Of(moved with { Dossier = moved.Dossier with { NextSteps = [] } });
        Assert.NotEmpty(inSession);
        Assert.All(inSession, e => Assert.EndsWith("Trạng thái: đã tiếp nhận → Hội đồng đang bỏ phiếu. Hạn: 05/12/2026.", e.Body.Vi, StringComparison.Ordinal));
        Assert.All(inSession, e => Assert.EndsWith("State: accepted → the council votes. Due: 2026-12-05.", e.Body.En, StringComparison.Ordinal));
        // What was announced before this was told, and what stays where it is, names no states.
        Assert.All(Of(Sample.Dossier).Concat(Of(moved with { Dossier = moved.Dossier with { From = "voting" } })), e => Assert.DoesNotContain("Trạng thái", e.Body.Vi, StringComparison.Ordinal));
    }

    [Fact]
    public void A_dossier_that_was_moved_to_another_version_says_so_in_any_state()
    {
        var entries = Of(Sample.Dossier with { Dossier = Sample.Dossier.Dossier with { State = "returned", Step = "transfer" } });
        Assert.All(entries, e => Assert.Contains("đã được chuyển sang phiên bản quy trình mới", e.Body.Vi, StringComparison.Ordinal));
        Assert.All(entries, e => Assert.Contains("was moved to a new version of its procedure", e.Body.En, StringComparison.Ordinal));
    }

    [Fact]
    public void A_unit_is_told_that_the_end_of_the_procedure_is_why_it_is_no_longer_eligible()
    {
        var entry = Of(Sample.NoLongerEligible with { Eligibility = Sample.NoLongerEligible.Eligibility with { ProcedureEnded = new(2025, 7, 1) } })[0];
        Assert.Contains("Từ ngày 01/07/2025 không còn quy trình xét công nhận danh hiệu này.", entry.Body.Vi, StringComparison.Ordinal);
        Assert.Contains("There is no procedure for the title from 2025-07-01.", entry.Body.En, StringComparison.Ordinal);
        Assert.DoesNotContain("Chưa đạt", entry.Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void A_unit_that_ended_is_told_that_this_is_why_it_is_no_longer_eligible()
    {
        var state = Sample.NoLongerEligible.Eligibility with { Ended = new(2025, 7, 1) };
        var entry = Of(Sample.NoLongerEligible with { Eligibility = state })[0];
        Assert.Contains("Đơn vị không còn từ ngày 01/07/2025.", entry.Body.Vi, StringComparison.Ordinal);
        Assert.DoesNotContain("Chưa đạt", entry.Body.Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void Unit_district_and_province_are_told_that_a_unit_is_eligible_and_on_what_unsure_values_that_rests()
    {
        var entries = Of(Sample.Eligible);
        Assert.Equal(
            [Recipient.Officers(Sample.NamHa, "commune-officer"), Recipient.Officers(new("6b1f9c1e-0000-8000-8000-000000000436"), "district-officer"), Recipient.Officers(Sample.Province, "province-officer")],
            entries.Select(e => e.Recipient));
        Assert.All(entries, e => Assert.Equal(("unit-eligible", false, "/api/appraisal/eligibility/18073?title=commune-ntm"), (e.Kind, e.ToDo, e.Link)));
        Assert.Equal(
            "Phường Nam Hà đã đủ điều kiện xét công nhận xã đạt chuẩn nông thôn mới. Có giá trị chưa đối chiếu được với văn bản: bộ tiêu chí, sự hài lòng của người dân.", entries[0].Body.Vi);
    }

    [Fact]
    public void Who_is_no_longer_eligible_hears_which_conditions_are_not_met()
    {
        var entry = Of(Sample.NoLongerEligible)[0];
        Assert.Equal("unit-no-longer-eligible", entry.Kind);
        Assert.StartsWith("Phường Nam Hà không còn đủ điều kiện xét công nhận xã đạt chuẩn nông thôn mới. Chưa đạt: bộ tiêu chí.", entry.Body.Vi, StringComparison.Ordinal);
        Assert.StartsWith("Phường Nam Hà is no longer eligible to be proposed as new-rural commune. Not met: criteria.", entry.Body.En, StringComparison.Ordinal);
    }

    [Fact]
    public void The_loading_of_the_register_concerns_nobody() => Assert.Empty(Of(Sample.Imported));

    [Fact]
    public void What_the_demonstration_made_up_is_marked() =>
        Assert.All(Of(Sample.Submitted with { Origin = Sample.Submitted.Origin with { Demonstration = true } }), e => Assert.True(e.Demonstration));

    [Theory]
    [InlineData("province", "18073", Roles.ProvinceOfficer)]
    [InlineData("district", "18073", Roles.DistrictOfficer)]
    [InlineData("commune", "42", Roles.CommuneOfficer)]
    [InlineData(null, "42", Roles.ProvinceOfficer)]
    [InlineData(null, "436", Roles.DistrictOfficer)]
    [InlineData(null, "18073", Roles.CommuneOfficer)]
    public void The_unit_concerned_is_told_through_the_officers_of_its_level(string? level, string code, string role) =>
        Assert.Equal(Recipient.Officers(Sample.NamHa, role), Recipient.Concerned(new(Sample.NamHa, code, "Tên"), level));

    private static List<InboxEntry> Of(IIntegrationEvent fact) => [.. InboxEntry.Of(fact, Sample.Cause, Sample.Levels)];
}
