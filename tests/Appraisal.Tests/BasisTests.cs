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
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

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
        var answered = voted.After(d => AnswerFlag.Decide(d, 1, new("immaterial", "Không ảnh hưởng"), "1", Given.Now));
        Assert.Null(CloseVote.Decide(answered, Given.Step(StepIds.CloseVotes), new(), "1", Given.Now).Refusal);
    }

    [Fact]
    public void A_flag_is_answered_once_with_a_reason_and_not_by_who_entered_the_figures()
    {
        var flagged = Flagged(Given.Accepted(), Corrected(62, ("1.1", "met"), ("1.2", "notMet")));
        Assert.Equal(404, AnswerFlag.Decide(flagged, 2, new("material", "x"), "po", Given.Now).Refusal?.Status);
        Assert.Equal("self-approval", AnswerFlag.Decide(flagged, 1, new("material", "x"), "an", Given.Now).Refusal?.Rule);
        Assert.Equal(["answer", "reason"], AnswerFlag.Decide(flagged, 1, new("maybe", " "), "po", Given.Now).Refusal?.Errors?.Keys);
        var answered = flagged.After(d => AnswerFlag.Decide(d, 1, new("material", "Phải thẩm định lại"), "po", Given.Now));
        Assert.Equal("flag-answered", AnswerFlag.Decide(answered, 1, new("material", "x"), "po", Given.Now).Refusal?.Rule);
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
        dossier.When(new BasisChanged(BasisChanges.Untold(dossier, Pinned, now, Confirmations), 900, Given.Now));

    private Origin Next(string stream) => Given.Origin with { Stream = stream, Position = ++position };
}
