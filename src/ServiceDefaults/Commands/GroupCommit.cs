using System.Diagnostics;
using System.Threading.Channels;
using Marten;
using Marten.Services.BatchQuerying;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Ntm.ServiceDefaults;

/// <summary>A command that waits for a committer.</summary>
internal sealed record Waiting(
    CommandRequest Request, Action<IBatchedQuery> Read, Func<CommandContext, Task<Outcome>> Decide, CancellationToken Gone)
{
    public TaskCompletionSource<IResult?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>
/// Commands that wait at the same time are read for in one trip and committed in one transaction; each is decided, described and
/// answered as if it were alone. Only what succeeds is answered here: a refusal, a lost race or a fault is left to its own attempt,
/// and a transaction that fails leaves all of its members to theirs.
/// </summary>
internal sealed partial class GroupCommit : IDisposable
{
    private const int Committers = 2;
    private const int Largest = 16;
    private readonly Channel<Waiting> waiting = Channel.CreateUnbounded<Waiting>();
    private readonly IDocumentStore store;
    private readonly TimeProvider clock;
    private readonly HouseMetrics metrics;
    private readonly ILogger log;

    public GroupCommit(IDocumentStore store, TimeProvider clock, HouseMetrics metrics, ILogger log)
    {
        (this.store, this.clock, this.metrics, this.log) = (store, clock, metrics, log);
        for (var n = 0; n < Committers; n++) _ = Task.Run(RunAsync);
    }

    /// <summary>
    /// The answer, or null where the command has to be tried alone. Returns only when no committer holds the command any more, also
    /// when its caller hangs up. Its stream's turn is the caller's: no two commands of one stream are in a group.
    /// </summary>
    public async Task<IResult?> CommitAsync(Waiting command) => waiting.Writer.TryWrite(command) ? await command.Answer.Task : null;

    public void Dispose() => waiting.Writer.TryComplete();

    private async Task RunAsync()
    {
        List<Waiting> group = new(Largest);
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (group.Count < Largest && waiting.Reader.TryRead(out var command))
            {
                if (!command.Gone.IsCancellationRequested) group.Add(command);
                else command.Answer.SetCanceled(command.Gone);
            }

            await AnswerAsync(group);
            group.Clear();
        }
    }

    private async Task AnswerAsync(List<Waiting> group)
    {
        if (group.Count == 0) return;
        IResult?[] answers = [.. group.Select(_ => (IResult?)null)];
        try
        {
            answers = await TogetherAsync(group);
        }
        catch (Exception exception)
        {
            // Whose fault it is shows when each is tried alone.
            if (Commands.IsRace(exception)) metrics.LostRace(HouseMetrics.Group);
            Apart(group.Count, exception);
        }

        foreach (var (command, answer) in group.Zip(answers)) command.Answer.SetResult(answer);
    }

    private async Task<IResult?[]> TogetherAsync(List<Waiting> group)
    {
        Trace(group);
        await using var session = store.LightweightSession();
        var batch = session.CreateBatchQuery();
        List<Task<Receipt?>> earlier = new(group.Count);
        foreach (var command in group)
        {
            earlier.Add(batch.Load<Receipt>(command.Request.ReceiptId));
            command.Read(batch);
        }

        await batch.Execute();
        var answers = new IResult?[group.Count];
        for (var n = 0; n < group.Count; n++)
            answers[n] = await earlier[n] is { } receipt ? group[n].Request.Again(receipt) : await DecideAsync(session, group[n]);
        await session.SaveChangesAsync();
        return answers;
    }

    private async Task<IResult?> DecideAsync(IDocumentSession session, Waiting command)
    {
        var now = clock.GetUtcNow();
        var outcome = await command.Decide(new(session, command.Request, now));
        var refused = outcome.Refusal is not null || ReferenceEquals(outcome, Outcome.Raced);
        foreach (var e in session.PendingChanges.Streams().SelectMany(s => s.Events).Where(e => e.CausationId is null))
        {
            if (refused) throw new InvalidOperationException("A command appended and refused.");
            command.Request.Describe(e);
        }

        if (ReferenceEquals(outcome, Outcome.Raced)) metrics.LostRace(HouseMetrics.Group);
        if (refused) return null;
        var receipt = command.Request.ReceiptOf(outcome, now);
        session.Insert(receipt);
        return new ReceiptResult(receipt);
    }

    /// <summary>The statements of a group show in the trace of its first member, to which the others are linked.</summary>
    private static void Trace(List<Waiting> group)
    {
        if (group[0].Request.Activity is not { } first) return;
        Activity.Current = first;
        foreach (var command in group.Skip(1)) command.Request.Activity?.AddLink(new(first.Context));
    }

    [LoggerMessage(LogLevel.Debug, "A group of {Count} commands was not committed; each is tried alone")]
    private partial void Apart(int count, Exception exception);
}
