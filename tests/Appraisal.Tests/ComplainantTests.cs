using System.Collections.Concurrent;
using System.Text.Json;
using Marten;
using Microsoft.Extensions.Logging;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.Architecture.Tests;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>Who complained is told to those who record and answer complaints and to the auditor, and nowhere else; the complaint itself is.</summary>
public sealed class ComplainantTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Name = "Trần Thị Kín";
    private const string Officer = "province-officer@42#quy";
    private static readonly Guid Id = DeterministicId.Of("complained-of");
    private static readonly string Path = $"/api/appraisal/dossiers/{Id}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_complained_is_told_to_those_who_take_complaints_and_to_the_auditor_alone()
    {
        var database = await postgres.CreateAsync();
        using var log = new Lines();
        await using var service = await StartAsync(database, log);
        Assert.Equal(200, (await service.SendAsync(HttpMethod.Post, $"{Path}/complaint", Officer, new { from = Name, text = "Đường chưa xong", on = "2026-11-20" })).Status);
        await Settled.MarkAsync(database);
        var then = await Settled.LastAsync(database);
        string[] reads = [Path, $"{Path}?asOf={then}", $"{Path}/history", $"{Path}/history?asOf={then}", $"{Path}/history?format=csv", $"{Path}/difference?from=2020-01-01T00:00:00Z", $"{Path}/difference?from=2020-01-01T00:00:00Z&to={then}"];
        foreach (var (client, told) in (Dictionary<string, bool>)new()
        {
            [Officer] = true,
            ["auditor@0#kiem"] = true,
            ["commune-officer@18073#an"] = false,
            ["department-officer@42:SNN#binh"] = false,
            ["province-chair@42#ct"] = false,
            ["council-member@42#1"] = false,
        })
        {
            foreach (var read in reads)
            {
                var (status, text) = await service.TextAsync(HttpMethod.Get, read, client);
                Assert.True(status == 200, $"{read} by {client}: {status} {text}");
                Assert.True(text.Contains("Đường chưa xong", StringComparison.Ordinal), $"{read} by {client}: the complaint is missing.");
                Assert.True(text.Contains(Name, StringComparison.Ordinal) == told, $"{read} by {client}: {text}");
            }
        }

        Assert.DoesNotContain(Name, await AnnouncedAsync(service), StringComparison.Ordinal);
        Assert.NotEmpty(log.Said);
        Assert.DoesNotContain(log.Said, line => line.Contains(Name, StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_that_was_given_with_a_remark_in_the_consultation_stays()
    {
        var dossier = Given.Opened() with { Remarks = [new(StepIds.Consultation, 1, Name, "Rõ", Given.Today, "an", Given.Now, null), new(StepIds.Complaint, 1, Name, "Chậm", Given.Today, "quy", Given.Now, null)] };
        Assert.Equal([Name, null], dossier.WithoutComplainants().Remarks.Select(r => r.Of));
    }

    private static async Task<AppraisalService> StartAsync(string database, ILoggerProvider log)
    {
        var service = await AppraisalService.StartAsync(database, log: log, clock: new Standstill(Given.Now));
        await service.LearnUnitAsync(new(Given.Province, "42", "Tỉnh Hà Tĩnh"), "province", null, Ct);
        await service.LearnUnitAsync(Given.Unit, "commune", Given.Province, Ct);
        var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), Id, "an", Given.Now).Events[0];
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(
            Dossier.Key(Id), opened, new CouncilNamed("1", [new("1", "council-member@42#1")], "voting", "po", Given.Now),
            new DecisionSigned("1/QĐ", Given.Today, "QĐ 18", "decided", "ct", Given.Now), new DossierPublished(Given.Today, "Cổng tỉnh", "published", "po", Given.Now));
        await session.SaveChangesAsync(Ct);
        return service;
    }

    private static async Task<string> AnnouncedAsync(AppraisalService service)
    {
        var map = service.Map().AnnounceDossiers(Given.Book);
        await using var query = service.Store.QuerySession();
        List<string> told = [];
        foreach (var e in await query.Events.QueryAllRawEvents().OrderBy(e => e.Sequence).ToListAsync(Ct))
            told.AddRange((await map.MapAsync(e, query, Ct)).Select(m => JsonSerializer.Serialize(m, m.GetType(), NtmJson.Http)));
        Assert.NotEmpty(told);
        return string.Join('\n', told);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Said { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose() => Said.Clear();
    }
}
