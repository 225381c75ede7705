using System.Text.Json;
using System.Text.Json.Nodes;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Queues;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>A province adds a step of its own to the procedure: an invented inspection of the environment that the acceptance waits for.</summary>
public sealed class OwnStepTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Own = "kiem-tra-moi-truong";
    private const string Province = "province-officer@42#quy";
    private const string Commune = "commune-officer@18073#an";
    private static readonly ProcedureBook Book = Given.BookWith(("overlays/42/moi-truong.json", File()));
    private static readonly Procedure Procedure = Book.Version("commune-ntm", "qd18-2022.1+moi-truong");
    private static readonly ProcedureStep Step = Procedure.Step(Own)!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_step_stands_in_the_procedure_and_its_diagram_as_the_province_s_and_nothing_else_does()
    {
        var accept = Procedure.Steps.ToList().FindIndex(s => s.Id == StepIds.Accept);
        var submit = Procedure.Steps.ToList().FindIndex(s => s.Id == StepIds.Submit);
        Assert.Equal(
            [$"$.steps[{submit}].documents[0].required", "$.transition", $"$.steps[{Procedure.Steps.Count - 1}]", $"$.steps[{accept}].after[2]"],
            Procedure.Overlay!.Values.Select(v => v.Path));
        Assert.All(Procedure.Overlay.Values, v => Assert.Equal("7/QĐ-UBND", v.Decision.Number));
        Assert.Equal(["submit", "forward", Own], Procedure.Step(StepIds.Accept)!.After);
        Assert.True(Procedure.Step(StepIds.Submit)!.Documents![0].Required);
        Assert.Null(Given.Step(StepIds.Submit).Documents![0].Required);
        Assert.Contains("ghi nhận: Kiểm tra môi trường", Diagram.Of(Procedure, english: false), StringComparison.Ordinal);
        Assert.DoesNotContain("môi trường", Diagram.Of(Given.Procedure, english: false), StringComparison.Ordinal);
    }

    [Fact]
    public void The_acceptance_waits_until_the_step_is_taken_and_finds_for_the_dossier()
    {
        var submitted = Given.Submitted();
        Assert.Equal("step-missing", Lacks(submitted));
        var asked = submitted.NextSteps(Procedure, Given.Today, null).Single(n => n.Step == Own);
        Assert.Equal(
            ($"/api/appraisal/dossiers/{submitted.Number}/steps/{Own}", true, "Kiểm tra môi trường", "Inspection of the environment"),
            (asked.Href, asked.Required, asked.NameVi, asked.NameEn));
        Assert.Contains(OpenSteps.Of(submitted with { ProcedureVersion = Procedure.Version }, Book, Given.Today).Steps, s => s.Step == Own);

        var against = submitted.After(d => Record(d, CastVote.Against));
        Assert.Equal("outcome-against", Lacks(against));
        Assert.Null(against.Lacks(Procedure, Procedure.Step(StepIds.Return)!, Given.Today));
        var again = against.After(d => Record(d, CastVote.For));
        Assert.Null(Lacks(again));
        Assert.Equal([Own, Own], again.Steps.TakeLast(2).Select(s => s.Step));
        Assert.Equal("submitted", again.State);

        static string? Lacks(Dossier dossier) => dossier.Lacks(Procedure, Procedure.Step(StepIds.Accept)!, Given.Today)?.Rule;
    }

    [Fact]
    public void An_outcome_is_for_a_step_of_the_province_s_own_and_there_where_it_stops_the_way()
    {
        Assert.Equal(["outcome"], Record(Given.Submitted(), null).Refusal!.Errors!.Keys);
        Assert.Equal(["outcome"], Record(Given.Submitted(), "perhaps").Refusal!.Errors!.Keys);
        Assert.Null(RecordPaper.Decide(Given.Submitted(), Step with { Blocks = null }, new(Given.Today), "quy", Given.Now).Refusal);
        Assert.Equal(["outcome"], RecordPaper.Decide(Given.Opened(), Given.Step(StepIds.Register), new(Given.Today, Outcome: CastVote.For), "an", Given.Now).Refusal!.Errors!.Keys);
        Assert.Equal("self-approval", RecordPaper.Decide(Given.Submitted(), Step with { Recuses = ["dossier"] }, new(Given.Today, Outcome: CastVote.For), "an", Given.Now).Refusal?.Rule);
    }

    [Fact]
    public void Whoever_found_for_or_against_the_dossier_sits_on_no_council()
    {
        var found = Given.Accepted().After(d => RecordPaper.Decide(d, Step, new(Given.Today, Outcome: CastVote.For), "quy", Given.Now));
        NameCouncil.Body body = new("council-member@42#quy", ["council-member@42#quy", "council-member@42#2"]);
        Assert.NotNull(NameCouncil.Decide(found, Given.Step(StepIds.Council), body, _ => true, "lan", Given.Now).Refusal);
        Assert.Null(NameCouncil.Decide(Given.Accepted(), Given.Step(StepIds.Council), body, _ => true, "lan", Given.Now).Refusal);
    }

    [Theory]
    [InlineData("steps[own].id", "added[0].item.id", "\"Kiểm tra\"", "Kiểm tra")]
    [InlineData("steps[own].id", "added[0].item.id", "\"transfer\"", "transfer")]
    [InlineData("steps", "added[0].item.id", "\"meeting\"")]
    [InlineData("steps[own].id", "added[0].item.records", "\"own\"")]
    [InlineData("steps[own].records", "added[0].item.to", "\"accepted\"")]
    [InlineData("steps[own].required", "added[1].in", "\"steps[withdraw].after\"", "open")]
    [InlineData("added[0].decision.number", "added[0].decision.number", "\" \"")]
    [InlineData("added[1].decision.mark", "added[1].decision.mark", "\"sure\"")]
    [InlineData("values[0].decision.date", "values[0].decision.date", "\"0001-01-01\"")]
    [InlineData("values[0].at", "values[0].at", "\"steps[submit].documents[dream].required\"")]
    [InlineData("values[0].at", "values[0].at", "\"steps[submit].documents[letter]\"")]
    [InlineData("values[0].at", "values[0].at", "\"steps[submit].documents[letter].kind\"")]
    [InlineData("values[0].at", "values[0].at", "\"steps[submit\"")]
    [InlineData("values[0].at", "values[0].at", "\"valid_from\"")]
    [InlineData("added[1].in", "added[1].in", "\"steps[dream].after\"")]
    [InlineData("added[1].in", "added[1].in", "\"steps[accept].mark\"")]
    [InlineData("steps[2].after[2]", "added[1].item", "\"dream\"")]
    [InlineData("overlay", "overlay", "\"a+b\"")]
    [InlineData("transition.rule", "values[1].value.rule", "\"maybe\"")]
    public void A_file_of_the_province_that_cannot_be_followed_is_refused_with_its_place(string place, string path, string value, string? item = null)
    {
        var file = File();
        var parts = path.Split('.', '[');
        JsonNode at = file;
        foreach (var part in parts[..^1]) at = part.EndsWith(']') ? at[int.Parse(part[..^1], System.Globalization.CultureInfo.InvariantCulture)]! : at[part]!;
        at[parts[^1]] = JsonNode.Parse(value);
        if (item is not null) file["added"]![1]!["item"] = item;
        var message = Assert.Throws<InvalidDataException>(() => Given.BookWith(("overlays/42/moi-truong.json", file))).Message;
        var where = place.Replace("own", $"{Given.Procedure.Steps.Count}", StringComparison.Ordinal);
        Assert.StartsWith($"overlays/42/moi-truong.json: {where}: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_recorded_by_a_call_of_its_own_and_stands_in_queue_and_history()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), Book);
        var path = await SubmittedAsync(service, Procedure);
        Assert.Contains($"{path}/steps/{Own}", Items((await service.SendAsync(HttpMethod.Get, "/api/appraisal/queue", Province)).Body).Select(i => Text(i, "href")));
        var body = new { date = "2026-01-05", number = "3/BB", summary = "Đã kiểm tra", outcome = "against" };
        Assert.Equal(409, (await service.SendAsync(HttpMethod.Post, $"{path}/accept", Province, new { })).Status);
        Assert.Equal(403, (await service.SendAsync(HttpMethod.Post, $"{path}/steps/{Own}", Commune, body)).Status);
        Assert.Equal(422, (await service.SendAsync(HttpMethod.Post, $"{path}/steps/{Own}", Province, body with { outcome = "perhaps" })).Status);
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, $"{path}/steps/dream", Province, body)).Status);
        // What the code knows has a call of its own.
        Assert.Equal(404, (await service.SendAsync(HttpMethod.Post, $"{path}/steps/register", Commune, body)).Status);
        var key = Guid.CreateVersion7();
        for (var time = 0; time < 2; time++) Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{path}/steps/{Own}", Province, body, key)).Status);
        var (status, refused) = await service.SendAsync(HttpMethod.Post, $"{path}/accept", Province, new { });
        Assert.Equal((409, true), (status, Text(refused, "type").EndsWith("outcome-against", StringComparison.Ordinal)));
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{path}/steps/{Own}", Province, body with { outcome = "for" })).Status);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{path}/accept", Province, new { })).Status);
        var history = Items((await service.SendAsync(HttpMethod.Get, $"{path}/history", Province)).Body);
        Assert.Equal(["paper-recorded.v1", "paper-recorded.v1", "dossier-accepted.v1"], history.TakeLast(3).Select(e => Text(e, "event")));
        Assert.Equal((Own, "against"), (Text(history[^3].GetProperty("facts"), "step"), Text(history[^3].GetProperty("facts").GetProperty("paper"), "outcome")));
    }

    [Fact]
    public async Task A_dossier_that_was_begun_before_the_province_s_file_keeps_the_version_without_it_until_it_is_moved()
    {
        var database = await postgres.CreateAsync();
        var keeping = File();
        keeping["values"]!.AsArray().RemoveAt(1);
        string path;
        await using (var silent = await AppraisalService.StartAsync(database, Given.BookWith(("overlays/42/moi-truong.json", keeping))))
        {
            path = await SubmittedAsync(silent, Given.Procedure);
            var (status, refused) = await MoveAsync(silent, "qd18-2022.1");
            Assert.Equal((409, true), (status, Text(refused, "type").EndsWith("transfer-not-allowed", StringComparison.Ordinal)));
        }

        await using var service = await AppraisalService.StartAsync(database, Book);
        Assert.Equal("qd18-2022.1", Version((await service.SendAsync(HttpMethod.Get, path, Province)).Body));
        var (moved, view) = await MoveAsync(service, "qd18-2022.1+moi-truong");
        Assert.Equal((200, "qd18-2022.1+moi-truong", "submitted"), (moved, Version(view), Text(view, "state")));
        Assert.Contains(Own, view.GetProperty("nextSteps").EnumerateArray().Select(s => Text(s, "step")));
        Assert.Equal(422, (await MoveAsync(service, "qd18-2022.1")).Status);
        var history = Items((await service.SendAsync(HttpMethod.Get, $"{path}/history", Province)).Body);
        Assert.Equal(("dossier-transferred.v1", "qd18-2022.1+moi-truong"), (Text(history[^1], "event"), Text(history[^1].GetProperty("facts"), "toVersion")));

        Task<(int Status, JsonElement Body)> MoveAsync(AppraisalService to, string version) =>
            to.SendAsync(HttpMethod.Post, $"{path}/transfer", Province, new { to = version, legalBasis = "7/QĐ-UBND" });
        static string Version(JsonElement view) => Text(view.GetProperty("procedure"), "version");
    }

    [Fact]
    public void Only_the_province_s_own_rule_moves_a_dossier_to_its_file()
    {
        var national = Given.Procedure with { Transition = new(Transition.Transfer, "internal") };
        var silent = Procedure with { Transition = national.Transition, Overlay = Procedure.Overlay! with { Values = [] } };
        Assert.Equal("transfer-not-allowed", Move(national, silent).Refusal?.Rule);
        Assert.Null(Move(national, Procedure).Refusal);
        // To a later file of the province, and not back to an earlier one.
        var next = Procedure with { Version = "qd18-2022.1+sau", Overlay = Procedure.Overlay with { Id = "sau", ValidFrom = new(2026, 1, 1) } };
        Assert.Null(Move(Procedure, next).Refusal);
        Assert.Equal(["to"], Move(next, Procedure).Refusal?.Errors?.Keys);
        Assert.Equal(["to"], Move(Procedure, Procedure).Refusal?.Errors?.Keys);

        static Decision Move(Procedure from, Procedure to) => TransferDossier.Decide(Given.Submitted(), from, to, new(to.Version, "7/QĐ-UBND"), "quy", Given.Now);
    }

    [Fact]
    public void What_is_opened_under_the_file_names_it() => Assert.Equal(
        "qd18-2022.1+moi-truong",
        Assert.IsType<DossierOpened>(OpenDossier.Decide(null, Given.Target() with { Procedure = Book.Effective(Book.For("commune-ntm", Given.Today).Procedure!, "42", Given.Today) }, Given.Eligible(), Guid.CreateVersion7(), "an", Given.Now).Events[0]).ProcedureVersion);

    private static Decision Record(Dossier dossier, string? outcome) => RecordPaper.Decide(dossier, Step, new(Given.Today, "3/BB", "Đã kiểm tra", Outcome: outcome), "quy", Given.Now);

    private static async Task<string> SubmittedAsync(AppraisalService service, Procedure procedure)
    {
        await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = "unit/province" }, new(Given.Province, "province", null, [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], [])), Ct);
        await service.LearnAsync(new UnitChanged(Given.Origin with { Stream = "unit/commune" }, new(Given.Unit.Id, "commune", null, [new("18073", "Thạch Hạ", "Xã Thạch Hạ", "xa", Given.Province, null, null, null, "seen")], [], [])), Ct);
        var id = Guid.CreateVersion7();
        await using var session = service.Store.LightweightSession();
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target() with { Procedure = procedure }, Given.Eligible(), id, "an", Given.Now).Events[0];
        session.Events.StartStream(Dossier.Key(id), opened, new DossierSubmitted("submitted", "an", Given.Now));
        await session.SaveChangesAsync(Ct);
        return $"/api/appraisal/dossiers/{id}";
    }

    private static JsonElement[] Items(JsonElement body) => [.. body.GetProperty("items").EnumerateArray()];

    private static string Text(JsonElement item, string member) => item.GetProperty(member).GetString()!;

    /// <summary>The invented file of the province.</summary>
    private static JsonNode File() => JsonNode.Parse("""
        {"overlay":"moi-truong","procedure":"commune-ntm","version":"qd18-2022.1","province":"42","valid_from":"2024-01-01","valid_to":null,
         "values":[
          {"at":"steps[submit].documents[letter].required","value":true,"decision":{"number":"7/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}},
          {"at":"transition","value":{"rule":"transfer","mark":"seen","legal_ref":"7/QĐ-UBND"},"decision":{"number":"7/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}],
         "added":[
          {"in":"steps","item":{"id":"kiem-tra-moi-truong","name_vi":"Kiểm tra môi trường","name_en":"Inspection of the environment","process_ref":null,
            "roles":["province-officer"],"of":"province","persons":null,"from":["submitted"],"to":null,"refused_to":null,"recuses":["dossier"],
            "deadline":{"value":null,"kind":null,"mark":"unknown"},"quorum":null,"pass":null,"legal_ref":"7/QĐ-UBND","mark":"seen","after":["submit"],
            "records":"paper","required":{"value":true,"mark":"seen"},"blocks":{"value":true,"mark":"seen"}},
           "decision":{"number":"7/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}},
          {"in":"steps[accept].after","item":"kiem-tra-moi-truong","decision":{"number":"7/QĐ-UBND","date":"2023-12-01","note":null,"mark":"seen"}}]}
        """)!;
}
