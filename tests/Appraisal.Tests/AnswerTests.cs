using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>
/// Every command in every state by every role and relation, against <c>tests/procedure-answers.csv</c>: written by hand from the law
/// and the calls that outsiders rely on, not from the files that enforce them. 409 without a rule is a step out of turn.
/// <c>~</c> and a day behind the procedure say on which day it is asked, for what went with the districts.
/// Person "po" approved the figures, "an" entered them.
/// </summary>
public sealed class AnswerTests
{
    private const string NoDossier = "-";
    private static readonly string[][] Table = AnswerTable.Read("procedure-answers.csv");

    private const string RemarkAnswer = "consultation/remarks/answer";
    private const string ListAnswer = "list/opinions/answer";
    private const string ComplaintAnswer = "complaint/answer";
    private const string ConsultationRemarks = "consultation/remarks";
    private const string ListOpinions = "list/opinions";
    private const string Documents = "documents";
    private const string FlagAnswer = "flags/answer";
    private const string SurveyStart = "survey/start";

    /// <summary>What is sent in within a step, or beside all of them.</summary>
    private static readonly string[] Within = [ConsultationRemarks, RemarkAnswer, ListOpinions, ListAnswer, ComplaintAnswer, Documents, SurveyStart, RecuseSelf.Act];

    private static readonly string[] All = [.. StepIds.All, .. Within, TransferDossier.Step, FlagAnswer];

    /// <summary>Commands that a procedure is asked on its day; without a row of its own here, all.</summary>
    private static readonly Dictionary<string, string[]> OnTheDay = new(StringComparer.Ordinal)
    {
        // What the level between, or the Front of it, did while there were districts.
        ["commune-ntm~2025-06-30"] = [StepIds.Completeness, StepIds.Verification, StepIds.Survey, SurveyStart, StepIds.List, ListOpinions, ListAnswer, StepIds.DistrictVote, StepIds.Forward, StepIds.Publication],
        // What no district does any more.
        ["district-ntm~2025-07-01"] = [StepIds.Open, StepIds.Submit, StepIds.Register, StepIds.SelfAssessment, StepIds.Consultation, ConsultationRemarks, RemarkAnswer],
    };

    private static readonly Guid Province = Id("42");
    private static readonly UnitTree Tree = new(
    [
        Unit("42", "province", null), Unit("30", "province", null), Unit("436", "district", Province), Unit("437", "district", Province), Unit("18073", "commune", Id("436")), Unit("18100", "commune", Id("437")),
    ]);

    public static TheoryData<string> Procedures => ["commune-ntm", "commune-ntm~2025-06-30", "district-ntm~2025-06-30", "district-ntm~2025-07-01", "province-ntm"];

    [Theory]
    [MemberData(nameof(Procedures))]
    public void Every_state_and_command_of_a_procedure_has_one_row(string id)
    {
        var (procedure, asked) = (Find(id), OnTheDay.GetValueOrDefault(id, All));
        var wanted = from state in procedure.States.Select(s => s.Id) from command in asked select (state, command);
        if (asked.Contains(StepIds.Open)) wanted = wanted.Append((NoDossier, StepIds.Open));
        Assert.Equal(wanted.Order(), Table.Skip(1).Where(row => row[0] == id).Select(row => (row[1], row[2])).Order());
        Assert.All(procedure.Steps, step => Assert.Contains(step.Id, StepIds.All));
    }

    [Fact]
    public void The_table_speaks_of_these_procedures_and_every_row_is_whole()
    {
        Assert.Equal(Procedures.Select(p => p.Data).Order(), Table.Skip(1).Select(row => row[0]).Distinct().Order());
        Assert.All(Table, row => Assert.Equal(Table[0].Length, row.Length));
    }

    [Theory]
    [MemberData(nameof(Procedures))]
    public void Every_command_is_answered_as_the_table_says(string id)
    {
        List<string> wrong = [];
        foreach (var row in Table.Skip(1).Where(row => row[0] == id))
        {
            for (var column = 3; column < row.Length; column++)
            {
                var answer = Answer(Find(id), DayOf(id), row[1], row[2], Table[0][column]);
                if (answer != row[column]) wrong.Add($"{row[1]} {row[2]} by {Table[0][column]}: {answer}, and the table says {row[column]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static DateOnly DayOf(string id) =>
        id.Split('~') is [_, var day] ? DateOnly.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : Given.Today;

    private static string Answer(Procedure procedure, DateOnly today, string state, string command, string who)
    {
        var actor = ActorOf(procedure, who);
        var refusal = command == StepIds.Open ? Opens(procedure, today, state, actor) : Takes(procedure, today, In(procedure, state), command, actor);
        return refusal switch
        {
            null => "ok",
            { Rule: "step-not-allowed" or "forbidden" } => $"{refusal.Status}",
            _ => $"{refusal.Status} {refusal.Rule}",
        };
    }

    private static Refusal? Opens(Procedure procedure, DateOnly today, string state, Actor actor)
    {
        if (!Target(procedure).MayOpen(actor, today)) return Problems.OfStatus(403);
        var claimed = TitleHold.Create(new(Target(procedure).Unit.Id, procedure.Title, Id("dossier"), "an", Given.Now));
        var hold = state switch
        {
            NoDossier => null,
            "refused" or "withdrawn" => claimed.Apply(new TitleReleased(Id("dossier"), "1", Given.Now)),
            "decided" or "published" => claimed.Apply(new TitleGranted(Id("dossier"), "1", Given.Now)),
            _ => claimed,
        };
        return OpenDossier.Decide(hold, Target(procedure), Facts(procedure), Id("dossier"), actor.Person, Given.Now).Refusal;
    }

    private static Refusal? Takes(Procedure procedure, DateOnly today, Dossier dossier, string command, Actor actor)
    {
        if (command == TransferDossier.Step) return Moves(procedure, dossier, actor);
        if (command == FlagAnswer)
        {
            var flagged = dossier.When(new BasisChanged([new(BasisChanges.Figure, "1.2", new("met", null), new("notMet", null))], 5, Given.Now));
            return flagged.MayAnswer(procedure, Tree, actor, today)
                ? AnswerFlag.Decide(flagged, procedure, 1, new("immaterial", "Không ảnh hưởng"), actor.Person, Given.Now).Refusal
                : Problems.OfStatus(403);
        }

        if (command == Documents)
        {
            return AttachDocument.Refuses(dossier, procedure, Tree, actor, today)
                ?? AttachDocument.Decide(dossier, procedure, AttachDocument.Other, new("other", new('a', 64), 1, "text/plain", "a.txt", actor.Person, Given.Now)).Refusal;
        }

        var within = Within.Contains(command);
        var parent = command == RecuseSelf.Act ? StepIds.Votes : within ? command.Split('/')[0] : command;
        if (dossier.Refuses(procedure, parent, Tree, actor, today, within: within) is { } refusal) return refusal;
        var (step, by) = (procedure.Step(parent)!, actor.Person);
        var decision = command switch
        {
            StepIds.Withdraw => WithdrawDossier.Decide(step, new("Rút"), by, Given.Now),
            StepIds.Refuse => RefuseDossier.Decide(step, new("Chưa đủ"), by, Given.Now),
            StepIds.Dissolve => DissolveCouncil.Decide(dossier, step, new("Không đủ người họp"), by, Given.Now),
            StepIds.Register or StepIds.SelfAssessment or StepIds.Forward => RecordPaper.Decide(dossier, step, new(Given.Today), by, Given.Now),
            StepIds.Consultation or StepIds.List => PostNotice.Decide(dossier, step, new([new("Trụ sở UBND xã", Given.Today, Given.Today)]), by, Given.Now),
            ConsultationRemarks or ListOpinions or StepIds.Complaint => RecordRemark.Decide(dossier, step, new("Ông A", "Đường chưa xong", Given.Today), by, Given.Now),
            RemarkAnswer or ListAnswer or ComplaintAnswer => AnswerRemark.Decide(dossier, step, 1, new("Đã xong"), by, Given.Now),
            StepIds.Meeting or StepIds.DistrictVote or StepIds.ProvinceVote => HoldMeeting.Decide(dossier, step, new(Given.Today, 10, 9, 1), by, Given.Now),
            StepIds.Completeness => CheckCompleteness.Decide(dossier, step, new(Given.Today, true), by, Given.Now),
            StepIds.Verification => VerifyDossier.Decide(dossier, step, null, new(Given.Today, [new(1, null, Findings.Meets)]), by, Given.Now),
            SurveyStart => StartSurvey.Decide(dossier, new(Given.Today), by, Given.Now),
            StepIds.Survey => SummariseSurvey.Decide(dossier, step, new(step.Survey!.Form ?? "phieu-1", Given.Today, Given.Today, 10, 10, 10, [new(1, null, 9, 1)]), by, Given.Now),
            StepIds.Opinions => GiveOpinion.Decide(dossier, step, null, [.. actor.Grants.Select(g => g.Department).OfType<string>()], new("SNN", [new(1, null, Findings.Meets)]), by, Given.Now),
            StepIds.CentralOpinions => GiveOpinion.DecideCentral(dossier, step, null, new("Bộ Y tế", [new(1, null, Findings.Meets)]), by, Given.Now),
            StepIds.FieldVisit => VisitField.Decide(dossier, new(Given.Today, null, "Đã xem"), by, Given.Now),
            StepIds.Report => ReportAppraisal.Decide(dossier, step, new(Given.Today, ReportAppraisal.Propose, "Đủ"), by, Given.Now),
            StepIds.Submit => SubmitDossier.Decide(step, by, Given.Now),
            StepIds.Accept => AcceptDossier.Decide(dossier, step, by, Given.Now),
            StepIds.Return => ReturnDossier.Decide(step, new("Thiếu", null), by, Given.Now),
            StepIds.Council => NameCouncil.Decide(dossier, step, Council, _ => true, by, Given.Now),
            RecuseSelf.Act => RecuseSelf.Decide(dossier, new("Người thân ở xã"), by, Given.Now),
            StepIds.Votes => CastVote.Decide(dossier, step, new(CastVote.For, null), by, Given.Now),
            StepIds.CloseVotes => CloseVote.Decide(dossier, step, Stated(step), by, Given.Now),
            StepIds.Decision => SignDecision.Decide(dossier, step, Paper, by, Given.Now),
            StepIds.Publication => PublishDossier.Decide(dossier, step, new(Given.Today, "Cổng tỉnh"), by, Given.Now),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
        };
        return decision.Refusal;
    }

    /// <summary>To a later version whose transitional rule moves dossiers.</summary>
    private static Refusal? Moves(Procedure procedure, Dossier dossier, Actor actor)
    {
        var next = procedure with { Version = "next.1", ValidFrom = procedure.ValidFrom.AddYears(1), ValidTo = null, Transition = new(Transition.Transfer, "internal") };
        return TransferDossier.MayMove(Tree, actor, dossier, Given.Today)
            ? TransferDossier.Decide(dossier, procedure, next, new("next.1", "Điều khoản chuyển tiếp"), actor.Person, Given.Now).Refusal
            : Problems.OfStatus(403);
    }

    /// <summary>A council of persons 1 to 3, 1 in the chair; of those who are asked, 2 has voted while the vote is open.</summary>
    private static Dossier In(Procedure procedure, string state)
    {
        ProcedureStep Step(string id) => procedure.Step(id)!;
        var opened = Dossier.Create((DossierOpened)OpenDossier.Decide(null, Target(procedure), Facts(procedure), Id("dossier"), "an", Given.Now).Events[0]);
        Dossier Submitted() => opened.After(_ => SubmitDossier.Decide(Step(StepIds.Submit), "an", Given.Now));
        Dossier Accepted() => Submitted().After(d => AcceptDossier.Decide(d, Step(StepIds.Accept), "po", Given.Now));
        Dossier Voting() => Accepted().After(d => NameCouncil.Decide(d, Step(StepIds.Council), Council, _ => true, "po", Given.Now)).After(d => Vote(d, "2", CastVote.For));
        Decision Vote(Dossier d, string person, string vote) => CastVote.Decide(d, Step(StepIds.Votes), new(vote, null), person, Given.Now);
        Dossier Closed(string vote) => Voting().After(d => Vote(d, "1", vote)).After(d => Vote(d, "3", vote))
            .After(d => CloseVote.Decide(d, Step(StepIds.CloseVotes), Stated(Step(StepIds.CloseVotes), vote == CastVote.For), "1", Given.Now));
        Dossier Decided() => Closed(CastVote.For).After(d => SignDecision.Decide(d, Step(StepIds.Decision), Paper, "tt", Given.Now));
        var dossier = state switch
        {
            "opened" => opened,
            "submitted" => Submitted(),
            "returned" => Submitted().After(_ => ReturnDossier.Decide(Step(StepIds.Return), new("Thiếu", null), "po", Given.Now)),
            "accepted" => Accepted(),
            "voting" => Voting(),
            "passed" => Closed(CastVote.For),
            "refused" => Closed(CastVote.Against),
            "decided" => Decided(),
            "withdrawn" => opened.After(_ => WithdrawDossier.Decide(Step(StepIds.Withdraw), new("Rút"), "bn", Given.Now)),
            "published" => Decided().After(d => PublishDossier.Decide(d, Step(StepIds.Publication), new(Given.Today, "Cổng tỉnh"), "po", Given.Now)),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
        };
        Assert.Equal(state, dossier.State);
        return dossier;
    }

    private static NameCouncil.Body Council => new("council-member@42#1", ["council-member@42#1", "council-member@42#2", "council-member@42#3"]);

    private static SignDecision.Body Paper => new("1/QĐ", Given.Today, "QĐ 18");

    /// <summary>The result is stated only where the procedure sets no share.</summary>
    private static CloseVote.Body Stated(ProcedureStep close, bool passed = true) => close.Pass!.Share is null ? new(passed, "Biên bản số 1") : new();

    private static Actor ActorOf(Procedure procedure, string who)
    {
        var commune = procedure.Tier == "commune";
        var (own, other, level) = procedure.Tier switch
        {
            "commune" => ("commune-officer@18073", "commune-officer@18100", "district-officer@436"),
            "district" => ("district-officer@436", "district-officer@437", "commune-officer@18073"),
            _ => ("province-officer@42", "province-officer@30", "district-officer@436"),
        };
        // The council of a district's or a province's title is the country's.
        var council = commune ? "council-member@42" : "council-member@0";
        var (right, person) = who switch
        {
            "own-officer" => (own, "bn"),
            "own-preparer" => (own, "an"),
            "other-unit" => (other, "cn"),
            "other-level" => (level, "dn"),
            "department" => ("department-officer@42:SNN", "en"),
            "department-other" => ("department-officer@42:CAT", "cat"),
            "front" => ("front-officer@42", "fn"),
            "front-district" => ("front-officer@436", "hn"),
            "province-officer" => ("province-officer@42", "po"),
            "province-preparer" => ("province-officer@42", "an"),
            "chair" => (council, "1"),
            "member" => (council, "2"),
            "council-outside" => (council, "9"),
            "province-chair" => ("province-chair@42", "ct"),
            "ministry" => ("ministry@0", "tt"),
            "auditor" => ("auditor@0", "kt"),
            _ => throw new ArgumentOutOfRangeException(nameof(who), who, null),
        };
        return new(person, right, true, [Grant.Parse(right)!]);
    }

    private static Procedure Find(string id) => Given.Book.Version(id.Split('~')[0], "qd18-2022.1");

    private static Target Target(Procedure procedure)
    {
        var code = procedure.Tier switch { "commune" => "18073", "district" => "436", _ => "42" };
        return new(Tree, new(Id(code), code, code), Province, Given.Today, procedure);
    }

    private static EligibilityFacts Facts(Procedure procedure) => Given.Eligible() with
    {
        Confirmations = [.. procedure.Conditions.Where(c => c.ConfirmedBy is not null).Select(c => Given.Confirmed(c.Id, value: 96.5m))],
    };

    private static Guid Id(string code) => DeterministicId.Of(code);

    private static UnitState Unit(string code, string level, Guid? parent) => new(Id(code), level, null, [new(code, code, code, level, parent, null, null, null, "seen")], [], []);
}
