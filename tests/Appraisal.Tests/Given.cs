using System.Text.Json.Nodes;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>The situations that tests begin in. Person "an" entered the figures and the dossier, "po" approved the figures.</summary>
internal static class Given
{
    public const string SetId = "xa-ntm-2021-2025";
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, VietnamTime.Offset);
    public static readonly DateOnly Today = new(2026, 11, 24);
    public static readonly UnitRef Unit = new(DeterministicId.Of("unit"), "18073", "Xã Thạch Hạ");
    public static readonly Guid Province = DeterministicId.Of("province");
    public static readonly ProcedureBook Book = ProcedureBook.Load(Path.Combine(AppContext.BaseDirectory, "data", "procedures"));
    public static readonly Procedure Procedure = Book.Version("commune-ntm", "qd18-2022.1");

    public static readonly Origin Origin = new("criteria", "report/x", 61, 4711, DeterministicId.Of("e"), Now, "po", "province-officer@42#po", false);

    /// <summary>National Day of 2025, with the day beside it, and New Year's Day of 2026; of other years nothing is known.</summary>
    public static readonly KnownCalendar Calendar = new("calendar/vn", new("vn", 3, [Holiday(2025, 9, 1), Holiday(2025, 9, 2), Holiday(2026, 1, 1)]));

    /// <summary>The house's procedures with files put over them, by name below <c>data/procedures</c>.</summary>
    public static ProcedureBook BookWith(params (string Name, JsonNode Content)[] files)
    {
        var folder = Directory.CreateTempSubdirectory("ntm-procedures").FullName;
        var real = Path.Combine(AppContext.BaseDirectory, "data", "procedures");
        foreach (var file in Directory.GetFiles(real, "*.json")) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        foreach (var (name, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllText(Path.Combine(folder, name), content.ToJsonString());
        }

        var book = ProcedureBook.Load(folder);
        Directory.Delete(folder, recursive: true);
        return book;
    }

    /// <summary>The file of a procedure, to be changed.</summary>
    public static JsonNode ProcedureFile(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "data", "procedures", name)))!;

    private static CalendarDayState Holiday(int year, int month, int day) => new(new(year, month, day), false, "holiday", "Quốc khánh", null, "seen");

    public static ProcedureStep Step(string id) => Procedure.Step(id)!;

    public static SetState Set(params string[] codes) => new(
        SetId, "Bộ tiêu chí", "Set", "commune", "2021-2025", true, null, null, [.. codes.Select(c => new SetIndicator(c, 1, c, c, "seen"))]);

    public static ApprovedAssessment Assessed(params (string Code, string Status)[] indicators) => new(
        ApprovedAssessment.KeyOf(Unit.Id, SetId), 4711, new(
            Unit, SetId, 0, 0, 0, 0, 0, 1,
            [.. indicators.Select(i => new AssessedIndicator(i.Code, 1, i.Status, null, "≥ 90", null, "seen", null))],
            [new("2024-Q4", 61, ["an", "po"], ["an"])]));

    public static Confirmation Confirmed(string condition, bool met = true, decimal? value = null) => new(
        Confirmation.Key(Unit.Id, "commune-ntm", condition), Unit.Id, "commune-ntm", condition, met, value, "BC 1", Today, "x", Now, 1);

    public static EligibilityFacts Eligible() => new(
        Set("1.1", "1.2"), Assessed(("1.1", "met"), ("1.2", "met")), [Confirmed("arrears"), Confirmed("satisfaction", value: 96.5m), Confirmed("security")]);

    public static Target Target() => new(UnitTree.Empty, Unit, Province, Today, Procedure);

    public static Dossier Opened() =>
        Dossier.Create((DossierOpened)OpenDossier.Decide(null, Target(), Eligible(), DeterministicId.Of("dossier"), "an", Now).Events[0]);

    public static Dossier Submitted() => Opened().After(d => SubmitDossier.Decide(Step(StepIds.Submit), "an", Now));

    public static Dossier Accepted() => Submitted().After(d => AcceptDossier.Decide(d, Step(StepIds.Accept), "po", Now));

    /// <summary>A council of persons "1" to "n", "1" in the chair.</summary>
    public static Dossier Voting(int members) => Accepted().After(d =>
        NameCouncil.Decide(d, Step(StepIds.Council), new(Client(1), [.. Enumerable.Range(1, members).Select(Client)]), _ => true, "po", Now));

    public static Dossier Voted(int members, int votesFor, int against = 0, int abstain = 0)
    {
        string[] votes = [.. Enumerable.Repeat(CastVote.For, votesFor), .. Enumerable.Repeat(CastVote.Against, against), .. Enumerable.Repeat(CastVote.Abstain, abstain)];
        return votes.Select((vote, i) => (vote, Person: $"{i + 1}"))
            .Aggregate(Voting(members), (dossier, v) => dossier.After(d => CastVote.Decide(d, Step(StepIds.Votes), new(v.vote, null), v.Person, Now)));
    }

    public static Dossier Passed() => Voted(3, 3).After(d => CloseVote.Decide(d, Step(StepIds.CloseVotes), new(), "1", Now));

    public static Dossier Decided() => Passed().After(d => SignDecision.Decide(d, Step(StepIds.Decision), new("1/QĐ-UBND", Today, "QĐ 18"), "chair", Now));

    public static Dossier After(this Dossier dossier, Func<Dossier, Decision> decide)
    {
        var decision = decide(dossier);
        Assert.Null(decision.Refusal);
        return decision.Events.Aggregate(dossier, (d, e) => d.When(e));
    }

    private static string? Client(int n) => $"council-member@42#{n}";
}
