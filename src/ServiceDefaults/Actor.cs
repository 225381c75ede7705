using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults;

/// <summary>Roles that a token may carry (design: roles follow the unit tree).</summary>
public static class Roles
{
    public const string CommuneOfficer = "commune-officer";
    public const string DistrictOfficer = "district-officer";
    public const string DepartmentOfficer = "department-officer";
    public const string ProvinceOfficer = "province-officer";
    public const string CouncilMember = "council-member";
    public const string FrontOfficer = "front-officer";
    public const string ProvinceChair = "province-chair";
    public const string Ministry = "ministry";
    public const string Operator = "operator";
    public const string Auditor = "auditor";
}

/// <summary>One pair of role and unit; the unit is named by code, resolved on <see cref="Day"/>, else today, else on its last day.</summary>
public sealed record Grant(string Role, string Code, string? Department, DateOnly? Day)
{
    /// <summary>What grants for the whole country name; no unit carries it.</summary>
    public const string Country = "0";

    /// <summary>Reads <c>role@code[:department][~day]</c>; null when it has another form.</summary>
    public static Grant? Parse(string right)
    {
        var at = right.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0) return null;
        var rest = right[(at + 1)..];
        DateOnly? day = null;
        if (rest.IndexOf('~', StringComparison.Ordinal) is >= 0 and var tilde)
        {
            if (!DateOnly.TryParseExact(rest[(tilde + 1)..], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)) return null;
            day = parsed;
            rest = rest[..tilde];
        }

        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        return new(right[..at], colon < 0 ? rest : rest[..colon], colon < 0 ? null : rest[(colon + 1)..], day);
    }
}

/// <summary>Who calls: one person, through one client, with the rights of the token.</summary>
/// <param name="Person">Id of the person; the client's id where the token names none.</param>
/// <param name="Named">True when the token names a person.</param>
public sealed record Actor(string Person, string Client, bool Named, IReadOnlyList<Grant> Grants)
{
    public bool Has(string role) => Grants.Any(g => g.Role == role);

    /// <summary>The caller of a request; null without a valid token.</summary>
    public static Actor? Of(HttpContext http) => http.User.Identity is { IsAuthenticated: true } ? Of(http.User) : null;

    public static Actor Of(ClaimsPrincipal user)
    {
        var client = user.FindFirstValue("client_id") ?? "";
        return new(
            user.FindFirstValue("sub") ?? client,
            client,
            user.FindFirstValue("named") == "true",
            [.. user.FindAll("right").Select(c => Grant.Parse(c.Value)).OfType<Grant>()]);
    }

    /// <summary>Person behind a client id: what stands after <c>#</c>, else the whole id.</summary>
    public static string PersonOf(string clientId) =>
        clientId.LastIndexOf('#') is >= 0 and var hash && hash < clientId.Length - 1 ? clientId[(hash + 1)..] : clientId;
}
