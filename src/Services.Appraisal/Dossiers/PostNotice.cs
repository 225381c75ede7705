using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>The report, or the list of those to be proposed, is posted for the public: where, from which day to which.</summary>
public static class PostNotice
{
    private const int MostPlaces = 100;
    private const int LongestPlace = 500;

    public sealed record Place(string? Where, DateOnly? From, DateOnly? To);

    public sealed record Body(IReadOnlyList<Place?>? Places, IReadOnlyList<string?>? Documents = null);

    public static Decision Decide(Dossier dossier, ProcedureStep step, Body body, string by, DateTimeOffset now)
    {
        var faults = new Faults().Unless(body.Places is { Count: > 0 and <= MostPlaces }, "places", $"Cần từ 1 đến {MostPlaces} nơi.", $"From 1 to {MostPlaces} places are needed.");
        List<Posting> places = [];
        foreach (var place in (body.Places ?? []).Take(MostPlaces))
        {
            var (at, where) = ($"places[{places.Count}]", Prose.Clean(place?.Where));
            faults.Readable(where, $"{at}.where", longest: LongestPlace, lines: false)
                .NotInFuture(place?.From, $"{at}.from", VietnamTime.DayOf(now))
                .Required(place?.To, $"{at}.to")
                .Unless(!(place?.To < place?.From), $"{at}.to", "Không được trước ngày bắt đầu.", "Must not be before the first day.");
            places.Add(new(where ?? "", place?.From ?? default, place?.To ?? default));
        }

        var documents = faults.Held(dossier, body.Documents, "documents");
        return faults.Refuse() is { } refusal ? refusal : Decision.Record(new NoticePosted(step.Id, new(places, documents), by, now));
    }

    internal static Delegate Of(string step) => (Guid id, Body body, HttpContext http, StepRunner steps) =>
        steps.TakeAsync(http, id, step, a => Decide(a.Dossier, a.Step, body, a.By, a.Now));
}
