using System.Diagnostics;
using System.Text.Json;
using JasperFx;
using JasperFx.Events;
using Marten;
using Marten.Exceptions;
using Marten.Services.BatchQuerying;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Ntm.ServiceDefaults;

/// <summary>One attempt at a command: its session, who acts, when, and which version the caller expects.</summary>
public sealed record CommandContext
{
    internal CommandContext(IDocumentSession session, CommandRequest request, DateTimeOffset now) => (Session, Request, Now) = (session, request, now);

    public IDocumentSession Session { get; }

    public DateTimeOffset Now { get; }

    public Actor Actor => Request.Actor;

    /// <summary>The version that the caller's If-Match names; null without one.</summary>
    public long? Expected => Request.Expected;

    /// <summary>Says of what is recorded beside the command's own transaction that it is this request's.</summary>
    internal CommandRequest Request { get; }

    public DateOnly Today => VietnamTime.DayOf(Now);

    /// <summary>Whether the caller's If-Match names another version than the stream's.</summary>
    public bool IsStale(long version) => Expected is { } expected && expected != version;
}

/// <summary>
/// Runs every POST and PUT: idempotency key, stored answer, expected version, one transaction, retry when another writer was first.
/// A handler decides and appends; it neither saves nor publishes.
/// </summary>
public sealed partial class Commands(IDocumentStore store, TimeProvider clock, Demonstration demonstration, HouseMetrics metrics, ILogger<Commands> log) : IDisposable
{
    private const int Attempts = 40;
    private const uint Turns = 1024;
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(60);
    private readonly SemaphoreSlim[] turns = [.. Enumerable.Range(0, (int)Turns).Select(_ => new SemaphoreSlim(1, 1))];
    private readonly GroupCommit together = new(store, clock, metrics, log);

    public Task<IResult> Run(HttpContext http, Func<CommandContext, CancellationToken, Task<Outcome>> handle) =>
        WithRequestAsync(http, request => AloneAsync(http, request, _ => { }, handle));

    /// <param name="stream">
    /// Key of the stream that the command writes to. Commands of one stream take turns in this process; a lost race would cost its
    /// position, for which the announcements of all streams wait. Between processes the expected version decides, as ever.
    /// </param>
    /// <param name="fingerprint">
    /// What the receipt tells the request by, in place of its body: where a body holds a secret of few possible values, its hash would
    /// be found by trying them. Null for the body.
    /// </param>
    public Task<IResult> Run(HttpContext http, string stream, Func<CommandContext, CancellationToken, Task<Outcome>> handle, string? fingerprint = null) =>
        WithRequestAsync(http, request => InTurnAsync(http, stream, () => AloneAsync(http, request, _ => { }, handle)), fingerprint);

    /// <summary>A command that says beforehand what it reads: it may be committed together with others that wait at the same time.</summary>
    /// <param name="stream">Key of the one stream that the command writes to.</param>
    /// <param name="read">All that the decision needs from the store, asked for in the same trip as the key; asked again at each attempt.</param>
    /// <param name="decide">Awaits nothing but what was read, and appends to its stream only when it refuses nothing.</param>
    public Task<IResult> Run(HttpContext http, string stream, Action<IBatchedQuery> read, Func<CommandContext, Task<Outcome>> decide) =>
        WithRequestAsync(http, request => InTurnAsync(http, stream, async () =>
            await together.CommitAsync(new(request, read, decide, http.RequestAborted)) ?? await AloneAsync(http, request, read, (c, _) => decide(c))));

    /// <summary>Ends the committers; what waits is answered first.</summary>
    public void Dispose() => together.Dispose();

    private async Task<IResult> InTurnAsync(HttpContext http, string stream, Func<Task<IResult>> run)
    {
        var turn = turns[(uint)stream.GetHashCode(StringComparison.Ordinal) % Turns];
        await turn.WaitAsync(http.RequestAborted);
        try
        {
            return await run();
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<IResult> WithRequestAsync(HttpContext http, Func<CommandRequest, Task<IResult>> run, string? fingerprint = null)
    {
        if (Actor.Of(http) is not { } actor) return Problems.Of(Problems.OfStatus(401));
        if (!Guid.TryParseExact(http.Request.Headers["Idempotency-Key"], "D", out var key)) return Problems.Of(KeyRequired);
        var (expected, malformed) = ETags.Expected(http.Request);
        if (malformed is not null) return Problems.Of(malformed);
        return await run(new(
            actor, key, expected, Receipt.IdOf(actor, http.Request, key),
            fingerprint is null ? await Receipt.HashOfAsync(http.Request, http.RequestAborted) : Receipt.HashOf(fingerprint),
            http.Request.Headers["X-Correlation-Id"].FirstOrDefault() ?? http.TraceIdentifier, Activity.Current, demonstration.On));
    }

    private async Task<IResult> AloneAsync(
        HttpContext http, CommandRequest request, Action<IBatchedQuery> read, Func<CommandContext, CancellationToken, Task<Outcome>> handle)
    {
        var ct = http.RequestAborted;
        for (var attempt = 1; ; attempt++)
        {
            await using var session = store.LightweightSession();
            request.Describe(session);
            var batch = session.CreateBatchQuery();
            var earlier = batch.Load<Receipt>(request.ReceiptId);
            read(batch);
            await batch.Execute(ct);
            if (await earlier is { } receiptOfFirst) return request.Again(receiptOfFirst);

            var now = clock.GetUtcNow();
            var outcome = await handle(new(session, request, now), ct);
            if (outcome.Refusal is { } refusal)
            {
                // What refuses may be the effect of this very command under the same key, sent twice at once.
                if (await LookUpAsync(request, ct) is { } first) return first;
                return Problems.Of(refusal);
            }

            if (outcome.IsPreview) return TypedResults.Ok(outcome.Body);
            if (ReferenceEquals(outcome, Outcome.Raced))
            {
                metrics.LostRace(HouseMetrics.Alone);
                if (attempt >= Attempts) return Busy(http);
                await PauseAsync(attempt, ct);
                continue;
            }

            var receipt = request.ReceiptOf(outcome, now);
            session.Insert(receipt);
            try
            {
                // Once decided, a caller that hangs up does not undo the command.
                await session.SaveChangesAsync(CancellationToken.None);
                return new ReceiptResult(receipt);
            }
            catch (Exception exception) when (IsRace(exception))
            {
                metrics.LostRace(HouseMetrics.Alone);
                if (attempt >= Attempts) return Busy(http);
                RaceLost(http.Request.Method, http.Request.Path, attempt);
            }

            await PauseAsync(attempt, ct);
        }
    }

    /// <summary>Apart by chance, or those who lost together meet again.</summary>
    private Task PauseAsync(int attempt, CancellationToken ct) =>
        Task.Delay(LongestPause * (Random.Shared.NextDouble() * Math.Min(1, attempt / 8.0)), clock, ct);

    private static IResult Busy(HttpContext http)
    {
        http.Response.Headers.RetryAfter = "1";
        return Problems.Of(new Refusal(503, "busy", new("Nhiều người đang ghi cùng lúc; xin thử lại.", "Many are writing at once; try again.")));
    }

    private async Task<IResult?> LookUpAsync(CommandRequest request, CancellationToken ct)
    {
        await using var session = store.QuerySession();
        return await session.LoadAsync<Receipt>(request.ReceiptId, ct) is { } receipt ? request.Again(receipt) : null;
    }

    private static Refusal KeyRequired { get; } = Refusal.Malformed(
        "Idempotency-Key", "idempotency-key-required", "Cần tiêu đề Idempotency-Key là một UUID.", "The header Idempotency-Key must be a UUID.");

    /// <summary>
    /// What a service records of itself, without a caller: judged and saved in a session of its own, anew where another writer was first.
    /// </summary>
    /// <param name="record">Appends what is to be recorded; false where there is nothing.</param>
    /// <param name="attempts">After so many lost races the last one is thrown.</param>
    /// <returns>Whether anything was recorded.</returns>
    public static async Task<bool> RecordAsync(IDocumentStore store, int attempts, Func<IDocumentSession, Task<bool>> record, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var session = store.LightweightSession();
            if (!await record(session)) return false;
            try
            {
                await session.SaveChangesAsync(ct);
                return true;
            }
            catch (Exception race) when (attempt < attempts && IsRace(race))
            {
                // What was judged is judged again, by what the other writer recorded.
            }
        }
    }

    /// <summary>Whether another writer was first: what was decided is decided anew.</summary>
    public static bool IsRace(Exception exception) => exception
        is ConcurrencyException or JasperFx.Events.ExistingStreamIdCollisionException or Marten.Exceptions.ExistingStreamIdCollisionException or DocumentAlreadyExistsException
        or MartenCommandException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } }
        or PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    [LoggerMessage(LogLevel.Debug, "{Method} {Path} lost a race, attempt {Attempt}")]
    private partial void RaceLost(string method, string path, int attempt);
}

/// <summary>Names of the headers kept with every event.</summary>
public static class EventHeaders
{
    public const string Client = "client";
    public const string TraceParent = "traceparent";
    public const string Demonstration = "demonstration";

    public static string ClientOf(this IEvent e) => e.GetHeader(Client)?.ToString() ?? "";

    public static bool IsDemonstration(this IEvent e) => string.Equals(e.GetHeader(Demonstration)?.ToString(), "true", StringComparison.OrdinalIgnoreCase);
}
