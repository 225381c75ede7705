using JasperFx;
using Npgsql;
using Ntm.Architecture.Tests;
using Ntm.Criteria.Catalogue;

namespace Ntm.Criteria.Tests.Catalogue;

/// <summary>Sets in a real store.</summary>
public sealed class SetStoreTests(ScratchPostgres postgres) : IClassFixture<ScratchPostgres>
{
    private static readonly LegalAct Act = new("211/QĐ-TTg", new(2024, 3, 1), null, null);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_rests_on_a_set_is_not_saved_when_the_set_changed_meanwhile()
    {
        await using var service = await CriteriaService.PrepareAsync(await postgres.CreateAsync());
        var key = CriteriaSet.Key(SetJson.Set.Id);
        await AppendAsync(new CriteriaSetPublished(SetJson.Set, "bo", Given.Imported));
        Assert.Equal(1, await AdaptAsync("bo-mot", () => Task.CompletedTask));
        await Assert.ThrowsAnyAsync<ConcurrencyException>(() => AdaptAsync("bo-hai", () => AppendAsync(new SetRetired(Act, new(2026, 2, 14), null, "bo", Given.Imported))));
        await using var after = service.Store.QuerySession();
        Assert.NotNull(await after.LoadAsync<SetRecord>("set/bo-mot", Ct));
        Assert.Null(await after.LoadAsync<SetRecord>("set/bo-hai", Ct));
        var retired = (await after.LoadAsync<SetRecord>(key, Ct))!;
        Assert.Equal((2, true), (retired.Version, retired.Retired is not null));

        async Task AppendAsync(object e)
        {
            await using var session = service.Store.LightweightSession();
            (await session.Events.FetchForWriting<SetRecord>(key, Ct)).AppendOne(e);
            await session.SaveChangesAsync(Ct);
        }

        async Task<int> AdaptAsync(string id, Func<Task> meanwhile)
        {
            await using var session = service.Store.LightweightSession();
            var national = (await SetCatalogue.ReadAsync(session, SetJson.Set.Id, Ct))!;
            await meanwhile();
            session.Events.StartStream(CriteriaSet.Key(id), new SetAdapted(SetJson.Set with { Id = id }, new(SetJson.Set.Id, national.Latest.Number), Guid.Empty, "phuong", Given.Imported));
            await session.SaveChangesAsync(Ct);
            return national.Latest.Number;
        }
    }

    [Fact]
    public async Task While_one_reads_anew_nobody_is_told_what_was_before_a_write()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.PrepareAsync(database);
        Assert.Empty(await service.Sets.AllAsync(Ct));
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(CriteriaSet.Key(SetJson.Set.Id), new CriteriaSetPublished(SetJson.Set, "bo", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        service.Sets.Invalidate();
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var locked = await connection.BeginTransactionAsync(Ct);
        await using var exclusive = new NpgsqlCommand("lock table mt_doc_setrecord in access exclusive mode", connection, locked);
        await exclusive.ExecuteNonQueryAsync(Ct);
        var first = service.Sets.FindAsync(SetJson.Set.Id, Ct).AsTask();
        var beside = service.Sets.FindAsync(SetJson.Set.Id, Ct).AsTask();
        await locked.CommitAsync(Ct);
        Assert.NotNull(await first);
        Assert.NotNull(await beside);
    }

    [Fact]
    public async Task What_was_stored_before_there_were_versions_reads_as_after_a_rebuild()
    {
        var database = await postgres.CreateAsync();
        await using var service = await CriteriaService.PrepareAsync(database);
        await using (var session = service.Store.LightweightSession())
        {
            session.Events.StartStream(CriteriaSet.Key(SetJson.Set.Id), new CriteriaSetPublished(SetJson.Set, "bo", Given.Imported));
            await session.SaveChangesAsync(Ct);
        }

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync(Ct);
        await using var old = new NpgsqlCommand("update mt_doc_setrecord set data = jsonb_build_object('id', data->'id', 'set', data->'versions'->0->'set')", connection);
        Assert.Equal(1, await old.ExecuteNonQueryAsync(Ct));
        var version = Assert.Single((await service.Sets.FindAsync(SetJson.Set.Id, Ct))!.Versions);
        Assert.Equal((Given.Imported, "bo"), (version.At, version.By));
    }
}
