using Ntm.Central.V1;

namespace Ntm.Central.Feed;

/// <summary>Divides changes into answers that every client takes: gRPC libraries refuse messages above 4 MiB unless told otherwise.</summary>
internal static class Answers
{
    public const int LargestBytes = 2 * 1024 * 1024;

    public static IEnumerable<PullResponse> Of(IEnumerable<Change> changes)
    {
        var answer = new PullResponse();
        var bytes = 0;
        foreach (var change in changes)
        {
            var size = change.CalculateSize();
            if (answer.Changes.Count > 0 && bytes + size > LargestBytes)
            {
                yield return answer;
                (answer, bytes) = (new PullResponse(), 0);
            }

            answer.Changes.Add(change);
            bytes += size;
        }

        if (answer.Changes.Count > 0) yield return answer;
    }
}
