using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>
/// What is confirmed before a dossier and corrected or acknowledged after its decision, in every state by every role, over HTTP against
/// <c>tests/recognition-answers.csv</c>.
/// </summary>
public sealed class RecognitionAnswerTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Api = "/api/appraisal";
    private const string Acknowledgements = "acknowledgements";
    private const string Corrections = "corrections";
    private const string Confirmations = "confirmations/";
    private const string Documents = "/documents";
    private const string Commune = "commune-ntm";
    private const string District = "district-ntm~2025-06-30";
    private const string Today = "2025-06-30";

    private static readonly string[][] Table = AnswerTable.Read("recognition-answers.csv");

    private static readonly string[] Conditions = ["arrears", "satisfaction", "security", "criteria"];

    private static readonly string[] Entries = ["recognised", "published", "corrected"];

    /// <summary>What a merged commune and its two predecessors hold.</summary>
    private static readonly string[] Mergers = ["nothing", "pending", "acknowledged", "dossier-open", "one-without", "lower"];

    /// <summary>Before the districts went, so that the rule of the merger is known.</summary>
    private static readonly DateOnly Merged = new(2024, 7, 1);

    private long position = 100;
    private int numbers;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Procedures => [Commune, District];

    [Theory]
    [MemberData(nameof(Procedures))]
    public void Every_state_and_command_has_one_row(string procedure)
    {
        var wanted = from state in (string[])["unconfirmed", "confirmed"] from condition in Conditions from call in (string[])["", Documents] select (state, $"{Confirmations}{condition}{call}");
        wanted = wanted.Concat(Entries.Append("-").Select(state => (state, Corrections)));
        // Of a merged district the letter of 2020 says "the competent authority" and no more: not asked.
        if (procedure == Commune) wanted = wanted.Append(("acknowledged", Corrections)).Append(("succeeded", Corrections)).Concat(Mergers.Select(state => (state, Acknowledgements)));
        Assert.Equal(wanted.Order(), Table.Skip(1).Where(row => row[0] == procedure).Select(row => (row[1], row[2])).Order());
    }

    [Fact]
    public void The_table_speaks_of_these_procedures_asks_every_call_and_every_row_is_whole()
    {
        Assert.Equal(Procedures.Select(p => p.Data).Order(), Table.Skip(1).Select(row => row[0]).Distinct().Order());
        Assert.All(Table, row => Assert.Equal(Table[0].Length, row.Length));
        Assert.Equal(["/acknowledgements", "/{id}/corrections"], AnswerTable.CallsBelow($"{Api}/recognitions").Order(StringComparer.Ordinal));
        Assert.Equal(["{unit}/{condition}", $"{{unit}}/{{condition}}{Documents}"], AnswerTable.CallsBelow($"{Api}/{Confirmations}"));
    }

    [Theory]
    [MemberData(nameof(Procedures))]
    public async Task Every_command_is_answered_as_the_table_says(string procedure)
    {
        await using var service = await StartAsync();
        if (procedure == Commune) await MergeAsync(service);
        foreach (var condition in Conditions.SkipLast(1))
        {
            // Of a district no body confirms that it is safe: there is nothing to begin with.
            if (procedure == District && condition == "security") continue;
            var (path, body) = Call(procedure, $"{Confirmations}{condition}", "confirmed", Guid.Empty);
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Put, path, condition switch { "arrears" => "department-officer@42:SNN#1", "security" => "department-officer@42:CAT#1", _ => "front-officer@42#1" }, body)).Status);
        }

        List<string> wrong = [];
        foreach (var row in Table.Skip(1).Where(row => row[0] == procedure))
        {
            for (var column = 3; column < row.Length; column++)
            {
                // Each correction is of an entry of its own: one that was taken makes another state.
                var entry = row[2] == Corrections ? await EntryAsync(service, procedure, row[1]) : Guid.Empty;
                var (path, body) = Call(procedure, row[2], row[1], entry);
                var method = row[2].StartsWith(Confirmations, StringComparison.Ordinal) && !row[2].EndsWith(Documents, StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post;
                var answer = AnswerTable.Said(await service.SendAsync(method, path, Client(procedure, Table[0][column]), body));
                if (answer != row[column]) wrong.Add($"{row[1]} {row[2]} by {Table[0][column]}: {answer}, and the table says {row[column]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Client(string procedure, string who)
    {
        var commune = procedure == Commune;
        return who switch
        {
            "own-officer" => commune ? "commune-officer@18073#an" : "district-officer@436#an",
            "other-unit" => commune ? "commune-officer@18100#cn" : "district-officer@437#cn",
            "other-level" => commune ? "district-officer@436#dn" : "commune-officer@18073#dn",
            "department-SNN" => "department-officer@42:SNN#en",
            "department-CAT" => "department-officer@42:CAT#cat",
            "department-STC" => "department-officer@42:STC#stc",
            "department-elsewhere" => "department-officer@30:SNN#en",
            "front" => "front-officer@42#fn",
            "front-district" => "front-officer@436#hn",
            "front-elsewhere" => "front-officer@30#fn",
            "province-officer" => "province-officer@42#po",
            "chair-of-council" => commune ? "council-member@42#1" : "council-member@0#1",
            "province-chair" => "province-chair@42#ct",
            "chair-elsewhere" => "province-chair@30#ct",
            "ministry" => "ministry@0#tt",
            "auditor" => "auditor@0#kt",
            "operator" => "operator@0#vh",
            _ => throw new ArgumentOutOfRangeException(nameof(who), who, null),
        };
    }

    private (string Path, object Body) Call(string procedure, string command, string state, Guid entry)
    {
        if (command.StartsWith(Confirmations, StringComparison.Ordinal))
        {
            var condition = command[Confirmations.Length..];
            var unit = (procedure, state) switch { (Commune, "confirmed") => "18073", (Commune, _) => "18100", (_, "confirmed") => "436", _ => "437" };
            return ($"{Api}/{Confirmations}{unit}/{condition}?title={procedure.Split('~')[0]}", new { met = true, value = condition == "satisfaction" ? 96.5m : (decimal?)null, basis = "BC 1", validOn = Today });
        }

        var number = $"{++numbers}/ĐC";
        return command == Corrections
            ? ($"{Api}/recognitions/{entry}/{Corrections}", new { number, date = Today, legalBasis = "QĐ 18", reason = "Ghi sai căn cứ", corrected = new { legalBasis = $"QĐ 18, {number}" } })
            : ($"{Api}/recognitions/{Acknowledgements}", new { unit = Code(state, 0), title = state == "lower" ? "commune-advanced" : Commune, number, date = Today, legalBasis = "QĐ của tỉnh" });
    }

    /// <summary>An entry of the register in a state; an id without one where there is none.</summary>
    private async Task<Guid> EntryAsync(AppraisalService service, string procedure, string state)
    {
        var (id, title, unit) = (Guid.CreateVersion7(), procedure.Split('~')[0], procedure == Commune ? Ref("18073") : Ref("436"));
        if (state == "-") return id;
        var (number, day, issuer) = ($"{++numbers}/QĐ", new DateOnly(2025, 6, 1), procedure == Commune ? Issuers.ProvinceChair : Issuers.PrimeMinister);
        await using var session = service.Store.LightweightSession();
        if (state == "acknowledged")
        {
            session.Events.StartStream(Recognition.Key(id), new TitleAcknowledged(id, unit, title, number, day, "QĐ 18", 2024, [DeterministicId.Of("before")], issuer, "ct", Given.Now));
        }
        else
        {
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), id, "an", Given.Now).Events[0] with { Unit = unit, Title = title, Procedure = title };
            session.Events.StartStream(Dossier.Key(id), opened);
            object[] after = state switch
            {
                "published" => [new RecognitionPublished(new(2025, 6, 20), "Cổng tỉnh", "po", Given.Now)],
                "corrected" => [new RecognitionCorrected($"{++numbers}/ĐC", day, "QĐ 18", "Ghi sai", new(null, null, "QĐ 18/2022", null), issuer, "ct", Given.Now)],
                "succeeded" => [new RecognitionSucceeded(Ref("18100"), new(2025, 6, 20), DeterministicId.Of("after"), "ct", Given.Now)],
                _ => [],
            };
            session.Events.StartStream(Recognition.Key(id), [new RecognitionGranted(id, unit, title, number, day, "QĐ 18", "ct", Given.Now, issuer), .. after]);
        }

        await session.SaveChangesAsync(Ct);
        return id;
    }

    private async Task<AppraisalService> StartAsync()
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), clock: Standstill.LastDayOfDistricts);
        await LearnAsync(service, new(Given.Province, "42", "Tỉnh Hà Tĩnh"), "province", null);
        await LearnAsync(service, Ref("30"), "province", null);
        foreach (var code in (string[])["436", "437"]) await LearnAsync(service, Ref(code), "district", Given.Province);
        await LearnAsync(service, Ref("18073"), "commune", Ref("436").Id);
        await LearnAsync(service, Ref("18100"), "commune", Ref("437").Id);
        return service;
    }

    /// <summary>For each state a commune that was made of two, with what they and it hold.</summary>
    private async Task MergeAsync(AppraisalService service)
    {
        foreach (var state in Mergers)
        {
            UnitRef made = Ref(Code(state, 0)), east = Ref(Code(state, 1)), west = Ref(Code(state, 2));
            foreach (var part in (UnitRef[])[east, west]) await LearnAsync(service, part, "commune", Ref("436").Id, to: Merged.AddDays(-1), after: [new(made.Id, Merged, "whole")]);
            await LearnAsync(service, made, "commune", Ref("436").Id, from: Merged, before: [new(east.Id, Merged, "whole"), new(west.Id, Merged, "whole")]);
            await using var session = service.Store.LightweightSession();
            UnitRef[] recognised = state switch { "nothing" => [], "one-without" => [east], _ => [east, west] };
            foreach (var part in recognised)
            {
                var id = Guid.CreateVersion7();
                session.Events.StartStream(Recognition.Key(id), new RecognitionGranted(id, part, Commune, $"{++numbers}/QĐ", new(2019, 10, 1), "QĐ 18", "ct", Given.Now, Issuers.ProvinceChair));
            }

            object[] held = state switch
            {
                "acknowledged" => [new TitleClaimed(made.Id, Commune, DeterministicId.Of(state), "an", Given.Now), new TitleGranted(DeterministicId.Of(state), "ct", Given.Now)],
                "dossier-open" => [new TitleClaimed(made.Id, Commune, DeterministicId.Of(state), "an", Given.Now)],
                _ => [],
            };
            if (held.Length > 0) session.Events.StartStream(TitleHold.Key(made.Id, Commune), held);
            await session.SaveChangesAsync(Ct);
        }
    }

    private static string Code(string state, int part) => $"19{Array.IndexOf(Mergers, state)}0{part}";

    private static UnitRef Ref(string code) => new(DeterministicId.Of(code), code, $"Đơn vị {code}");

    private Task LearnAsync(
        AppraisalService service, UnitRef unit, string level, Guid? parent, DateOnly? from = null, DateOnly? to = null, IReadOnlyList<UnitLink>? before = null, IReadOnlyList<UnitLink>? after = null) =>
        service.LearnAsync(
            new UnitChanged(
                Given.Origin with { Stream = $"unit/{unit.Id}", Position = ++position }, new(unit.Id, level, null, [new(unit.Code, unit.Name, unit.Name, level, parent, from, to, null, "seen")], before ?? [], after ?? [])),
            Ct);
}
