using Ntm.Appraisal.Council;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Tests;

/// <summary>
/// Every command on a council's session, and those of its dossier that it takes the place of, in every state of the session by every
/// relation to it, over HTTP against <c>tests/council-answers.csv</c>. Of the members 1 is in the chair, 2 the secretary, 4 has voted once
/// the vote is open, 5 is absent, 6 is recused, 9 invited; "an" prepared the dossier, "tv" verified and "po" approved its figures, "nd"
/// accepted it, "x" confirmed its conditions. <c>/secret</c> behind the procedure is a secret ballot, <c>~</c> and a day the day on which it is asked. The states are those that <c>GET /sessions/{id}</c> tells, and a vote with an unanswered flag.
/// </summary>
public sealed class CouncilAnswerTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Api = "/api/appraisal";
    private const string Sessions = $"{Api}/sessions";
    private const string Nothing = "-";
    private const string Called = "called";
    private const string Flagged = "flagged";
    private const string Closed = "closed";
    private const string Dissolved = "dissolved";
    private const string Appoint = "appoint";
    private const string OfAnother = "recusals/other";
    private const string Shorter = "attendance/shorter";
    private const string VotesWithRemark = "votes/remark";
    private const string FlagAnswer = "flags/answer";
    private const string Beside = "dossier/";

    private static readonly string[][] Table = AnswerTable.Read("council-answers.csv");

    private static readonly string[] States = [Called, "voting", Flagged, Closed, Dissolved];

    /// <summary>Asked in every state of a session.</summary>
    private static readonly string[] Acts =
    [
        "recusals", OfAnother, "attendance", Shorter, "votes", VotesWithRemark, "close", "dissolution", FlagAnswer, $"{Beside}votes", $"{Beside}votes/close", $"{Beside}dissolve",
    ];

    /// <summary>Who is named beside the council of all other rows, and whether he votes; asked while there is no session.</summary>
    private static readonly Dictionary<string, (string Client, bool Voting)> Named = new(StringComparer.Ordinal)
    {
        [$"{Appoint}/preparer"] = ("{council}#an", true),
        [$"{Appoint}/verifier"] = ("{council}#tv", true),
        [$"{Appoint}/approver"] = ("{council}#po", true),
        [$"{Appoint}/confirmer"] = ("{council}#x", true),
        [$"{Appoint}/accepter"] = ("{council}#nd", true),
        [$"{Appoint}/approver-invited"] = ("{council}#po", false),
        [$"{Appoint}/elsewhere"] = ("council-member@30#8", true),
    };

    private static readonly Dictionary<string, Place> Places = new(StringComparer.Ordinal)
    {
        ["commune-ntm"] = new(("commune", "18000"), new(Given.Now), "province-officer@42", "council-member@42", "ministry@0", "commune-officer@18000"),
        ["commune-ntm/secret"] = new(("commune", "18000"), new(Given.Now), "province-officer@42", "council-member@42", "ministry@0", "commune-officer@18000", CouncilSession.Secret),
        ["district-ntm~2025-06-30"] = new(("district", "436"), Standstill.LastDayOfDistricts, "ministry@0", "council-member@0", "province-officer@42", "district-officer@436"),
        ["district-ntm~2025-06-30/secret"] = new(("district", "436"), Standstill.LastDayOfDistricts, "ministry@0", "council-member@0", "province-officer@42", "district-officer@436", CouncilSession.Secret),
        // What was begun while there were districts is ended by the country's bodies: no act that was read stops them.
        ["district-ntm~2025-07-01"] = new(("district", "436"), Standstill.FirstDayWithoutDistricts, "ministry@0", "council-member@0", "province-officer@42", "district-officer@436"),
    };

    private int built;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Procedures => [.. Places.Keys];

    [Theory]
    [MemberData(nameof(Procedures))]
    public void Every_state_and_command_of_a_session_has_one_row(string procedure)
    {
        var wanted = from state in States from command in Acts.Append(Appoint) select (state, command);
        wanted = wanted.Append((Nothing, Appoint)).Concat(Named.Keys.Select(command => (Nothing, command)));
        Assert.Equal(wanted.Order(), Table.Skip(1).Where(row => row[0] == procedure).Select(row => (row[1], row[2])).Order());
    }

    [Fact]
    public void The_table_speaks_of_these_procedures_asks_every_call_on_a_session_and_every_row_is_whole()
    {
        Assert.Equal(Procedures.Select(p => p.Data).Order(), Table.Skip(1).Select(row => row[0]).Distinct().Order());
        Assert.All(Table, row => Assert.Equal(Table[0].Length, row.Length));
        Assert.All(AnswerTable.CallsBelow(Sessions), call => Assert.Contains(call.Length == 0 ? Appoint : call.Replace("/{id}/", "", StringComparison.Ordinal), Acts.Append(Appoint)));
    }

    [Theory]
    [MemberData(nameof(Procedures))]
    public async Task Every_command_is_answered_as_the_table_says(string procedure)
    {
        var place = Places[procedure];
        await using var service = await StartAsync(place);
        // All that is refused is asked of one sitting in each state, what is allowed of one of its own.
        Dictionary<(string State, bool Flagged), Sitting> shared = [];
        foreach (var state in Table.Skip(1).Where(row => row[0] == procedure).Select(StateOf).Distinct()) shared[state] = await BuildAsync(service, place, procedure, state);
        var wrong = await AnswerTable.AskAsync(Table, procedure, async (row, who) =>
        {
            var own = row[Array.IndexOf(Table[0], who)] == AnswerTable.Allowed;
            var sitting = own ? await BuildAsync(service, place, procedure, StateOf(row)) : shared[StateOf(row)];
            var (path, body) = Call(place, sitting, row[2], row[1], who);
            return AnswerTable.Said(await service.SendAsync(HttpMethod.Post, path, Client(place, who), body));
        });
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));

        static (string State, bool Flagged) StateOf(string[] row) => (row[1], row[2] == FlagAnswer || row[1] == Flagged);
    }

    /// <summary>The procedure's unit and day, and who calls the council and sits on it.</summary>
    /// <param name="OtherLevel">Who calls it of the other title.</param>
    private sealed record Place((string Level, string Code) Unit, Standstill Day, string Caller, string Council, string OtherLevel, string Own, string Ballot = CouncilSession.Open)
    {
        public UnitRef Ref { get; } = new(DeterministicId.Of(Unit.Code), Unit.Code, $"Đơn vị {Unit.Code}");

        public string Member(string person) => $"{Council}#{person}";
    }

    /// <summary>One dossier with its session; without a path where none was called.</summary>
    private sealed record Sitting(Guid Dossier, string Path);

    private static string Client(Place place, string who) => who switch
    {
        "chair" => place.Member("1"),
        "secretary" => place.Member("2"),
        "member" => place.Member("3"),
        "voted" => place.Member("4"),
        "absent" => place.Member("5"),
        "recused" => place.Member("6"),
        "invited" => place.Member("9"),
        "council-outside" => place.Member("8"),
        // The member himself, with the right that another province gave him.
        "member-elsewhere" => "council-member@30#3",
        "caller" => $"{place.Caller}#quy",
        "officer" => $"{place.Caller}#hai",
        "approver" => $"{place.Caller}#po",
        "verifier" => "department-officer@42:SNN#tv",
        "preparer" => $"{place.Own}#an",
        "other-province" => "province-officer@30#khac",
        "other-level" => $"{place.OtherLevel}#cap",
        "province-chair" => "province-chair@42#ct",
        "front" => "front-officer@42#mt",
        "auditor" => "auditor@0#kt",
        "operator" => "operator@0#vh",
        _ => throw new ArgumentOutOfRangeException(nameof(who), who, null),
    };

    private static (string Path, object Body) Call(Place place, Sitting at, string command, string state, string who)
    {
        var person = Actor.PersonOf(Client(place, who));
        var dossier = $"{Api}/dossiers/{at.Dossier}";
        return command switch
        {
            Appoint => (Sessions, Appointment(place, at.Dossier)),
            _ when Named.TryGetValue(command, out var named) =>
                (Sessions, Appointment(place, at.Dossier, (named.Client.Replace("{council}", place.Council, StringComparison.Ordinal), named.Voting))),
            "recusals" => ($"{at.Path}/{command}", new { member = person, reason = "Người thân ở đơn vị" }),
            OfAnother => ($"{at.Path}/recusals", new { member = "7", reason = "Người thân ở đơn vị" }),
            "attendance" => ($"{at.Path}/{command}", new { present = state == Called ? Present : [.. Present, "5"] }),
            Shorter => ($"{at.Path}/attendance", new { present = (string[])["1", "2", "3"] }),
            "votes" => ($"{at.Path}/{command}", Votes(at.Dossier)),
            VotesWithRemark => ($"{at.Path}/votes", new { votes = new[] { new { dossier = at.Dossier, vote = "for", remark = "Đủ điều kiện" } } }),
            "close" => ($"{at.Path}/{command}", Close(place, at.Dossier)),
            "dissolution" => ($"{at.Path}/{command}", new { reason = "Hội đồng không đủ người" }),
            FlagAnswer => ($"{dossier}/flags/1/answer", new { answer = "immaterial", reason = "Không ảnh hưởng" }),
            $"{Beside}votes" => ($"{dossier}/votes", new { vote = "for" }),
            $"{Beside}votes/close" => ($"{dossier}/votes/close", new { }),
            $"{Beside}dissolve" => ($"{dossier}/dissolve", new { reason = "Hội đồng không đủ người" }),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
        };
    }

    /// <summary>All but 5.</summary>
    private static string[] Present => ["1", "2", "3", "4", "6", "7", "9"];

    private static object Votes(Guid dossier, string vote = "for") => new { votes = new[] { new { dossier, vote } } };

    /// <summary>Of the central council no share is known: the chair states the result.</summary>
    private static object Close(Place place, Guid dossier) => place.Unit.Level == "district"
        ? new { stated = new[] { new { dossier, passed = true, basis = "Biên bản số 1" } } }
        : new { };

    private static object Appointment(Place place, Guid dossier, (string Client, bool Voting)? beside = null) => new
    {
        appointment = new { number = "12/QĐ-UBND", date = "2025-06-20", issuer = "Cơ quan lập Hội đồng" },
        chair = place.Member("1"),
        secretary = place.Member("2"),
        members = ((string[])[.. Present, "5"]).Select(p => (Client: place.Member(p), Voting: p != "9")).Concat(beside is { } one ? [one] : [])
            .Select(m => new { client = m.Client, body = "Cơ quan", voting = m.Voting }),
        dossiers = new[] { dossier },
        ballot = place.Ballot,
    };

    private async Task<Sitting> BuildAsync(AppraisalService service, Place place, string procedure, (string Name, bool Flagged) wanted)
    {
        var (state, flagged) = wanted;
        var dossier = await AcceptedAsync(service, place, procedure.Split('~', '/')[0]);
        if (state == Nothing) return new(dossier, "");

        async Task<string?> Take(string path, string client, object body)
        {
            var (status, answer) = await service.SendAsync(HttpMethod.Post, path, client, body);
            Assert.True(status < 300, $"{path} by {client}: {answer}");
            return answer.TryGetProperty("id", out var id) ? id.GetString() : null;
        }

        var at = new Sitting(dossier, $"{Sessions}/{await Take(Sessions, Client(place, "caller"), Appointment(place, dossier))}");
        await Take($"{at.Path}/recusals", Client(place, "recused"), new { member = "6", reason = "Người thân ở đơn vị" });
        if (state != Called)
        {
            await Take($"{at.Path}/attendance", Client(place, "secretary"), new { present = Present });
            await Take($"{at.Path}/votes", Client(place, "voted"), Votes(dossier));
        }

        if (state == Closed)
        {
            // A secret ballot is counted by those who voted, not by those who came.
            if (place.Ballot == CouncilSession.Secret)
                foreach (var other in (string[])["1", "2", "3", "7"]) await Take($"{at.Path}/votes", place.Member(other), Votes(dossier, "against"));
            await Take($"{at.Path}/close", Client(place, "chair"), Close(place, dossier));
        }

        if (state == Dissolved) await Take($"{at.Path}/dissolution", Client(place, "caller"), new { reason = "Hội đồng không đủ người" });
        if (!flagged) return at;
        await using var session = service.Store.LightweightSession();
        var stream = await session.Events.FetchForWriting<Dossier>(Dossier.Key(dossier), Ct);
        stream.AppendOne(new BasisChanged([new(BasisChanges.Figure, "1.2", new("met", null), new("notMet", null))], 5, Given.Now));
        await session.SaveChangesAsync(Ct);
        return at;
    }

    private async Task<Guid> AcceptedAsync(AppraisalService service, Place place, string procedure)
    {
        var number = Interlocked.Increment(ref built);
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), DeterministicId.Of($"sat-on-{number}"), "an", Given.Now).Events[0];
        opened = opened with { Unit = place.Ref, Title = procedure, Procedure = procedure, Basis = opened.Basis with { Persons = ["an", "tv", "po"] } };
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(Dossier.Key(opened.Dossier), opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "nd", Given.Now));
        if (number == 1) session.Events.StartStream(TitleHold.Key(place.Ref.Id, procedure), new TitleClaimed(place.Ref.Id, procedure, opened.Dossier, "an", Given.Now));
        await session.SaveChangesAsync(Ct);
        return opened.Dossier;
    }

    private async Task<AppraisalService> StartAsync(Place place)
    {
        var service = await AppraisalService.StartAsync(await postgres.CreateAsync(), clock: place.Day);
        await service.LearnUnitAsync(new(Given.Province, "42", "Tỉnh Hà Tĩnh"), "province", null, Ct);
        await service.LearnUnitAsync(new(DeterministicId.Of("30"), "30", "Tỉnh khác"), "province", null, Ct);
        await service.LearnUnitAsync(place.Ref, place.Unit.Level, Given.Province, Ct, to: place.Unit.Level == "district" ? new(2025, 6, 30) : null);
        return service;
    }
}
