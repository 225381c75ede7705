using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using Ntm.Central.V1;

namespace Ntm.Central.Feed;

/// <summary>The feed for central-ministry systems. Of a client that pulls, only its position is held.</summary>
internal sealed class ChangeFeedService(
    FeedReader reader, FeedSecrets secrets, FeedSignal signal, TimeProvider clock, IHostApplicationLifetime host) : ChangeFeed.ChangeFeedBase
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(20);

    /// <summary>The net for facts that another process took in.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public override async Task Pull(PullRequest request, IServerStreamWriter<PullResponse> responseStream, ServerCallContext context)
    {
        var pull = Feed.Pull.Of(request);
        var secret = await secrets.GetAsync(context.CancellationToken);
        var position = Feed.Pull.PositionOf(request, secret, await reader.MarkAsync(context.CancellationToken));
        using var expiry = new CancellationTokenSource(TokenLeft(context), clock);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, host.ApplicationStopping, expiry.Token);
        try
        {
            await FollowAsync(pull, position, secret, responseStream, ending.Token);
        }
        catch (OperationCanceledException) when (host.ApplicationStopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "The service stops; resume with the last token."));
        }
        catch (OperationCanceledException) when (expiry.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unauthenticated, "The access token expired; resume with a new one."));
        }
    }

    private async Task FollowAsync(Pull pull, long position, FeedSecret secret, IServerStreamWriter<PullResponse> answers, CancellationToken ct)
    {
        var said = clock.GetTimestamp();
        var idle = false;
        while (true)
        {
            var next = signal.Next;
            var page = await reader.ReadAsync(position, await reader.MarkAsync(ct), pull, ct);
            foreach (var answer in Answers.Of(page.Changes))
            {
                answer.ResumeToken = TokenAt(answer.Changes[^1].Position);
                await answers.WriteAsync(answer, ct);
                (said, idle) = (clock.GetTimestamp(), false);
            }

            position = page.Through;
            if (page.Full) continue;
            if (!idle || clock.GetElapsedTime(said) >= SignOfLife)
            {
                await answers.WriteAsync(new PullResponse { Idle = true, ResumeToken = TokenAt(position) }, ct);
                (said, idle) = (clock.GetTimestamp(), true);
            }

            await next.WaitAsync(Shorter(Poll, SignOfLife - clock.GetElapsedTime(said)), clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
        }

        ByteString TokenAt(long at) => UnsafeByteOperations.UnsafeWrap(ResumeToken.Write(secret, at));
    }

    /// <summary>How long the caller's token still holds: a stream does not outlive the right to it.</summary>
    private TimeSpan TokenLeft(ServerCallContext context)
    {
        var longest = TimeSpan.FromDays(1);
        if (!long.TryParse(context.GetHttpContext().User.FindFirst("exp")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var expires)) return longest;
        var left = DateTimeOffset.FromUnixTimeSeconds(expires) - clock.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : Shorter(left, longest);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other)
    {
        var shorter = one < other ? one : other;
        return shorter < TimeSpan.Zero ? TimeSpan.Zero : shorter;
    }
}
