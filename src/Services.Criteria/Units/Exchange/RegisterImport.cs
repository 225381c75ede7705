using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>What an import would record.</summary>
internal sealed record ImportPlan(IReadOnlyList<(Guid Unit, IReadOnlyList<object> Events)> Streams, int Unchanged, IReadOnlyList<UnitFault> Faults, int More);

/// <summary>
/// Holds a file against the register. A unit that the file tells as it is on record, now or at any time before, stays as it is: an old
/// export takes nothing back. Else an unknown unit is recorded whole, and of a known one what the file tells beyond its end.
/// </summary>
internal sealed class RegisterImport(IReadOnlyDictionary<Guid, UnitState> present, IReadOnlySet<string> regions, string person, DateTimeOffset now)
{
    private readonly List<UnitFault> faults = [];

    /// <summary>Known units that the file tells otherwise than they are now: what they were before must be asked of their streams.</summary>
    public IReadOnlyList<Guid> Differing(IEnumerable<FileUnit> file) =>
        [.. file.Where(u => present.TryGetValue(u.State.Id, out var known) && !Same(Completed(u, known), known)).Select(u => u.State.Id).Distinct()];

    /// <param name="past">All states that a differing unit ever had, one after each of its events.</param>
    /// <param name="provinces">Provinces whose units may change; null for all.</param>
    public ImportPlan Plan(IReadOnlyList<FileUnit> file, IReadOnlyDictionary<Guid, IReadOnlyList<UnitState>> past, IReadOnlySet<Guid>? provinces, CancellationToken ct = default)
    {
        var after = new Dictionary<Guid, UnitState>(present);
        List<(Guid Unit, IReadOnlyList<object> Events)> streams = [];
        HashSet<Guid> told = [];
        List<UnitState> changed = [];
        Dictionary<Guid, FileUnit> files = [];
        foreach (var unit in file)
        {
            ct.ThrowIfCancellationRequested();
            var known = present.GetValueOrDefault(unit.State.Id);
            var state = Completed(unit, known);
            files.TryAdd(state.Id, unit);
            if (!told.Add(state.Id)) faults.Add(new(state.Id, "id", "unit-twice", new("Đơn vị ghi hai lần trong tệp.", "The unit stands twice in the file.")));
            // What a file leaves out is completed from the state that it is held against: an export of a past without facts leaves them out.
            else if (known is null || !(Same(state, known) || past[state.Id].Any(was => Same(Completed(unit, was), was)))) changed.Add(state);
        }

        foreach (var state in changed) after[state.Id] = state;
        // What is too long is looked at no further, nor is it compared.
        foreach (var state in changed.Where(s => present.ContainsKey(s.Id) && !RegisterLaw.IsTooLong(s)))
        {
            ct.ThrowIfCancellationRequested();
            Extends(present[state.Id], state);
        }

        foreach (var state in changed) Decisions(files[state.Id], state);
        var (broken, more) = RegisterLaw.Judge(after, [.. changed.Select(s => s.Id)], regions, ct);
        faults.AddRange(broken);
        if (provinces is not null && faults.Count == 0) Provinces(changed, after, provinces, ct);
        if (faults.Count == 0)
        {
            foreach (var state in changed)
            {
                ct.ThrowIfCancellationRequested();
                var known = present.GetValueOrDefault(state.Id);
                var events = new Telling(files[state.Id], state, known, person, now).Events();
                if (Same(events.Aggregate(known, UnitHistory.Fold)!, state)) streams.Add((state.Id, events));
                else Fault(state.Id, "versions", "not-tellable", "Lịch sử này không ghi lại được bằng các sự kiện.", "This history cannot be told in events.");
            }
        }

        return new(faults.Count == 0 ? streams : [], told.Count - changed.Count, [.. faults.Take(RegisterLaw.Most)], more + Math.Max(0, faults.Count - RegisterLaw.Most));
    }

    public static bool Same(UnitState a, UnitState b) =>
        a.Level == b.Level && a.Region == b.Region && a.Versions.SequenceEqual(b.Versions)
        && Equal(a.Predecessors, b.Predecessors) && Equal(a.Successors, b.Successors) && Equal(a.Facts ?? [], b.Facts ?? []);

    private static bool Equal<T>(IReadOnlyList<T> a, IReadOnlyList<T> b) => a.Count == b.Count && (a.SequenceEqual(b) || a.ToHashSet().SetEquals(b));

    private static UnitState Completed(FileUnit unit, UnitState? known) => unit.State with
    {
        Predecessors = unit.SaysPredecessors ? unit.State.Predecessors : known?.Predecessors ?? [],
        Successors = unit.SaysSuccessors ? unit.State.Successors : known?.Successors ?? [],
        Facts = unit.SaysFacts ? unit.State.Facts : known?.Facts ?? [],
    };

    /// <summary>What is on record must stand in the file as it is; what is beyond must come after it.</summary>
    private void Extends(UnitState known, UnitState told)
    {
        var end = RegisterLaw.LastChange(known);
        if (known.Level != told.Level) Differs(told.Id, "level");
        if (known.Region != told.Region) Differs(told.Id, "region");
        for (var i = 0; i < known.Versions.Count; i++)
        {
            var open = i == known.Versions.Count - 1 && known.Versions[i].To is null;
            if (i >= told.Versions.Count) Differs(told.Id, "versions");
            else if ((open ? told.Versions[i] with { To = null } : told.Versions[i]) != known.Versions[i]) Differs(told.Id, $"versions[{i}]");
        }

        if (known.Versions[^1].To is not null && told.Versions.Count > known.Versions.Count) Differs(told.Id, $"versions[{known.Versions.Count}]");
        if (known.Versions[^1].To is null && told.Versions.Count >= known.Versions.Count
            && told.Versions[known.Versions.Count - 1].To is { } last && last < DateOnly.MaxValue && last.AddDays(1) < end)
            Differs(told.Id, $"versions[{known.Versions.Count - 1}].to");
        Links(known.Predecessors, told.Predecessors, told.Id, "predecessors", end);
        Links(known.Successors, told.Successors, told.Id, "successors", end);
        var kept = (told.Facts ?? []).Select(Open).ToHashSet();
        if (!Equal(UnitHistory.Paint(known.Facts ?? [], AddedFacts(known, told)), told.Facts ?? []) || (known.Facts ?? []).Any(f => !kept.Contains(Open(f)))) Differs(told.Id, "facts");
    }

    /// <summary>What the file says of who decided a link or the end has the form of every mark and basis.</summary>
    private void Decisions(FileUnit file, UnitState told)
    {
        for (var i = 0; i < told.Predecessors.Count; i++) Check(file.Of(before: true, told.Predecessors[i]), $"predecessors[{i}]");
        for (var i = 0; i < told.Successors.Count; i++) Check(file.Of(before: false, told.Successors[i]), $"successors[{i}]");
        if (file.End is not { } end) return;
        Check(new(end.LegalBasis, end.Mark ?? Decision.Unknown), "end");
        if (end.LastDay != told.Versions.LastOrDefault()?.To) Fault(told.Id, "end.lastDay", "end-day", "Ngày cuối khác với ngày cuối của trạng thái cuối.", "The last day is not that of the last version.");
        if (end.Kind is not ("merged" or "split" or "dissolved")) Fault(told.Id, "end.kind", "end-kind", "Cách kết thúc là merged, split hoặc dissolved.", "A unit ends merged, split or dissolved.");

        void Check(Decision? decision, string at)
        {
            if (decision is null) return;
            if (!UnitKinds.Marks.Contains(decision.Mark)) Fault(told.Id, $"{at}.mark", "mark-unknown", "Dấu là seen, recalled, derived hoặc unknown.", "The mark is seen, recalled, derived or unknown.");
            if (decision.LegalBasis is { } basis && (basis != Prose.Clean(basis) || new Faults().Readable(basis, "legalBasis", longest: Prose.Longest).Refuse() is not null))
                Fault(told.Id, $"{at}.legalBasis", "text-form", "Chữ không đọc được, quá dài hoặc có khoảng trắng ở đầu, cuối.", "The text cannot be read, is too long or has blanks around it.");
        }
    }

    private void Links(IReadOnlyList<UnitLink> known, IReadOnlyList<UnitLink> told, Guid unit, string list, DateOnly end)
    {
        var (before, now) = (known.ToHashSet(), told.ToHashSet());
        if (!before.IsSubsetOf(now)) Differs(unit, list);
        for (var i = 0; i < told.Count; i++)
        {
            if (!before.Contains(told[i]) && told[i].On < end) Differs(unit, $"{list}[{i}]");
        }
    }

    /// <summary>Facts that are on record in no way, in the order of their days; one that later ones cut short is on record.</summary>
    internal static IReadOnlyList<UnitFact> AddedFacts(UnitState? known, UnitState told)
    {
        var lasts = (known?.Facts ?? []).GroupBy(Open).ToDictionary(g => g.Key, g => g.Max(f => f.To ?? DateOnly.MaxValue));
        return
        [
            .. (told.Facts ?? []).Where(t => !lasts.TryGetValue(Open(t), out var last) || (t.To ?? DateOnly.MaxValue) > last)
                .OrderBy(t => t.From ?? DateOnly.MinValue),
        ];
    }

    /// <summary>The fact whatever its last day.</summary>
    private static UnitFact Open(UnitFact fact) => fact with { To = null };

    /// <summary>Nobody changes, or takes over, what lies or comes to lie in another province.</summary>
    private void Provinces(IEnumerable<UnitState> changed, Dictionary<Guid, UnitState> after, IReadOnlySet<Guid> provinces, CancellationToken ct)
    {
        Dictionary<(bool After, Guid Parent, DateOnly Day), Guid?> found = [];
        foreach (var unit in changed)
        {
            ct.ThrowIfCancellationRequested();
            var known = present.GetValueOrDefault(unit.Id);
            if (known is not null && !Lies(known, known.Versions[^1], isAfter: false)) Elsewhere(unit.Id, "id");
            for (var i = known?.Versions.Count ?? 0; i < unit.Versions.Count; i++)
            {
                if (!Lies(unit, unit.Versions[i], isAfter: true)) Elsewhere(unit.Id, $"versions[{i}].parent");
            }
        }

        bool Lies(UnitState unit, UnitVersion version, bool isAfter) =>
            In(unit, version, version.From ?? DateOnly.MinValue, isAfter) && In(unit, version, version.To ?? DateOnly.MaxValue, isAfter);

        bool In(UnitState unit, UnitVersion version, DateOnly day, bool isAfter)
        {
            if (unit.Level == "province") return provinces.Contains(unit.Id);
            if (version.Parent is not { } parent) return false;
            if (!found.TryGetValue((isAfter, parent, day), out var province))
                found[(isAfter, parent, day)] = province = (isAfter ? after : present).TryGetValue(parent, out var above) ? ProvinceOf(isAfter ? after : present, above, day) : null;
            return province is { } id && provinces.Contains(id);
        }
    }

    /// <summary>The province that the unit lies in on the day; where nothing is known of a day, on the nearest one.</summary>
    private static Guid? ProvinceOf(IReadOnlyDictionary<Guid, UnitState> register, UnitState unit, DateOnly day)
    {
        for (var steps = 0; steps < UnitKinds.Levels.Count; steps++)
        {
            if (unit.Level == "province") return unit.Id;
            var version = unit.Versions.LastOrDefault(v => (v.From ?? DateOnly.MinValue) <= day) ?? unit.Versions.FirstOrDefault();
            if (version?.Parent is not { } parent || !register.TryGetValue(parent, out var above)) return null;
            unit = above;
        }

        return null;
    }

    private void Elsewhere(Guid unit, string field) => Fault(
        unit, field, AnotherProvince, "Đơn vị thuộc tỉnh khác: chỉ được nhập đơn vị của tỉnh mình.", "The unit lies in another province: only the own province's units may be imported.");

    public const string AnotherProvince = "another-province";

    private void Differs(Guid unit, string field) => Fault(
        unit, field, "history-differs", "Khác với lịch sử đã ghi; tệp chỉ được thêm vào cuối.", "It differs from the history on record; a file may only add to its end.");

    private void Fault(Guid unit, string field, string rule, string vi, string en) => faults.Add(new(unit, field, rule, new(vi, en)));
}
