using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Ntm.ServiceDefaults;

/// <summary>A page of a list; <see cref="Next"/> is the address of the next page, null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Keyset paging by an ordered key.</summary>
public static class Paging
{
    public const int Default = 500;
    public const int Most = 1000;

    public static int Limit(int? limit, Faults faults)
    {
        faults.Unless(limit is null or (> 0 and <= Most), "limit", $"limit từ 1 đến {Most}.", $"limit is 1 to {Most}.");
        return limit ?? Default;
    }

    /// <summary>Items that are already in the order of the key (ordinal), after the given one.</summary>
    public static Page<T> Page<T>(HttpContext http, IEnumerable<T> ordered, Func<T, string> key, string? after, int limit)
    {
        var items = ordered.Where(i => after is null || string.CompareOrdinal(key(i), after) > 0).Take(limit + 1).ToList();
        if (items.Count <= limit) return new(items, null);
        items.RemoveAt(limit);
        return new(items, NextUrl(http, key(items[^1])));
    }

    /// <summary>The request's own address with another <c>after</c>.</summary>
    public static string NextUrl(HttpContext http, string after)
    {
        var query = http.Request.Query.Where(q => q.Key != "after").SelectMany(q => q.Value, (q, v) => KeyValuePair.Create(q.Key, v ?? ""));
        return http.Request.Path + new QueryBuilder(query) { { "after", after } }.ToQueryString().ToUriComponent();
    }
}

/// <summary>A day in a query, written <c>2026-11-23</c> and in no other way.</summary>
public readonly record struct QueryDay(DateOnly Value)
{
    public static bool TryParse(string? text, out QueryDay day)
    {
        var ok = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var value);
        day = new(value);
        return ok;
    }
}

/// <summary>Days of a query, <c>2026-11-23</c>.</summary>
public static class Days
{
    public static DateOnly Parse(string? text, string field, DateOnly otherwise, Faults faults)
    {
        if (string.IsNullOrEmpty(text)) return otherwise;
        var ok = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        faults.Unless(ok, field, "Ngày phải có dạng 2026-11-23.", "A day is written 2026-11-23.");
        return ok ? day : otherwise;
    }
}
