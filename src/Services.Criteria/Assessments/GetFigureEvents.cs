using JasperFx.Events;
using Marten;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Assessments;

/// <summary>All that happened to a figure of a unit, over all periods of the set.</summary>
internal static class GetFigureEvents
{
    /// <param name="Event">recorded, corrected, judged, submitted, returned, verified, approved or reopened.</param>
    /// <param name="By">The person.</param>
    /// <param name="Version">Version of the report.</param>
    /// <param name="Value">What was recorded.</param>
    /// <param name="Met">What was judged.</param>
    /// <param name="Reason">Why it was corrected, sent back or opened again.</param>
    public sealed record Item(
        long Position, Guid EventId, string Event, DateTimeOffset At, string By, string Client, string Period, long Version, ReportedValue? Value, DateOnly? ValidOn, string? Note,
        IReadOnlyList<EvidenceRef>? Evidence, bool? Met, string? Basis, string? Reason);

    /// <param name="Items">Those of reports that the caller may read: by those above the unit on the day of each report's figures.</param>
    public sealed record List(string Unit, Guid UnitId, string Name, string Set, string Indicator, IReadOnlyList<Item> Items, string? Next, long? AsOfPosition);

    public static async Task<IResult> Handle(
        HttpContext http, string unit, string indicator, string? set, string? on, string? after, int? limit, Looking looking, SetCatalogue sets, Assessor assessor,
        IQuerySession session, CancellationToken ct)
    {
        var faults = new Faults().Required(set, "set");
        var day = Days.Parse(on, "on", AsOf.DayOf(TakesAsOf.Of(http)) ?? looking.Today, faults);
        var take = Paging.Limit(limit, faults);
        if (faults.Refuse(400) is { } malformed) return Problems.Of(malformed);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);
        var (known, refusal) = await looking.AtAsync(TakesAsOf.Of(http), ct);
        if (known is null) return Problems.Of(refusal!);
        if (await sets.FindAsync(set!, known.Position, ct) is not { } record) return Problems.Of(SetCommands.Unknown(set!));
        if (known.Tree.Resolve(unit, day) is not { } named) return Problems.Of(GetUnits.Unknown(unit, day));
        var may = known.Now.ReaderOf(Actor.Of(http)!, looking.Today);
        if (!may(named.Id, day)) return Problems.Of(AssessmentsModule.NoRight);
        if (record.Versions.All(v => v.Set.Find(indicator) is null))
            return Problems.Of(Refusal.NotFound($"Bộ tiêu chí {set} không có chỉ tiêu \"{indicator}\".", $"The set {set} has no indicator \"{indicator}\"."));

        string[] streams = [.. (await assessor.ReportsAsync(set!, named.Id, ct)).Where(r => may(r.Unit, r.FiguresAsOf)).Select(r => r.Id)];
        var last = known.By;
        var events = streams.Length == 0 ? [] : await session.Events.QueryAllRawEvents().Where(e => streams.Contains(e.StreamKey!) && e.Sequence <= last).OrderBy(e => e.Sequence).ToListAsync(ct);
        if (format is not null) return Exports.Of(http, "figure-events", format, Of(events, indicator).ToAsyncEnumerable(), known.Position);
        var page = Paging.Page(http, Of(events, indicator), i => $"{i.Position:D19}", after, take);
        return TypedResults.Ok(new List(named.Code, named.Id, named.Name, set!, indicator, page.Items, page.Next, known.Position));
    }

    /// <summary>What concerns the indicator: its own events, and the steps of a report while it holds a figure of it.</summary>
    /// <param name="events">Of the unit's reports against the set, in the order of the store.</param>
    internal static IReadOnlyList<Item> Of(IEnumerable<IEvent> events, string indicator)
    {
        Dictionary<string, string> periods = new(StringComparer.Ordinal);
        HashSet<string> holding = new(StringComparer.Ordinal);
        List<Item> items = [];
        foreach (var e in events)
        {
            if (e.Data is ReportOpened opened) periods[e.StreamKey!] = opened.Period;
            var corrects = holding.Contains(e.StreamKey!);
            if (IndicatorRecorded.Of(e.Data)?.Indicator == indicator) holding.Add(e.StreamKey!);
            if (!holding.Contains(e.StreamKey!)) continue;
            var blank = new Item(e.Sequence, e.Id, "", e.Timestamp, e.UserName ?? "", e.ClientOf(), periods[e.StreamKey!], e.Version, null, null, null, null, null, null, null);
            var item = e.Data switch
            {
                // Before corrections had a name of their own they were recorded like first entries.
                _ when IndicatorRecorded.Of(e.Data) is { } r => r.Indicator != indicator ? null : blank with
                {
                    Event = corrects ? "corrected" : "recorded",
                    Value = r.Value,
                    ValidOn = r.ValidOn,
                    Note = r.Note,
                    Evidence = r.Evidence,
                    Reason = (e.Data as IndicatorCorrected)?.Reason,
                },
                IndicatorJudged j => j.Indicator != indicator ? null : blank with { Event = "judged", Met = j.Met, Basis = j.Basis },
                ReportReturned r => r.Items.FirstOrDefault(i => i.Indicator == indicator) is { } sent ? blank with { Event = "returned", Reason = sent.Reason } : null,
                ReportSubmitted => blank with { Event = "submitted" },
                ReportVerified => blank with { Event = "verified" },
                ReportApproved => blank with { Event = "approved" },
                ReportReopened r => blank with { Event = "reopened", Reason = r.Reason },
                _ => null,
            };
            if (item is not null) items.Add(item);
        }

        return items;
    }
}
