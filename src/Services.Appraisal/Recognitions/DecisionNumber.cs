using System.Globalization;

namespace Ntm.Appraisal.Recognitions;

public sealed record DecisionNumberTaken(Guid Issuer, int Year, string Number, Guid Dossier, string By, DateTimeOffset At);

/// <summary>A number of a decision is given once by an issuer in a year.</summary>
public sealed record DecisionNumber(string Id, string Number, Guid Dossier)
{
    /// <summary>Blanks and case do not make another number.</summary>
    public static string Key(Guid issuer, int year, string number) => string.Create(
        CultureInfo.InvariantCulture,
        $"decision/{issuer}/{year}/{string.Concat(number.Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant()}");

    public static DecisionNumber Create(DecisionNumberTaken e) => new(Key(e.Issuer, e.Year, e.Number), e.Number, e.Dossier);
}
