using System.Text.Json;
using System.Text.Json.Serialization;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>
/// A clerical error of a decision is corrected (đính chính) by a later decision of whoever issued it, and in no other way. The unit, the
/// title and that it was recognised stay as they were decided.
/// </summary>
public static class CorrectRecognition
{
    /// <param name="Corrected">At least one of its members.</param>
    public sealed record Body(string? Number, DateOnly? Date, string? LegalBasis, string? Reason, Wording? Corrected);

    /// <param name="UnitName">The unit's name as the decision should have written it; the unit is the same.</param>
    public sealed record Wording(string? Number = null, DateOnly? Date = null, string? LegalBasis = null, string? UnitName = null)
    {
        /// <summary>What cannot be corrected.</summary>
        [JsonExtensionData]
        public IDictionary<string, JsonElement>? Other { get; init; }
    }

    /// <param name="entry">As it stands.</param>
    /// <param name="issuer">Who corrects (<see cref="Issuers"/>).</param>
    public static Decision Decide(Recognition entry, string issuer, Body body, string by, DateTimeOffset now)
    {
        var (state, today, given) = (entry.State, VietnamTime.DayOf(now), body.Corrected);
        var (number, legalBasis, reason) = (Prose.Clean(body.Number), Prose.Clean(body.LegalBasis), Prose.Clean(body.Reason));
        var corrected = new CorrectedWording(Prose.Clean(given?.Number), given?.Date, Prose.Clean(given?.LegalBasis), Prose.Clean(given?.UnitName));
        DateOnly earliest = new[] { state.DecisionDate, corrected.Date ?? DateOnly.MinValue, state.Corrections?[^1].Date ?? DateOnly.MinValue }.Max();
        var faults = new Faults()
            .Number(number, "number")
            .NotInFuture(body.Date, "date", today)
            .Unless(
                body.Date is null || body.Date >= earliest, "date",
                $"Không được trước ngày của quyết định được đính chính ({earliest:dd/MM/yyyy}).", $"Must not be before the decision that it corrects ({earliest:yyyy-MM-dd}).")
            .Readable(legalBasis, "legalBasis")
            .Readable(reason, "reason")
            .Number(corrected.Number, "corrected.number", required: false)
            .Unless(corrected.Date is null || corrected.Date <= today, "corrected.date", "Không được ở tương lai.", "Must not be in the future.")
            .Unless(
                corrected.Date is null || state.PublishedOn is not { } published || corrected.Date <= published, "corrected.date",
                $"Không được sau ngày công bố ({state.PublishedOn:dd/MM/yyyy}).", $"Must not be after the day of the announcement ({state.PublishedOn:yyyy-MM-dd}).")
            .Readable(corrected.LegalBasis, "corrected.legalBasis", required: false)
            .Readable(corrected.UnitName, "corrected.unitName", required: false, longest: 200, lines: false)
            .Unless(
                given?.Other is not { Count: > 0 }, "corrected", "Chỉ đính chính được number, date, legalBasis, unitName; đơn vị, danh hiệu và việc công nhận không đổi.",
                "Only number, date, legalBasis and unitName can be corrected; unit, title and recognition stay.")
            .Unless(
                number is null || (DecisionNumber.Normal(number) != DecisionNumber.Normal(state.DecisionNumber) && (corrected.Number is null || DecisionNumber.Normal(number) != DecisionNumber.Normal(corrected.Number))),
                "number", "Quyết định đính chính có số của chính nó.", "The correcting decision has a number of its own.")
            .Unless(Changes(entry, corrected), "corrected", "Không có gì khác với quyết định hiện tại.", "Nothing in it differs from what stands.");
        return faults.Refuse() is { } refusal
            ? refusal
            : Decision.Record(new RecognitionCorrected(number!, body.Date!.Value, legalBasis!, reason!, corrected, issuer, by, now));
    }

    private static bool Changes(Recognition entry, CorrectedWording c) =>
        (c.Number is not null && c.Number != entry.State.DecisionNumber) || (c.Date is not null && c.Date != entry.State.DecisionDate)
        || (c.LegalBasis is not null && c.LegalBasis != entry.State.LegalBasis) || (c.UnitName is not null && c.UnitName != entry.State.Unit.Name);

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book) =>
        commands.Run(http, Recognition.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Recognition>(Recognition.Key(id), ct);
            if (stream.Aggregate is not { } entry) return NoEntry;
            var tree = await units.GetAsync(ct);
            var dossier = entry.State.Inherited is null ? await c.Session.Events.AggregateStreamAsync<Dossier>(Dossier.Key(id), token: ct) : null;
            var decider = dossier is not null ? Decider.Of(dossier, book, tree, c.Actor, c.Today) : Decider.Of(entry.Title, entry.UnitId, entry.From, book, tree, c.Actor, c.Today);
            if (decider is not { May: true }) return Problems.OfStatus(403);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);
            var decision = Decide(entry, decider.Issuer, body, c.Actor.Person, c.Now);
            if (decision.Refusal is { } refusal) return refusal;

            var corrected = (RecognitionCorrected)decision.Events[0];
            var after = entry.After(corrected);
            var numbers = new DecisionNumbers(c.Session, book, tree, decider.Issuer, decider.Province, c.Actor.Person, c.Now);
            if (await numbers.TakeAsync(corrected.Date, corrected.Number, id, ct) is { } taken) return taken;
            var (was, stands) = (entry.State, after.State);
            if (DecisionNumber.Normal(was.DecisionNumber) != DecisionNumber.Normal(stands.DecisionNumber) || was.DecisionDate.Year != stands.DecisionDate.Year)
            {
                if (await numbers.TakeAsync(stands.DecisionDate, stands.DecisionNumber, id, ct) is { } other) return other;
                await numbers.ReleaseAsync(was.DecisionDate, was.DecisionNumber, id, ct);
            }

            stream.AppendOne(corrected);
            if (was.Inherited is { } inherited && was.From != stands.From)
            {
                foreach (var entryOf in inherited.Entries)
                {
                    var before = await c.Session.Events.FetchForWriting<Recognition>(Recognition.Key(entryOf), ct);
                    before.AppendOne(new RecognitionSucceeded(stands.Unit, stands.From, id, c.Actor.Person, c.Now));
                }
            }

            return Outcome.Ok(GetRecognitions.Item.Of(after, new(tree, book, c.Today, [after])), version + 1);
        });

    internal static Refusal NoEntry { get; } = Refusal.NotFound("Sổ công nhận không có mục này.", "The register has no such entry.");
}
