using System.Collections;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Search;

/// <summary>What was found: a version of a unit, or an indicator of a set.</summary>
/// <param name="Rank">Lower is better; see <see cref="SearchIndex"/>.</param>
internal sealed record Hit(int Rank, UnitState? Unit, UnitVersion? Version, SetVersion? Set, Criterion? Criterion, Indicator? Indicator)
{
    /// <summary>Key of the order: rank, then code, then what makes it unique.</summary>
    public string Key => Unit is null ? $"{Rank:D6}|{Indicator!.Code}|{Set!.Set.Id}" : $"{Rank:D6}|{Version!.Code}|{Unit.Id}";
}

/// <summary>
/// Units under every name and code that they ever had, and the indicators of all published sets in the version that governs the day, by
/// the beginnings of their words. What it answers never changes.
/// <para>The order: (1) all marks of the question are met before those met only without marks; (2) the whole question is the code, is the
/// name or the set, begins the name, is the beginning of a code, or its words are found anywhere; (3) what is in force on the day before what is not;
/// (4) present names before former ones; (5) units before indicators; (6) province, district, commune, village; (7) code; (8) id.</para>
/// </summary>
internal sealed class SearchIndex
{
    private static readonly string[] Levels = ["province", "district", "commune", "village"];
    // In the order of hits of one rank.
    private readonly Entry[] entries;
    private readonly int units;
    private readonly string[] words;
    private readonly int[][] postings;
    private volatile OfDay? lately;

    public SearchIndex(UnitTree tree, IReadOnlyDictionary<string, SetRecord> sets)
    {
        (Tree, Sets) = (tree, sets);
        List<Entry> all = [];
        foreach (var unit in tree.All)
        {
            for (var n = 0; n < unit.Versions.Count; n++)
                all.Add(new(unit, unit.Versions[n], null, null, null, unit.Versions[n].Code, [unit.Versions[n].Name, unit.Versions[n].FullName]) { UnitNo = units, VersionNo = n });
            units++;
        }

        foreach (var set in sets.Values.SelectMany(s => s.Versions))
        {
            foreach (var (criterion, indicator) in set.Set.InOrder())
                all.Add(new(null, null, set, criterion, indicator, indicator.Code, [indicator.TextVi, indicator.TextEn, criterion.NameVi, criterion.NameEn]));
        }

        entries = [.. all.OrderBy(e => e.At(0).Key, StringComparer.Ordinal)];
        var byWord = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var n = 0; n < entries.Length; n++)
        {
            foreach (var word in entries[n].Folded)
            {
                if (!byWord.TryGetValue(word, out var list)) byWord[word] = list = [];
                list.Add(n);
            }
        }

        words = [.. byWord.Keys.Order(StringComparer.Ordinal)];
        postings = [.. words.Select(w => byWord[w].ToArray())];
    }

    /// <summary>The register that the index was made of.</summary>
    public UnitTree Tree { get; }

    /// <summary>The sets that the index was made of.</summary>
    public IReadOnlyDictionary<string, SetRecord> Sets { get; }

    /// <summary>The best hit for each unit and indicator, in order.</summary>
    /// <param name="kind">unit, indicator, or null for both.</param>
    /// <param name="day">The day on which something is in force, or a name is a former one.</param>
    /// <param name="after">Key of a hit: only what comes behind it; null for all.</param>
    /// <param name="most">Hits that are wanted.</param>
    public IReadOnlyList<Hit> Find(string question, string? kind, DateOnly day, string? after = null, int most = int.MaxValue)
    {
        var asked = new Question(question);
        if (asked.Terms.Count == 0) return [];
        BitArray? found = null;
        foreach (var term in asked.Terms)
        {
            var met = Meeting(term.Folded);
            found = found is null ? met : found.And(met);
        }

        // Of a common word there are as many hits as units: they are told apart by numbers, and only what is answered is made.
        var standing = StandingOn(day);
        List<Place> hits = [];
        var best = new Place[units];
        Array.Fill(best, Place.None);
        var governing = Sets.Values.Where(s => s.IsPublished).Select(s => s.On(day)).ToHashSet(ReferenceEqualityComparer.Instance);
        for (var n = 0; n < entries.Length; n++)
        {
            var entry = entries[n];
            if (!found![n] || (kind == "unit" && entry.Unit is null) || (kind == "indicator" && entry.Unit is not null)) continue;
            if (entry.Set is { } version && !governing.Contains(version)) continue;
            var rank = RankOf(entry, asked, standing[n]);
            if (entry.Unit is null)
            {
                hits.Add(new(rank, n));
                continue;
            }

            ref var other = ref best[entry.UnitNo];
            if (rank < other.Rank || (rank == other.Rank && entry.VersionNo < entries[other.Entry].VersionNo)) other = new(rank, n);
        }

        foreach (var place in best)
            if (place != Place.None) hits.Add(place);
        if (after is not null) hits.RemoveAll(h => !IsAfter(h, after));
        return [.. hits.Select(h => h.Number).Order().Take(most).Select(n => Place.At(n)).Select(h => entries[h.Entry].At(h.Rank))];
    }

    private bool IsAfter(Place hit, string after)
    {
        var whole = string.CompareOrdinal($"{hit.Rank:D6}", 0, after, 0, 6);
        return whole > 0 || (whole == 0 && string.CompareOrdinal(entries[hit.Entry].At(hit.Rank).Key, after) > 0);
    }

    /// <summary>Whether two registers say the same of names, codes and successors.</summary>
    public static bool SaysTheSame(UnitTree one, UnitTree other) => ReferenceEquals(one, other) || (one.Count == other.Count && one.All.All(u =>
        other.Find(u.Id) is { } o && u.Level == o.Level && u.Versions.SequenceEqual(o.Versions) && u.Successors.SequenceEqual(o.Successors)));

    /// <summary>One digit for each part of the order.</summary>
    private static int RankOf(Entry entry, Question asked, Standing standing)
    {
        var marks = asked.Marked.All(t => HasBeginning(entry.Lower, t)) ? 0 : 1;
        var how = entry.Code == asked.Folded ? 0
            : Array.IndexOf(entry.Names, asked.Folded) >= 0 ? 1
            : HasBeginning(entry.Names, asked.Folded) ? 2
            : entry.Code.StartsWith(asked.Folded, StringComparison.Ordinal) ? 3
            : 4;
        var gone = standing is Standing.Gone ? 1 : 0;
        return entry.Unit is null ? Digits(marks, how, gone, 0, 1, 0) : Digits(marks, how, gone, standing is Standing.Present ? 0 : 1, 0, entry.Level);
    }

    private static bool HasBeginning(string[] texts, string start)
    {
        foreach (var text in texts)
            if (text.StartsWith(start, StringComparison.Ordinal)) return true;
        return false;
    }

    /// <summary>How each entry stands on the day; most questions are of the same one.</summary>
    private Standing[] StandingOn(DateOnly day)
    {
        if (lately is { } last && last.Day == day) return last.Entries;
        var asked = new OfDay(day, Array.ConvertAll(entries, e => e.Unit is { } unit ? StandingOf(unit, e.Version!, day) : Sets[e.Set!.Set.Id].InForceOn(day) == true ? Standing.Present : Standing.Gone));
        lately = asked;
        return asked.Entries;
    }

    private static Standing StandingOf(UnitState unit, UnitVersion version, DateOnly day) =>
        InForce(version.From, version.To, day) ? Standing.Present : unit.Versions.Any(v => InForce(v.From, v.To, day)) ? Standing.Former : Standing.Gone;

    private static int Digits(params ReadOnlySpan<int> digits)
    {
        var number = 0;
        foreach (var digit in digits) number = (number * 10) + digit;
        return number;
    }

    private static bool InForce(DateOnly? from, DateOnly? to, DateOnly day) => (from ?? DateOnly.MinValue) <= day && day <= (to ?? DateOnly.MaxValue);

    /// <summary>Entries with a word that begins so, or, where the term is of several words, with all of them.</summary>
    private BitArray Meeting(string term)
    {
        var whole = Beginning(term);
        var parts = Folding.Words(term).ToList();
        return parts.Count < 2 ? whole : whole.Or(parts.Skip(1).Aggregate(Beginning(parts[0]), (met, part) => met.And(Beginning(part))));
    }

    private BitArray Beginning(string start)
    {
        var met = new BitArray(entries.Length);
        var at = Array.BinarySearch(words, start, StringComparer.Ordinal);
        for (at = at < 0 ? ~at : at; at < words.Length && words[at].StartsWith(start, StringComparison.Ordinal); at++)
        {
            foreach (var entry in postings[at]) met[entry] = true;
        }

        return met;
    }

    /// <summary>In force on a day, a name that its unit no longer or not yet carries, or of nothing that is in force.</summary>
    private enum Standing : byte
    {
        Present,
        Former,
        Gone,
    }

    private sealed record OfDay(DateOnly Day, Standing[] Entries);

    /// <summary>Where a hit stands: by its rank, then in the order of the entries.</summary>
    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Auto)]
    private readonly record struct Place(int Rank, int Entry)
    {
        public static readonly Place None = new(int.MaxValue, -1);

        public long Number => ((long)Rank << 32) | (uint)Entry;

        public static Place At(long number) => new((int)(number >> 32), (int)number);
    }

    /// <summary>The question as it was asked and as it is looked for.</summary>
    private sealed class Question(string text)
    {
        public string Folded { get; } = Whole(Folding.Fold(text));

        public IReadOnlyList<(string Lower, string Folded)> Terms { get; } = [.. Folding.Asks(text)];

        /// <summary>Those of its terms that were written with marks.</summary>
        public IReadOnlyList<string> Marked { get; } = [.. Folding.Asks(text).Where(t => t.Lower != t.Folded).Select(t => t.Lower)];
    }

    private static string Whole(string folded) => string.Join(' ', Folding.Terms(folded));

    private sealed class Entry
    {
        public Entry(UnitState? unit, UnitVersion? version, SetVersion? set, Criterion? criterion, Indicator? indicator, string code, string[] texts)
        {
            (Unit, Version, Set, Criterion, Indicator, Code) = (unit, version, set, criterion, indicator, code);
            Names = [.. texts.Take(2).Select(t => Whole(Folding.Fold(t))), .. set is null ? (string[])[] : [set.Set.Id]];
            Lower = [.. texts.SelectMany(t => Folding.Words(Folding.Lower(t))).Distinct(StringComparer.Ordinal)];
            Level = Array.IndexOf(Levels, unit?.Level) is >= 0 and var level ? level : Levels.Length;
            Folded = [.. Lower.Select(Folding.Fold).Append(code).Append(set?.Set.Id ?? code).Distinct(StringComparer.Ordinal)];
        }

        public UnitState? Unit { get; }

        public UnitVersion? Version { get; }

        public SetVersion? Set { get; }

        public Criterion? Criterion { get; }

        public Indicator? Indicator { get; }

        public string Code { get; }

        /// <summary>Number of the unit in the index.</summary>
        public int UnitNo { get; init; }

        /// <summary>Number of the version among the unit's.</summary>
        public int VersionNo { get; init; }

        /// <summary>Without marks: a unit's short and full name; an indicator's text in two languages, and its set.</summary>
        public string[] Names { get; }

        public int Level { get; }

        /// <summary>Words with their marks.</summary>
        public string[] Lower { get; }

        /// <summary>Words without marks, code and set.</summary>
        public string[] Folded { get; }

        public Hit At(int rank) => new(rank, Unit, Version, Set, Criterion, Indicator);
    }
}
