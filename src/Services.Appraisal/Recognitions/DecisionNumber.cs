using System.Globalization;
using System.Text;
using JasperFx.Events;
using Marten;
using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <summary>Who issues decisions: the chair of the province on communes, the Prime Minister on districts, towns and provinces (QĐ 18/2022/QĐ-TTg, art. 3; article recalled, practice seen).</summary>
public static class Issuers
{
    public const string ProvinceChair = "province-chair";
    public const string PrimeMinister = "prime-minister";

    private static readonly Guid OfTheCountry = DeterministicId.Of("issuer", PrimeMinister);

    /// <summary>Who issues what the step records: whose officers take it says so.</summary>
    public static string Of(ProcedureStep decision, DateOnly day) => decision.TakenBy(day).Of == "country" ? PrimeMinister : ProvinceChair;

    /// <summary>Whose numbers are counted together: the Prime Minister's over all provinces, a chair's in the one province.</summary>
    public static Guid KeyOf(string issuer, Guid province) => issuer == PrimeMinister ? OfTheCountry : province;
}

public sealed record DecisionNumberTaken(Guid Issuer, int Year, string Number, Guid Dossier, string By, DateTimeOffset At);

/// <summary>The number had been written wrongly: it is free for the decision that does carry it.</summary>
public sealed record DecisionNumberReleased(Guid Dossier, string By, DateTimeOffset At);

/// <summary>A number of a decision is given once by an issuer in a year.</summary>
/// <param name="Dossier">Entry of the register whose decision carries it; null while it is free again.</param>
public sealed record DecisionNumber(string Id, string Number, Guid? Dossier)
{
    public static string Key(Guid issuer, int year, string number) => string.Create(CultureInfo.InvariantCulture, $"decision/{issuer}/{year}/{Normal(number)}");

    /// <summary>Blanks, case, width, the kind of dash or stroke, the way of writing marks and what nobody sees do not make another number.</summary>
    public static string Normal(string number)
    {
        var normal = new StringBuilder(number.Length);
        foreach (var rune in number.Normalize(NormalizationForm.FormKC).EnumerateRunes().Where(r => !Rune.IsWhiteSpace(r) && !IsInvisible(r)))
        {
            normal.Append(rune.Value switch
            {
                // Hyphens, dashes and the minus sign; the division stroke and the stroke of a fraction.
                >= 0x2010 and <= 0x2015 or 0x2043 or 0x2212 => new Rune('-'),
                0x2044 or 0x2215 => new Rune('/'),
                _ => rune,
            });
        }

        return normal.ToString().ToUpperInvariant();
    }

    /// <summary>The key by which a number was kept before width, dashes and what nobody sees were left out of account; null where it is the same.</summary>
    public static string? OlderKey(Guid issuer, int year, string number)
    {
        var older = string.Create(CultureInfo.InvariantCulture, $"decision/{issuer}/{year}/{string.Concat(number.Normalize().Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant()}");
        return older == Key(issuer, year, number) ? null : older;
    }

    /// <summary>Whether there is anything in it that nobody sees, such as zero-width or direction marks.</summary>
    public static bool HasInvisible(string number) => number.EnumerateRunes().Any(IsInvisible);

    /// <summary>Formatting characters, and those others that are not drawn: joiners, fillers and selectors of variants.</summary>
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format || rune.Value
        is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    public static DecisionNumber Create(DecisionNumberTaken e) => new(Key(e.Issuer, e.Year, e.Number), e.Number, e.Dossier);

    public DecisionNumber Apply(DecisionNumberTaken e) => Create(e);

    public DecisionNumber Apply(DecisionNumberReleased _) => this with { Dossier = null };
}

/// <summary>
/// Takes and frees numbers, in the transaction of whoever signs. They are counted by the province that answers on the day of the decision:
/// after a merger of provinces those of all that were merged are one row.
/// </summary>
/// <param name="Province">Province of what is decided on, as of whatever day.</param>
internal sealed record DecisionNumbers(IDocumentSession Session, ProcedureBook Book, UnitTree Tree, string Issuer, Guid Province, string By, DateTimeOffset At)
{
    /// <param name="entry">Entry of the register that the decision is of.</param>
    public async Task<Refusal?> TakeAsync(DateOnly date, string number, Guid entry, CancellationToken ct)
    {
        var issuer = KeyOn(date);
        var stream = await Session.Events.FetchForWriting<DecisionNumber>(DecisionNumber.Key(issuer, date.Year, number), ct);
        if (stream.Aggregate is { Dossier: not null } || (await OlderAsync(issuer, date.Year, number, ct))?.Aggregate is { Dossier: not null } || await IsOlderAsync(date.Year, number, ct))
        {
            return Refusal.Conflict(
                "decision-number-taken", $"Số quyết định \"{number}\" của năm {date.Year} đã được dùng.", $"The decision number \"{number}\" of {date.Year} is taken.");
        }

        stream.AppendOne(new DecisionNumberTaken(issuer, date.Year, number, entry, By, At));
        return null;
    }

    public async Task ReleaseAsync(DateOnly date, string number, Guid entry, CancellationToken ct)
    {
        var stream = await Session.Events.FetchForWriting<DecisionNumber>(DecisionNumber.Key(KeyOn(date), date.Year, number), ct);
        if (stream.Aggregate?.Dossier != entry) stream = await OlderAsync(KeyOn(date), date.Year, number, ct) ?? stream;
        if (stream.Aggregate?.Dossier == entry) stream.AppendOne(new DecisionNumberReleased(entry, By, At));
    }

    private async Task<IEventStream<DecisionNumber>?> OlderAsync(Guid issuer, int year, string number, CancellationToken ct) =>
        DecisionNumber.OlderKey(issuer, year, number) is { } older ? await Session.Events.FetchForWriting<DecisionNumber>(older, ct) : null;

    private Guid KeyOn(DateOnly date) => Issuers.KeyOf(Issuer, Tree.AnswererOf(Province, date));

    /// <summary>The Prime Minister's numbers were once counted by province: of those only the register tells.</summary>
    private async Task<bool> IsOlderAsync(int year, string number, CancellationToken ct)
    {
        if (Issuer != Issuers.PrimeMinister) return false;
        string[] titles = [.. Book.All.Where(p => p.Step(StepIds.Decision) is { } step && Issuers.Of(step, p.ValidFrom) == Issuers.PrimeMinister).Select(p => p.Title).Distinct()];
        var older = await Session.Query<Recognition>().Where(r => r.Title.IsOneOf(titles) && r.State.Issuer == null).ToListAsync(ct);
        return older.Any(r => r.State.DecisionDate.Year == year && DecisionNumber.Normal(r.State.DecisionNumber) == DecisionNumber.Normal(number));
    }
}
