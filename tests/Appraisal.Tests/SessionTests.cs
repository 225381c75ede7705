using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>A council of persons 1 to 5, 1 in the chair, 2 its secretary, 9 invited, on two dossiers.</summary>
public sealed class SessionTests
{
    private static readonly Guid Id = DeterministicId.Of("session");
    private static readonly Guid First = DeterministicId.Of("dossier-1");
    private static readonly Guid Second = DeterministicId.Of("dossier-2");
    private static readonly UnitRef Province = new(Given.Province, "42", "Tỉnh Hà Tĩnh");
    private static readonly SessionKey Key = new(Id, [.. Enumerable.Range(0, 32).Select(n => (byte)n)]);

    [Fact]
    public void Every_dossier_gets_the_council_with_bodies_and_session()
    {
        var decision = Appoint();
        Assert.Equal([First, Second], decision.Dossiers.Select(d => d.Dossier));
        Assert.All(decision.Dossiers, d =>
        {
            var named = Assert.IsType<CouncilNamed>(d.Event);
            Assert.Equal(("1", "voting", new CouncilSession(Id, "open", "2")), (named.Chair, named.To, named.Session));
            Assert.Equal(new CouncilMember("9", "council-member@42#9", "Cơ quan 9", false), named.Members[^1]);
        });
        var at = Appointed();
        Assert.Equal(["attendance", "attendance"], at.Dossiers.Select(d => Assert.Single(d.Dossier.NextSteps(d.Procedure, Given.Today, null)).Step));
        Assert.Equal(["2", "1"], at.Dossiers[0].Dossier.NextSteps(Given.Procedure, Given.Today, null)[0].Persons);
    }

    [Fact]
    public void One_dossier_that_is_not_ready_holds_all_back_and_is_named()
    {
        var refusal = Decide([Case(First), new(Given.Submitted() with { Number = Second }, Given.Procedure)], Body()).Refusal;
        Assert.Equal((409, "dossiers-not-ready"), (refusal?.Status, refusal?.Rule));
        Assert.Contains($"{Second}", NtmText(refusal!), StringComparison.Ordinal);
        Assert.DoesNotContain($"{First}", NtmText(refusal!), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dossier_that_lacks_what_its_procedure_requires_is_not_ready_for_a_session_either()
    {
        var required = Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Report ? s with { Required = new(true, "internal") } : s)] };
        Assert.Equal("dossiers-not-ready", Decide([Case(First), Case(Second) with { Procedure = required }], Body()).Refusal?.Rule);
        var reported = Case(Second).Dossier.Apply(new AppraisalReported(new(Given.Today, ReportAppraisal.Propose, "Đủ", []), "po", Given.Now));
        Assert.Null(Decide([Case(First), new(reported, required)], Body()).Refusal);
    }

    [Theory]
    [InlineData("an")]
    [InlineData("po")]
    [InlineData("x")]
    public void Who_prepared_approved_or_confirmed_sits_on_no_session_of_it(string person)
    {
        var body = Body() with { Members = [.. Body().Members!, new($"council-member@42#{person}", "Sở", true)] };
        var refusal = Decide([Case(First), Case(Second)], body).Refusal;
        Assert.Equal((422, "council-member"), (refusal?.Status, refusal?.Rule));
        Assert.Equal(["members[6]"], refusal!.Errors!.Keys);
        Assert.Equal(["dossiers"], refusal.More!.Keys);
    }

    [Fact]
    public void An_appointment_says_everything_it_must()
    {
        var nothing = AppointSession.Check(new(null, null, null, null, null, "maybe"), Given.Today);
        Assert.Equal(
            ["appointment.number", "appointment.issuer", "appointment.date", "chair", "secretary", "members", "dossiers", "ballot"], nothing?.Errors?.Keys);
        var seats = AppointSession.Check(Body() with { Chair = "council-member@42#9", Secretary = "council-member@42#8", Members = [new("council-member@42#9", " ", null)] }, Given.Today);
        Assert.Equal(["members[0].body", "members[0].voting", "chair", "secretary"], seats?.Errors?.Keys);
    }

    [Fact]
    public void The_ballot_is_the_procedures_where_it_sets_one_and_else_must_be_stated()
    {
        Assert.Equal("ballot-not-set", Decide([Case(First)], Body() with { Ballot = null }).Refusal?.Rule);
        var secret = Case(First) with { Procedure = With("secret") };
        Assert.Equal("secret", ((SessionAppointed)Decide([secret], Body() with { Ballot = null }).Event!).Ballot);
        Assert.Equal("ballot-set", Decide([secret], Body()).Refusal?.Rule);
        Assert.Equal("ballots-differ", Decide([secret, Case(Second) with { Procedure = With("open") }], Body()).Refusal?.Rule);
    }

    [Fact]
    public void A_file_says_the_ballot_at_the_votes_alone_and_shares_of_three_bases()
    {
        static Procedure Change(string step, Func<ProcedureStep, ProcedureStep> change) => Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == step ? change(s) : s)] };
        static string Refused(Procedure procedure) => Assert.Throws<InvalidDataException>(() => ProcedureCheck.Check(procedure, Given.Book.Titles, "f")).Message;
        Assert.Contains(".ballot: unknown \"loud\"", Refused(Change(StepIds.Votes, s => s with { Ballot = "loud" })), StringComparison.Ordinal);
        Assert.Contains(".ballot: belongs to votes", Refused(Change(StepIds.Accept, s => s with { Ballot = "open" })), StringComparison.Ordinal);
        ProcedureCheck.Check(Change(StepIds.CloseVotes, s => s with { Pass = s.Pass! with { Of = "cast" } }), Given.Book.Titles, "f");
    }

    [Fact]
    public void Nobody_votes_before_the_attendance_nor_who_is_absent_invited_recused_or_has_voted()
    {
        Assert.Equal("attendance-not-taken", Vote(Appointed(), "3", "for").Refusal?.Rule);
        var at = Attended("1", "2", "3", "4", "9");
        Assert.Equal("absent", Vote(at, "5", "for").Refusal?.Rule);
        Assert.Equal((403, "invited"), VoteInSession.May(at.Session, "9") is { } no ? (no.Status, no.Rule) : default);
        Assert.True(at.Dossiers[0].Dossier.IsForOthers(Given.Step(StepIds.Votes), "9"));

        var recused = at.Take("3", c => RecuseMember.Decide(c, new("3", First, "Người thân")));
        var refusal = Vote(recused, "3", "for").Refusal;
        Assert.Equal((409, "recused"), (refusal?.Status, refusal?.Rule));
        Assert.Null(Vote(recused, "3", "for", [Second]).Refusal);
        var voted = at.Take("4", c => VoteInSession.Decide(c, Votes("against", [First]), null));
        Assert.Equal("already-voted", Vote(voted, "4", "for").Refusal?.Rule);
        Assert.Null(Vote(voted, "4", "for", [Second]).Refusal);
    }

    [Fact]
    public void Votes_are_all_taken_or_none()
    {
        var at = Attended("1", "2", "3");
        var refusal = VoteInSession.Decide(at with { By = "3" }, new([new(First, "for", null), new(First, "maybe", null), new(Given.Province, "for", null), null]), null).Refusal;
        Assert.Equal(422, refusal?.Status);
        Assert.Equal(["votes", "votes[1].dossier", "votes[1].vote", "votes[2].dossier", "votes[3].dossier", "votes[3].vote"], refusal?.Errors?.Keys);
        var decision = Vote(at, "3", "for");
        Assert.Equal([First, Second], ((SessionVotesCast)decision.Event!).Dossiers);
        Assert.All(decision.Dossiers, d => Assert.Equal("for", Assert.IsType<VoteCast>(d.Event).Vote));
    }

    [Fact]
    public void A_secret_vote_is_sealed_takes_no_remark_and_its_event_tells_nothing()
    {
        var at = Attended("1", "2", "3") with { By = "3" };
        Assert.Equal(["votes[0].remark"], VoteInSession.Decide(at, new([new(First, "for", "vì")]), Seal("3")).Refusal?.Errors?.Keys);
        var sealedBy = ((string[])["for", "against", "abstain"]).Select(v => (SecretVoteCast)VoteInSession.Decide(at, Votes(v, [First]), Seal("3")).Dossiers[0].Event).ToArray();
        Assert.Equal([29, 29, 29], sealedBy.Select(e => e.Sealed.Length));
        Assert.Equal(["for", "against", "abstain"], sealedBy.Select(e => SealedBallot.Open(Key, First, "3", e.Sealed)));
    }

    [Fact]
    public void A_sealed_vote_opens_for_its_own_key_session_dossier_and_person_alone()
    {
        var box = SealedBallot.Seal(Key, First, "3", "for");
        foreach (var other in (Action[])
        [
            () => SealedBallot.Open(new(Id, new byte[32]), First, "3", box), () => SealedBallot.Open(Key with { Id = First }, First, "3", box),
            () => SealedBallot.Open(Key, Second, "3", box), () => SealedBallot.Open(Key, First, "4", box), () => SealedBallot.Open(Key, First, "3", [.. box.Skip(1)]),
        ]) Assert.ThrowsAny<CryptographicException>(other);
        Assert.NotEqual(box, SealedBallot.Seal(Key, First, "3", "for"));
    }

    [Fact]
    public void A_member_or_the_chair_says_with_a_reason_that_he_is_recused_and_before_he_voted()
    {
        var at = Attended("1", "2", "3");
        Assert.Equal("recusal-of-another", RecuseMember.May(at.Session, "2", new("3", null, "x"))?.Rule);
        Assert.Null(RecuseMember.May(Appointed().Session, "1", new("council-member@42#3", null, "x")));
        Assert.Null(RecuseMember.May(at.Session, "1", new("3", null, "x")));
        Assert.Equal((409, "attendance-taken"), RecuseMember.Decide(at with { By = "1" }, new("3", null, "x")).Refusal is { } late ? (late.Status, late.Rule) : default);
        Assert.Null(RecuseMember.May(at.Session, "3", new("3", null, "x")));
        Assert.Equal(["reason", "member"], RecuseMember.Decide(at, new("9", null, " ")).Refusal?.Errors?.Keys);
        var all = at.Take("3", c => RecuseMember.Decide(c, new("3", null, "Người thân")));
        Assert.Equal([First, Second], all.Session.Recusals.Single().Dossiers);
        Assert.Equal("recused", RecuseMember.Decide(all with { By = "3" }, new("3", First, "x")).Refusal?.Rule);
        at = at with { By = "3" };
        var voted = at.Take("3", c => VoteInSession.Decide(c, Votes("for", [First]), null));
        voted = voted with { By = "3" };
        Assert.Equal("already-voted", RecuseMember.Decide(voted, new("3", null, "x")).Refusal?.Rule);
        Assert.Null(RecuseMember.Decide(voted, new("3", Second, "x")).Refusal);
        var left = at with { Dossiers = [at.Dossiers[0], at.Dossiers[1] with { Dossier = at.Dossiers[1].Dossier with { State = "withdrawn" } }] };
        Assert.Equal("not-voted-on", RecuseMember.Decide(left, new("3", Second, "x")).Refusal?.Rule);
    }

    [Fact]
    public void The_last_one_who_may_vote_stays()
    {
        var at = ((string[])["2", "3", "4", "5"]).Aggregate(Appointed(), (c, person) => c.Take("1", x => RecuseMember.Decide(x, new(person, First, "Lý do"))));
        Assert.Equal("last-member", RecuseMember.Decide(at, new("1", First, "x")).Refusal?.Rule);
    }

    [Fact]
    public void Who_was_present_stays_so_whether_or_not_he_voted_and_who_comes_late_is_added()
    {
        var at = Attended("1", "2", "3").Take("3", c => VoteInSession.Decide(c, Votes("for", [First]), null));
        foreach (var shorter in (string[][])[["1", "2"], ["1", "3"], ["1", "3", "4", "5"]])
            Assert.Equal("already-present", TakeAttendance.Decide(at, new(shorter)).Refusal?.Rule);
        var late = at.Take("2", c => TakeAttendance.Decide(c, new(["1", "2", "council-member@42#3", "4"])));
        Assert.Equal(at.Session.OpenedAt, late.Session.OpenedAt);
        Assert.Null(Vote(late, "4", "for").Refusal);
        Assert.Equal(["4"], SessionAnnouncements.Added(at.Session, late.Session)?.Asked);
        Assert.Equal(["1", "2", "3"], SessionAnnouncements.Added(Appointed().Session, at.Session)?.Asked);
        Assert.Null(SessionAnnouncements.Added(late.Session, late.Take("2", c => TakeAttendance.Decide(c, new(["1", "2", "3", "4", "9"]))).Session));
        foreach (var nobody in (string[][])[[], ["9"]]) Assert.Equal(["present"], TakeAttendance.Decide(Appointed(), new(nobody)).Refusal?.Errors?.Keys);
        Assert.Equal(["present[0]", "present[2]"], TakeAttendance.Decide(at, new(["8", "1", "1"])).Refusal?.Errors?.Keys);
        Assert.NotNull(TakeAttendance.May(at.Session, "3"));
    }

    [Fact]
    public void Present_is_who_attends_whether_or_not_he_votes()
    {
        var at = All("for", "1", "2", "3", "4").Take("1", c => CloseSession.Decide(c, new(), null));
        var vote = VoteExplained.Of(at.Dossiers[0], at.Session.TallyOf(First));
        Assert.Equal((5, 5, 4, 4), (vote.Entitled, vote.Present, vote.Cast, vote.For));
        Assert.Equal(("4/5", 5, 1, false), (vote.Pass!.Fraction, vote.Pass.Needed, vote.Pass.Missing, vote.Pass.Reached));
        Assert.Equal("refused", at.Dossiers[0].Dossier.State);
    }

    [Fact]
    public void Who_is_recused_stays_a_member_of_the_quorum_and_is_in_no_share_of_those_present()
    {
        var at = Attended("1", "2", "3", "4", "5").Take("5", c => RecuseMember.Decide(c, new("5", First, "Lý do")));
        at = ((string[])["1", "2", "3", "4"]).Aggregate(at, (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes("for"), null)));
        at = at.Take("1", c => CloseSession.Decide(c, new(), null));
        Assert.Equal(["passed", "refused"], at.Dossiers.Select(d => d.Dossier.State));
        Assert.Equal((5, 4), (at.Session.TallyOf(First)!.Members, at.Session.TallyOf(First)!.Present));
        var vote = VoteExplained.Of(at.Dossiers[0], at.Session.TallyOf(First));
        Assert.Equal((5, 4, "4/5", "4/4"), (vote.Members, vote.Entitled, vote.Quorum.Fraction, vote.Pass!.Fraction));
        Assert.Equal((5, 5), (at.Session.TallyOf(Second)!.Members, at.Session.TallyOf(Second)!.Present));
    }

    [Fact]
    public void Without_a_quorum_of_those_entitled_or_with_an_unanswered_flag_nothing_is_closed()
    {
        var few = ((string[])["1", "2", "3"]).Aggregate(Attended("1", "2", "3"), (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes("for"), null)));
        var refusal = CloseSession.Decide(few with { By = "1" }, new(), null).Refusal;
        Assert.Equal((409, "quorum-not-reached"), (refusal?.Status, refusal?.Rule));

        var at = All("for", "1", "2", "3", "4", "5");
        var flagged = at with
        {
            Dossiers =
            [
                at.Dossiers[0],
                at.Dossiers[1] with { Dossier = at.Dossiers[1].Dossier.When(new BasisChanged([new("figure", "1.2", null, null)], 9, Given.Now)) },
            ],
        };
        refusal = CloseSession.Decide(flagged with { By = "1" }, new(), null).Refusal;
        Assert.Equal((409, "flags-unanswered"), (refusal?.Status, refusal?.Rule));
        Assert.DoesNotContain($"{First}", NtmText(refusal!), StringComparison.Ordinal);
    }

    [Fact]
    public void Recusals_never_make_a_quorum()
    {
        var at = ((string[])["3", "4", "5"]).Aggregate(Appointed(), (c, p) => c.Take("1", x => RecuseMember.Decide(x, new(p, null, "Lý do"))));
        at = at.Take("2", c => TakeAttendance.Decide(c, new(["1", "2"])));
        at = ((string[])["1", "2"]).Aggregate(at, (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes("for"), null)));
        Assert.Equal("quorum-not-reached", CloseSession.Decide(at with { By = "1" }, new(), null).Refusal?.Rule);
    }

    [Fact]
    public void What_a_province_requires_before_the_council_holds_a_session_up_too()
    {
        static DossierCase Requiring(DossierCase d, string step, string before) => d with
        {
            Procedure = d.Procedure with
            {
                Steps = [.. d.Procedure.Steps.Select(s => s.Id == before ? s with { Required = new(true, "seen", "QĐ 1/QĐ-UBND") } : s.Id == step ? s with { After = [.. s.After ?? [], before] } : s)],
            },
        };
        var refusal = Decide([Case(First), Requiring(Case(Second), StepIds.Council, StepIds.Report)], Body()).Refusal;
        Assert.Equal((409, "dossiers-not-ready"), (refusal?.Status, refusal?.Rule));
        Assert.Contains("Phải có trước", refusal!.Detail.Vi, StringComparison.Ordinal);
        Assert.DoesNotContain($"{First}", NtmText(refusal), StringComparison.Ordinal);

        var voting = Attended("1", "2", "3", "4", "5");
        voting = voting with { By = "3", Dossiers = [voting.Dossiers[0], Requiring(voting.Dossiers[1], StepIds.Votes, StepIds.Report)] };
        Assert.Equal("step-missing", VoteInSession.Decide(voting, Votes("for"), null).Refusal?.Rule);
        Assert.Null(VoteInSession.Decide(voting, Votes("for", [First]), null).Refusal);
        var all = All("for", "1", "2", "3", "4", "5");
        all = all with { By = "1", Dossiers = [all.Dossiers[0], Requiring(all.Dossiers[1], StepIds.CloseVotes, StepIds.Report)] };
        refusal = CloseSession.Decide(all, new(), null).Refusal;
        Assert.Equal((409, "step-missing"), (refusal?.Status, refusal?.Rule));
    }

    [Fact]
    public void A_chair_who_is_recused_states_no_result()
    {
        var at = Appointed().Take("1", c => RecuseMember.Decide(c, new("1", First, "Người thân"))).Take("2", c => TakeAttendance.Decide(c, new(["1", "2", "3", "4", "5"])));
        at = ((string[])["2", "3", "4", "5"]).Aggregate(at, (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes("for"), null))).Take("1", c => VoteInSession.Decide(c, Votes("for", [Second]), null));
        Assert.Equal(("passed", "passed"), at.Take("1", c => CloseSession.Decide(c, new(), null)).Dossiers is var d ? (d[0].Dossier.State, d[1].Dossier.State) : default);
        var stating = at with
        {
            By = "1",
            Dossiers = [.. at.Dossiers.Select(d => d with { Procedure = d.Procedure with { Steps = [.. d.Procedure.Steps.Select(s => s.Id == StepIds.CloseVotes ? s with { Pass = new(null, null, "unknown") } : s)] } })],
        };
        foreach (var stated in (CloseSession.StatedBody[][])[[new(First, true, "Biên bản"), new(Second, true, "Biên bản")], [new(Second, true, "Biên bản")]])
        {
            var refusal = CloseSession.Decide(stating, new(stated), null).Refusal;
            Assert.Equal((409, "chair-recused"), (refusal?.Status, refusal?.Rule));
            Assert.DoesNotContain($"{Second}", NtmText(refusal!), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_chair_who_does_not_attend_neither_closes_nor_states_and_is_asked_for_by_the_attendance()
    {
        var at = ((string[])["2", "3", "4", "5"]).Aggregate(Attended("2", "3", "4", "5"), (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes("for"), null)));
        foreach (var body in (CloseSession.Body[])[new(), new([new(First, true, "Biên bản")])])
            Assert.Equal((409, "chair-absent"), CloseSession.Decide(at with { By = "1" }, body, null).Refusal is { } no ? (no.Status, no.Rule) : default);
        var step = Assert.Single(at.Dossiers[0].Dossier.NextSteps(Given.Procedure, Given.Today, null));
        Assert.Equal(("attendance", $"/api/appraisal/sessions/{Id}/attendance"), (step.Step, step.Href));
        Assert.Equal(["2", "1"], step.Persons);
        Assert.Equal(["attendance"], new SessionViews(new(false)).Of(at, 7, Given.Today).NextSteps.Select(s => s.Step));
        // He comes late, is put on the list, and closes.
        var there = at.Take("2", c => TakeAttendance.Decide(c, new(["1", "2", "3", "4", "5"])));
        Assert.Contains("close", new SessionViews(new(false)).Of(there, 8, Given.Today).NextSteps.Select(s => s.Step));
        Assert.Equal("refused", there.Take("1", c => CloseSession.Decide(c, new(), null)).Dossiers[0].Dossier.State);
        Assert.Equal("passed", there.Take("1", c => VoteInSession.Decide(c, Votes("for"), null)).Take("1", c => CloseSession.Decide(c, new(), null)).Dossiers[0].Dossier.State);
    }

    [Fact]
    public void A_secret_ballot_is_not_counted_where_few_voted_though_many_attend()
    {
        SessionCase Secret(params string[] voters)
        {
            var session = AppointSession.Decide([Case(First), Case(Second)], Body() with { Ballot = "secret" }, (_, _) => true, Id, Province, "po", Given.Now);
            var at = new SessionCase(
                Session.Create((SessionAppointed)session.Event!), [.. ((Guid[])[First, Second]).Zip(session.Dossiers, (d, x) => Case(d) with { Dossier = Case(d).Dossier.When(x.Event) })], "po", Given.Now);
            at = at.Take("2", c => TakeAttendance.Decide(c, new(["1", "2", "3", "4", "5"])));
            return voters.Aggregate(at, (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes("for"), Seal(p))));
        }

        static SessionCase WithShares(SessionCase at, VoteRule quorum, FewestVotes? fewest = null) => at with
        {
            Dossiers = [.. at.Dossiers.Select(d => d with { Procedure = d.Procedure with { Steps = [.. d.Procedure.Steps.Select(s => s.Id == StepIds.CloseVotes ? s with { Quorum = quorum, FewestSecret = fewest } : s)] } })],
        };

        static SessionDecision Close(SessionCase at) => CloseSession.Decide(at with { By = "1" }, new(), (dossier, b) => SealedBallot.Open(Key, dossier, b.Person, b.Sealed!));

        var few = Secret("1", "2", "3");
        Assert.Equal((409, "quorum-not-reached"), Close(few).Refusal is { } no ? (no.Status, no.Rule) : default);
        Assert.Contains("3/5 thành viên bỏ phiếu", Close(few).Refusal!.Detail.Vi, StringComparison.Ordinal);
        Assert.Equal("3/5", VoteExplained.Of(few.Dossiers[0], null).Quorum.Fraction);
        Assert.DoesNotContain(few.Dossiers[0].Dossier.NextSteps(Given.Procedure, Given.Today, null), s => s.Step == StepIds.CloseVotes);
        Assert.Null(Close(Secret("1", "2", "3", "4")).Refusal);

        // Where no quorum is set, one vote alone is still nobody's but his who cast it.
        var open = new VoteRule(null, null, "unknown");
        var alone = WithShares(Secret("3"), open);
        Assert.Equal((409, "secret-too-few"), Close(alone).Refusal is { } told ? (told.Status, told.Rule) : default);
        Assert.Contains("(quy ước nội bộ)", Close(alone).Refusal!.Detail.Vi, StringComparison.Ordinal);
        Assert.Null(Close(WithShares(Secret("3"), open, new(1, "seen", "QĐ 1/QĐ-UBND"))).Refusal);
        Assert.Equal("secret-too-few", Close(WithShares(Secret("1", "2"), open, new(3, "seen", "QĐ 1/QĐ-UBND"))).Refusal?.Rule);
        Assert.Null(Close(WithShares(Secret("1", "2"), open)).Refusal);

        var single = Body() with { Ballot = "secret", Members = [new("council-member@42#1", "Sở", true), new("council-member@42#2", "Sở", false)] };
        Assert.Equal((422, "secret-too-few"), Decide([Case(First)], single).Refusal is { } small ? (small.Status, small.Rule) : default);
        Assert.Null(Decide([Case(First)], single with { Ballot = "open" }).Refusal);
    }

    [Fact]
    public void What_a_session_has_heard_of_a_dossier_ends_with_its_count_or_before_its_dissolution()
    {
        object Named(Guid? session) => new CouncilNamed("1", [], "voting", "po", Given.Now, session is { } id ? new(id, "open", "2") : null);
        object closed = new VoteClosed(new(5, 5, 5, 0, 0, true, null, null), "passed", "1", Given.Now);
        object dissolved = new CouncilDissolved("accepted", "po", Given.Now);
        object flag = new BasisChanged([], 9, Given.Now);
        Assert.Equal(4, Protocol.HeardInSession([flag, Named(Id), flag, closed, flag, flag], Id, 4));
        Assert.Equal(3, Protocol.HeardInSession([flag, Named(Id), flag, dissolved, flag, Named(null), closed], Id, 4));
        // Its own end is meant, and not that of the council before.
        Assert.Equal(6, Protocol.HeardInSession([flag, Named(First), dissolved, Named(Id), flag, closed, flag], Id, 6));
        // What left the vote has no end of its own: what was recorded when the session ended counts.
        Assert.Equal(3, Protocol.HeardInSession([flag, Named(Id), flag, flag], Id, 3));
        Assert.Equal(3, Protocol.HeardInSession([flag, Named(Id), flag, flag, Named(Second), closed], Id, 3));
    }

    [Fact]
    public void A_dissolved_session_gives_its_dossiers_back_and_counts_nothing()
    {
        var at = All("for", "1", "2", "3");
        Assert.Equal(["reason"], DissolveSession.Decide(at, new(" ")).Refusal?.Errors?.Keys);
        var after = at.Take("po", c => DissolveSession.Decide(c, new("Hội đồng không đủ thành viên")));
        Assert.All(after.Dossiers, d => Assert.Equal(("accepted", null, null, 0), (d.Dossier.State, d.Dossier.Council, d.Dossier.Sitting, d.Dossier.Ballots.Count)));
        Assert.Contains(after.Dossiers[0].Dossier.NextSteps(Given.Procedure, Given.Today, null), n => n.Step == StepIds.Council);
        Assert.Empty(after.Voting);
        Assert.Contains("Lý do: Hội đồng không đủ thành viên", Minutes.Of(Protocol.Of(after), Given.Book.Titles, english: false), StringComparison.Ordinal);

        // A council that is appointed anew votes from the beginning, and the old session shows nothing of it.
        var again = AppointSession.Decide(after.Dossiers, Body(), (_, _) => true, DeterministicId.Of("session-2"), Province, "po", Given.Now);
        var anew = after with { Dossiers = [.. after.Dossiers.Zip(again.Dossiers, (d, x) => d with { Dossier = d.Dossier.When(x.Event) })] };
        Assert.All(anew.Own, d => Assert.Null(d.Dossier.Council));
        Assert.Empty(anew.Voting);
    }

    [Fact]
    public void Where_no_share_is_set_the_chair_states_each_result_with_its_basis()
    {
        var open = Given.Book.Version("district-ntm", "qd18-2022.1");
        var at = All("for", "1", "2", "3", "4", "5");
        at = at with { By = "1", Dossiers = [.. at.Dossiers.Select(d => d with { Procedure = d.Procedure with { Steps = [.. d.Procedure.Steps.Select(s => s.Id == StepIds.CloseVotes ? s with { Quorum = open.Step(s.Id)!.Quorum, Pass = open.Step(s.Id)!.Pass } : s)] } })] };
        var missing = CloseSession.Decide(at, new([new(First, true, "Biên bản 1")]), null).Refusal;
        Assert.Equal(["stated"], missing?.Errors?.Keys);
        Assert.Equal(["Thiếu kết quả của Xã 2."], missing!.Errors!["stated"].Select(t => t.Vi));
        // The fields are those of the body, whichever dossier stands where.
        var wrong = CloseSession.Decide(at, new([new(Second, null, " "), new(First, true, "Biên bản 1")]), null).Refusal;
        Assert.Equal(["stated[0].passed", "stated[0].basis"], wrong?.Errors?.Keys);
        Assert.Equal(["stated[1].passed", "stated[0].passed"], CloseSession.Decide(All("for", "1", "2", "3", "4", "5") with { By = "1" }, new([new(Second, true, null), new(First, true, null)]), null).Refusal?.Errors?.Keys);
        var closed = at.Take("1", c => CloseSession.Decide(c, new([new(First, true, "Biên bản 1"), new(Second, false, "Biên bản 2")]), null));
        Assert.Equal([true, false], closed.Session.Outcomes!.Select(o => o.Tally!.Passed));
    }

    [Fact]
    public void A_dossier_that_left_the_vote_is_not_counted_and_holds_nobody_up()
    {
        var at = All("for", "1", "2", "3", "4", "5");
        at = at with { Dossiers = [at.Dossiers[0], at.Dossiers[1] with { Dossier = at.Dossiers[1].Dossier with { State = "accepted" } }] };
        var closed = at.Take("1", c => CloseSession.Decide(c, new(), null));
        Assert.Equal([("passed", true), ("accepted", false)], closed.Session.Outcomes!.Select(o => (o.State, o.Tally is not null)));
    }

    [Fact]
    public void Beside_the_session_there_is_no_vote_and_the_dossier_says_where_it_is()
    {
        var dossier = Attended("1", "2", "3", "4").Dossiers[0].Dossier;
        Assert.Equal("votes-in-session", dossier.RefuseBesideSession()?.Rule);
        Assert.Null(Given.Voting(3).RefuseBesideSession());
        var step = Assert.Single(dossier.NextSteps(Given.Procedure, Given.Today, null));
        Assert.Equal(("votes", $"/api/appraisal/sessions/{Id}/votes"), (step.Step, step.Href));
        Assert.Equal(["1", "2", "3", "4"], step.Persons);
        var voted = All("for", "1", "2", "3", "4", "5").Dossiers[0].Dossier.NextSteps(Given.Procedure, Given.Today, null);
        Assert.Equal(("votes/close", $"/api/appraisal/sessions/{Id}/close"), (Assert.Single(voted).Step, voted[0].Href));
    }

    [Fact]
    public void The_minutes_tell_all_that_happened_in_both_languages_and_of_a_secret_ballot_counts_alone()
    {
        var at = Attended("1", "2", "3", "4", "5").Take("4", c => RecuseMember.Decide(c, new("4", First, "Người thân *ở* xã")));
        at = ((string[])["1", "2", "3", "4", "5"]).Aggregate(at, (c, p) => c.Take(p, x => VoteInSession.Decide(
            x, Votes(p == "3" ? "against" : "for", p == "4" ? [Second] : null), null)));
        Assert.Contains("Chưa kiểm phiếu", Minutes.Of(Protocol.Of(at), Given.Book.Titles, english: false), StringComparison.Ordinal);
        at = at with { Dossiers = [.. at.Dossiers.Select(d => d with { Dossier = d.Dossier.When(new BasisChanged([new("figure", "8.4", null, null)], 9, Given.Now)).When(new BasisFlagAnswered(1, "immaterial", "Không đổi kết luận", "2", Given.Now)) })] };
        var closed = at.Take("1", c => CloseSession.Decide(c, new(), null));
        var vi = Minutes.Of(Protocol.Of(closed), Given.Book.Titles, english: false);
        foreach (var line in (string[])
        [
            "- Quyết định thành lập: số 12/QĐ-UBND, ngày 20/11/2026, Ủy ban nhân dân tỉnh", "| 1 | Cơ quan 1 | Chủ tịch | có mặt |", "| 2 | Cơ quan 2 | thành viên, thư ký | có mặt |",
            "| 5 | Cơ quan 5 | thành viên | có mặt |", "| 9 | Cơ quan 9 | khách mời | vắng |", "- 4: Xã 1. Lý do: Người thân \\*ở\\* xã (4, 09:00:00 24/11/2026)",
            "- Túc số: 4/5 số thành viên có quyền biểu quyết; yêu cầu 70/100, tức ít nhất 4: đạt (nhớ lại)", "- Đồng ý 3, không đồng ý 1, không có ý kiến 0",
            "- Tỷ lệ đồng ý: 3/4 số có mặt; yêu cầu 90/100, tức ít nhất 4: thiếu 1 (nhớ lại)", "- Kết luận: **không thông qua**", "- Không đồng ý: 3",
            "- Đính chính số 1 (chỉ tiêu 8.4): không ảnh hưởng, Không đổi kết luận (2, 09:00:00 24/11/2026)",
        ]) Assert.Contains(line, vi, StringComparison.Ordinal);
        var secret = Minutes.Of(Protocol.Of(closed with { Session = closed.Session with { Ballot = "secret" } }), Given.Book.Titles, english: true);
        Assert.Contains("- For 3, against 1, abstaining 0", secret, StringComparison.Ordinal);
        Assert.DoesNotContain("- Against: 3", secret, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vote_is_announced_open_without_counts_and_closed_with_them_and_never_with_a_choice()
    {
        var at = All("for", "1", "2", "3", "4", "5").Take("1", c => CloseSession.Decide(c, new(), null));
        var opened = SessionAnnouncements.StateOf(Attended("1", "3", "9").Session);
        Assert.Equal((Id, "42", "open", "1", null), (opened.Session, opened.Province!.Code, opened.Ballot, opened.Chair, opened.ClosedAt));
        Assert.Equal(["1", "3"], opened.Asked);
        Assert.All(opened.Dossiers, d => Assert.Equal((null, null, null), (d.Passed, d.For, d.Members)));
        var closed = SessionAnnouncements.StateOf(at.Session);
        Assert.Equal([(true, 5, 5, 5, 0, 0), (true, 5, 5, 5, 0, 0)], closed.Dossiers.Select(d => (d.Passed!.Value, d.Members!.Value, d.Present!.Value, d.For!.Value, d.Against!.Value, d.Abstain!.Value)));
        Assert.NotNull(closed.ClosedAt);

        var alone = DossierAnnouncements.BallotOf(Given.Voting(3), Given.Voting(3).Council!, null);
        Assert.Equal((null, null, "open", "1"), (alone.Session, alone.Province, alone.Ballot, alone.Chair));
        Assert.Equal(["1", "2", "3"], alone.Asked);
        Assert.Null(Assert.Single(alone.Dossiers).For);
        var passed = Given.Passed();
        Assert.Equal((true, 3), Assert.Single(DossierAnnouncements.BallotOf(passed, passed.Council!, passed.Since).Dossiers) is var d ? (d.Passed, d.For) : default);
    }

    /// <summary>Whatever is chosen, in whatever order: the count is the sum of the choices, and who votes twice is counted once.</summary>
    [Property(MaxTest = 60)]
    public Property The_count_is_the_sum_of_the_choices_in_any_order() => Prop.ForAll(
        Gen.Elements("for", "against", "abstain").ArrayOf(5).ToArbitrary(), Gen.Shuffle([0, 1, 2, 3, 4]).ToArbitrary(),
        (choices, order) =>
        {
            var secret = Attended("1", "2", "3", "4", "5");
            var open = secret;
            foreach (var n in order.Concat(order))
            {
                var (person, votes) = ($"{n + 1}", Votes(choices[n], [First, Second]));
                if (VoteInSession.Decide(open with { By = person }, votes, null) is { Refusal: null } inOpen) open = open.After(inOpen);
                if (VoteInSession.Decide(secret with { By = person }, votes, Seal(person)) is { Refusal: null } inSecret) secret = secret.After(inSecret);
            }

            var counted = CloseSession.Decide(open with { By = "1" }, new(), null);
            var opened = CloseSession.Decide(secret with { By = "1" }, new(), (dossier, b) => SealedBallot.Open(Key, dossier, b.Person, b.Sealed!));
            int Of(string choice) => choices.Count(c => c == choice);
            return ((SessionClosed)counted.Event!).Outcomes.SequenceEqual(((SessionClosed)opened.Event!).Outcomes)
                && ((SessionClosed)counted.Event!).Outcomes.All(o => (o.Tally!.For, o.Tally.Against, o.Tally.Abstain) == (Of("for"), Of("against"), Of("abstain")));
        });

    /// <summary>One more vote for it never loses what was won; the needed count is the least that reaches the share.</summary>
    [Property(MaxTest = 300)]
    public Property The_rule_is_monotone_and_needs_what_it_says() => Prop.ForAll(
        (from members in Gen.Choose(1, 200)
         from present in Gen.Choose(0, members)
         from cast in Gen.Choose(0, present)
         from count in Gen.Choose(0, members)
         select new { Base = new VoteBase(members, present, cast), Count = count }).ToArbitrary(),
        (from whole in Gen.Choose(1, 100)
         from part in Gen.Choose(1, whole)
         from of in Gen.Elements("members", "present", "cast")
         select new VoteRule(new Share(part, whole), of, "seen")).ToArbitrary(),
        (v, rule) =>
        {
            var all = v.Base.Of(rule.Of);
            var needed = rule.Share!.Needed(all);
            return (rule.IsReached(v.Count, v.Base) != true || rule.IsReached(v.Count + 1, v.Base) == true)
                && (all == 0 || (rule.IsReached(needed, v.Base) == true && rule.IsReached(needed - 1, v.Base) == false))
                && (all > 0 || rule.IsReached(v.Count, v.Base) == false);
        });

    private static DossierCase Case(Guid number) => new(
        Given.Accepted() with { Id = Dossier.Key(number), Number = number, Unit = Given.Unit with { Name = number == First ? "Xã 1" : "Xã 2" } }, Given.Procedure);

    private static Procedure With(string ballot) => Given.Procedure with { Steps = [.. Given.Procedure.Steps.Select(s => s.Id == StepIds.Votes ? s with { Ballot = ballot } : s)] };

    private static AppointSession.Body Body() => new(
        new("12/QĐ-UBND", new(2026, 11, 20), "Ủy ban nhân dân tỉnh"), "council-member@42#1", "council-member@42#2",
        [.. ((string[])["1", "2", "3", "4", "5", "9"]).Select(p => new AppointSession.MemberBody($"council-member@42#{p}", $"Cơ quan {p}", p != "9"))], [First, Second], "open");

    private static SessionDecision Decide(IReadOnlyList<DossierCase> dossiers, AppointSession.Body body) =>
        AppointSession.Decide(dossiers, body, (_, _) => true, Id, Province, "po", Given.Now);

    private static SessionDecision Appoint() => Decide([Case(First), Case(Second)], Body());

    private static SessionCase Appointed()
    {
        var decision = Appoint();
        return new(
            Session.Create((SessionAppointed)decision.Event!), [.. ((Guid[])[First, Second]).Zip(decision.Dossiers, (d, x) => Case(d) with { Dossier = Case(d).Dossier.When(x.Event) })], "po", Given.Now);
    }

    private static SessionCase Attended(params string[] present) => Appointed().Take("2", c => TakeAttendance.Decide(c, new(present)));

    /// <summary>All attend, and these vote alike on both dossiers.</summary>
    private static SessionCase All(string vote, params string[] voters) =>
        voters.Aggregate(Attended("1", "2", "3", "4", "5"), (c, p) => c.Take(p, x => VoteInSession.Decide(x, Votes(vote), null)));

    private static VoteInSession.Body Votes(string vote, Guid[]? dossiers = null) => new([.. (dossiers ?? [First, Second]).Select(d => new VoteInSession.VoteBody(d, vote, null))]);

    private static SessionDecision Vote(SessionCase at, string person, string vote, Guid[]? dossiers = null) => VoteInSession.Decide(at with { By = person }, Votes(vote, dossiers), null);

    private static Func<Guid, string, byte[]> Seal(string person) => (dossier, vote) => SealedBallot.Seal(Key, dossier, person, vote);

    private static string NtmText(Refusal refusal) => System.Text.Json.JsonSerializer.Serialize(refusal.More, NtmJson.Http);
}

internal static class GivenSession
{
    public static SessionCase Take(this SessionCase at, string by, Func<SessionCase, SessionDecision> decide)
    {
        var decision = decide(at with { By = by });
        Assert.Null(decision.Refusal);
        return at.After(decision);
    }
}
