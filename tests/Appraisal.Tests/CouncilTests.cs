using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

public sealed class CouncilTests
{
    private static readonly ProcedureStep Close = Given.Step(StepIds.CloseVotes);

    [Fact]
    public void The_chair_sits_on_the_council_even_when_not_listed()
    {
        var named = (CouncilNamed)Name("council-member@42#1", "council-member@42#2").Events[0];
        Assert.Equal("1", named.Chair);
        Assert.Equal(["2", "1"], named.Members.Select(m => m.Person));
    }

    [Theory]
    [InlineData("an")]
    [InlineData("po")]
    public void Who_entered_or_approved_the_figures_does_not_sit(string person)
    {
        var refusal = Name("council-member@42#1", "council-member@42#1", $"council-member@42#{person}").Refusal;
        Assert.Equal(422, refusal?.Status);
        Assert.Contains(person, refusal!.Errors!["members[1]"][0].Vi, StringComparison.Ordinal);
    }

    [Fact]
    public void A_person_sits_once_whatever_the_client() =>
        Assert.Equal(["members[1]"], Name("council-member@42#1", "council-member@42#1", "council-member@42~2024-12-31#1").Refusal?.Errors?.Keys);

    [Fact]
    public void A_client_of_several_pairs_cannot_hide_its_person() =>
        Assert.Equal(["members[1]"], Name("council-member@42#1", "council-member@42#1", "council-member@42#an+front-officer@42").Refusal?.Errors?.Keys);

    [Fact]
    public void Only_council_members_of_the_province_sit()
    {
        var body = new NameCouncil.Body("council-member@42#1", ["front-officer@42#2"]);
        var refusal = NameCouncil.Decide(Given.Accepted(), Given.Step(StepIds.Council), body, c => c.StartsWith("council-member@42", StringComparison.Ordinal), "po", Given.Now).Refusal;
        Assert.Equal(["members[0]"], refusal?.Errors?.Keys);
    }

    [Fact]
    public void An_empty_council_is_none() =>
        Assert.Equal(["chair", "members"], NameCouncil.Decide(Given.Accepted(), Given.Step(StepIds.Council), new(null, []), _ => true, "po", Given.Now).Refusal?.Errors?.Keys);

    [Fact]
    public void A_member_votes_once()
    {
        var refusal = CastVote.Decide(Given.Voted(3, 1), Given.Step(StepIds.Votes), new("against", null), "1", Given.Now).Refusal;
        Assert.Equal((409, "already-voted"), (refusal?.Status, refusal?.Rule));
    }

    [Fact]
    public void Members_who_have_not_voted_are_asked_and_the_chair_once_there_is_a_quorum()
    {
        var votes = Assert.Single(Given.Voted(10, 6).NextSteps(Given.Procedure, Given.Today, null));
        Assert.Equal(["7", "8", "9", "10"], votes.Persons);
        var next = Given.Voted(10, 7).NextSteps(Given.Procedure, Given.Today, null);
        Assert.Equal(["votes", "votes/close"], next.Select(n => n.Step));
        Assert.Equal(["1"], next[1].Persons);
    }

    [Fact]
    public void Others_than_the_members_do_not_vote()
    {
        Assert.True(Given.Voting(2).IsForOthers(Given.Step(StepIds.Votes), "3"));
        Assert.True(Given.Voting(2).IsForOthers(Close, "2"));
        Assert.False(Given.Voting(2).IsForOthers(Close, "1"));
    }

    [Theory]
    [InlineData(10, 9, 0, 1, "passed")]
    [InlineData(10, 9, 1, 0, "passed")]
    [InlineData(10, 8, 1, 1, "refused")]
    [InlineData(10, 7, 0, 0, "passed")]
    [InlineData(9, 7, 1, 0, "refused")]
    [InlineData(1, 1, 0, 0, "passed")]
    [InlineData(3, 0, 0, 3, "refused")]
    public void A_vote_passes_by_nine_tenths_of_those_present(int members, int votesFor, int against, int abstain, string state) =>
        Assert.Equal(state, Given.Voted(members, votesFor, against, abstain).After(d => CloseVote.Decide(d, Close, new(), "1", Given.Now)).State);

    [Theory]
    [InlineData(10, 6)]
    [InlineData(3, 2)]
    [InlineData(1, 0)]
    public void Without_a_quorum_the_vote_stays_open(int members, int votes)
    {
        var refusal = CloseVote.Decide(Given.Voted(members, votes), Close, new(), "1", Given.Now).Refusal;
        Assert.Equal((409, "quorum-not-reached"), (refusal?.Status, refusal?.Rule));
    }

    [Fact]
    public void Where_the_procedure_wants_a_secret_ballot_nobody_votes_openly_and_a_session_is_the_way()
    {
        Assert.Null(Given.Step(StepIds.Votes).RefuseInTheOpen());
        var secret = Given.Step(StepIds.Votes) with { Ballot = CouncilSession.Secret };
        Assert.Equal((409, "ballot-secret"), secret.RefuseInTheOpen() is { } no ? (no.Status, no.Rule) : default);
        Assert.Equal("ballot-secret", CastVote.Decide(Given.Voting(3), secret, new("for", null), "1", Given.Now).Refusal?.Rule);
        var procedure = Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Votes ? secret : s)] };
        Assert.Equal("/api/appraisal/sessions", Given.Accepted().NextSteps(procedure, Given.Today, null).Single(n => n.Step == StepIds.Council).Href);
        Assert.EndsWith("/council", Given.Accepted().NextSteps(Given.Procedure, Given.Today, null).Single(n => n.Step == StepIds.Council).Href, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_took_a_step_that_prepared_or_judged_the_dossier_does_not_sit()
    {
        var accepted = Given.Submitted().After(d => AcceptDossier.Decide(d, Given.Step(StepIds.Accept), "quy", Given.Now));
        Assert.Contains("quy", accepted.Recused(Given.Step(StepIds.Council)));
        Assert.DoesNotContain("quy", accepted.Recused(Given.Step(StepIds.Decision)));
        Dossier Took(string step) => accepted with { Steps = accepted.Steps.Add(new(step, Given.Now, "hoa", "accepted", null)) };
        foreach (var step in (string[])
        [
            StepIds.Register, StepIds.SelfAssessment, StepIds.Consultation, StepIds.Meeting, StepIds.Completeness, StepIds.Verification, StepIds.SurveyStart, StepIds.Survey,
            StepIds.List, StepIds.Forward, StepIds.Opinions, StepIds.FieldVisit, StepIds.Report,
        ])
            Assert.Equal(["members[1]"], NameCouncil.Decide(Took(step), Given.Step(StepIds.Council), new("council-member@42#1", ["council-member@42#1", "council-member@42#hoa"]), _ => true, "quy", Given.Now).Refusal?.Errors?.Keys);
        Assert.Equal("self-approval", Took(StepIds.SelfAssessment).RefuseSelfApproval(Given.Step(StepIds.Decision), "hoa")?.Rule);
        Assert.Null(NameCouncil.Decide(accepted, Given.Step(StepIds.Council), new("council-member@42#1", ["council-member@42#1"]), _ => true, "quy", Given.Now).Refusal);
    }

    [Fact]
    public void Who_brought_in_a_document_or_answered_a_remark_does_not_sit_and_what_the_council_brings_in_is_its_own_work()
    {
        DocumentAttached Paper(string by) => new("other", new('a', 64), 7, "application/pdf", "a.pdf", by, Given.Now);
        var touched = Given.Accepted().When(Paper("hoa"))
            .When(new RemarkReceived(StepIds.Consultation, 1, null, "Đường chưa xong", Given.Today, "an", Given.Now)).When(new RemarkAnswered(StepIds.Consultation, 1, "Đã xong", "lan", Given.Now));
        Assert.Equal(["members[1]", "members[2]"], Of(touched, "hoa", "lan").Refusal?.Errors?.Keys);
        Assert.Null(touched.RefuseSelfApproval(Given.Step(StepIds.Decision), "hoa"));
        var sat = Given.Voting(2).When(Paper("2")).When(new CouncilDissolved("accepted", "po", Given.Now, "Không đủ người họp"));
        Assert.Null(Of(sat, "2").Refusal);
        Assert.Equal(["members[1]"], Of(sat.When(Paper("2")), "2").Refusal?.Errors?.Keys);

        Decision Of(Dossier dossier, params string[] others) => NameCouncil.Decide(
            dossier, Given.Step(StepIds.Council), new("council-member@42#1", ["council-member@42#1", .. others.Select(o => $"council-member@42#{o}")]), _ => true, "quy", Given.Now);
    }

    [Fact]
    public void A_member_of_a_council_of_one_dossier_is_recused_by_himself_with_a_reason_and_before_he_voted()
    {
        var voting = Given.Voted(3, 1);
        Assert.Equal(["reason"], Recuse(voting, "2", " ").Refusal?.Errors?.Keys);
        Assert.Equal((409, "already-voted"), Recuse(voting, "1").Refusal is { } late ? (late.Status, late.Rule) : default);
        var recused = voting.After(d => Recuse(d, "2"));
        Assert.Equal((409, "recused"), Recuse(recused, "2").Refusal is { } twice ? (twice.Status, twice.Rule) : default);
        Assert.Equal((409, "recused"), CastVote.Decide(recused, Given.Step(StepIds.Votes), new("for", null), "2", Given.Now).Refusal is { } no ? (no.Status, no.Rule) : default);
        Assert.Equal(["3"], Assert.Single(recused.NextSteps(Given.Procedure, Given.Today, null)).Persons);
        Assert.Equal("last-member", Recuse(Given.Voting(1), "1").Refusal?.Rule);

        // He stays a member: two of three are no quorum of seven tenths.
        var two = recused.After(d => CastVote.Decide(d, Given.Step(StepIds.Votes), new("for", null), "3", Given.Now));
        Assert.Equal("quorum-not-reached", CloseVote.Decide(two, Close, new(), "1", Given.Now).Refusal?.Rule);
        var explained = VoteExplained.Of(new(two, Given.Procedure), null);
        Assert.Equal((3, 2, 2, 2, "2/3", 3, 1), (explained.Members, explained.Entitled, explained.Present, explained.Cast, explained.Quorum.Fraction, explained.Quorum.Needed, explained.Quorum.Missing));

        // A council that is named anew begins without him being recused.
        var again = recused.When(new CouncilDissolved("accepted", "po", Given.Now, "Không đủ người")).When(new CouncilNamed("1", recused.Council!.Members, "voting", "po", Given.Now));
        Assert.Equal(["1", "2", "3"], again.Entitled());
        Assert.Equal("votes-in-session", Recuse(voting with { Council = voting.Council! with { Session = new(Guid.Empty, "open", "2") } }, "2").Refusal?.Rule);
    }

    [Fact]
    public void A_chair_who_is_recused_counts_but_states_no_result()
    {
        var at = Given.Voting(4).After(d => Recuse(d, "1"));
        foreach (var person in (string[])["2", "3", "4"]) at = at.After(d => CastVote.Decide(d, Given.Step(StepIds.Votes), new("for", null), person, Given.Now));
        Assert.Equal("passed", at.After(d => CloseVote.Decide(d, Close, new(), "1", Given.Now)).State);
        var open = Close with { Pass = new(null, null, "unknown") };
        var stated = Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.CloseVotes ? open : s)] };
        Assert.Contains(at.NextSteps(Given.Procedure, Given.Today, null), s => s.Step == StepIds.CloseVotes);
        Assert.Equal([(StepIds.Dissolve, "province-officer")], at.NextSteps(stated, Given.Today, null).Select(s => (s.Step, s.Roles[0])));
        Assert.Equal((409, "chair-recused"), CloseVote.Decide(at, open, new(true, "Biên bản"), "1", Given.Now).Refusal is { } no ? (no.Status, no.Rule) : default);
    }

    [Fact]
    public void The_minutes_of_a_council_of_one_dossier_tell_who_voted_what_who_was_recused_and_the_fraction()
    {
        List<object> events = Events("1", "2", "3", "4", "5");
        void Took(Func<Dossier, Ntm.ServiceDefaults.Decision> decide)
        {
            var decision = decide(Dossier.Fold(events));
            Assert.Null(decision.Refusal);
            events.AddRange(decision.Events);
        }

        Took(d => Recuse(d, "4", "Người thân *ở* xã"));
        Took(d => CastVote.Decide(d, Given.Step(StepIds.Votes), new("against", null), "3", Given.Now));
        foreach (var person in (string[])["1", "2", "5"]) Took(d => CastVote.Decide(d, Given.Step(StepIds.Votes), new("for", null), person, Given.Now));
        Assert.Contains("- Chưa kiểm phiếu", Told(english: false), StringComparison.Ordinal);
        Took(d => CloseVote.Decide(d, Close, new(), "1", Given.Now));
        var vi = Told(english: false);
        foreach (var line in (string[])
        [
            "# Biên bản Hội đồng thẩm định", "- Hội đồng được lập: 09:00:00 24/11/2026, po", "- Hình thức: biểu quyết công khai", "| 1 | – | Chủ tịch | đã bỏ phiếu |", "| 4 | – | thành viên | chưa bỏ phiếu |",
            "- 4: Xã Thạch Hạ. Lý do: Người thân \\*ở\\* xã (4, 09:00:00 24/11/2026)", "- Túc số: 4/5 số thành viên có quyền biểu quyết; yêu cầu 70/100, tức ít nhất 4: đạt (nhớ lại)",
            "- Tỷ lệ đồng ý: 3/4 số có mặt; yêu cầu 90/100, tức ít nhất 4: thiếu 1 (nhớ lại)", "- Kết luận: **không thông qua**", "- Không đồng ý: 3", "- Đồng ý: 1, 2, 5",
        ]) Assert.Contains(line, vi, StringComparison.Ordinal);
        Assert.Contains("- 4: Xã Thạch Hạ. Reason: Người thân", Told(english: true), StringComparison.Ordinal);

        // What comes after the count is in no minutes.
        events.Add(new BasisChanged([new("figure", "8.4", null, null)], 9, Given.Now));
        Assert.Equal(vi, Told(english: false));

        string Told(bool english) => Minutes.Of(Protocol.Of(events, d => new(d, Given.Procedure)), Given.Book.Titles, english);
    }

    [Fact]
    public void The_minutes_of_a_dissolved_council_say_why_and_stay_as_they_were()
    {
        List<object> events = Events("1", "2", "3");
        events.Add(new VoteCast("for", null, "voting", "2", Given.Now));
        events.Add(new BasisChanged([new("figure", "8.4", null, null)], 9, Given.Now));
        events.Add(new CouncilDissolved("accepted", "po", Given.Now, "Không đủ người họp"));
        string Told() => Minutes.Of(Protocol.Of(events, d => new(d, Given.Procedure)), Given.Book.Titles, english: false);
        var told = Told();
        foreach (var line in (string[])["Lý do: Không đủ người họp", "- Thành viên 3, có quyền biểu quyết 3, có mặt 1, đã bỏ phiếu 1", "- Chưa kiểm phiếu", "- Đính chính số 1 (chỉ tiêu 8.4): chưa trả lời"])
            Assert.Contains(line, told, StringComparison.Ordinal);
        events.Add(new BasisFlagAnswered(1, "immaterial", "Không đổi", "po", Given.Now));
        events.Add(new BasisChanged([new("figure", "8.5", null, null)], 10, Given.Now));
        Assert.Equal(told, Told());
        Assert.Throws<ArgumentException>(() => Protocol.Of(Events().Take(3).ToList(), d => new(d, Given.Procedure)));
    }

    [Fact]
    public void Where_no_quorum_is_set_and_nobody_voted_that_is_said()
    {
        var open = Close with { Quorum = new(null, null, "unknown"), Pass = new(null, null, "unknown") };
        Assert.Equal("nobody-voted", CloseVote.Decide(Given.Voting(3), open, new(true, "Biên bản"), "1", Given.Now).Refusal?.Rule);
        Assert.Contains("(nhớ lại)", CloseVote.Decide(Given.Voting(3), Close, new(), "1", Given.Now).Refusal?.Detail.Vi, StringComparison.Ordinal);
    }

    /// <summary>The reference cross-multiplies in whole numbers of another width; a rounded percentage would differ.</summary>
    [Property(MaxTest = 500)]
    public Property A_share_is_an_exact_fraction() => Prop.ForAll(
        Gen.Choose(1, 1000).SelectMany(all => Gen.Choose(0, all).Select(count => (count, all))).ToArbitrary(),
        Gen.Choose(1, 1000).SelectMany(whole => Gen.Choose(1, whole).Select(part => (part, whole))).ToArbitrary(),
        (votes, share) => new Share(share.part, share.whole).IsReached(votes.count, votes.all)
            == (new System.Numerics.BigInteger(votes.count) * share.whole - new System.Numerics.BigInteger(share.part) * votes.all).Sign >= 0);

    [Property(MaxTest = 60)]
    public Property A_close_says_what_the_fractions_say() => Prop.ForAll(
        (from members in Gen.Choose(1, 40)
         from votesFor in Gen.Choose(0, members)
         from against in Gen.Choose(0, members - votesFor)
         select (members, votesFor, against)).ToArbitrary(),
        v =>
        {
            var decision = CloseVote.Decide(Given.Voted(v.members, v.votesFor, v.against), Close, new(), "1", Given.Now);
            var present = v.votesFor + v.against;
            return present * 100 < 70 * v.members
                ? decision.Refusal?.Rule == "quorum-not-reached"
                : decision.Events is [VoteClosed closed] && closed.Tally.Passed == v.votesFor * 100 >= 90 * present && closed.To == (closed.Tally.Passed ? "passed" : "refused");
        });

    private static Ntm.ServiceDefaults.Decision Recuse(Dossier dossier, string person, string reason = "Người thân ở xã") => RecuseSelf.Decide(dossier, new(reason), person, Given.Now);

    /// <summary>Of a dossier whose council was just named, the first of these in the chair.</summary>
    private static List<object> Events(params string[] members) =>
    [
        OpenDossier.Decide(null, Given.Target(), Given.Eligible(), Ntm.ServiceDefaults.DeterministicId.Of("dossier"), "an", Given.Now).Events[0],
        new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now),
        new CouncilNamed(members.FirstOrDefault("1"), [.. members.Select(m => new CouncilMember(m, $"council-member@42#{m}"))], "voting", "po", Given.Now),
    ];

    private static Ntm.ServiceDefaults.Decision Name(string chair, params string?[] members) =>
        NameCouncil.Decide(Given.Accepted(), Given.Step(StepIds.Council), new(chair, members), _ => true, "po", Given.Now);
}
