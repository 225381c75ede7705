using JasperFx.Events;
using JasperFx.Events.Projections;
using Marten;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Recognitions;
using Ntm.Architecture.Tests;
using Ntm.Contracts.Criteria;

namespace Ntm.Appraisal.Tests;

/// <summary>After a restore every subscription begins anew: what it recorded stands, and nothing comes to it.</summary>
public sealed class RewindTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const string Title = "commune-ntm";
    private long position = 4_711;
    private long done;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(500)]
    public async Task What_eligibility_and_basis_have_recorded_they_do_not_record_again_when_they_begin_with_the_first_event(int page)
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        await service.LearnUnitAsync(new(Given.Province, "42", "Tỉnh Hà Tĩnh"), "province", null, Ct);
        await service.LearnUnitAsync(Given.Unit, "commune", Given.Province, Ct);
        await service.LearnAsync(new SetPublished(Given.Origin with { Stream = $"set/{Given.SetId}" }, Given.Set("1.1", "1.2")), Ct);
        await AssessAsync(service, 61, "met");
        await RunAsync(service, page);
        var dossier = Given.Accepted();
        await using (var session = service.Store.LightweightSession())
        {
            session.LastModifiedBy = "po";
            var opened = (DossierOpened)OpenDossier.Decide(null, Given.Target(), Given.Eligible(), dossier.Number, "an", Given.Now).Events[0];
            session.Events.StartStream(dossier.Id, opened, new DossierSubmitted("submitted", "an", Given.Now), new DossierAccepted("accepted", "po", Given.Now));
            session.Events.StartStream(TitleHold.Key(Given.Unit.Id, Title), new TitleClaimed(Given.Unit.Id, Title, dossier.Number, "an", Given.Now));
            foreach (var condition in (string[])["arrears", "satisfaction", "security"])
                session.Events.StartStream(Confirmation.Key(Given.Unit.Id, Title, condition), new ConditionConfirmed(Given.Unit.Id, Title, condition, true, 96.5m, "BC 1", new(2025, 12, 31), "x", Given.Now));
            await session.SaveChangesAsync(Ct);
        }

        await RunAsync(service, page);
        await AssessAsync(service, 62, "notMet");
        await RunAsync(service, page);
        await AssessAsync(service, 63, "met");
        await RunAsync(service, page);
        var recorded = await EventsAsync(service);
        Assert.Equal(
            (2, 1), (recorded.Count(e => e.Data is UnitBecameEligible), recorded.Count(e => e.Data is UnitCeasedToBeEligible)));
        Assert.Contains(recorded, e => e.Data is BasisChanged);

        done = 0;
        await RunAsync(service, page);
        Assert.Equal(recorded.Select(e => e.Id), (await EventsAsync(service)).Select(e => e.Id));
    }

    /// <summary>Both subscriptions go on from where they were, to the end.</summary>
    private async Task RunAsync(AppraisalService service, int page)
    {
        while (true)
        {
            await using var session = service.Store.LightweightSession();
            var events = await session.Events.QueryAllRawEvents().Where(e => e.Sequence > done).OrderBy(e => e.Sequence).Take(page).ToListAsync(Ct);
            if (events.Count == 0) return;
            var range = new EventRange(new ShardName("rewound"), events[^1].Sequence) { Events = [.. events] };
            await new EligibilityWatch(service.Services).ProcessEventsAsync(range, null!, session, Ct);
            await new BasisWatch(service.Services).ProcessEventsAsync(range, null!, session, Ct);
            done = events[^1].Sequence;
        }
    }

    private async Task AssessAsync(AppraisalService service, long version, string status) => await service.LearnAsync(
        new AssessmentChanged(
            Given.Origin with { Stream = $"assessment/{Given.Unit.Id}/{Given.SetId}", Position = position++ },
            Given.Assessed(("1.1", "met"), ("1.2", status)).Assessment with { Basis = [new("2024-Q4", version, ["an", "po"], ["an"])] }),
        Ct);

    private static async Task<IReadOnlyList<IEvent>> EventsAsync(AppraisalService service)
    {
        await using var session = service.Store.QuerySession();
        return await session.Events.QueryAllRawEvents().OrderBy(e => e.Sequence).ToListAsync(Ct);
    }
}
