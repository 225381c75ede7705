using System.Text.Json;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>Sets from JSON, as the data files or the API write them: all of them or none. A dry run lists every fault with its place.</summary>
internal static class ImportSets
{
    private const int Most = 100;

    /// <param name="Action">published or unchanged; null where a fault stands against it.</param>
    public sealed record Item(string Id, string? Action, int? Version, int Criteria, int Indicators, bool Complete);

    /// <param name="Faults">The first thousand.</param>
    /// <param name="FurtherFaults">How many there are beyond those.</param>
    public sealed record Result(bool DryRun, int Published, int Unchanged, IReadOnlyList<Item> Sets, IReadOnlyList<SetFault> Faults, int FurtherFaults);

    public static Task<IResult> Handle(HttpContext http, string? dryRun, JsonElement body, SetCommands of)
    {
        var dry = false;
        if (dryRun is not null && !bool.TryParse(dryRun, out dry))
            return Task.FromResult(Problems.Of(Refusal.Malformed("dryRun", "malformed-query", "dryRun là true hoặc false.", "dryRun is true or false.")));
        return of.RunAsync(http, async (c, ct) =>
        {
            var faults = new SetFaults();
            List<Item> items = [];
            List<(string Key, object Event)> events = [];
            Refusal? noRight = null;
            HashSet<string> ids = new(StringComparer.Ordinal);
            foreach (var (json, path) in SetsOf(body, faults))
            {
                var before = faults.Count;
                if (SetReader.Read(json, path, faults) is not { } set) continue;
                faults.Unless(ids.Add(set.Id), JsonFields.Join(path, "id"), "duplicate", "Bộ tiêu chí được nêu hai lần.", "The set is named twice.");
                var known = await c.LoadAsync(set.Id, ct);
                var national = set.Amends is { } amended && known is not null ? await c.BaseAsync(amended, ct) : null;
                var (action, version) = Fate(known, set, path, faults, national);
                ProvincialBase? @base = null;
                if (action != Unchanged) @base = await c.CheckAsync(set, path, faults, ct);
                if (action == Published)
                {
                    var (province, refusal) = c.Owner(set);
                    if (refusal is { Status: 422 }) faults.Unless(false, JsonFields.Join(path, "scope"), refusal.Rule, refusal.Detail.Vi, refusal.Detail.En);
                    else noRight ??= refusal;
                    if (faults.Count == before && refusal is null) Begin(set, SetDecisions.FirstVersion(set, @base, province, c.By, c.Now));
                }

                items.Add(new(set.Id, faults.Count > before ? null : action, version, set.Criteria.Count, set.Indicators.Count(), set.IsComplete));
            }

            if (noRight is not null) return noRight;
            if (c.Command.IsStale(0)) return Refusal.Stale(0);
            if (!dry && faults.Refuse() is { } wrong) return wrong;
            if (!dry)
            {
                foreach (var (key, e) in events) c.Command.Session.Events.StartStream(key, e);
            }

            return Outcome.Ok(new Result(dry, items.Count(i => i.Action == Published), items.Count(i => i.Action == Unchanged), items, faults.All, faults.Further), 0);

            void Begin(CriteriaSet set, object e)
            {
                var key = CriteriaSet.Key(set.Id);
                events.Add((key, e));
                c.Begun[set.Id] = SetRecord.Fold(null, key, e)!;
            }
        });
    }

    private const string Published = "published";
    private const string Unchanged = "unchanged";

    /// <summary>What becomes of the set: what stands in a published version is not published again, and no version is overwritten.</summary>
    /// <param name="national">What a province's set goes out from: its versions are kept with what they take from it.</param>
    public static (string? Action, int? Version) Fate(SetRecord? known, CriteriaSet set, string path, SetFaults faults, SetRecord? national = null)
    {
        if (known is null) return (Published, 1);
        if (known.Versions.LastOrDefault(IsSame) is { } same) return (Unchanged, same.Number);
        faults.Unless(known.IsPublished, JsonFields.Join(path, "id"), "set-drafted", "Đang có dự thảo mang mã này: hãy ban hành hoặc sửa dự thảo.", "There is a draft of this id: publish or change it.")
            .Unless(!known.IsPublished, JsonFields.Join(path, "id"), "set-published", "Bộ tiêu chí đã ban hành với nội dung khác: hãy sửa đổi.", "The set is published with another content: amend it.");
        return (null, null);

        bool IsSame(SetVersion v) => SetRules.Same(v.Set, set)
            || (v.Base is { } from && from.Set == national?.SetId && national.Find(from.Version) is { } @base && SetRules.Same(v.Set, Adaptation.Inherited(@base.Set, set)));
    }

    private static IEnumerable<(JsonElement Json, string Path)> SetsOf(JsonElement body, SetFaults faults)
    {
        JsonFields.Check(body, "", faults);
        if (faults.Count > 0) return [];
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("sets", out var sets)) return [(body, "")];
        var ok = sets.ValueKind == JsonValueKind.Array && sets.GetArrayLength() is > 0 and <= Most;
        faults.Unless(ok, "sets", "list", $"Phải là danh sách 1 đến {Most} bộ tiêu chí.", $"Must be a list of 1 to {Most} sets.");
        return ok ? [.. sets.EnumerateArray().Select((json, n) => (json, $"sets[{n}]"))] : [];
    }
}
