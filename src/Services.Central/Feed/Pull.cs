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
        if (!ResumeToken.TryRead(secret, request.ResumeToken.Span, out var position) || position > mark)
            throw Refuse("resume_token", "Not a token of this feed as it stands; pull from the beginning with an empty token.");
        return position;
    }

    private static RpcException Refuse(string field, string description) => new Google.Rpc.Status
    {
        Code = (int)Code.InvalidArgument,
        Message = $"{field}: {description}",
        Details = { Any.Pack(new BadRequest { FieldViolations = { new BadRequest.Types.FieldViolation { Field = field, Description = description } } }) },
    }.ToRpcException();
}
