using Ntm.Architecture.Tests;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Appraisal.Tests;

/// <summary>What a service waits for of another one's replay.</summary>
public sealed class IntroductionTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private const int Rounds = 300;
    private const string Consumer = "appraisal";
    private const string Owner = "criteria";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wait_that_ended_is_not_begun_anew_by_whoever_was_reading_it()
    {
        await using var service = await AppraisalService.StartAsync(await postgres.CreateAsync());
        using var introductions = new Introductions(Consumer, service.Store, TimeProvider.System);
        for (var n = 0; n < Rounds; n++)
        {
            var request = Guid.CreateVersion7();
            await introductions.AskedAsync(Owner, request, Ct);
            Assert.True(introductions.IsAwaited(Owner));
            var ended = introductions.EndedAsync(new(Consumer, Owner, request, n), Ct);
            await Task.WhenAll(introductions.LoadAsync(Ct), ended, introductions.LoadAsync(Ct));
            Assert.True(await ended);
            Assert.False(introductions.IsAwaited(Owner), $"In round {n} what is announced is left to a replay that is over.");
        }
    }
}
