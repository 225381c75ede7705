using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>The steps that record something: what they take, what they refuse, and what waits for them where a file says so.</summary>
public sealed class RecordedTests
{
    private static readonly string Sha = new('a', 64);
    private static readonly string Strange = new('b', 64);
    private static readonly PostNotice.Body Posted = new([new("Nhà văn hóa thôn 1", Given.Today.AddDays(-10), Given.Today)]);

    [Fact]
    public void A_recorded_step_stays_in_the_state_and_moves_no_clock()
    {
        var opened = Given.Opened();
        var assessed = Meeting(opened, 10, 10).After(d => RecordPaper.Decide(d, Given.Step(StepIds.SelfAssessment), new(Given.Today, "12/BC", "Đạt 19/19"), "an", Given.Now.AddDays(1)));
        Assert.Equal(("opened", opened.Since), (assessed.State, assessed.Since));
        Assert.Equal([StepIds.Open, StepIds.Meeting, StepIds.SelfAssessment], assessed.Steps.Select(s => s.Step));
        Assert.Equal(new Paper(Given.Today, "12/BC", "Đạt 19/19", []).Summary, Assert.IsType<Paper>(assessed.Steps[^1].Facts).Summary);
    }

    [Fact]
    public void Under_the_national_file_nothing_recorded_is_waited_for()
    {
        Assert.All(Given.Book.All.SelectMany(p => p.Steps).Where(s => s.IsRecorded), s => Assert.Null(s.Required!.Value));
        Assert.Null(Given.Opened().Lacks(Given.Procedure, Given.Step(StepIds.Submit), Given.Today));
        var next = Given.Opened().NextSteps(Given.Procedure, Given.Today, null);
        Assert.Equal(["submit", "register", "self-assessment", "consultation", "meeting", "withdraw"], next.Select(n => n.Step));
        Assert.Equal([null, false, false, false, false, false], next.Select(n => n.Required));
        Assert.All(Given.Book.All.SelectMany(p => p.Steps).Where(s => s.Id == StepIds.Return), s => Assert.Null(s.Times!.Value));
    }

    [Fact]
    public void What_the_level_between_did_is_offered_while_it_existed_and_to_nobody_after()
    {
        var submitted = Given.Submitted() with { District = DeterministicId.Of("district") };
        Assert.Equal(
            [StepIds.Completeness, StepIds.Verification, StepIds.Survey, StepIds.List, StepIds.DistrictVote, StepIds.Forward],
            submitted.NextSteps(Given.Procedure, new(2025, 6, 30), null).Where(n => StepIds.Recorded.Contains(n.Step)).Select(n => n.Step));
        Assert.Equal(DeterministicId.Of("district"), submitted.NextSteps(Given.Procedure, new(2025, 6, 30), null).Single(n => n.Step == StepIds.Verification).Unit);
        Assert.DoesNotContain(submitted.NextSteps(Given.Procedure, new(2025, 7, 1), null), n => StepIds.Recorded.Contains(n.Step));
    }

    [Fact]
    public void What_may_be_recorded_is_no_work_that_waits_and_what_is_required_is_until_it_is_there()
    {
        Assert.Equal(["submit"], OpenSteps.Of(Given.Opened(), Given.Book, Given.Today).Steps.Select(s => s.Step));
        var required = With(Given.Procedure, StepIds.Meeting, s => s with { Required = new(true, "internal") });
        Assert.Equal(["meeting"], Given.Opened().NextSteps(required, Given.Today, null).Where(n => n.Required == true).Select(n => n.Step));
        Assert.DoesNotContain(Given.Opened().NextSteps(required, Given.Today, null), n => n.Step == StepIds.Submit);
        Assert.DoesNotContain(Meeting(Given.Opened(), 10, 9).NextSteps(required, Given.Today, null), n => n.Required == true);
        Assert.Contains(Meeting(Given.Opened(), 10, 9).NextSteps(required, Given.Today, null), n => n.Step == StepIds.Submit);
    }

    [Fact]
    public void A_required_step_that_is_missing_is_named_with_its_mark_and_counts_through_those_between()
    {
        var required = With(Given.Procedure, StepIds.Consultation, s => s with { Required = new(true, "seen", "QĐ 1/QĐ-UBND") });
        var refusal = Given.Opened().Lacks(required, Given.Step(StepIds.Submit), Given.Today);
        Assert.Equal((409, "step-missing"), (refusal?.Status, refusal?.Rule));
        Assert.Contains("\"consultation\"", Written(refusal!), StringComparison.Ordinal);
        Assert.Contains("QĐ 1/QĐ-UBND", Written(refusal!), StringComparison.Ordinal);
        Assert.Null(Notice(Given.Opened()).Lacks(required, Given.Step(StepIds.Submit), Given.Today));
    }

    [Fact]
    public void A_required_step_that_nobody_may_take_any_more_is_not_waited_for()
    {
        var required = With(Given.Procedure, StepIds.Forward, s => s with { Required = new(true, "internal") });
        Assert.Equal("step-missing", Given.Submitted().Lacks(required, Given.Step(StepIds.Accept), new(2025, 6, 30))?.Rule);
        Assert.Null(Given.Submitted().Lacks(required, Given.Step(StepIds.Accept), new(2025, 7, 1)));
    }

    [Fact]
    public void A_step_is_taken_as_often_as_the_file_says()
    {
        var once = With(Given.Procedure, StepIds.Return, s => s with { Times = new(1, "seen-pred") });
        var again = Given.Submitted().After(_ => ReturnDossier.Decide(Given.Step(StepIds.Return), new("Thiếu", null), "po", Given.Now))
            .After(_ => SubmitDossier.Decide(Given.Step(StepIds.Submit), "an", Given.Now));
        Assert.Null(Given.Submitted().Lacks(once, once.Step(StepIds.Return)!, Given.Today));
        Assert.Equal((409, "step-times-used"), Refused(again.Lacks(once, once.Step(StepIds.Return)!, Given.Today)));
        Assert.Null(again.Lacks(Given.Procedure, Given.Step(StepIds.Return), Given.Today));
        Assert.DoesNotContain(again.NextSteps(once, Given.Today, null), n => n.Step == StepIds.Return);
    }

    [Fact]
    public void A_document_blocks_only_where_the_file_says_that_it_is_required()
    {
        var letter = With(Given.Procedure, StepIds.Submit, s => s with { Documents = [s.Documents![0] with { Required = true }, .. s.Documents.Skip(1)] });
        var refusal = Given.Opened().Lacks(letter, letter.Step(StepIds.Submit)!, Given.Today);
        Assert.Equal((409, "documents-missing"), Refused(refusal));
        Assert.Contains("\"letter\"", Written(refusal!), StringComparison.Ordinal);
        Assert.DoesNotContain("pictures", Written(refusal!), StringComparison.Ordinal);
        Assert.Null(Holding(Given.Opened(), "letter").Lacks(letter, letter.Step(StepIds.Submit)!, Given.Today));
    }

    [Fact]
    public void The_view_says_of_each_step_which_documents_are_there_and_which_are_missing()
    {
        var submit = DocumentsView.Of(Holding(Given.Opened(), "letter"), Given.Procedure).Steps.Single(s => s.Step == StepIds.Submit);
        Assert.Equal([Sha], submit.Demanded.Single(d => d.Kind == "letter").Sha256);
        Assert.Equal(["criteria-report", "opinions-summary", "meeting-minutes", "arrears-report", "security-confirmation", "pictures"], submit.Missing);
    }

    [Fact]
    public void A_document_is_kept_once_under_a_kind_and_unknown_kinds_are_refused()
    {
        DocumentAttached document = new("letter", Sha, 7, "application/pdf", "a.pdf", "an", Given.Now);
        Assert.IsType<DocumentAttached>(Assert.Single(AttachDocument.Decide(Given.Opened(), Given.Procedure, "letter", document).Events));
        Assert.Empty(AttachDocument.Decide(Holding(Given.Opened(), "letter"), Given.Procedure, "letter", document).Events);
        Assert.Equal(["kind"], AttachDocument.Decide(Given.Opened(), Given.Procedure, "dream", document).Refusal?.Errors?.Keys);
        Assert.Equal(["kind"], AttachDocument.Decide(Given.Opened(), Given.Procedure, null, document).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void A_step_names_only_documents_that_lie_in_the_dossier()
    {
        var step = Given.Step(StepIds.Register);
        var held = Holding(Given.Opened(), "registration");
        Assert.Equal([Sha], Assert.IsType<PaperRecorded>(Assert.Single(RecordPaper.Decide(held, step, new(Given.Today, Documents: [Sha.ToUpperInvariant()]), "an", Given.Now).Events)).Paper.Documents);
        Assert.Equal((422, "documents"), Fault(RecordPaper.Decide(held, step, new(Given.Today, Documents: [Strange]), "an", Given.Now)));
        Assert.Equal((422, "documents"), Fault(RecordPaper.Decide(held, step, new(Given.Today, Documents: [null]), "an", Given.Now)));
        Assert.Equal((422, "date"), Fault(RecordPaper.Decide(held, step, new(Given.Today.AddDays(1)), "an", Given.Now)));
    }

    [Fact]
    public void A_notice_says_where_and_from_when_to_when()
    {
        Assert.Equal((422, "places"), Fault(PostNotice.Decide(Given.Opened(), Given.Step(StepIds.Consultation), new([]), "an", Given.Now)));
        Assert.Equal(
            ["places[0].where", "places[0].to", "places[1].from"],
            PostNotice.Decide(Given.Opened(), Given.Step(StepIds.Consultation), new([new(" ", Given.Today, Given.Today.AddDays(-1)), new("Loa", null, Given.Today)]), "an", Given.Now).Refusal?.Errors?.Keys);
    }

    [Fact]
    public void Remarks_are_numbered_and_each_is_answered_once()
    {
        var step = Given.Step(StepIds.Consultation);
        Assert.Equal((409, "not-posted"), Refused(RecordRemark.Decide(Given.Opened(), step, new(null, "x", Given.Today), "an", Given.Now).Refusal));
        var two = Remark(Remark(Notice(Given.Opened())));
        Assert.Equal([1, 2], two.Remarks.Select(r => r.No));
        var answered = two.After(d => AnswerRemark.Decide(d, step, 2, new("Đã sửa"), "an", Given.Now));
        Assert.Equal([null, "Đã sửa"], answered.Remarks.Select(r => r.Answer?.Answer));
        Assert.Equal((409, "remark-answered"), Refused(AnswerRemark.Decide(answered, step, 2, new("Lại"), "an", Given.Now).Refusal));
        Assert.Equal(404, AnswerRemark.Decide(answered, step, 3, new("Lại"), "an", Given.Now).Refusal?.Status);
        Assert.Equal((422, "answer"), Fault(AnswerRemark.Decide(answered, step, 1, new(" "), "an", Given.Now)));
        Assert.Equal(["consultation/answer"], answered.NextSteps(Given.Procedure, Given.Today, null).Where(n => n.Step.EndsWith("/answer", StringComparison.Ordinal)).Select(n => n.Step));
    }

    [Fact]
    public void Documents_and_remarks_stand_in_the_difference_of_two_instants()
    {
        var one = Remark(Notice(Given.Opened()));
        var two = Holding(one, "letter").After(d => AnswerRemark.Decide(d, Given.Step(StepIds.Consultation), 1, new("Đã sửa"), "an", Given.Now));
        Assert.Equal(["documents", "remarks"], DossierDifference.Between(one, two).Select(c => c.Part));
        Assert.Empty(DossierDifference.Between(two, two));
    }

    [Fact]
    public void A_remark_may_be_answered_after_its_state_until_the_dossier_has_ended()
    {
        var (officer, tree) = (new Actor("an", "commune-officer@18073", true, [Grant.Parse("commune-officer@18073")!]), new UnitTree([new(Given.Unit.Id, "commune", null, [new("18073", "x", "x", "xa", null, null, null, null, "seen")], [], [])]));
        Refusal? Answers(Dossier dossier) => dossier.Refuses(Given.Procedure, StepIds.Consultation, tree, officer, Given.Today, answers: true);
        var submitted = Remark(Notice(Given.Opened())).After(_ => SubmitDossier.Decide(Given.Step(StepIds.Submit), "an", Given.Now));
        Assert.Null(Answers(submitted));
        Assert.Contains(submitted.NextSteps(Given.Procedure, Given.Today, null), n => n.Step == "consultation/answer");
        Assert.Equal((409, "step-not-allowed"), Refused(submitted.Refuses(Given.Procedure, StepIds.Consultation, tree, officer, Given.Today, within: true)));
        Assert.Equal((409, "step-not-allowed"), Refused(Answers(submitted.After(_ => WithdrawDossier.Decide(Given.Step(StepIds.Withdraw), new("Rút"), "an", Given.Now)))));
        Assert.Equal((409, "step-not-allowed"), Refused(Answers(Given.Submitted())));
    }

    [Fact]
    public void An_unanswered_remark_stops_the_meeting_only_where_the_file_requires_the_consultation()
    {
        var remarked = Remark(Notice(Given.Opened()));
        var required = With(Given.Procedure, StepIds.Consultation, s => s with { Required = new(true, "internal") });
        Assert.Null(remarked.Lacks(Given.Procedure, Given.Step(StepIds.Meeting), Given.Today));
        Assert.Equal((409, "remarks-unanswered"), Refused(remarked.Lacks(required, required.Step(StepIds.Meeting)!, Given.Today)));
        Assert.Null(remarked.After(d => AnswerRemark.Decide(d, Given.Step(StepIds.Consultation), 1, new("Đã sửa"), "an", Given.Now)).Lacks(required, required.Step(StepIds.Meeting)!, Given.Today));
    }

    [Fact]
    public void A_lost_meeting_is_told_and_nothing_is_submitted_after_it_until_another_one_has_passed()
    {
        var lost = Meeting(Given.Opened(), 10, 8);
        Assert.False(lost.Meeting!.Passed);
        var refusal = lost.Lacks(Given.Procedure, Given.Step(StepIds.Submit), Given.Today);
        Assert.Equal((409, "meeting-not-passed"), Refused(refusal));
        Assert.Contains("8/10", refusal!.Detail.Vi, StringComparison.Ordinal);
        Assert.Null(lost.Lacks(Given.Procedure, Given.Step(StepIds.SelfAssessment), Given.Today));
        Assert.Null(Meeting(lost, 10, 9).Lacks(Given.Procedure, Given.Step(StepIds.Submit), Given.Today));
        Assert.Equal("meeting-not-passed", Meeting(Meeting(Given.Opened(), 10, 9), 10, 8).Lacks(Given.Procedure, Given.Step(StepIds.Submit), Given.Today)?.Rule);
    }

    [Fact]
    public void A_lost_vote_of_the_district_stops_the_acceptance_until_another_one_has_passed_or_there_is_no_district()
    {
        var step = Given.Step(StepIds.DistrictVote);
        DateOnly lastDay = new(2025, 6, 30);
        Dossier Vote(Dossier dossier, int agreed) => dossier.After(d => HoldMeeting.Decide(d, step, new(Given.Today, 40, agreed, 40 - agreed, Ballot: "secret"), "hn", Given.Now));
        var lost = Vote(Given.Submitted(), 35);
        Assert.Null(lost.Meeting);
        Assert.Equal((StepIds.DistrictVote, 40, 35, false, "90/100", "secret"), (lost.LevelVotes[0].Step, lost.LevelVotes[0].Meeting.Attending, lost.LevelVotes[0].Meeting.For, lost.LevelVotes[0].Meeting.Passed, lost.LevelVotes[0].Meeting.Share, lost.LevelVotes[0].Meeting.Ballot));
        Assert.Equal(StepIds.DistrictVote, lost.Steps[^1].Step);
        var refusal = lost.Lacks(Given.Procedure, Given.Step(StepIds.Accept), lastDay);
        Assert.Equal((409, "district-vote-not-passed"), Refused(refusal));
        Assert.Contains("35/40", refusal!.Detail.Vi, StringComparison.Ordinal);
        Assert.Contains("nhớ lại", refusal.Detail.Vi, StringComparison.Ordinal);
        Assert.Null(lost.Lacks(Given.Procedure, Given.Step(StepIds.Return), lastDay));
        Assert.Null(lost.Lacks(Given.Procedure, Given.Step(StepIds.Accept), lastDay.AddDays(1)));
        var again = Vote(lost, 36);
        Assert.Equal((true, 1), (again.LevelVotes[0].Meeting.Passed, again.LevelVotes.Count));
        Assert.Null(again.Lacks(Given.Procedure, Given.Step(StepIds.Accept), lastDay));
        // Nothing waits for a vote that nobody recorded.
        Assert.Null(Given.Submitted().Lacks(Given.Procedure, Given.Step(StepIds.Accept), lastDay));
    }

    [Fact]
    public void Who_prepared_the_dossier_records_no_vote_of_a_level_above_and_a_ballot_that_is_set_is_no_other()
    {
        var step = Given.Step(StepIds.DistrictVote);
        Assert.Equal((403, "self-approval"), Refused(HoldMeeting.Decide(Given.Submitted(), step, new(Given.Today, 10, 10, 0), "an", Given.Now).Refusal));
        Assert.Equal((422, "ballot"), Fault(HoldMeeting.Decide(Given.Submitted(), step, new(Given.Today, 10, 10, 0, Ballot: "shouted"), "hn", Given.Now)));
        var secret = step with { Ballot = "secret" };
        Assert.Equal((422, "ballot"), Fault(HoldMeeting.Decide(Given.Submitted(), secret, new(Given.Today, 10, 10, 0, Ballot: "open"), "hn", Given.Now)));
        Assert.Equal("secret", Given.Submitted().After(d => HoldMeeting.Decide(d, secret, new(Given.Today, 10, 10, 0), "hn", Given.Now)).LevelVotes[0].Meeting.Ballot);
        Assert.Null(Given.Submitted().After(d => HoldMeeting.Decide(d, step, new(Given.Today, 10, 10, 0), "hn", Given.Now)).LevelVotes[0].Meeting.Ballot);
        var judged = Given.Submitted().After(d => HoldMeeting.Decide(d, step, new(Given.Today, 10, 10, 0), "hn", Given.Now));
        Assert.Contains("hn", judged.Recused(Given.Step(StepIds.Council)));
    }

    [Fact]
    public void What_was_recorded_before_a_meeting_named_its_step_is_the_unit_s_own()
    {
        const string older = """{"meeting":{"date":"2026-11-12","attending":10,"for":9,"against":1,"abstain":0,"passed":true,"share":"90/100","documents":[]},"by":"an","at":"2026-11-24T09:00:00+07:00"}""";
        var held = System.Text.Json.JsonSerializer.Deserialize<MeetingHeld>(older, NtmJson.Stored)!;
        Assert.Equal((9, StepIds.Meeting), (Given.Opened().Apply(held).Meeting!.For, Given.Opened().Apply(held).Steps[^1].Step));
        var above = new MeetingHeld(held.Meeting with { Ballot = "open" }, "hn", Given.Now, StepIds.DistrictVote);
        var read = System.Text.Json.JsonSerializer.Deserialize<MeetingHeld>(System.Text.Json.JsonSerializer.Serialize(above, NtmJson.Stored), NtmJson.Stored)!;
        Assert.Equal((StepIds.DistrictVote, "open"), (read.Step, read.Meeting.Ballot));
    }

    [Fact]
    public void Of_a_district_the_province_s_vote_has_no_known_share_and_stops_nothing()
    {
        var district = Given.Book.Version("district-ntm", "qd18-2022.1");
        var step = district.Step(StepIds.ProvinceVote)!;
        var voted = Given.Submitted().After(d => HoldMeeting.Decide(d, step, new(Given.Today, 10, 1, 9), "po", Given.Now));
        Assert.Equal((null, null), (voted.LevelVotes[0].Meeting.Passed, voted.LevelVotes[0].Meeting.Share));
        Assert.Null(voted.Lacks(district, district.Step(StepIds.Accept)!, new(2025, 6, 30)));
    }

    [Fact]
    public void A_central_body_is_named_by_whoever_records_it_and_its_last_opinion_stands_beside_the_departments()
    {
        var step = Given.Book.Version("district-ntm", "qd18-2022.1").Step(StepIds.CentralOpinions)!;
        Decision Central(Dossier d, string? body, string result, string by = "bo") => GiveOpinion.DecideCentral(d, step, Given.Set("1.1"), new(body, [new(1, null, result, "Lý do")]), by, Given.Now);
        Assert.Equal((422, "body"), Fault(Central(Given.Accepted(), " ", Findings.Meets)));
        Assert.Equal((422, "body"), Fault(Central(Given.Accepted(), new('a', 201), Findings.Meets)));
        Assert.Equal((422, "findings[0].result"), Fault(Central(Given.Accepted(), "Bộ Y tế", "fine")));
        Assert.Equal((403, "self-approval"), Refused(Central(Given.Accepted(), "Bộ Y tế", Findings.Meets, "an").Refusal));
        var given = Given.Accepted()
            .After(d => GiveOpinion.Decide(d, Given.Step(StepIds.Opinions), null, ["SYT"], new(null, [new(1, null, Findings.Meets)]), "en", Given.Now))
            .After(d => Central(d, "Bộ Y tế", Findings.MustSupplement)).After(d => Central(d, "Bộ Công Thương", Findings.Meets)).After(d => Central(d, "BỘ Y TẾ", Findings.Meets));
        Assert.Equal(
            [(null, "SYT"), (StepIds.CentralOpinions, "Bộ Công Thương"), (StepIds.CentralOpinions, "BỘ Y TẾ")], given.Opinions.Select(o => (o.Step, o.Opinion.Department)));
        Assert.Equal(3, given.Steps.Count(s => s.Step == StepIds.CentralOpinions));
        Assert.Contains("bo", given.Recused(Given.Step(StepIds.Council)));
    }

    [Fact]
    public void Where_no_share_is_set_a_meeting_says_nothing_of_itself()
    {
        var unset = Given.Step(StepIds.Meeting) with { Pass = new(null, null, "unknown") };
        var meeting = Assert.IsType<MeetingHeld>(Assert.Single(HoldMeeting.Decide(Given.Opened(), unset, new(Given.Today, 10, 1, 9), "an", Given.Now).Events)).Meeting;
        Assert.Equal((null, null), (meeting.Passed, meeting.Share));
    }

    [Theory]
    [InlineData(10, 9, 2, 0, "attending")]
    [InlineData(0, 0, 0, 0, "attending")]
    [InlineData(10, -1, 0, 0, "for")]
    [InlineData(10, 1, 0, -1, "abstain")]
    public void A_count_that_cannot_be_is_refused(int attending, int agreed, int against, int abstain, string field) =>
        Assert.Contains(field, HoldMeeting.Decide(Given.Opened(), Given.Step(StepIds.Meeting), new(Given.Today, attending, agreed, against, abstain), "an", Given.Now).Refusal!.Errors!.Keys);

    /// <summary>The reference counts in whole numbers of another width; a rounded percentage would differ.</summary>
    [Property(MaxTest = 300)]
    public Property A_meeting_passes_by_nine_tenths_of_those_attending_exactly() => Prop.ForAll(
        Gen.Choose(1, 5_000).SelectMany(all => Gen.Choose(0, all).Select(agreed => (all, agreed))).ToArbitrary(),
        m => Meeting(Given.Opened(), m.all, m.agreed).Meeting!.Passed == m.agreed * 100L >= 90L * m.all);

    [Fact]
    public void Completeness_is_said_or_what_is_lacking_is_named()
    {
        var step = Given.Step(StepIds.Completeness);
        Assert.Null(CheckCompleteness.Decide(Given.Submitted(), step, new(Given.Today, true), "hn", Given.Now).Refusal);
        Assert.Equal((422, "lacking"), Fault(CheckCompleteness.Decide(Given.Submitted(), step, new(Given.Today, false), "hn", Given.Now)));
        Assert.Equal((422, "lacking"), Fault(CheckCompleteness.Decide(Given.Submitted(), step, new(Given.Today, true, ["Tờ trình"]), "hn", Given.Now)));
        Assert.Equal((422, "lacking"), Fault(CheckCompleteness.Decide(Given.Submitted(), step, new(Given.Today, false, []), "hn", Given.Now)));
        Assert.Equal((422, "lacking[0]"), Fault(CheckCompleteness.Decide(Given.Submitted(), step, new(Given.Today, false, [" "]), "hn", Given.Now)));
        Assert.Equal((422, "lacking[0]"), Fault(CheckCompleteness.Decide(Given.Submitted(), step, new(Given.Today, false, [null]), "hn", Given.Now)));
        var lacking = Given.Submitted().After(d => CheckCompleteness.Decide(d, step, new(Given.Today, false, ["Tờ trình"]), "hn", Given.Now));
        Assert.Equal(["Tờ trình"], Assert.IsType<Completeness>(lacking.Steps[^1].Facts).Lacking);
    }

    [Fact]
    public void A_verification_finds_each_criterion_once_with_a_reason_for_what_does_not_meet()
    {
        var (step, set) = (Given.Step(StepIds.Verification), Given.Set("1.1", "1.2"));
        var refusal = Verify([new(null, "1.1", Findings.Meets), new(1, "1.1", Findings.Meets), new(1, null, Findings.DoesNotMeet), new(7, null, Findings.Meets), new(null, "9.9", "fine"), null]).Refusal;
        Assert.Equal(
            ["findings[1]", "findings[2].reason", "findings[3].criterion", "findings[4].indicator", "findings[4].result", "findings[5]", "findings[5].result"],
            refusal?.Errors?.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((403, "self-approval"), Refused(VerifyDossier.Decide(Given.Submitted(), step, set, new(Given.Today, [new(1, null, Findings.Meets)]), "an", Given.Now).Refusal));
        var verified = Assert.IsType<DossierVerified>(Assert.Single(Verify([new(null, "1.2", Findings.MustSupplement, "Thiếu ảnh")]).Events));
        Assert.Equal((1, "1.2"), (verified.Verification.Findings[0].Criterion, verified.Verification.Findings[0].Indicator));

        Decision Verify(IReadOnlyList<Findings.Item?> items) => VerifyDossier.Decide(Given.Submitted(), step, set, new(Given.Today, items), "hn", Given.Now);
    }

    [Fact]
    public void A_department_speaks_for_itself_and_of_the_criteria_that_the_set_puts_it_in_charge_of()
    {
        var set = Given.Set("1.1", "2.1", "3.1") with
        {
            Indicators =
            [
                new("1.1", 1, "a", "a", "seen", DepartmentVi: "Sở Nông nghiệp và Phát triển nông thôn"), new("2.1", 2, "b", "b", "seen", DepartmentVi: "Công an tỉnh"), new("3.1", 3, "c", "c", "seen"),
            ],
        };
        Assert.Null(Opinion("SNN", 1).Refusal);
        Assert.Null(Opinion(null, 1).Refusal);
        Assert.Null(Opinion("SNN", 3).Refusal);
        Assert.Equal((422, "findings[0].criterion"), Fault(Opinion("SNN", 2)));
        Assert.Equal((403, "other-department"), Refused(Opinion("CAT", 2).Refusal));
        Assert.Equal((422, "department"), Fault(GiveOpinion.Decide(Given.Accepted(), Given.Step(StepIds.Opinions), set, ["SNN", "CAT"], new(null, [new(1, null, Findings.Meets)]), "en", Given.Now)));

        Decision Opinion(string? department, int criterion) =>
            GiveOpinion.Decide(Given.Accepted(), Given.Step(StepIds.Opinions), set, ["SNN"], new(department, [new(criterion, null, Findings.Meets)]), "en", Given.Now);
    }

    [Fact]
    public void A_later_opinion_of_a_department_stands_and_the_earlier_one_stays_among_the_steps()
    {
        var twice = Give(Give(Give(Given.Accepted(), "SNN", Findings.DoesNotMeet), "CAT", Findings.Meets), "SNN", Findings.Meets);
        Assert.Equal([("CAT", Findings.Meets), ("SNN", Findings.Meets)], twice.Opinions.Select(o => (o.Opinion.Department, o.Opinion.Findings[0].Result)));
        Assert.Equal(3, twice.Steps.Count(s => s.Step == StepIds.Opinions));

        static Dossier Give(Dossier dossier, string department, string result) => dossier.After(d =>
            GiveOpinion.Decide(d, Given.Step(StepIds.Opinions), null, [department], new(null, [new(1, null, result, "Lý do")]), "en", Given.Now));
    }

    [Fact]
    public void A_visit_says_what_was_found_and_a_report_what_it_recommends()
    {
        Assert.Equal((422, "findings"), Fault(VisitField.Decide(Given.Accepted(), new(Given.Today, ["Ông A"], " "), "po", Given.Now)));
        Assert.Equal((422, "participants[0]"), Fault(VisitField.Decide(Given.Accepted(), new(Given.Today, [null], "Đã xem"), "po", Given.Now)));
        Assert.Null(VisitField.Decide(Given.Accepted(), new(Given.Today, ["Ông A"], "Đã xem"), "po", Given.Now).Refusal);
        var step = Given.Step(StepIds.Report);
        Assert.Equal((422, "recommendation"), Fault(ReportAppraisal.Decide(Given.Accepted(), step, new(Given.Today, "maybe", "Đủ"), "po", Given.Now)));
        Assert.Equal((403, "self-approval"), Refused(ReportAppraisal.Decide(Given.Accepted(), step, new(Given.Today, ReportAppraisal.Propose, "Đủ"), "an", Given.Now).Refusal));
        Assert.Null(ReportAppraisal.Decide(Given.Accepted(), step, new(Given.Today, ReportAppraisal.NotPropose, "Chưa đủ"), "po", Given.Now).Refusal);
    }

    [Fact]
    public void A_complaint_after_the_publication_waits_until_it_is_answered()
    {
        var step = Given.Step(StepIds.Complaint);
        var published = Given.Decided().After(d => PublishDossier.Decide(d, Given.Step(StepIds.Publication), new(Given.Today, "x"), "po", Given.Now));
        Assert.Null(published.Forbids(Given.Procedure, StepIds.Complaint));
        Assert.Equal((422, "from"), Fault(RecordRemark.Decide(published, step, new(null, "Đường chưa xong", Given.Today), "po", Given.Now)));
        var complained = published.After(d => RecordRemark.Decide(d, step, new("Ông A", "Đường chưa xong", Given.Today), "po", Given.Now));
        Assert.Equal("published", complained.State);
        var next = Assert.Single(complained.NextSteps(Given.Procedure, Given.Today, null));
        Assert.Equal(("complaint/answer", $"/api/appraisal/dossiers/{published.Number}/complaint/1/answer", true), (next.Step, next.Href, next.Required));
        Assert.Empty(complained.After(d => AnswerRemark.Decide(d, step, 1, new("Đã xong"), "po", Given.Now)).NextSteps(Given.Procedure, Given.Today, null));
    }

    [Fact]
    public void A_withdrawal_and_a_refusal_end_the_dossier_with_their_reasons()
    {
        var withdrawn = Given.Submitted().After(_ => WithdrawDossier.Decide(Given.Step(StepIds.Withdraw), new("Chưa sẵn sàng"), "an", Given.Now));
        Assert.Equal(("withdrawn", true), (withdrawn.State, Given.Procedure.IsEnd(withdrawn.State)));
        Assert.Empty(withdrawn.NextSteps(Given.Procedure, Given.Today, null));
        Assert.Equal((422, "reason"), Fault(WithdrawDossier.Decide(Given.Step(StepIds.Withdraw), new(" "), "an", Given.Now)));
        var refused = Given.Accepted().After(_ => RefuseDossier.Decide(Given.Step(StepIds.Refuse), new("Chưa đủ", [new("8.4", "Chưa có ảnh")]), "po", Given.Now));
        Assert.Equal("refused", refused.State);
        Assert.Equal((422, "items[0].reason"), Fault(RefuseDossier.Decide(Given.Step(StepIds.Refuse), new("Chưa đủ", [new("8.4", null)]), "po", Given.Now)));
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("pause")]
    public void What_is_recorded_while_the_dossier_is_back_does_not_start_the_clock_again(string onReturn)
    {
        var procedure = With(Given.Procedure, StepIds.Accept, s => s with { Deadline = new(5, "calendar_days", "seen", StepIds.Submit, onReturn) });
        var returned = Given.Opened().Apply(new DossierSubmitted("submitted", "an", At(1))).Apply(new DossierReturned("Thiếu", [], "returned", "po", At(3)));
        var again = Meeting(returned, 10, 10, At(4)).Apply(new DossierSubmitted("submitted", "an", At(10)));
        var due = again.NextSteps(procedure, Given.Today, Given.Calendar).Single(n => n.Step == StepIds.Accept).Due;
        // Submitted again on Monday 10 August 2026: five days run to Saturday and roll on to Monday, the three left after a pause to Thursday.
        Assert.Equal(onReturn == "restart" ? new DateOnly(2026, 8, 17) : new DateOnly(2026, 8, 13), due);

        static DateTimeOffset At(int day) => new(2026, 8, day, 9, 0, 0, VietnamTime.Offset);
    }

    private static Dossier Meeting(Dossier dossier, int attending, int agreed, DateTimeOffset? at = null) =>
        dossier.After(d => HoldMeeting.Decide(d, Given.Step(StepIds.Meeting), new(VietnamTime.DayOf(at ?? Given.Now), attending, agreed, attending - agreed), "an", at ?? Given.Now));

    private static Dossier Notice(Dossier dossier) => dossier.After(d => PostNotice.Decide(d, Given.Step(StepIds.Consultation), Posted, "an", Given.Now));

    private static Dossier Remark(Dossier dossier) => dossier.After(d => RecordRemark.Decide(d, Given.Step(StepIds.Consultation), new(null, "Đường chưa xong", Given.Today), "an", Given.Now));

    private static Dossier Holding(Dossier dossier, string kind) => dossier.Apply(new DocumentAttached(kind, Sha, 7, "application/pdf", "a.pdf", "an", Given.Now));

    private static Procedure With(Procedure procedure, string id, Func<ProcedureStep, ProcedureStep> change) =>
        procedure with { Steps = [.. procedure.Steps.Select(s => s.Id == id ? change(s) : s)] };

    private static string Written(Refusal refusal) => System.Text.Json.JsonSerializer.Serialize(refusal.More, NtmJson.Stored);

    private static (int?, string?) Refused(Refusal? refusal) => (refusal?.Status, refusal?.Rule);

    private static (int?, string?) Fault(Decision decision) => (decision.Refusal?.Status, decision.Refusal?.Errors is { } errors ? string.Join(',', errors.Keys) : null);
}
