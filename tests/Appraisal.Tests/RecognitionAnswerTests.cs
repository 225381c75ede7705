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
    private const string OwnTitle = "province-ntm~2025-06-30";
    private const string Today = "2025-06-30";

    private static readonly string[][] Table = AnswerTable.Read("recognition-answers.csv");

    private static readonly string[] Conditions = ["arrears", "satisfaction", "security", "criteria"];

    private static readonly string[] Entries = ["recognised", "published", "corrected", "acknowledged", "succeeded"];

    /// <summary>What a merged commune and its two predecessors hold.</summary>
    private static readonly string[] Mergers = ["nothing", "pending", "acknowledged", "dossier-open", "one-without", "lower"];

    /// <summary>Before the districts went, so that the rule of the merger is known.</summary>
    private static readonly DateOnly Merged = new(2024, 7, 1);

    private int numbers;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Procedures => [Commune, District, OwnTitle];

    [Theory]
    [MemberData(nameof(Procedures))]
    public void Every_state_and_command_has_one_row(string procedure)
    {
        var wanted = from state in (string[])["unconfirmed", "confirmed"] from condition in Conditions from call in (string[])["", Documents] select (state, $"{Confirmations}{condition}{call}");
        wanted = wanted.Concat(Entries.Append("-").Select(state => (state, Corrections)));
        // Provinces were not merged here: nothing waits to be acknowledged.
        wanted = wanted.Concat((procedure == OwnTitle ? Mergers[..1] : Mergers).Select(state => (state, Acknowledgements)));
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
        if (procedure != OwnTitle) await MergeAsync(service, procedure);
        foreach (var condition in Conditions.SkipLast(1))
        {
            // Of a district or a province no body confirms that it is safe: there is nothing to begin with.
            if (procedure != Commune && condition == "security") continue;
            var (path, body) = Call(procedure, $"{Confirmations}{condition}", "confirmed", Guid.Empty);
            Assert.Equal(200, (await service.SendAsync(HttpMethod.Put, path, condition switch { "arrears" when procedure == OwnTitle => "ministry@0#1", "arrears" => "department-officer@42:SNN#1", "security" => "department-officer@42:CAT#1", _ => "front-officer@42#1" }, body)).Status);
        }

        // All that is refused is asked of one entry in each state; a correction that is taken makes another state.
        Dictionary<string, Guid> shared = [];
        foreach (var state in Entries.Append("-")) shared[state] = await EntryAsync(service, procedure, state);
        var wrong = await AnswerTable.AskAsync(Table, procedure, async (row, who) =>
        {
            var own = row[2] == Corrections && row[Array.IndexOf(Table[0], who)] == AnswerTable.Allowed;
            var (path, body) = Call(procedure, row[2], row[1], row[2] != Corrections ? Guid.Empty : own ? await EntryAsync(service, procedure, row[1]) : shared[row[1]]);
            var method = row[2].StartsWith(Confirmations, StringComparison.Ordinal) && !row[2].EndsWith(Documents, StringComparison.Ordinal) ? HttpMethod.Put : HttpMethod.Post;
            return AnswerTable.Said(await service.SendAsync(method, path, Client(procedure, who), body));
        });
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string Client(string procedure, string who)
    {
        var commune = procedure == Commune;
        var (own, other, level) = procedure switch
        {
            Commune => ("commune-officer@18073", "commune-officer@18100", "district-officer@436"),
            District => ("district-officer@436", "district-officer@437", "commune-officer@18073"),
            _ => ("province-officer@42", "province-officer@30", "district-officer@436"),
        };
        return who switch
        {
            "own-officer" => $"{own}#an",
            "other-unit" => $"{other}#cn",
            "other-level" => $"{level}#dn",
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
            var unit = (procedure, state) switch { (Commune, "confirmed") => "18073", (Commune, _) => "18100", (District, "confirmed") => "436", (District, _) => "437", _ => "42" };
            return ($"{Api}/{Confirmations}{unit}/{condition}?title={procedure.Split('~')[0]}", new { met = true, value = condition == "satisfaction" ? 96.5m : (decimal?)null, basis = "BC 1", validOn = Today });
        }

        var number = $"{Interlocked.Increment(ref numbers)}/ĐC";
        return command == Corrections
            ? ($"{Api}/recognitions/{entry}/{Corrections}", new { number, date = Today, legalBasis = "QĐ 18", reason = "Ghi sai căn cứ", corrected = new { legalBasis = $"QĐ 18, {number}" } })
            : ($"{Api}/recognitions/{Acknowledgements}", new { unit = procedure == OwnTitle ? "42" : Code(procedure, state, 0), title = state == "lower" ? procedure.Split('~')[0].Replace("-ntm", "-advanced", StringComparison.Ordinal) : procedure.Split('~')[0], number, date = Today, legalBasis = "QĐ của tỉnh" });
    }

    /// <summary>An entry of the register in a state; an id without one where there is none.</summary>
    private async Task<Guid> EntryAsync(AppraisalService service, string procedure, string state)
    {
        var (id, title, unit) = (Guid.CreateVersion7(), procedure.Split('~')[0], procedure switch { Commune => Ref("18073"), District => Ref("436"), _ => new(Given.Province, "42", "Tỉnh Hà Tĩnh") });
        if (state == "-") return id;
        var (number, day, issuer) = ($"{Interlocked.Increment(ref numbers)}/QĐ", new DateOnly(2025, 6, 1), procedure == Commune ? Issuers.ProvinceChair : Issuers.PrimeMinister);
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
                "corrected" => [new RecognitionCorrected($"{Interlocked.Increment(ref numbers)}/ĐC", day, "QĐ 18", "Ghi sai", new(null, null, "QĐ 18/2022", null), issuer, "ct", Given.Now)],
                "succeeded" => [new RecognitionSucceeded(Ref(procedure == Commune ? "18100" : "437"), new(2025, 6, 20), DeterministicId.Of("after"), "ct", Given.Now)],
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
        await service.LearnUnitAsync(new(Given.Province, "42", "Tỉnh Hà Tĩnh"), "province", null, Ct);
        await service.LearnUnitAsync(Ref("30"), "province", null, Ct);
        foreach (var code in (string[])["436", "437"]) await service.LearnUnitAsync(Ref(code), "district", Given.Province, Ct);
        await service.LearnUnitAsync(Ref("18073"), "commune", Ref("436").Id, Ct);
        await service.LearnUnitAsync(Ref("18100"), "commune", Ref("437").Id, Ct);
        return service;
    }

    /// <summary>For each state a unit that was made of two, with what they and it hold.</summary>
    private async Task MergeAsync(AppraisalService service, string procedure)
    {
        var (title, level, parent, issuer) = procedure == Commune ? (Commune, "commune", Ref("436").Id, Issuers.ProvinceChair) : ("district-ntm", "district", Given.Province, Issuers.PrimeMinister);
        foreach (var state in Mergers)
        {
            UnitRef made = Ref(Code(procedure, state, 0)), east = Ref(Code(procedure, state, 1)), west = Ref(Code(procedure, state, 2));
            foreach (var part in (UnitRef[])[east, west]) await service.LearnUnitAsync(part, level, parent, Ct, to: Merged.AddDays(-1), after: [new(made.Id, Merged, "whole")]);
            await service.LearnUnitAsync(made, level, parent, Ct, from: Merged, before: [new(east.Id, Merged, "whole"), new(west.Id, Merged, "whole")]);
            await using var session = service.Store.LightweightSession();
            UnitRef[] recognised = state switch { "nothing" => [], "one-without" => [east], _ => [east, west] };
            foreach (var part in recognised)
            {
                var id = Guid.CreateVersion7();
                session.Events.StartStream(Recognition.Key(id), new RecognitionGranted(id, part, title, $"{++numbers}/QĐ", new(2019, 10, 1), "QĐ 18", "ct", Given.Now, issuer));
            }

            object[] held = state switch
            {
                "acknowledged" => [new TitleClaimed(made.Id, title, DeterministicId.Of(state), "an", Given.Now), new TitleGranted(DeterministicId.Of(state), "ct", Given.Now)],
                "dossier-open" => [new TitleClaimed(made.Id, title, DeterministicId.Of(state), "an", Given.Now)],
                _ => [],
            };
            if (held.Length > 0) session.Events.StartStream(TitleHold.Key(made.Id, title), held);
            await session.SaveChangesAsync(Ct);
        }
    }

    private static string Code(string procedure, string state, int part) => procedure == Commune ? $"19{Array.IndexOf(Mergers, state)}0{part}" : $"9{Array.IndexOf(Mergers, state)}{part}";

    private static UnitRef Ref(string code) => new(DeterministicId.Of(code), code, $"Đơn vị {code}");
}
