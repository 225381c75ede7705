using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Ntm.Central.Publishing;
using Ntm.Central.V1;

namespace Ntm.Central.Feed;

/// <summary>A pull as it was asked for, checked.</summary>
internal sealed record Pull(System.Type[] Events, int MaxBatch)
{
    private const int DefaultBatch = 100;
    private const int LargestBatch = 1000;
    private const string BeginAgain = "forget what was pulled and take a full snapshot: pull with an empty resume_token.";

    public static Pull Of(PullRequest request)
    {
        if (request.Kinds.FirstOrDefault(k => !Kinds.Events.ContainsKey(k)) is { } unknown)
            throw Refuse("kinds", $"\"{unknown}\" is no kind; there are {string.Join(", ", Kinds.Events.Keys)}.");
        if (request.MaxBatch is < 0 or > LargestBatch)
            throw Refuse("max_batch", $"Must be from 1 to {LargestBatch}, or 0 for {DefaultBatch}.");
        var kinds = request.Kinds.Count == 0 ? Kinds.Events.Keys : request.Kinds.Distinct(StringComparer.Ordinal);
        return new([.. kinds.Select(k => Kinds.Events[k])], request.MaxBatch == 0 ? DefaultBatch : request.MaxBatch);
    }

    /// <summary>Position to go on from: 0 for an empty token.</summary>
    public static long PositionOf(PullRequest request, FeedSecret secret, long mark)
    {
        if (request.ResumeToken.IsEmpty) return 0;
        if (ResumeToken.IsOfAnotherEpoch(secret, request.ResumeToken.Span))
            throw Restart("FEED_EPOCH_CHANGED", "The feed was restored or made anew since this token was given", secret);
        if (!ResumeToken.TryRead(secret, request.ResumeToken.Span, out var position))
            throw Refuse("resume_token", "Not a token of this feed; pull from the beginning with an empty token.");
        return position <= mark ? position : throw Restart("FEED_POSITION_LOST", "The feed ends before the position of this token", secret);
    }

    private static RpcException Restart(string reason, string description, FeedSecret secret) => new Google.Rpc.Status
    {
        Code = (int)Code.FailedPrecondition,
        Message = $"resume_token: {description}; {BeginAgain}",
        Details =
        {
            Any.Pack(new ErrorInfo
            {
                Reason = reason,
                Domain = ChangeFeed.Descriptor.FullName,
                Metadata = { ["epoch"] = Convert.ToHexStringLower(secret.Epoch), ["action"] = "FULL_SNAPSHOT" },
            }),
        },
    }.ToRpcException();

    private static RpcException Refuse(string field, string description) => new Google.Rpc.Status
    {
        Code = (int)Code.InvalidArgument,
        Message = $"{field}: {description}",
        Details = { Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = description } } }) },
    }.ToRpcException();
}
