using Marten;
using Marten.Linq.MatchesSql;
using Microsoft.AspNetCore.Mvc;
using Ntm.Central.Publishing;
using Ntm.ServiceDefaults;

namespace Ntm.Central.OpenData;

/// <summary>A page of open data.</summary>
/// <param name="Next">Path of the next page; null on the last.</param>
/// <param name="Demonstration">True when the data were made up by the demonstration.</param>
public sealed record OpenPage<T>(IReadOnlyList<T> Items, string? Next, bool Demonstration);

/// <summary>What is published, page by page in the order of the keys.</summary>
internal sealed class GetOpenData(IQuerySession session, Demonstration demonstration)
{
    private const int DefaultLimit = 100;
    private const int LargestLimit = 1000;

    /// <summary>The parameters that both resources share.</summary>
    public sealed record Paging(
        [FromQuery(Name = "after")] string? After, [FromQuery(Name = "limit")] int? Limit, [FromQuery(Name = "format")] string? Format);

    internal static Task<IResult> Recognitions([AsParameters] Paging paging, HttpContext http, IQuerySession session, Demonstration demonstration, CancellationToken ct) =>
        new GetOpenData(session, demonstration).AnswerAsync(
            http, Kinds.Recognition, set: null, paging, f => f.Recognition!, i => i.Demonstration, RecognitionTable.Of, ct);

    internal static Task<IResult> Assessments(
        string? set, [AsParameters] Paging paging, HttpContext http, IQuerySession session, Demonstration demonstration, CancellationToken ct) =>
        new GetOpenData(session, demonstration).AnswerAsync(
            http, Kinds.Assessment, set, paging, f => f.Assessment!, i => i.Demonstration, AssessmentTable.Of, ct);

    private async Task<IResult> AnswerAsync<T>(
        HttpContext http, string kind, string? set, Paging paging,
        Func<LatestFact, T> itemOf, Func<T, bool> isMadeUp, Func<IReadOnlyList<T>, string> tableOf, CancellationToken ct)
    {
        var limit = paging.Limit ?? DefaultLimit;
        var faults = new Faults()
            .Unless(limit is >= 1 and <= LargestLimit, "limit", $"Phải từ 1 đến {LargestLimit}.", $"Must be from 1 to {LargestLimit}.")
            .Unless(paging.Format is null or "csv" or "json", "format", "Chỉ có json hoặc csv.", "Only json or csv.");
        if (faults.Refuse(400, "malformed-query") is { } refusal) return Problems.Of(refusal);

        var facts = session.Query<LatestFact>().Where(f => f.Kind == kind);
        if (set is not null) facts = facts.Where(f => f.Set == set);
        if (!string.IsNullOrEmpty(paging.After)) facts = facts.Where(f => f.MatchesSql("d.id > ?", $"{kind}/{paging.After}"));
        var found = await facts.OrderBy(f => f.Id).Take(limit + 1).ToListAsync(ct);
        T[] items = [.. found.Take(limit).Select(itemOf)];
        var next = found.Count > limit ? NextPage(http.Request, found[limit - 1].Key) : null;

        if (WantsCsv(http.Request, paging.Format)) return CachedAnswer.Csv(tableOf(items), next);
        return CachedAnswer.Json(Canonical.Utf8Of(new OpenPage<T>(items, next, demonstration.On || items.Any(isMadeUp))));
    }

    private static string NextPage(HttpRequest request, string after)
    {
        var query = request.Query.Where(q => q.Key != "after").SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value));
        return request.Path + QueryString.Create([.. query, KeyValuePair.Create("after", (string?)after)]).ToString();
    }

    private static bool WantsCsv(HttpRequest request, string? format)
    {
        if (format is not null) return format == "csv";
        var accepted = request.GetTypedHeaders().Accept;
        var csv = Wish("text/csv");
        return csv > 0 && csv > Wish("application/json");

        double Wish(string type) => accepted.Where(a => a.MediaType == type).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
    }
}
