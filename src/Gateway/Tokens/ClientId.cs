using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ntm.ServiceDefaults;

namespace Ntm.Gateway.Tokens;

/// <summary>
/// The client id of the local profile: role pairs joined with <c>+</c>, each
/// <c>role@code[:department][~day][#person]</c>, and at most one person among them.
/// </summary>
public sealed partial record ClientId(string Text, ImmutableArray<RolePair> Pairs, string? Person)
{
    private const int MaxLength = 512;
    private const int MaxPairs = 8;

    /// <summary>Roles that act for a unit; the others stand above every unit and carry code 0.</summary>
    private static readonly FrozenDictionary<string, bool> HasUnit = new Dictionary<string, bool>(StringComparer.Ordinal)
    {
        [Roles.CommuneOfficer] = true,
        [Roles.DistrictOfficer] = true,
        [Roles.DepartmentOfficer] = true,
        [Roles.ProvinceOfficer] = true,
        [Roles.CouncilMember] = true,
        [Roles.FrontOfficer] = true,
        [Roles.ProvinceChair] = true,
        [Roles.Ministry] = false,
        [Roles.Operator] = false,
        [Roles.Auditor] = false,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The human who acts; a client that names none is its own person.</summary>
    public string Subject => Person ?? Text;

    /// <summary>Reads a client id; <paramref name="refusal"/> says why not, in ASCII and without the input, as OAuth error texts must be.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ClientId? clientId, [NotNullWhen(false)] out string? refusal)
    {
        clientId = null;
        refusal = Read(text, out var normal, out var pairs, out var person);
        if (refusal is not null) return false;
        clientId = new ClientId(normal, pairs, person);
        return true;
    }

    private static string? Read(string? text, out string normal, out ImmutableArray<RolePair> pairs, out string? person)
    {
        (normal, pairs, person) = ("", [], null);
        if (string.IsNullOrEmpty(text)) return "The client_id is missing.";
        if (text.Length > MaxLength) return "The client_id is too long.";
        if (text.Contains(' ', StringComparison.Ordinal)) return "The client_id has a blank: in a form, + is sent as %2B.";
        if (!IsText(text)) return "The client_id is not valid Unicode text.";

        // The same name typed in two ways is the same human.
        normal = text.Normalize(NormalizationForm.FormC);
        var parts = normal.Split('+');
        if (parts.Length > MaxPairs) return "The client_id joins too many roles.";
        foreach (var part in parts)
        {
            if (ReadPair(part, ref pairs, ref person) is { } refusal) return refusal;
        }

        return null;
    }

    private static string? ReadPair(string part, ref ImmutableArray<RolePair> pairs, ref string? person)
    {
        var match = PairPattern().Match(part);
        if (!match.Success) return "A role reads role@code[:department][~yyyy-MM-dd][#person]; several are joined with +.";
        if (!HasUnit.TryGetValue(match.Groups["role"].Value, out var hasUnit)) return "The client_id names an unknown role.";

        var (unit, department) = (match.Groups["unit"].Value, Optional(match.Groups["department"]));
        if (!hasUnit && (unit is not "0" || department is not null)) return "ministry, operator and auditor have the unit code 0 and no department.";
        if (hasUnit && unit.All(digit => digit is '0')) return "The unit code 0 is for ministry, operator and auditor only.";

        DateOnly? day = null;
        if (Optional(match.Groups["day"]) is { } written)
        {
            if (!DateOnly.TryParseExact(written, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
                return "The day after ~ is not a day of the calendar.";
            day = parsed;
        }

        var named = Optional(match.Groups["person"]);
        if (person is not null && named is not null && !string.Equals(person, named, StringComparison.Ordinal))
            return "The client_id names two persons.";
        person ??= named;

        var pair = new RolePair(match.Groups["role"].Value, unit, department, day);
        if (!pairs.Contains(pair)) pairs = pairs.Add(pair);
        return null;
    }

    private static string? Optional(Group group) => group.Success ? group.Value : null;

    /// <summary>A lone surrogate would make the normalisation throw.</summary>
    private static bool IsText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) return false;
        }

        return true;
    }

    [GeneratedRegex(
        @"\A(?<role>[a-z]+(-[a-z]+)*)@(?<unit>[0-9]{1,5})(:(?<department>[A-Za-z][A-Za-z0-9-]{0,15}))?(~(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2}))?(#(?<person>[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}._-]{0,63}))?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 250)]
    private static partial Regex PairPattern();
}
