using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Marten;
using Ntm.Criteria.Lineage;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Boundaries;

/// <summary>The coordination office takes in a drawing of its units.</summary>
internal static class RecordBoundaries
{
    /// <summary>Bytes of a body, with room for a province drawn finely.</summary>
    public const long MostBytes = 32 * 1024 * 1024;

    /// <summary>Shared lines that were rounded apart overlap by less than this share of the smaller unit.</summary>
    public const decimal DefaultTolerance = 0.001m;
    private const decimal MostTolerance = 0.05m;
    private const decimal Notable = 0.05m;
    private const int LongestText = 1_000;

    /// <summary>What the file does not say of itself.</summary>
    public sealed record About(string? Source, string? Licence, DateOnly? ValidFrom, decimal Tolerance);

    /// <summary>An area that differs by more than 5 % from what is stated.</summary>
    /// <param name="Percent">Difference of the drawn area in terms of the stated one.</param>
    public sealed record Notice(Guid UnitId, string Code, string Name, decimal StatedKm2, decimal DrawnKm2, decimal Percent);

    /// <param name="Changed">False where the very same content was there already.</param>
    /// <param name="LargestOverlap">Of two neighbours, as a share of the smaller one's area.</param>
    /// <param name="Notices">Areas that differ by more than 5 % from the stated ones: worth a look, no fault.</param>
    public sealed record View(
        Guid ProvinceId, string Province, int Version, DateOnly ValidFrom, string Source, string? Licence, decimal Tolerance, int Units, bool DryRun, bool Changed,
        decimal LargestOverlap, IReadOnlyList<Notice> Notices);

    public static Task<IResult> Handle(HttpContext http, string? dryRun, string? province, Commands commands, UnitRegister register, GetBoundaries boundaries) => commands.Run(http, async (c, ct) =>
    {
        var tree = await register.GetAsync(ct);
        var (_, forbidden) = ProvinceOf.Caller(tree, c.Actor, province, c.Today, c.Today);
        if (forbidden is not null) return forbidden;
        if (!http.Request.HasJsonContentType()) return Problems.OfStatus(415);
        var dry = false;
        if (dryRun is not null && !bool.TryParse(dryRun, out dry)) return Refusal.Malformed("dryRun", "malformed-query", "dryRun là true hoặc false.", "dryRun is true or false.");
        using var json = await ParseAsync(http.Request, ct);
        if (json is null) return Refusal.Malformed("body", "malformed-body", "Nội dung không phải JSON đọc được.", "The body is no JSON that can be read.");
        var (about, unreadable) = AboutOf(http.Request.Query, json.RootElement);
        if (unreadable is not null) return unreadable;

        var day = about.ValidFrom!.Value;
        var (of, refused) = ProvinceOf.Caller(tree, c.Actor, province, day, c.Today);
        if (refused is not null) return refused;
        var stream = await c.Session.Events.FetchForWriting<ProvinceBoundaries>(ProvinceBoundaries.Key(of!.Id), ct);
        var known = stream.Aggregate;
        if (c.IsStale(known?.Version ?? 0)) return Refusal.Stale(known?.Version ?? 0);

        var file = new BoundaryFile(code => tree.Resolve(code, day) is { } unit && tree.Chain(unit.Id, day).Any(u => u.Id == of.Id) ? (unit.Id, tree.Find(unit.Id)!.Level) : null);
        var drawn = file.Read(CollectionOf(json.RootElement));
        var overlaps = new Overlaps(file, about.Tolerance);
        foreach (var on in DaysOf(known, tree, drawn, day))
        {
            var given = StandingOn(known, tree, drawn, day, on);
            overlaps.Check(given, known is null ? [] : await boundaries.NeighboursAsync(known, tree, on, given.Select(d => d.Unit).ToHashSet(), ct), on);
        }

        if (file.Refuse() is { } faults) return faults;

        var events = Decide(known, of.Id, about, drawn, c.Actor.Person, c.Now);
        if (events.Count > 0 && !dry) stream.AppendMany(events);
        var version = events.Count > 0 ? ((BoundariesRecorded)events[0]).Version : known!.Drawings.Last(d => d.ValidFrom == day).Version;
        return Outcome.Ok(
            new View(
                of.Id, of.Code, version, day, about.Source!, about.Licence, about.Tolerance, drawn.Count, dry, events.Count > 0, Math.Round((decimal)overlaps.Largest, 9), NoticesOf(tree, drawn, day)),
            (known?.Version ?? 0) + (dry ? 0 : events.Count));
    });

    /// <summary>The head and a line for each unit; nothing where the last drawing from that day says the same.</summary>
    public static IReadOnlyList<object> Decide(ProvinceBoundaries? known, Guid province, About about, IReadOnlyList<DrawnUnit> drawn, string by, DateTimeOffset now)
    {
        var ordered = drawn.OrderBy(d => d.Unit).ToList();
        var sha256 = HashOf(about, ordered);
        if (known?.Drawings.LastOrDefault(d => d.ValidFrom == about.ValidFrom)?.Sha256 == sha256) return [];
        var version = (known?.Drawings.Count ?? 0) + 1;
        return
        [
            new BoundariesRecorded(province, version, about.ValidFrom!.Value, about.Source!, about.Licence, about.Tolerance, [.. ordered.Select(d => d.Unit)], sha256, by, now),
            .. ordered.Select(d => new UnitBoundaryRecorded(version, d.Unit, d.Code, d.Polygons)),
        ];
    }

    /// <summary>The drawing's first day and each later one on which there are other neighbours: another drawing begins, or a drawn unit does or ends.</summary>
    public static IReadOnlyList<DateOnly> DaysOf(ProvinceBoundaries? known, UnitTree tree, IReadOnlyList<DrawnUnit> drawn, DateOnly day)
    {
        var begin = from unit in drawn.Select(d => d.Unit).Concat(known?.Drawings.SelectMany(d => d.Units) ?? []).Distinct()
                    from version in tree.Find(unit)?.Versions ?? []
                    from begins in new[] { version.From, version.To is { } last && last < DateOnly.MaxValue ? last.AddDays(1) : null }
                    where begins > day
                    select begins.Value;
        return [day, .. begin.Concat(known?.Drawings.Select(d => d.ValidFrom).Where(d => d > day) ?? []).Distinct().Order()];
    }

    /// <summary>Those of the file that still count on the day: in force, and not drawn anew by then.</summary>
    public static IReadOnlyList<DrawnUnit> StandingOn(ProvinceBoundaries? known, UnitTree tree, IReadOnlyList<DrawnUnit> drawn, DateOnly from, DateOnly on) => on == from
        ? drawn
        : [.. drawn.Where(d => tree.On(d.Unit, on) is not null && (known?.Drawings.Any(other => other.ValidFrom > from && other.ValidFrom <= on && other.Units.Contains(d.Unit)) is not true))];

    public static IReadOnlyList<Notice> NoticesOf(UnitTree tree, IReadOnlyList<DrawnUnit> drawn, DateOnly day) =>
    [
        .. from unit in drawn
           where decimal.TryParse(tree.Fact(unit.Unit, UnitFacts.AreaKm2, day)?.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _)
           let stated = decimal.Parse(tree.Fact(unit.Unit, UnitFacts.AreaKm2, day)!.Value!, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture)
           let area = (decimal)(Shapes.Area(unit.Shape) / 1e6)
           where stated > 0 && Math.Abs(area - stated) > stated * Notable
           orderby unit.Code
           select new Notice(unit.Unit, unit.Code, tree.Ref(unit.Unit, day)!.Name, stated, Math.Round(area, 2), Math.Round((area - stated) / stated * 100, 1)),
    ];

    private static async Task<JsonDocument?> ParseAsync(HttpRequest request, CancellationToken ct)
    {
        request.Body.Position = 0;
        try
        {
            return await JsonDocument.ParseAsync(request.Body, new JsonDocumentOptions { AllowDuplicateProperties = false }, ct);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or a name with half a character.
            return null;
        }
    }

    /// <summary>The collection is the body itself, or its member <c>features</c>.</summary>
    private static JsonElement CollectionOf(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("features", out var inner) && inner.ValueKind == JsonValueKind.Object ? inner : body;

    private static (About About, Refusal? Refusal) AboutOf(IQueryCollection query, JsonElement body)
    {
        string? Said(string name) => Prose.Clean(query.TryGetValue(name, out var given) ? given.ToString() : BoundaryFile.TextOf(body, name));
        var faults = new Faults();
        var (source, licence, from) = (Said("source"), Said("licence"), Said("validFrom"));
        faults.Readable(source, "source", longest: LongestText, lines: false).Readable(licence, "licence", required: false, longest: LongestText, lines: false).Required(from, "validFrom");
        var day = Days.Parse(from, "validFrom", default, faults);
        var tolerance = DefaultTolerance;
        var known = query.TryGetValue("tolerance", out var asked) ? decimal.TryParse(asked.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out tolerance)
            : body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("tolerance", out var member) || member.ValueKind == JsonValueKind.Null
                || (member.ValueKind == JsonValueKind.Number && member.TryGetDecimal(out tolerance));
        faults.Unless(known && tolerance is >= 0 and <= MostTolerance, "tolerance", "Dung sai từ 0 đến 0.05 diện tích của đơn vị nhỏ hơn.", "The tolerance is 0 to 0.05 of the smaller unit's area.");
        return (new(source, licence, day, tolerance), faults.Refuse());
    }

    private static string HashOf(About about, IReadOnlyList<DrawnUnit> ordered) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        new { about.ValidFrom, about.Source, about.Licence, Units = ordered.Select(d => new { d.Unit, d.Polygons }) }, NtmJson.Stored)));
}
