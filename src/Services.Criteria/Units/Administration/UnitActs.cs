using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Consequences;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Administration;

/// <summary>What every act's request says.</summary>
/// <param name="Kind">create, create-village, rename, move, classify, merge, split or dissolve.</param>
/// <param name="DryRun">true, false or nothing.</param>
/// <param name="Unit">Code of the path; null where the act has none.</param>
/// <param name="FoundsProvince">Above a province nobody has a right but whoever runs the house.</param>
internal sealed record ActRequest(string Kind, string? DryRun, string? Unit, DateOnly? On, string? LegalBasis, bool FoundsProvince = false)
{
    public const string CreateVillage = "create-village";

    /// <summary>A unit that ends with the act carries its code on the day before.</summary>
    public bool OnTheEve => Kind is "split" or "dissolve";

    public bool BasisRequired => Kind is not CreateVillage;
}

/// <summary>Plans an act on the register as the store has it now, judges it by rights and law, and records all of it or, in a dry run, nothing.</summary>
public sealed class UnitActs(Commands commands, UnitRegister register, SetCatalogue sets)
{
    internal async Task<IResult> Run(HttpContext http, ActRequest request, Action<Act> plan)
    {
        if (ReadDryRun(request.DryRun) is not { } dry)
            return Problems.Of(Refusal.Malformed("dryRun", "malformed-query", "dryRun là true hoặc false.", "dryRun is true or false."));
        try
        {
            var regions = await RegionsAsync(sets, http.RequestAborted);
            return dry
                ? await commands.Run(http, (c, ct) => DecideAsync(http, request, true, plan, regions, c, ct))
                : await commands.Run(http, StoredRegister.Turn, (c, ct) => DecideAsync(http, request, false, plan, regions, c, ct));
        }
        finally
        {
            register.Invalidate();
        }
    }

    /// <summary>Null for anything but true and false: what was meant to be shown must not be done.</summary>
    internal static bool? ReadDryRun(string? given) => given is null ? false : bool.TryParse(given, out var dry) ? dry : null;

    internal static async Task<IReadOnlySet<string>> RegionsAsync(SetCatalogue sets, CancellationToken ct) =>
        (await sets.AllAsync(ct)).Values.SelectMany(s => s.Versions).SelectMany(v => v.Set.Indicators).SelectMany(i => i.ThresholdsByRegion).Select(t => t.Region).ToHashSet(StringComparer.Ordinal);

    /// <summary>The refusal of a body, or of a file, with the place, the rule and the words of each fault.</summary>
    internal static Refusal Refuse(HttpContext http, IReadOnlyList<ActFault> faults, int more = 0)
    {
        var rules = faults.Select(f => f.Rule).Distinct(StringComparer.Ordinal).ToList();
        var told = faults.Take(RegisterLaw.Most).ToList();
        var detail = faults is [var only] ? only.Words : new("Dữ liệu gửi lên không hợp lệ.", "The input is not valid.");
        return new(422, rules is [var rule] ? rule : "invalid-input", detail)
        {
            Errors = told.GroupBy(f => f.Field, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(f => f.Words).ToArray(), StringComparer.Ordinal),
            More = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["faults"] = told.Select(f => new { f.Field, f.Rule, Reason = f.Words.For(http), UnitId = f.Unit }).ToList(),
                ["moreFaults"] = more + faults.Count - told.Count,
            },
        };
    }

    private static async Task<Outcome> DecideAsync(HttpContext http, ActRequest request, bool dry, Action<Act> plan, IReadOnlySet<string> regions, CommandContext c, CancellationToken ct)
    {
        if (request.FoundsProvince ? !c.Actor.Has(Roles.Operator) : !c.Actor.Has(Roles.ProvinceOfficer) && !c.Actor.Has(Roles.CommuneOfficer)) return NoRight;
        if (!dry) await StoredRegister.TakeTurnAsync(c.Session, ct);
        var stored = await StoredRegister.LoadAsync(c.Session, ct);
        var tree = new UnitTree(stored.Units.Values);
        UnitState? unit = null;
        if (request.Unit is not null)
        {
            // A day out of bounds is a fault of the body; until then the path means today's unit.
            var day = request.On is { } given && given >= RegisterLaw.Earliest && given <= RegisterLaw.Latest ? request.OnTheEve ? given.AddDays(-1) : given : c.Today;
            if (tree.Resolve(request.Unit, day) is not { } found) return GetUnits.Unknown(request.Unit, day);
            unit = stored.Units[found.Id];
            if (!May(tree, c, unit.Id, day, unit.Level == "village" || request.Kind == ActRequest.CreateVillage)) return NoRight;
        }

        var act = new Act(
            stored.Units, unit, request.On ?? (request.Kind == "classify" ? c.Today : null), request.LegalBasis, request.BasisRequired, c.Actor.Person, c.Now,
            n => DeterministicId.Of("unit-act", c.Actor.Client, http.Request.Path.Value ?? "", c.Session.CausationId ?? "", $"{n}"));
        plan(act);
        if (request.Unit is null && !request.FoundsProvince && !c.Actor.Has(Roles.ProvinceOfficer) && act.Touched.Count == 0) return NoRight;
        if (act.Touched.Any(t => !May(tree, c, t.Unit, t.Day, t.ForVillage))) return NoRight;
        if (act.Faults.Count > 0) return Refuse(http, act.Faults);
        if (act.Made.Any(stored.Units.ContainsKey)) return Refusal.Conflict("act-recorded", "Việc mang khóa này đã được ghi.", "The act under this key is on record.");

        var main = unit is not null && act.Changed.Contains(unit.Id) ? unit.Id : act.Changed[0];
        if (c.IsStale(stored.Versions.GetValueOrDefault(main))) return Refusal.Stale(stored.Versions.GetValueOrDefault(main));
        if (AgainstLaw(act, regions) is { Count: > 0 } faults) return Refuse(http, faults);

        var after = new UnitTree(act.After.Values);
        var hanging = await UnitConsequences.OfAsync(c.Session, tree, after, act.Changed, act.On, ct);
        var answer = ActAnswer.Of(request.Kind, act, after, stored, hanging, dry, text => text.For(http));
        if (dry) return Outcome.Preview(answer);
        foreach (var stream in act.Events.GroupBy(e => e.Unit, e => e.Event)) stored.Append(c.Session, stream.Key, [.. stream]);
        var version = answer.Units.Single(u => u.UnitId == main).Version;
        return act.Made.Contains(main)
            ? Outcome.Created(answer, version, $"/api/criteria/units/{Uri.EscapeDataString(act.After[main].Versions[0].Code)}?on={act.On:yyyy-MM-dd}")
            : Outcome.Ok(answer, version);
    }

    /// <summary>What the act would break; what was broken before it is not its fault.</summary>
    internal static IReadOnlyList<ActFault> AgainstLaw(Act act, IReadOnlySet<string> regions)
    {
        var (faults, _) = RegisterLaw.Judge(act.After, act.Changed, regions);
        if (faults.Count == 0) return [];
        var before = RegisterLaw.Judge(act.Before, act.Changed, regions).Faults.Select(f => (f.Unit, f.Field, f.Rule)).ToHashSet();
        return [.. faults.Where(f => !before.Contains((f.Unit, f.Field, f.Rule))).Select(act.FaultOf)];
    }

    /// <summary>
    /// The province's office, on the act's day and today; for a village also its commune. Today means, for a unit that is yet to come
    /// or is gone, the nearest day of its life.
    /// </summary>
    private static bool May(UnitTree tree, CommandContext c, Guid unit, DateOnly day, bool forVillage)
    {
        var state = tree.Find(unit)!;
        var (first, last) = (state.Versions[0].From ?? DateOnly.MinValue, state.Versions[^1].To ?? DateOnly.MaxValue);
        var today = c.Today < first ? first : c.Today > last ? last : c.Today;
        return On(day) && On(today);

        bool On(DateOnly at) => tree.Oversees(c.Actor, Roles.ProvinceOfficer, unit, at, c.Today)
            || (forVillage && tree.Chain(unit, at).FirstOrDefault(u => u.Level == "commune") is { } commune && tree.ActsAs(c.Actor, Roles.CommuneOfficer, commune.Id, c.Today));
    }

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ Văn phòng Điều phối của tỉnh thay đổi đơn vị của tỉnh; xã thay đổi thôn, tổ dân phố của mình; người vận hành lập tỉnh.",
        "Only the province's coordination office changes its units; a commune changes its own villages; the operator creates provinces.");
}
