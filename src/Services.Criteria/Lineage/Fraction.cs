using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Ntm.Criteria.Lineage;

/// <summary>An exact number: what is divided among units must add up again to the last digit.</summary>
internal sealed partial record Fraction
{
    private const int Shown = 6;

    private Fraction(BigInteger numerator, BigInteger denominator) => (Numerator, Denominator) = (numerator, denominator);

    public static Fraction Zero { get; } = new(0, 1);

    public static Fraction One { get; } = new(1, 1);

    public BigInteger Numerator { get; }

    /// <summary>Always positive; the fraction is in lowest terms.</summary>
    public BigInteger Denominator { get; }

    public bool IsPositive => Numerator.Sign > 0;

    public static Fraction Of(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero) throw new DivideByZeroException();
        var common = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        return new(numerator / common, denominator / common);
    }

    public static Fraction Of(decimal number)
    {
        var digits = new BigInteger(decimal.Truncate(number));
        var scale = BigInteger.Pow(10, number.Scale);
        return Of((digits * scale) + new BigInteger((number - decimal.Truncate(number)) * Power(number.Scale)), scale);
    }

    /// <summary>A share from 0 to 1, written <c>0.25</c>, <c>1</c> or <c>3120/9410</c>; null when it is written otherwise.</summary>
    public static Fraction? Share(string? text)
    {
        if (text is null || !Form().IsMatch(text)) return null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return Within(Of(decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)));
        var whole = BigInteger.Parse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        return whole.IsZero ? null : Within(Of(BigInteger.Parse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture), whole));
    }

    public static Fraction operator +(Fraction a, Fraction b) => Of((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Fraction operator -(Fraction a, Fraction b) => Of((a.Numerator * b.Denominator) - (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Fraction operator *(Fraction a, Fraction b) => Of(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Fraction operator /(Fraction a, Fraction b) => Of(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public static Fraction Sum(IEnumerable<Fraction> all) => all.Aggregate(Zero, (sum, next) => sum + next);

    /// <summary>For display: at most six digits after the point, half to even.</summary>
    public decimal Rounded()
    {
        var scaled = Numerator * BigInteger.Pow(10, Shown);
        var floor = BigInteger.Divide(scaled - (scaled.Sign < 0 ? Denominator - 1 : 0), Denominator);
        var twice = 2 * (scaled - (floor * Denominator));
        if (twice > Denominator || (twice == Denominator && !floor.IsEven)) floor += 1;
        return (decimal)floor / Power(Shown) / 1.0000000000000000000000000000m;
    }

    public override string ToString() => Denominator.IsOne
        ? Numerator.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    private static Fraction? Within(Fraction share) => share.Numerator > share.Denominator ? null : share;

    private static decimal Power(int scale) => (decimal)BigInteger.Pow(10, scale);

    [GeneratedRegex(@"\A(?:[0-9]{1,15}/[0-9]{1,15}|[01](?:\.[0-9]{1,15})?)\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();
}
