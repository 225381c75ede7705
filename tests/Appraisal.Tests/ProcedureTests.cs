using System.Text.Json.Nodes;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Tests;

public sealed class ProcedureTests : IDisposable
{
    private static readonly string Real = Path.Combine(AppContext.BaseDirectory, "data", "procedures");
    private readonly string folder = Directory.CreateTempSubdirectory("ntm-procedures").FullName;

    [Fact]
    public void The_file_of_the_house_is_followed_as_it_stands()
    {
        Assert.All(Given.Procedure.Conditions, c => Assert.True(c.Required));
        Assert.Equal([StepIds.Survey], Given.Procedure.Steps.Where(s => s.Deadline.IsSet).Select(s => s.Id));
        Assert.Null(Given.Procedure.Condition("satisfaction")!.Minimum);
        var close = Given.Step(StepIds.CloseVotes);
        Assert.Equal(("70/100", "members", "recalled"), (close.Quorum!.Share?.ToString(), close.Quorum.Of, close.Quorum.Mark));
        Assert.Equal(("90/100", "present", "recalled"), (close.Pass!.Share?.ToString(), close.Pass.Of, close.Pass.Mark));
    }

    [Theory]
    [InlineData("steps[2].roles[0]", "$.steps[2].roles[0]", "\"mayor\"")]
    [InlineData("steps[3].id", "$.steps[3].id", "\"ponder\"")]
    [InlineData("steps[2].from[0]", "$.steps[2].from[0]", "\"nowhere\"")]
    [InlineData("states[3]", "$.steps[2].to", "\"returned\"")]
    [InlineData("steps[6].quorum", "$.steps[6].quorum", "null")]
    [InlineData("$.steps[6].pass.share", "$.steps[6].pass.share", "\"9 of 10\"")]
    [InlineData("steps[1].deadline.kind", "$.steps[1].deadline", """{"value":5,"kind":"lunar_days","mark":"seen"}""")]
    [InlineData("steps[1].deadline.from", "$.steps[1].deadline", """{"value":5,"kind":"working_days","mark":"seen","from":"thunder"}""")]
    [InlineData("steps[1].deadline.on_return", "$.steps[1].deadline", """{"value":5,"kind":"working_days","mark":"seen","on_return":"forget"}""")]
    [InlineData("steps[1].deadline.before", "$.steps[1].deadline", """{"value":null,"kind":"before_date","mark":"seen","before":"31-02"}""")]
    [InlineData("steps[1].deadline.mark", "$.steps[1].deadline.mark", "\"sure\"")]
    [InlineData("$.steps[6].pass.share", "$.steps[6].pass.share", "\"110/100\"")]
    [InlineData("steps[6].pass.of", "$.steps[6].pass.of", "\"everybody\"")]
    [InlineData("states[6]", "$.states[6].end", "false")]
    [InlineData("states[2]", "$.states[2].end", "true")]
    [InlineData("steps[1].after[0]", "$.steps[1].after[0]", "\"dream\"")]
    [InlineData("steps[1].after[0]", "$.steps[1].after[0]", "\"accept\"")]
    [InlineData("steps[10].after[0]", "$.steps[10].after[0]", "\"meeting\"")]
    [InlineData("steps[14].actors[1].from", "$.steps[14].actors[1].from", "\"2025-07-02\"")]
    [InlineData("steps[9].records", "$.steps[9].records", "\"a dream\"")]
    [InlineData("steps[9].records", "$.steps[9].records", "\"forward\"")]
    [InlineData("steps[9].records", "$.steps[9].records", "null")]
    [InlineData("steps[9].records", "$.steps[9].to", "\"submitted\"")]
    [InlineData("steps[1].records", "$.steps[1].to", "null")]
    [InlineData("steps[1].required", "$.steps[1].required", """{"value":true,"mark":"seen"}""")]
    [InlineData("steps[9].required", "$.steps[9].required", """{"value":true,"mark":"seen"}""")]
    [InlineData("steps[12].required.mark", "$.steps[12].required.mark", "\"sure\"")]
    [InlineData("steps[3].times.value", "$.steps[3].times.value", "0")]
    [InlineData("steps[12].pass", "$.steps[12].pass", "null")]
    [InlineData("steps[12].pass.of", "$.steps[12].pass.of", "\"members\"")]
    [InlineData("steps[15].survey", "$.steps[15].survey", "null")]
    [InlineData("steps[15].survey.scope", "$.steps[15].survey.scope", "\"the moon\"")]
    [InlineData("steps[12].survey", "$.steps[12].survey", """{"form":null,"scope":"unit","min_sample_share":{"share":null,"mark":"unknown"},"min_share_per_question":{"share":null,"mark":"unknown"},"min_mean_share":{"share":null,"mark":"unknown"},"min_overall":{"share":null,"mark":"unknown"}}""")]
    [InlineData("steps[19].departments[0].mark", "$.steps[19].departments[0].mark", "\"sure\"")]
    [InlineData("steps[17].pass", "$.steps[17].pass", "null")]
    [InlineData("steps[17].ballot", "$.steps[17].ballot", "\"shouted\"")]
    [InlineData("steps[18].ballot", "$.steps[18].ballot", "\"secret\"")]
    [InlineData("steps[15].survey.mark", "$.steps[15].survey.mark", "\"sure\"")]
    [InlineData("paper_steps[0].actors[1].from", "$.paper_steps[0].actors[1].from", "\"2025-07-02\"")]
    [InlineData("paper_steps[0].actors[1].from", "$.paper_steps[0].actors[1].from", "\"2025-06-30\"")]
    [InlineData("paper_steps[0].actors[1].to", "$.paper_steps[0].actors[1].to", "\"2026-06-30\"")]
    [InlineData("paper_steps[0].actors[0].roles[0]", "$.paper_steps[0].actors[0].roles[0]", "\"mayor\"")]
    [InlineData("steps[17].refusals[0].to", "$.steps[17].refusals[0].to", "\"limbo\"")]
    [InlineData("steps[9].documents[0].copies", "$.steps[9].documents[0].copies", "0")]
    [InlineData("transition.rule", "$.transition.rule", "\"maybe\"")]
    [InlineData("revocation.any[1].failed_lt", "$.revocation.any[1].failed_lt", "\"20/100\"")]
    [InlineData("revocation.steps[1].after[0]", "$.revocation.steps[1].after[0]", "\"vote\"")]
    [InlineData("conditions[1].confirmed_by.role", "$.conditions[1].confirmed_by.role", "\"mayor\"")]
    [InlineData("conditions[1].confirmed_by.of", "$.conditions[1].confirmed_by.of", "\"the moon\"")]
    [InlineData("title", "$.title", "\"commune-golden\"")]
    [InlineData("valid_to", "$.valid_to", "\"2020-01-01\"")]
    public void A_file_that_cannot_be_followed_stops_the_start_and_names_the_place(string place, string path, string value)
    {
        var file = Parsed();
        Replace(file, path, JsonNode.Parse(value));
        var failure = Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", file)));
        Assert.StartsWith($"commune-ntm.json: {place}: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_required_can_be_recorded_by_somebody_before_the_step_that_waits_for_it()
    {
        JsonNode Required(int step)
        {
            var file = Parsed();
            Replace(file, $"$.steps[{step}].required.value", true);
            return file;
        }

        LoadWith(("commune-ntm.json", Required(12)));
        var late = Required(12);
        Replace(late, "$.steps[12].from", new JsonArray("accepted"));
        Assert.Equal("commune-ntm.json: steps[1].after[1]: \"meeting\" comes later", Refused(late));
        var nobody = Required(12);
        Replace(nobody, "$.steps[12].actors[0].roles", new JsonArray());
        Replace(nobody, "$.steps[12].actors[1].roles", new JsonArray());
        Assert.Equal("commune-ntm.json: steps[12].required: nobody takes it on any day", Refused(nobody));
        Assert.Equal("commune-ntm.json: steps[9].required: no step waits for it", Refused(Required(9)));

        string Refused(JsonNode file) => Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", file))).Message;
    }

    [Fact]
    public void A_circle_without_an_exit_is_refused()
    {
        var file = Parsed();
        Replace(file, "$.steps[7].to", "accepted");
        Replace(file, "$.states[6].end", "false");
        var states = file["states"]!.AsArray();
        // What is decided goes back to be accepted, a lost vote too, and nobody ever gets out.
        states.RemoveAt(9);
        states.RemoveAt(8);
        states.RemoveAt(7);
        states.RemoveAt(6);
        Replace(file, "$.steps[6].refused_to", "accepted");
        while (file["steps"]!.AsArray().Count > 8) file["steps"]!.AsArray().RemoveAt(8);
        file["paper_steps"]!.AsArray().Clear();
        foreach (var step in file["steps"]!.AsArray()) step!["after"] = new JsonArray();
        file["steps"]![6]!["refusals"] = new JsonArray();
        var failure = Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", file)));
        Assert.Equal("commune-ntm.json: states[0]: from \"opened\" no end is reached: a cycle without an exit", failure.Message);
    }

    [Fact]
    public void Roles_are_those_of_the_day_on_which_the_step_is_taken()
    {
        var file = Parsed();
        Replace(file, "$.steps[8].roles", new JsonArray());
        Replace(file, "$.steps[8].of", null);
        Replace(file, "$.steps[8].actors", JsonNode.Parse("""
            [{"from":null,"to":"2025-06-30","roles":["commune-officer"],"of":"unit","body_vi":null,"body_en":null,"legal_ref":null,"mark":"internal"},
             {"from":"2025-07-01","to":null,"roles":["province-officer"],"of":"province","body_vi":null,"body_en":null,"legal_ref":null,"mark":"internal"}]
            """));
        var step = LoadWith(("commune-ntm.json", file)).Version("commune-ntm", "qd18-2022.1").Step(StepIds.Publication)!;
        Assert.Equal(("commune-officer", "unit"), (step.TakenBy(new(2025, 6, 30)).Roles.Single(), step.TakenBy(new(2025, 6, 30)).Of));
        Assert.Equal(("province-officer", "province"), (step.TakenBy(new(2025, 7, 1)).Roles.Single(), step.TakenBy(new(2025, 7, 1)).Of));

        Replace(file, "$.steps[8].actors[1].roles", new JsonArray());
        Assert.StartsWith(
            "commune-ntm.json: steps[8].actors[1].roles: ", Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_versions_live_side_by_side_and_each_day_has_its_own()
    {
        var (old, young) = (Parsed(), Parsed());
        Replace(old, "$.valid_to", "2025-06-30");
        Replace(young, "$.version", "two-tier");
        Replace(young, "$.valid_from", "2025-07-01");
        var book = LoadWith(("a.json", old), ("b.json", young));
        Assert.Equal("qd18-2022.1", book.For("commune-ntm", new(2025, 6, 30)).Procedure?.Version);
        Assert.Equal("two-tier", book.For("commune-ntm", new(2025, 7, 1)).Procedure?.Version);
        Assert.Equal("qd18-2022.1", book.Version("commune-ntm", "qd18-2022.1").Version);

        Replace(old, "$.valid_to", "2025-07-01");
        Assert.Contains("valid_from", Assert.Throws<InvalidDataException>(() => LoadWith(("a.json", old), ("b.json", young))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("town-ntm", "procedure-unknown")]
    [InlineData("province-ntm-pilot", "procedure-unknown")]
    [InlineData("commune-golden", "title-unknown")]
    [InlineData(null, "invalid-input")]
    public void A_title_without_a_procedure_is_refused_by_name(string? title, string rule)
    {
        var refusal = Given.Book.For(title, Given.Today).Refusal;
        Assert.Equal((422, rule), (refusal?.Status, refusal?.Rule));
        Assert.Equal(["title"], refusal?.Errors?.Keys);
    }

    [Fact]
    public void Before_its_time_a_procedure_does_not_apply() =>
        Assert.Equal("procedure-unknown", Given.Book.For("commune-ntm", new(2022, 8, 1)).Refusal?.Rule);

    [Theory]
    [InlineData("calendar_days", "2024-12-01", 23, "2024-12-24")]
    [InlineData("calendar_days", "2024-12-01", 20, "2024-12-23")]
    [InlineData("excl_weekend", "2024-11-29", 20, "2024-12-27")]
    public void A_deadline_counts_from_the_day_after_and_ends_on_no_rest_day(string kind, string since, int days, string due) =>
        Assert.Equal(Day(due), Deadlines.Due(new(days, kind, "seen"), Day(since)));

    [Theory]
    [InlineData("calendar_days", "2025-08-25", 7, "2025-09-03")]
    [InlineData("working_days", "2025-08-29", 1, "2025-09-03")]
    [InlineData("excl_weekend", "2025-08-29", 1, "2025-09-01")]
    public void Holidays_move_working_days_and_a_last_day_and_not_what_leaves_out_weekends_only(string kind, string since, int days, string due) =>
        Assert.Equal(Day(due), Deadlines.Due(new(days, kind, "seen"), Day(since), Given.Calendar.WorkingDays()));

    [Fact]
    public void Without_the_calendar_no_day_in_working_days_is_told() => Assert.Null(Deadlines.Due(new(5, "working_days", "seen"), Given.Today));

    [Theory]
    [InlineData("working_days", "2026-12-28", 3, "2026-12-31")]
    [InlineData("working_days", "2026-12-28", 4, null)]
    [InlineData("working_days", "2027-03-01", 1, null)]
    [InlineData("calendar_days", "2026-12-28", 4, null)]
    [InlineData("calendar_days", "2025-12-29", 3, "2026-01-02")]
    [InlineData("excl_weekend", "2026-12-28", 4, "2027-01-01")]
    public void A_year_whose_days_off_nobody_has_told_gives_no_last_day(string kind, string since, int days, string? due) =>
        Assert.Equal(due is null ? null : Day(due), Deadlines.Due(new(days, kind, "seen"), Day(since), Given.Calendar.WorkingDays()));

    [Fact]
    public void What_ran_of_a_time_in_such_a_year_is_not_known_either()
    {
        var calendar = Given.Calendar.WorkingDays();
        Assert.Equal(3, Deadlines.Ran(new(5, "working_days", "seen"), new(2026, 12, 28), new(2026, 12, 31), calendar));
        Assert.Null(Deadlines.Ran(new(5, "working_days", "seen"), new(2026, 12, 28), new(2027, 1, 5), calendar));
    }

    [Theory]
    [InlineData("2024-03-01", "2024-11-09")]
    [InlineData("2024-11-09", "2024-11-09")]
    [InlineData("2024-11-10", "2025-11-09")]
    public void Before_a_date_ends_on_the_day_before_it(string since, string due) =>
        Assert.Equal(Day(due), Deadlines.Due(new(null, "before_date", "seen", Before: "11-10"), Day(since)));

    [Fact]
    public void A_provinces_file_lies_over_the_national_one_and_says_which_value_is_whose()
    {
        var book = LoadWith(("commune-ntm.json", Parsed()), ("overlays/98/invented.json", Overlay()));
        var national = book.For("commune-ntm", Given.Today).Procedure!;
        Assert.Same(national, book.Effective(national, "42", Given.Today));
        Assert.Same(national, book.Effective(national, "98", new(2023, 12, 31)));

        var effective = book.Effective(national, "98", Given.Today);
        Assert.Equal("qd18-2022.1+invented", effective.Version);
        Assert.Same(effective, book.Version("commune-ntm", "qd18-2022.1+invented"));
        Assert.Equal((7, "working_days"), (effective.Step(StepIds.Accept)!.Deadline.Value, effective.Step(StepIds.Accept)!.Deadline.Kind));
        Assert.Null(national.Step(StepIds.Accept)!.Deadline.Value);
        Assert.Equal(["$.steps[2].deadline", "$.paperSteps[1]"], effective.Overlay!.Values.Select(v => v.Path));
        Assert.All(effective.Overlay.Values, v => Assert.Equal(("overlays/98/invented.json", "1/QĐ-UBND"), (v.File, v.Decision.Number)));
        Assert.DoesNotContain(ProcedureView.Of(effective, english: true).Unseen, u => u.Path.StartsWith("$.steps[2].deadline", StringComparison.Ordinal));
    }

    [Fact]
    public void A_province_makes_a_recorded_step_required_and_its_dossiers_wait_for_it_and_no_others()
    {
        var overlay = Overlay();
        overlay["values"]!.AsArray().Add(JsonNode.Parse("""
            {"at":"steps.meeting.required","value":{"value":true,"mark":"seen","legal_ref":"1/QĐ-UBND"},"decision":{"number":"1/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}
            """));
        overlay["values"]!.AsArray().Add(JsonNode.Parse("""
            {"at":"steps.return.times","value":{"value":1,"mark":"seen"},"decision":{"number":"1/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}
            """));
        var book = LoadWith(("commune-ntm.json", Parsed()), ("overlays/98/invented.json", overlay));
        var (national, province) = (book.Version("commune-ntm", "qd18-2022.1"), book.Version("commune-ntm", "qd18-2022.1+invented"));
        Assert.Null(Given.Opened().Lacks(national, national.Step(StepIds.Submit)!, Given.Today));
        Assert.Equal("step-missing", Given.Opened().Lacks(province, province.Step(StepIds.Submit)!, Given.Today)?.Rule);
        Assert.Equal((true, 1), (province.Step(StepIds.Meeting)!.Required!.Value, province.Step(StepIds.Return)!.Times!.Value));
        var held = Given.Opened().After(d => HoldMeeting.Decide(d, province.Step(StepIds.Meeting)!, new(Given.Today, 37, 37, 0), "an", Given.Now));
        Assert.Null(held.Lacks(province, province.Step(StepIds.Submit)!, Given.Today));
    }

    [Theory]
    [InlineData("values[0].at: ", "$.values[0].at", "\"steps.ponder.deadline\"")]
    [InlineData("values[0].at: ", "$.values[0].at", "\"valid_from\"")]
    [InlineData("added[0].in: ", "$.added[0].in", "\"legal\"")]
    [InlineData("steps[2].deadline.kind: ", "$.values[0].value.kind", "\"lunar_days\"")]
    [InlineData("paper_steps[1].after[0]: ", "$.added[0].item.after[0]", "\"dream\"")]
    [InlineData("version: ", "$.version", "\"qd19\"")]
    [InlineData("province: ", "$.province", "\"42\"")]
    public void A_provinces_file_that_cannot_be_followed_stops_the_start_and_names_the_place(string place, string path, string value)
    {
        var overlay = Overlay();
        Replace(overlay, path, JsonNode.Parse(value));
        var failure = Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", Parsed()), ("overlays/98/invented.json", overlay)));
        Assert.StartsWith($"overlays/98/invented.json: {place}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_province_sets_anything_over_the_way_to_its_own_title()
    {
        var overlay = Overlay();
        Replace(overlay, "$.procedure", "province-ntm");
        var failure = Assert.Throws<InvalidDataException>(() => LoadWith(("province-ntm.json", Given.ProcedureFile("province-ntm.json")), ("overlays/98/invented.json", overlay)));
        Assert.StartsWith("overlays/98/invented.json: procedure: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_value_that_is_not_seen_is_listed_with_its_place_and_what_nobody_knows_is_not_set()
    {
        var unseen = ProcedureView.Of(Given.Procedure, english: false).Unseen;
        Assert.Contains(new("$.steps[2].deadline.value", "unknown", "chưa quy định"), unseen);
        Assert.Contains(new("$.transition.rule", "unknown", "chưa quy định"), unseen);
        Assert.Contains(new("$.steps[6].pass", "recalled", null), unseen);
        Assert.Contains(new("$.steps[14].actors[1].bodyVi", "unknown", "chưa quy định"), unseen);
        Assert.DoesNotContain(unseen, u => u.Mark == "seen");
        Assert.Contains(new("$.steps[6].pass.share", "unknown", "not set"), ProcedureView.Of(Given.Book.Version("district-ntm", "qd18-2022.1"), english: true).Unseen);
    }

    [Fact]
    public void What_is_known_and_what_nobody_knows_are_listed_each_for_itself_whatever_the_mark_beside()
    {
        var (commune, district) = (ProcedureView.Of(Given.Procedure, english: true).Unseen, ProcedureView.Of(Given.Book.Version("district-ntm", "qd18-2022.1"), english: true).Unseen);
        UnseenValue[] letter = [.. commune.Where(u => u.Path.StartsWith("$.steps[1].documents[0]", StringComparison.Ordinal))];
        Assert.Equal([new("$.steps[1].documents[0]", "seen-pred", null), new("$.steps[1].documents[0].copies", "unknown", "not set"), new("$.steps[1].documents[0].formCode", "unknown", "not set")], letter);
        Assert.Contains(new(At(Given.Procedure, StepIds.Decision, ".documents[0].copies"), "unknown", "not set"), commune);
        Assert.DoesNotContain(commune, u => u.Path == At(Given.Procedure, StepIds.Decision, ".documents[0]"));
        Assert.Contains(new(At(Given.Procedure, StepIds.Survey, ".deadline.onReturn"), "unknown", "not set"), commune);
        Assert.Contains(new(At(Given.Procedure, StepIds.Votes, ".ballot"), "unknown", "not set"), commune);
        Assert.Contains(new(At(Given.Procedure, StepIds.DistrictVote, ".ballot"), "unknown", "not set"), commune);
        Assert.Contains(new(At(Given.Procedure, StepIds.DistrictVote, ".pass"), "recalled", null), commune);
        Assert.DoesNotContain(commune, u => u.Path == At(Given.Procedure, StepIds.Meeting, ".ballot") || u.Path == At(Given.Procedure, StepIds.Submit, ".ballot") || u.Path.EndsWith("conditions[1].minimum", StringComparison.Ordinal));
        Assert.Contains(new("$.conditions[2].minimum", "unknown", "not set"), commune);
        Assert.Contains(new(At(Given.Book.Version("district-ntm", "qd18-2022.1"), StepIds.Survey, ".survey.form"), "unknown", "not set"), district);
        Assert.All(commune.Concat(district).Where(u => u.Value is not null), u => Assert.Equal("unknown", u.Mark));
        Assert.Equal(commune.Count, commune.Select(u => u.Path).Distinct(StringComparer.Ordinal).Count());

        static string At(Procedure procedure, string step, string member) => $"$.steps[{procedure.Steps.ToList().FindIndex(s => s.Id == step)}]{member}";
    }

    [Theory]
    [InlineData("accept", "submit.start")]
    [InlineData("accept", "survey.start")]
    public void A_time_that_begins_with_a_beginning_nobody_records_stops_the_start(string step, string from)
    {
        var file = Parsed();
        file["steps"]!.AsArray().First(s => (string?)s!["id"] == step)!["deadline"] = JsonNode.Parse($$"""{"value":5,"kind":"calendar_days","mark":"internal","from":"{{from}}"}""");
        Assert.Contains("deadline.from: ", Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_commune_s_title_is_announced_by_the_district_until_it_ended_and_then_by_nobody_known_and_an_officer_of_the_province_may_record_it()
    {
        var step = Given.Step(StepIds.Publication);
        Assert.Equal([("UBND huyện", "seen-pred"), ("UBND tỉnh ghi nhận thay UBND huyện", "internal"), (null, "unknown")], step.Actors!.Select(a => (a.BodyVi, a.Mark)));
        Assert.Equal(["district-officer district", "province-officer province"], On(new(2025, 6, 30)));
        Assert.Equal(["province-officer province"], On(new(2025, 7, 1)));

        IEnumerable<string> On(DateOnly day) => step.TakenBy(day, "decided").Select(t => $"{t.Roles.Single()} {t.Of}");
    }

    [Fact]
    public void The_appraisal_is_reported_by_the_office_or_the_department_of_agriculture_whatever_it_was_called()
    {
        foreach (var day in (DateOnly[])[new(2025, 6, 30), new(2025, 7, 1)])
            Assert.Equal([("province-officer", null), ("department-officer", "SNN")], Given.Step(StepIds.Report).TakenBy(day, "accepted").Select(t => (t.Roles.Single(), t.Department)));
        Assert.Equal("SNN", Given.Accepted().NextSteps(Given.Procedure, Given.Today, null).Single(n => n.Step == StepIds.Report && n.Roles.Contains("department-officer")).Department);
        var file = Parsed();
        var at = file["steps"]!.AsArray().ToList().FindIndex(s => (string?)s!["id"] == StepIds.Report);
        file["steps"]![at]!["actors"]![1]!["roles"] = new JsonArray("province-officer");
        Assert.StartsWith($"commune-ntm.json: steps[{at}].actors[1].department: ", Assert.Throws<InvalidDataException>(() => LoadWith(("commune-ntm.json", file))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_diagram_shows_every_state_and_step()
    {
        var text = Diagram.Of(Given.Procedure, english: true);
        Assert.StartsWith("stateDiagram-v2\n", text, StringComparison.Ordinal);
        Assert.Contains("    [*] --> opened : Open the dossier\n", text, StringComparison.Ordinal);
        Assert.Contains("    voting --> refused : Close the vote (refused)\n", text, StringComparison.Ordinal);
        Assert.Contains("    published --> [*]\n", text, StringComparison.Ordinal);
        Assert.Contains("        recorded: District meeting votes\n", text, StringComparison.Ordinal);
        Assert.Contains("        on paper: Keep the level, rewards\n", text, StringComparison.Ordinal);
        Assert.Contains("        recorded: Satisfaction survey\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("opened -->  :", text, StringComparison.Ordinal);
        Assert.Contains("state \"Đang lập\" as opened", Diagram.Of(Given.Procedure, english: false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("district-ntm")]
    [InlineData("district-advanced")]
    [InlineData("town-ntm")]
    public void District_procedures_end_with_the_districts(string id)
    {
        Assert.Equal(id, Given.Book.For(id, new(2025, 6, 30)).Procedure?.Id);
        Assert.Equal("procedure-unknown", Given.Book.For(id, new(2025, 7, 1)).Refusal?.Rule);
    }

    [Fact]
    public void Of_a_town_and_of_a_province_what_was_not_read_is_not_set_and_said_to_be_unknown()
    {
        var (town, province) = (Given.Book.Version("town-ntm", "qd18-2022.1"), Given.Book.Version("province-ntm", "qd18-2022.1"));
        Assert.Equal(("thi-xa-thanh-pho-ntm-2021-2025", "tinh-ntm-2021-2025"), (town.Set, province.Set));
        foreach (var procedure in (Procedure[])[town, province])
        {
            Assert.Equal(("unknown", 0, null), (procedure.Revocation!.Mark, procedure.Revocation.Any.Count, procedure.Revocation.MeasureSet));
            Assert.Equal(("unknown", (decimal?)null), (procedure.Condition("satisfaction")!.Mark, procedure.Condition("satisfaction")!.Minimum));
            Assert.All(procedure.Steps.Where(s => s.Id is StepIds.CloseVotes), s => Assert.Equal((null, null), (s.Quorum!.Share, s.Pass!.Share)));
            Assert.Equal("derived", procedure.Step(StepIds.Survey)!.Survey!.Mark);
            Assert.All(new[] { procedure.Step(StepIds.Survey)!.Survey! }, s => Assert.Equal((null, null, null), (s.MinOverall.Share, s.MinMeanShare.Share, s.MinSampleShare.Share)));
        }

        Assert.Equal(("phieu-6", "phieu-7"), (town.Step(StepIds.Survey)!.Survey!.Form, province.Step(StepIds.Survey)!.Survey!.Form));
        Assert.All(province.Steps, s => Assert.False(s.Deadline.IsSet));
        Assert.Equal("seen", province.Step(StepIds.Decision)!.Mark);
        Assert.All(province.Steps.Where(s => s.ProcessRef?[0] == 'P' && s.Id is not (StepIds.Decision or StepIds.Return)), s => Assert.Equal("recalled", s.Mark));
        var unseen = ProcedureView.Of(province, english: true).Unseen;
        Assert.Contains(new($"$.steps[{province.Steps.ToList().FindIndex(s => s.Id == StepIds.Survey)}].survey", "derived", null), unseen);
        Assert.Contains(new("$.revocation.measureSet", "unknown", "not set"), unseen);
    }

    [Theory]
    [InlineData("town-ntm", "thi_xa", true)]
    [InlineData("town-ntm", "huyen", false)]
    [InlineData("district-ntm", "huyen", true)]
    public void A_town_s_title_is_for_towns_and_cities(string title, string kind, bool expected)
    {
        var unit = new Ntm.Contracts.Criteria.UnitState(Guid.CreateVersion7(), "district", null, [], [], []);
        Assert.Equal(expected, Given.Book.IsFor(Given.Book.Version(title, "qd18-2022.1"), unit, kind));
        Assert.False(Given.Book.IsFor(Given.Book.Version(title, "qd18-2022.1"), unit with { Level = "commune" }, kind));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static DateOnly Day(string day) => DateOnly.ParseExact(day, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonNode Parsed() => JsonNode.Parse(File.ReadAllText(Path.Combine(Real, "commune-ntm.json")))!;

    /// <summary>An invented province's invented values.</summary>
    internal static JsonNode Overlay() => JsonNode.Parse("""
        {"overlay":"invented","procedure":"commune-ntm","version":"qd18-2022.1","province":"98","valid_from":"2024-01-01","valid_to":null,
         "values":[{"at":"steps.accept.deadline","value":{"value":7,"kind":"working_days","from":"submit","on_return":"restart","mark":"seen"},
           "decision":{"number":"1/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}],
         "added":[{"in":"paper_steps","item":{"id":"visit","name_vi":"Đi thăm","name_en":"Visit","process_ref":null,"after":["submit"],
           "actors":[{"from":null,"to":null,"roles":["province-officer"],"of":"province","body_vi":"Sở","body_en":"Department","legal_ref":null,"mark":"seen"}],
           "deadline":{"value":null,"kind":null,"mark":"unknown"},"legal_ref":null,"mark":"seen"},
           "decision":{"number":"1/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}]}
        """)!;

    private ProcedureBook LoadWith(params (string Name, JsonNode Content)[] files)
    {
        File.Copy(Path.Combine(Real, "titles.json"), Path.Combine(folder, "titles.json"), overwrite: true);
        foreach (var (name, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            File.WriteAllText(Path.Combine(folder, name), content.ToJsonString());
        }

        return ProcedureBook.Load(folder);
    }

    private static void Replace(JsonNode file, string path, JsonNode? value)
    {
        var parts = path[2..].Split('.', '[');
        var at = file;
        foreach (var part in parts[..^1]) at = part.EndsWith(']') ? at[int.Parse(part[..^1], System.Globalization.CultureInfo.InvariantCulture)]! : at[part]!;
        var last = parts[^1];
        if (last.EndsWith(']')) at[int.Parse(last[..^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
        else at[last] = value;
    }
}
