using Microsoft.AspNetCore.Http;

namespace Ntm.ServiceDefaults;

/// <summary>A user-facing text in both languages of the product.</summary>
public readonly record struct Text(string Vi, string En)
{
    /// <summary>Vietnamese unless the request prefers English.</summary>
    public string For(HttpContext http) => PrefersEnglish(http) ? En : Vi;

    public static bool PrefersEnglish(HttpContext http)
    {
        foreach (var language in http.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1))
        {
            if (language.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase)) return true;
            if (language.Value.StartsWith("vi", StringComparison.OrdinalIgnoreCase)) return false;
        }

        return false;
    }
}
