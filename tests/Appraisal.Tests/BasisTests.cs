using System.Text.Json;
using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>A dossier keeps what it has pinned; what is corrected below it is shown, flagged and answered.</summary>
public sealed class BasisTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private static readonly AssessmentState Pinned = Given.Assessed(("1.1", "met"), ("1.2", "met")).Assessment;
    private static readonly IReadOnlyList<Confirmation> Confirmations = Given.Eligible().Confirmations;
    private long position = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Nothing_differs_while_nothing_came()
    {
        Assert.Empty(BasisChanges.Differences(Given.Opened().Basis, Pinned, Pinned, Confirmations));
        Assert.Empty(BasisChanges.Untold(Given.Opened(), Pinned, Pinned, Confirmations));
    }

    [Fact]
    public void A_corrected_report_differs_and_is_flagged_by_indicator()
    {
        var now = Corrected(62, ("1.1", "met"), ("1.2", "notMet"));
        Assert.Equal(["report 2024-Q4", "figure 1.2"], BasisChanges.Differences(Given.Opened().Basis, Pinned, now, Confirmations).Select(d => $"{d.Kind} {d.Item}"));
        var correction = Assert.Single(BasisChanges.Untold(Given.Opened(), Pinned, now, Confirmations));
        Assert.Equal(("figure", "1.2", "met", "notMet"), (correction.Kind, correction.Item, correction.Then!.Status, correction.Now!.Status));
    }

    [Fact]
    public void A_further_period_is_a_difference_but_no_correction()
    {
        var now = Corrected(61, ("1.1", "met"), ("1.2", "notMet"));
        now = now with { Basis = [.. now.Basis, new("2025-Q1", 7, ["an"])] };
        Assert.Contains(BasisChanges.Differences(Given.Opened().Basis, Pinned, now, Confirmations), d => (d.Kind, d.Item, d.NowVersion) == ("report", "2025-Q1", 7));
        Assert.Empty(BasisChanges.Untold(Given.Opened(), Pinned, now, Confirmations));
    }

    [Fact]
    public void What_a_further_period_brings_after_a_correction_is_no_correction_either()
    {
        var corrected = Corrected(62, ("1.1", "met"), ("1.2", "notMet"));
        var flagged = Flagged(Given.Opened(), corrected);
        var later = Corrected(62, ("1.1", "notMet"), ("1.2", "met"));
        later = later with { Basis = [.. later.Basis, new("2025-Q1", 7, ["an"])] };
        Assert.Empty(BasisChanges.Untold(flagged, Pinned, later, Confirmations));
    }

    [Fact]
    public void A_confirmation_that_says_something_else_is_flagged_and_one_that_repeats_itself_only_differs()
    {
        Confirmation[] repeated = [.. Confirmations.Select(c => c.Condition == "arrears" ? c with { Revision = 2 } : c)];
        Assert.Equal("arrears", Assert.Single(BasisChanges.Differences(Given.Opened().Basis, Pinned, Pinned, repeated)).Item);
        Assert.Empty(BasisChanges.Untold(Given.Opened(), Pinned, Pinned, repeated));
        Confirmation[] denied = [.. repeated.Select(c => c.Condition == "arrears" ? c with { Met = false } : c)];
        Assert.Equal(("confirmation", "arrears"), Assert.Single(BasisChanges.Untold(Given.Opened(), Pinned, Pinned, denied)) is var x ? (x.Kind, x.Item) : default);
    }

    [Fact]
    public void Each_correction_is_told_once_also_one_that_takes_another_back()
    {
        var wrong = Corrected(62, ("1.1", "met"), ("1.2", "notMet"));
        var flagged = Flagged(Given.Opened(), wrong);
        Assert.Empty(BasisChanges.Untold(flagged, Pinned, wrong, Confirmations));
        var back = Corrected(63, ("1.1", "met"), ("1.2", "met"));
        var again = Flagged(flagged, back);
        Assert.Equal([("met", "notMet"), ("notMet", "met")], again.Flags.Select(f => (f.Then!.Status, f.Now!.Status)));
        Assert.Equal([1, 2], again.Flags.Select(f => f.No));
        Assert.Same(Given.Opened().Basis.Reports.GetType(), again.Basis.Reports.GetType());
        Assert.Equal(61, again.Basis.ReportVersion);
    }

    [Fact]
    public void The_vote_is_not_closed_while_a_flag_is_unanswered()
    {
        var voted = Flagged(Given.Voted(3, 3), Corrected(62, ("1.1", "met"), ("1.2", "notMet")));
        var refusal = CloseVote.Decide(voted, Given.Step(StepIds.CloseVotes), new(), "1", Given.Now).Refusal;
        Assert.Equal((409, "flags-unanswered"), (refusal?.Status, refusal?.Rule));
        var answered = voted.After(d => AnswerFlag.Decide(d, Given.Procedure, 1, new("immaterial", "Không ảnh hưởng"), "1", Given.Now));
        Assert.Null(CloseVote.Decide(answered, Given.Step(StepIds.CloseVotes), new(), "1", Given.Now).Refusal);
    }

    [Fact]
    public void A_flag_is_answered_once_with_a_reason_and_not_by_who_entered_the_figures()
    {
        var flagged = Flagged(Given.Accepted(), Corrected(62, ("1.1", "met"), ("1.2", "notMet")));
        Assert.Equal(404, AnswerFlag.Decide(flagged, Given.Procedure, 2, new("material", "x"), "quy", Given.Now).Refusal?.Status);
        Assert.Equal("self-approval", AnswerFlag.Decide(flagged, Given.Procedure, 1, new("material", "x"), "an", Given.Now).Refusal?.Rule);
        Assert.Equal(["answer", "reason"], AnswerFlag.Decide(flagged, Given.Procedure, 1, new("maybe", " "), "quy", Given.Now).Refusal?.Errors?.Keys);
        var answered = flagged.After(d => AnswerFlag.Decide(d, Given.Procedure, 1, new("material", "Phải thẩm định lại"), "quy", Given.Now));
        Assert.Equal("flag-answered", AnswerFlag.Decide(answered, Given.Procedure, 1, new("material", "x"), "quy", Given.Now).Refusal?.Rule);
    }

    [Fact]
    public void What_the_office_answered_the_council_sees_and_answers_before_the_vote_is_closed()
    {
        var office = Answered(Flagged(Given.Accepted(), Corrected(62, ("1.1", "met"), ("1.2", "notMet"))), "quy");
        Assert.Empty(office.FlagSteps(Given.Procedure, Given.Today));
        var voted = Voted(office);
        Assert.Equal(["1", "2", "3"], Assert.Single(voted.FlagSteps(Given.Procedure, Given.Today)).Persons?.Order());
        Assert.Equal((409, "flags-unanswered"), Close(voted).Refusal is { } no ? (no.Status, no.Rule) : default);
        Assert.DoesNotContain(voted.NextSteps(Given.Procedure, Given.Today, null), n => n.Step == StepIds.CloseVotes);

        var seen = Answered(voted, "2");
        var flag = Assert.Single(seen.Flags);
        Assert.Equal(("2", true, "quy", null), (flag.Answer!.By, flag.Answer.Council, flag.Before!.By, flag.Before.Council));
        Assert.Empty(seen.FlagSteps(Given.Procedure, Given.Today));
        Assert.Contains(seen.NextSteps(Given.Procedure, Given.Today, null), n => n.Step == StepIds.CloseVotes);
        Assert.Equal("flag-answered", AnswerFlag.Decide(seen, Given.Procedure, 1, new("material", "x"), "3", Given.Now).Refusal?.Rule);
        Assert.Null(Close(seen).Refusal);
    }

    [Fact]
    public void A_decision_is_not_signed_over_a_flag_that_the_council_has_not_answered()
    {
        var flagged = Flagged(Given.Passed(), Corrected(62, ("1.1", "met"), ("1.2", "notMet")));
        Decision Sign(Dossier dossier) => SignDecision.Decide(dossier, Given.Step(StepIds.Decision), new("1/QĐ-UBND", Given.Today, "QĐ 18"), "ct", Given.Now);
        Assert.Equal((409, "flags-unanswered"), Sign(flagged).Refusal is { } no ? (no.Status, no.Rule) : default);
        Assert.DoesNotContain(flagged.NextSteps(Given.Procedure, Given.Today, null), n => n.Step == StepIds.Decision);
        Assert.Equal(["1", "2", "3"], Assert.Single(flagged.FlagSteps(Given.Procedure, Given.Today)).Persons);
        var answered = Answered(flagged, "3");
        Assert.Null(Sign(answered).Refusal);
        Assert.Contains(answered.NextSteps(Given.Procedure, Given.Today, null), n => n.Step == StepIds.Decision);
    }

    [Fact]
    public void A_dissolved_council_s_answer_is_not_that_of_the_next_one()
    {
        var answered = Answered(Flagged(Given.Voting(3), Corrected(62, ("1.1", "met"), ("1.2", "notMet"))), "1");
        var dissolved = answered.When(new CouncilDissolved("accepted", "quy", Given.Now, "Không đủ người họp"));
        Assert.Empty(dissolved.FlagSteps(Given.Procedure, Given.Today));
        Assert.Equal("flags-unanswered", Close(Voted(dissolved)).Refusal?.Rule);
        Assert.Null(Close(Answered(Voted(dissolved), "3")).Refusal);
    }

    [Fact]
    public void Nobody_answers_a_flag_of_his_own_work()
    {
        // "ba" approved the corrected report, "moi" confirmed anew.
        var now = Corrected(62, ("1.1", "met"), ("1.2", "notMet")) with { Basis = [new("2024-Q4", 62, ["an", "ba"], ["an"])] };
        Confirmation[] denied = [.. Confirmations.Select(c => c.Condition == "arrears" ? c with { Met = false, Revision = 2, By = "moi" } : c)];
        var flagged = Given.Accepted().When(new BasisChanged(BasisChanges.Untold(Given.Accepted(), Pinned, now, denied), 900, Given.Now));
        Assert.Equal([("figure", "an ba"), ("confirmation", "moi")], flagged.Flags.Select(f => (f.Kind, string.Join(' ', f.By!))));
        bool Own(int no, string by) => AnswerFlag.Decide(flagged, Given.Procedure, no, new("immaterial", "Không ảnh hưởng"), by, Given.Now).Refusal is { Status: 403, Rule: "self-approval" };
        // Who prepared the dossier, approved the figures, confirmed a condition; and each of the corrected ones.
        Assert.Equal([true, true, true, true, false, false], new[] { "an", "po", "x", "ba", "moi", "quy" }.Select(p => Own(1, p)));
        Assert.Equal([true, true, true, false, true, false], new[] { "an", "po", "x", "ba", "moi", "quy" }.Select(p => Own(2, p)));
        var sits = flagged.When(new CouncilNamed("1", [new("1", "council-member@42#1"), new("moi", "council-member@42#moi")], "voting", "quy", Given.Now));
        Assert.Equal([["1", "moi"], ["1"]], sits.FlagSteps(Given.Procedure, Given.Today).Select(s => s.Persons!));
    }

    [Fact]
    public void In_a_dossier_that_has_ended_no_flag_is_answered()
    {
        var flagged = Flagged(Given.Accepted(), Corrected(62, ("1.1", "met"), ("1.2", "notMet")));
        var withdrawn = flagged.After(_ => WithdrawDossier.Decide(Given.Step(StepIds.Withdraw), new("Rút"), "an", Given.Now));
        var refused = flagged.After(_ => RefuseDossier.Decide(Given.Step(StepIds.Refuse), new("Chưa đủ"), "po", Given.Now));
        Assert.All([withdrawn, refused], d => Assert.Equal((409, "dossier-ended"), AnswerFlag.Decide(d, Given.Procedure, 1, new("material", "x"), "quy", Given.Now).Refusal is { } no ? (no.Status, no.Rule) : default));
    }

    [Fact]
    public void A_correction_behind_a_later_period_is_told_by_the_version_of_its_report()
    {
        static AssessmentState Later(AssessmentState state) => state with { Basis = [.. state.Basis, new("2025-Q1", 7, ["an"])] };
        var hidden = Later(Corrected(62, ("1.1", "met"), ("1.2", "met")));
        var told = Assert.Single(BasisChanges.Untold(Given.Opened(), Pinned, hidden, Confirmations));
        Assert.Equal(("report", "2024-Q4", 61, 62, "an po"), (told.Kind, told.Item, told.ThenVersion, told.NowVersion, string.Join(' ', told.By!)));
        var flagged = Flagged(Given.Opened(), hidden);
        Assert.Equal((61, 62), (flagged.Flags[0].ThenVersion, flagged.Flags[0].NowVersion));
        Assert.Empty(BasisChanges.Untold(flagged, Pinned, hidden, Confirmations));
        Assert.Equal((62, 63), Assert.Single(BasisChanges.Untold(flagged, Pinned, Later(Corrected(63, ("1.1", "met"), ("1.2", "met"))), Confirmations)) is var again ? (again.ThenVersion, again.NowVersion) : default);

        // What was told by its figures is not told again when a later period comes.
        var seen = Corrected(62, ("1.1", "met"), ("1.2", "notMet"));
        Assert.Empty(BasisChanges.Untold(Flagged(Given.Opened(), seen), Pinned, Later(seen), Confirmations));
    }

    [Fact]
    public async Task A_council_that_is_named_is_told_of_all_flags_also_of_those_that_the_office_answered()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        var dossier = Given.Accepted();
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(
            dossier.Id, (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0], new DossierSubmitted("submitted", "an", Given.Now),
            new DossierAccepted("accepted", "po", Given.Now), new BasisChanged([new("figure", "1.2", new("met", null), new("notMet", null))], 5, Given.Now),
            new BasisFlagAnswered(1, "immaterial", "Không ảnh hưởng", "quy", Given.Now),
            new CouncilNamed("1", [new("1", "council-member@42#1"), new("9", "council-member@42#9", Voting: false)], "voting", "quy", Given.Now));
        await session.SaveChangesAsync(Ct);
        var map = service.Map().AnnounceDossiers(Given.Book).AnnounceFlags(Given.Book);
        var named = (await session.Events.FetchStreamAsync(dossier.Id, token: Ct))[^1];
        var flags = Assert.Single((await map.MapAsync(named, session, Ct)).OfType<DossierFlagged>()).Flags;
        Assert.Equal(("1", "1,9", "immaterial", null), (string.Join(',', flags.Raised), string.Join(',', flags.Council), flags.Flags[0].Answer, flags.Answered));
        Assert.Equal(("flags/1/answer", "1"), Assert.Single(flags.NextSteps) is var step ? (step.Step, string.Join(',', step.Persons!)) : default);
    }

    [Fact]
    public async Task A_member_sees_the_dossier_as_it_was_before_he_was_named()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        var dossier = Given.Accepted();
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(
            dossier.Id, (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0], new DossierSubmitted("submitted", "an", Given.Now),
            new DossierAccepted("accepted", "po", Given.Now));
        await session.SaveChangesAsync(Ct);
        var then = TimeProvider.System.GetUtcNow();
        (await session.Events.FetchForWriting<Dossier>(dossier.Id, Ct)).AppendOne(new CouncilNamed("1", [new("1", "council-member@42#1"), new("9", "council-member@42#9", Voting: false)], "voting", "po", Given.Now));
        await session.SaveChangesAsync(Ct);
        // No daemon runs here: what it would have reached is written by hand.
        session.QueueSqlCommand("insert into mt_event_progression (name, last_seq_id) values ('HighWaterMark', (select max(seq_id) from mt_events))");
        await session.SaveChangesAsync(Ct);

        var path = $"/api/appraisal/dossiers/{dossier.Number}";
        var at = Uri.EscapeDataString($"{then:yyyy-MM-dd'T'HH:mm:ss.fffffff}Z");
        foreach (var member in (string[])["1", "9"])
        {
            var (status, body) = await service.SendAsync(HttpMethod.Get, $"{path}?asOf={at}", $"council-member@42#{member}");
            Assert.Equal((200, "accepted", JsonValueKind.Null), (status, body.GetProperty("state").GetString(), body.GetProperty("council").ValueKind));
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"{path}/history?asOf={at}", $"council-member@42#{member}")).Status);
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Get, $"{path}/difference?from={at}", $"council-member@42#{member}")).Status);
        }

        Assert.Equal(403, (await service.SendAsync(HttpMethod.Get, $"{path}?asOf={at}", "council-member@42#8")).Status);
    }

    [Fact]
    public void Who_is_recused_or_only_invited_answers_no_flag_and_is_not_waited_for()
    {
        var dossier = Flagged(Given.Accepted(), Corrected(62, ("1.1", "met"), ("1.2", "notMet")))
            .When(new CouncilNamed(
                "1", [new("1", "council-member@42#1"), new("2", "council-member@42#2"), new("9", "council-member@42#9", Voting: false)], "voting", "po", Given.Now,
                new(DeterministicId.Of("session"), "open", "2")))
            .When(new CouncilMemberRecused("2", "2", Given.Now));
        UnitTree tree = new([new(Given.Province, "province", null, [new("42", "42", "42", "tinh", null, null, null, null, "seen")], [], [])]);
        bool May(string person) => dossier.MayAnswer(Given.Procedure, tree, new(person, $"council-member@42#{person}", true, [Grant.Parse("council-member@42")!]), Given.Today);
        Assert.Equal([true, false, false], new[] { "1", "2", "9" }.Select(May));
        Assert.Equal(["1"], Assert.Single(dossier.FlagSteps(Given.Procedure, Given.Today)).Persons);
    }

    [Fact]
    public async Task A_correction_flags_the_open_dossier_once_and_two_instants_differ_by_it()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await service.LearnAsync(new UnitChanged(Next("unit/province"), new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Next("unit/commune"), new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new SetPublished(Next($"set/{Given.SetId}"), Given.Set("1.1", "1.2")), Ct);
        var learned = new AssessmentChanged(Next($"assessment/{Given.Unit.Id}/{Given.SetId}") with { Position = 4711 }, Pinned);
        await service.LearnAsync(learned, Ct);
        var dossier = Given.Accepted();
        var path = $"/api/appraisal/dossiers/{dossier.Number}";
        await using (var session = service.Store.LightweightSession())
        {
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0];
            session.Events.StartStream(dossier.Id, opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now));
            session.Events.StartStream(TitleHold.Key(Given.Unit.Id, "commune-ntm"), new TitleClaimed(Given.Unit.Id, "commune-ntm", dossier.Number, "an", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        Assert.Empty((await service.SendAsync(HttpMethod.Get, path, "province-officer@42#quy")).Body.GetProperty("flags").EnumerateArray());
        await service.LearnAsync(learned with { Origin = learned.Origin with { Position = 4800 }, Assessment = Corrected(62, ("1.1", "met"), ("1.2", "notMet")) }, Ct);
        await using var query = service.Store.QuerySession();
        var cause = (await query.Events.QueryAllRawEvents().OrderByDescending(e => e.Sequence).Take(1).ToListAsync(Ct))[0];
        var watch = new BasisWatch(service.Services);
        var recorded = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => watch.FlagAsync(service.Store, Given.Unit.Id, "commune-ntm", cause, Ct)));
        Assert.Single(recorded, true);

        var view = (await service.SendAsync(HttpMethod.Get, path, "province-officer@42#quy")).Body;
        var flag = Assert.Single(view.GetProperty("flags").EnumerateArray());
        Assert.Equal((1, "1.2", JsonValueKind.Null), (flag.GetProperty("no").GetInt32(), flag.GetProperty("indicator").GetString(), flag.GetProperty("answer").ValueKind));
        Assert.Equal(61, view.GetProperty("basis").GetProperty("reportVersion").GetInt32());
        Assert.Contains(view.GetProperty("basis").GetProperty("differences").EnumerateArray(), d => d.GetProperty("item").GetString() == "1.2");
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/flags/1/answer", "commune-officer@18073#an", new { answer = "material", reason = "x" })).Status);
        var answered = await service.SendAsync(HttpMethod.Post, $"{path}/flags/1/answer", "province-officer@42#quy", new { answer = "immaterial", reason = "Không ảnh hưởng" });
        Assert.Equal(200, answered.Status);
        Assert.Equal("quy", answered.Body.GetProperty("flags")[0].GetProperty("answer").GetProperty("by").GetString());
    }

    private static AssessmentState Corrected(long version, params (string Code, string Status)[] indicators) =>
        Given.Assessed(indicators).Assessment with { Basis = [new("2024-Q4", version, ["an", "po"], ["an"])] };

    private static Dossier Flagged(Dossier dossier, AssessmentState now) =>
        dossier.When(new BasisChanged(BasisChanges.Untold(dossier, Pinned, now, Confirmations), 900, Given.Now, BasisChanges.Corrected(dossier.Basis, now)));

    private static Dossier Answered(Dossier dossier, string by, int no = 1) => dossier.After(d => AnswerFlag.Decide(d, Given.Procedure, no, new("immaterial", $"Không ảnh hưởng: {by}"), by, Given.Now));

    /// <summary>A council of persons 1 to 3, who have all voted.</summary>
    private static Dossier Voted(Dossier accepted) => ((string[])["1", "2", "3"]).Aggregate(
        accepted.After(d => NameCouncil.Decide(d, Given.Step(StepIds.Council), new("council-member@42#1", ["council-member@42#2", "council-member@42#3"]), _ => true, "quy", Given.Now)),
        (dossier, person) => dossier.After(d => CastVote.Decide(d, Given.Step(StepIds.Votes), new(CastVote.For, null), person, Given.Now)));

    private static Decision Close(Dossier dossier) => CloseVote.Decide(dossier, Given.Step(StepIds.CloseVotes), new(), "1", Given.Now);

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position };
}
