using System.Text.Json.Nodes;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>Files on whose way a dossier would stand still: what they do is told with its place, and nothing starts.</summary>
public sealed class ProcedureLoadTests
{
    private const string Everybody = """{"from":null,"to":null,"roles":["province-officer"],"of":"province","body_vi":null,"body_en":null,"legal_ref":null,"mark":"internal"}""";

    [Fact]
    public void A_step_is_reached_only_where_one_way_takes_all_that_comes_before_it()
    {
        Assert.Equal(
            "commune-ntm.json: steps[8].after[1]: \"withdraw\" ends the dossier", Refused(f => Step(f, "publication")["after"] = new JsonArray("decision", "withdraw")));
        // Both lead from where the council has passed it to where it is decided, and no dossier takes both.
        Assert.Equal("commune-ntm.json: steps[8].after: no one way takes all of them", Refused(f =>
        {
            Step(f, "refuse")["to"] = "decided";
            Step(f, "publication")["after"] = new JsonArray("decision", "refuse");
        }));
    }

    [Fact]
    public void A_step_on_paper_lies_on_one_way_too() => Assert.Equal(
        $"commune-ntm.json: paper_steps[{Given.Procedure.PaperSteps!.Count - 1}].after: no one way takes all of them",
        Refused(f => f["paper_steps"]!.AsArray().Last()!["after"] = new JsonArray("publication", "withdraw")));

    [Fact]
    public void What_a_dossier_need_not_have_taken_keeps_it_from_no_end()
    {
        Assert.Equal(
            "commune-ntm.json: steps[8].after[1]: \"return\" need not come before \"decided\", and then nothing leads on from there on 2022-08-02",
            Refused(f => Step(f, "publication")["after"] = new JsonArray("decision", "return")));
        // The chair may refuse what the council has passed: whoever was never returned is refused, or not.
        Load(f => Step(f, "decision")["after"] = new JsonArray("votes/close", "return"));
    }

    [Fact]
    public void A_step_that_nobody_takes_leads_nowhere_and_neither_does_a_return()
    {
        Assert.Equal("commune-ntm.json: steps[2].actors: nobody takes it on any day", Refused(f => Actors(f, "accept", Nobody(null, null))));
        Action<JsonNode> until = f => Actors(f, "accept", Term(null, "2025-06-30"), Nobody("2025-07-01", null));
        Load(until);
        Assert.Equal(
            "commune-ntm.json: steps[2].actors[1].roles: is empty: nobody leads on from \"submitted\" on 2025-07-01",
            Refused(f =>
            {
                until(f);
                WithoutExits(f);
            }));
        Load(WithoutExits);
    }

    [Fact]
    public void A_dossier_goes_on_after_the_last_day_of_its_procedure() => Assert.Equal(
        "district-ntm.json: steps[1].actors[1].roles: is empty: nobody leads on from \"opened\" on 2025-07-01",
        Refused(f => Actors(f, "withdraw", Term(null, "2025-06-30"), Nobody("2025-07-01", null)), "district-ntm.json"));

    [Fact]
    public void A_required_step_that_came_too_late_keeps_nobody_waiting() => Assert.Equal(
        "commune-ntm.json: steps[12].required: cannot be recorded in \"submitted\", where \"accept\" waits for it on 2026-01-01",
        Refused(f =>
        {
            WithoutExits(f);
            Actors(f, "meeting", Nobody(null, "2025-12-31"), Term("2026-01-01", null));
            Step(f, "meeting")["required"] = JsonNode.Parse("""{"value":true,"mark":"internal"}""");
            Step(f, "submit")["after"] = new JsonArray("open");
            Step(f, "accept")["after"] = new JsonArray("submit", "meeting");
            Step(f, "return")["actors"] = new JsonArray(Nobody(null, "2025-12-31"), Term("2026-01-01", null));
            (Step(f, "return")["roles"], Step(f, "return")["of"], Step(f, "return")["from"]) = (new JsonArray(), null, new JsonArray("voting"));
        }));

    [Theory]
    [InlineData("publication", 1, "to", """[{"from":null,"to":"2024-12-31"},{"from":"2025-01-01","to":"2024-06-30"},{"from":"2024-07-01","to":null}]""")]
    [InlineData("publication", 2, "from", """[{"from":null,"to":"2024-12-31"},{"from":"2025-01-01","to":null},{"from":"2024-06-01","to":"2024-06-30"}]""")]
    [InlineData("refuse", 3, "from", """[{"from":null,"to":"2024-12-31","states":["submitted"]},{"from":"2025-01-01","to":null,"states":["submitted"]},{"from":null,"to":null,"states":["accepted"]},{"from":null,"to":null,"states":["passed","submitted"]}]""")]
    [InlineData("refuse", 1, "from", """[{"from":null,"to":"2024-12-31","states":["submitted"]},{"from":"2025-02-01","to":null,"states":["submitted"]},{"from":null,"to":null,"states":["accepted","passed"]}]""")]
    [InlineData("refuse", 3, "states", """[{"from":null,"to":null,"states":["submitted"]},{"from":null,"to":null,"states":["accepted"]},{"from":null,"to":null,"states":["passed"]},{"from":null,"to":null,"states":[]}]""")]
    public void Terms_of_one_state_follow_each_other_and_say_one_thing_on_one_day(string step, int term, string member, string terms)
    {
        var place = "";
        var message = Refused(f =>
        {
            Actors(f, step, [.. JsonNode.Parse(terms)!.AsArray().Select(t => Merged(t!))]);
            place = $"steps[{Index(f, step)}].actors[{term}].{member}";
        });
        Assert.StartsWith($"commune-ntm.json: {place}: ", message, StringComparison.Ordinal);

        static JsonNode Merged(JsonNode term)
        {
            var whole = JsonNode.Parse(Everybody)!;
            foreach (var (name, value) in term.AsObject()) whole[name] = value?.DeepClone();
            return whole;
        }
    }

    [Theory]
    [InlineData("votes", "persons", "null", "steps[5].persons")]
    [InlineData("votes", "persons", "\"chair\"", "steps[5].persons")]
    [InlineData("votes/close", "persons", "null", "steps[6].persons")]
    [InlineData("votes/close", "persons", "\"council\"", "steps[6].persons")]
    [InlineData("votes", "times", """{"value":1,"mark":"internal"}""", "steps[5].times.value")]
    [InlineData("submit", "times", """{"value":1,"mark":"internal"}""", "steps[1].times.value")]
    [InlineData("council", "times", """{"value":1,"mark":"internal"}""", "steps[4].times.value")]
    [InlineData("votes/close", "quorum", """{"share":"70/100","of":"present","mark":"internal"}""", "steps[6].quorum.of")]
    [InlineData("votes/close", "quorum", """{"share":"70/100","of":"cast","mark":"internal"}""", "steps[6].quorum.of")]
    [InlineData("votes", "to", "\"passed\"", "steps[5].to")]
    [InlineData("votes/close", "from", """["accepted"]""", "steps[6].from")]
    [InlineData("accept", "to", "\"voting\"", "steps[2].to")]
    public void A_file_that_breaks_the_vote_is_refused_with_its_place(string step, string member, string value, string place) => Assert.StartsWith(
        $"commune-ntm.json: {place}: ", Refused(f => Step(f, step)[member] = JsonNode.Parse(value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("council")]
    [InlineData("votes")]
    [InlineData("votes/close")]
    public void A_file_without_a_vote_is_refused_by_the_name_of_the_step(string step) => Assert.StartsWith(
        $"commune-ntm.json: steps: has no step {step}",
        Refused(f =>
        {
            f["steps"]!.AsArray().RemoveAt(Index(f, step));
            foreach (var other in f["steps"]!.AsArray()) other!["after"] = new JsonArray();
            foreach (var paper in f["paper_steps"]!.AsArray()) paper!["after"] = new JsonArray();
        }),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("votes/close", "refused_to", "returned", "steps[6].refused_to: is no end: a lost vote frees the title for another dossier")]
    [InlineData("dissolve", "to", "withdrawn", "steps[25].to: is an end in which the title would stay taken")]
    public void A_lost_vote_ends_the_dossier_and_only_what_frees_the_title_does_so_beside_it(string step, string member, string state, string place) =>
        Assert.Equal($"commune-ntm.json: {place}", Refused(f => Step(f, step)[member] = state));

    [Fact]
    public void How_often_a_step_is_taken_is_limited_where_nothing_leads_back_to_it_more_often()
    {
        Load(f => Times(f, ("accept", 1), ("decision", 1), ("return", 1), ("submit", 2)));
        Assert.StartsWith("commune-ntm.json: steps[1].times.value: ", Refused(f => Times(f, ("return", 2), ("submit", 2))), StringComparison.Ordinal);
        Load(f => Times(f, ("dissolve", 1), ("council", 2)));

        static void Times(JsonNode file, params (string Step, int Times)[] limits)
        {
            foreach (var (step, times) in limits) Step(file, step)["times"] = new JsonObject { ["value"] = times, ["mark"] = "internal" };
        }
    }

    /// <summary>What the check knows of a file against the rules that dossiers go by: wherever one walks, on whatever days, an end can still be reached.</summary>
    [Fact]
    public void Whatever_file_is_taken_a_dossier_finds_an_end_from_wherever_it_walks()
    {
        var (random, straight) = (new Random(20261127), Load(WithoutExits).Version("commune-ntm", "qd18-2022.1"));
        var (taken, refused) = (0, 0);
        while (taken < 60)
        {
            var procedure = straight;
            for (var changes = random.Next(1, 4); changes > 0; changes--) procedure = Changed(procedure, random);
            if (Record.Exception(() => ProcedureCheck.Check(procedure, Given.Book.Titles, "x")) is { } exception)
            {
                Assert.IsType<InvalidDataException>(exception);
                refused++;
                continue;
            }

            taken++;
            var (dossier, day) = (Given.Opened(), new DateOnly(2025, random.Next(5, 9), 1));
            for (var steps = 0; steps < 12 && !procedure.IsEnd(dossier.State); steps++)
            {
                Assert.True(FindsEnd(procedure, dossier, day), $"{dossier.State} after {string.Join(' ', dossier.Steps.Select(s => s.Step))} on {day:O}");
                ProcedureStep[] open = [.. procedure.Steps.Where(s => May(procedure, dossier, s, day))];
                if (open.Length == 0 || random.Next(4) == 0) day = day.AddMonths(1);
                else dossier = Took(dossier, open[random.Next(open.Length)], random.Next(2) == 0);
            }
        }

        Assert.InRange(refused, 20, 10_000);
    }

    /// <summary>Another step comes before one, or nobody takes it until or from a day, or it is required.</summary>
    private static Procedure Changed(Procedure procedure, Random random)
    {
        ProcedureStep[] leading = [.. procedure.Steps.Where(s => !s.IsRecorded && s.Id != StepIds.Open)];
        var step = procedure.Steps[random.Next(1, procedure.Steps.Count)];
        DateOnly change = new(2025, 7, 1);
        ActorTerm term = new(null, null, ["province-officer"], "province", null, null, null, "internal");
        var (first, second) = (term with { To = change.AddDays(-1) }, term with { From = change });
        var changed = random.Next(4) switch
        {
            0 => step with { After = [.. step.After ?? [], leading[random.Next(leading.Length)].Id] },
            1 => step with { Roles = [], Of = null, Actors = [first, second with { Roles = [] }] },
            2 => step with { Roles = [], Of = null, Actors = [first with { Roles = [] }, second] },
            _ => step.IsRecorded ? step with { Required = new(true, "internal") } : step with { After = [.. step.After ?? [], StepIds.Meeting] },
        };
        return procedure with { Steps = [.. procedure.Steps.Select(s => s.Id == step.Id ? changed : s)] };
    }

    private static bool FindsEnd(Procedure procedure, Dossier from, DateOnly day)
    {
        HashSet<string> seen = [];
        Queue<Dossier> ahead = new([from]);
        while (ahead.TryDequeue(out var dossier))
        {
            // What is recorded never keeps a step from being taken.
            while (procedure.Steps.FirstOrDefault(s => s.IsRecorded && !dossier.HasTaken(s.Id) && May(procedure, dossier, s, day)) is { } recorded) dossier = Took(dossier, recorded, true);
            if (procedure.IsEnd(dossier.State)) return true;
            if (!seen.Add($"{dossier.State} {string.Join(' ', dossier.Steps.Select(s => s.Step).Distinct().Order())}")) continue;
            foreach (var step in procedure.Steps.Where(s => !s.IsRecorded && May(procedure, dossier, s, day)))
            {
                ahead.Enqueue(Took(dossier, step, true));
                if (step.RefusedTo is not null) ahead.Enqueue(Took(dossier, step, false));
            }
        }

        return false;
    }

    private static bool May(Procedure procedure, Dossier dossier, ProcedureStep step, DateOnly day) =>
        step.TakenBy(day, dossier.State).Any(t => t.Roles.Count > 0) && dossier.Forbids(procedure, step.Id) is null && dossier.Lacks(procedure, step, day) is null
        && (step.Id != StepIds.CloseVotes || dossier.HasTaken(StepIds.Votes));

    private static Dossier Took(Dossier dossier, ProcedureStep step, bool passed)
    {
        var to = passed ? step.LeadsTo ?? dossier.State : step.RefusedTo ?? step.LeadsTo ?? dossier.State;
        return dossier with { State = to, Steps = dossier.Steps.Add(new(step.Id, Given.Now, "x", to, null)) };
    }

    /// <summary>Nobody withdraws, and only what the council has passed is refused.</summary>
    private static void WithoutExits(JsonNode file)
    {
        file["steps"]!.AsArray().RemoveAt(Index(file, "withdraw"));
        file["states"]!.AsArray().RemoveAt(file["states"]!.AsArray().ToList().FindIndex(s => (string?)s!["id"] == "withdrawn"));
        Step(file, "refuse")["from"] = new JsonArray("passed");
        Step(file, "refuse")["actors"] = new JsonArray(Term(null, null));
    }

    private static JsonNode Term(string? from, string? to)
    {
        var term = JsonNode.Parse(Everybody)!;
        (term["from"], term["to"]) = (from, to);
        return term;
    }

    private static JsonNode Nobody(string? from, string? to)
    {
        var term = Term(from, to);
        (term["roles"], term["of"]) = (new JsonArray(), null);
        return term;
    }

    private static void Actors(JsonNode file, string step, params JsonNode[] terms) =>
        (Step(file, step)["roles"], Step(file, step)["of"], Step(file, step)["actors"]) = (new JsonArray(), null, new JsonArray(terms));

    private static JsonNode Step(JsonNode file, string id) => file["steps"]!.AsArray().First(s => (string?)s!["id"] == id)!;

    private static int Index(JsonNode file, string id) => file["steps"]!.AsArray().ToList().FindIndex(s => (string?)s!["id"] == id);

    private static ProcedureBook Load(Action<JsonNode> change, string name = "commune-ntm.json")
    {
        var file = Given.ProcedureFile(name);
        change(file);
        return Given.BookWith((name, file));
    }

    private static string Refused(Action<JsonNode> change, string name = "commune-ntm.json") => Assert.Throws<InvalidDataException>(() => Load(change, name)).Message;
}
