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
/// the beginnings of their words. Immutable.
/// <para>The order: (1) all marks of the question are met before those met only without marks; (2) the whole question is the code, is the
/// name or the set, begins the name, is the beginning of a code, or its words are found anywhere; (3) what is in force on the day before what is not;
/// (4) present names before former ones; (5) units before indicators; (6) province, district, commune, village; (7) code; (8) id.</para>
/// </summary>
internal sealed class SearchIndex
{
    private static readonly string[] Levels = ["province", "district", "commune", "village"];
    private readonly List<Entry> entries = [];
    private readonly string[] words;
    private readonly int[][] postings;

    public SearchIndex(UnitTree tree, IReadOnlyDictionary<string, SetRecord> sets)
    {
        (Tree, Sets) = (tree, sets);
        foreach (var unit in tree.All)
        {
            foreach (var version in unit.Versions) entries.Add(new(unit, version, null, null, null, version.Code, [version.Name, version.FullName]));
        }

        foreach (var set in sets.Values.SelectMany(s => s.Versions))
        {
            foreach (var (criterion, indicator) in set.Set.InOrder())
                entries.Add(new(null, null, set, criterion, indicator, indicator.Code, [indicator.TextVi, indicator.TextEn, criterion.NameVi, criterion.NameEn]));
        }

        var byWord = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var n = 0; n < entries.Count; n++)
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
    public IReadOnlyList<Hit> Find(string question, string? kind, DateOnly day)
    {
        var asked = new Question(question);
        if (asked.Terms.Count == 0) return [];
        BitArray? found = null;
        foreach (var term in asked.Terms)
        {
            var met = Meeting(term.Folded);
            found = found is null ? met : found.And(met);
        }

        var best = new Dictionary<Guid, Hit>();
        List<Hit> hits = [];
        var governing = Sets.Values.Where(s => s.IsPublished).Select(s => s.On(day)).ToHashSet(ReferenceEqualityComparer.Instance);
        for (var n = 0; n < entries.Count; n++)
        {
            var entry = entries[n];
            if (!found![n] || (kind == "unit" && entry.Unit is null) || (kind == "indicator" && entry.Unit is not null)) continue;
            if (entry.Set is { } version && !governing.Contains(version)) continue;
            var rank = RankOf(entry, asked, day);
            if (entry.Unit is null) hits.Add(entry.At(rank));
            else if (!best.TryGetValue(entry.Unit.Id, out var other) || rank < other.Rank) best[entry.Unit.Id] = entry.At(rank);
        }

        return [.. hits.Concat(best.Values).OrderBy(h => h.Key, StringComparer.Ordinal)];
    }

    /// <summary>Whether two registers say the same of names, codes and successors.</summary>
    public static bool SaysTheSame(UnitTree one, UnitTree other) => ReferenceEquals(one, other) || (one.Count == other.Count && one.All.All(u =>
        other.Find(u.Id) is { } o && u.Level == o.Level && u.Versions.SequenceEqual(o.Versions) && u.Successors.SequenceEqual(o.Successors)));

    /// <summary>One digit for each part of the order.</summary>
    private int RankOf(Entry entry, Question asked, DateOnly day)
    {
        var marks = asked.HasMarks && !asked.Terms.All(t => t.Lower == t.Folded || entry.Lower.Any(w => w.StartsWith(t.Lower, StringComparison.Ordinal))) ? 1 : 0;
        var how = entry.Code == asked.Folded ? 0
            : entry.Names.Contains(asked.Folded) ? 1
            : entry.Names.Any(n => n.StartsWith(asked.Folded, StringComparison.Ordinal)) ? 2
            : entry.Code.StartsWith(asked.Folded, StringComparison.Ordinal) ? 3
            : 4;
        if (entry.Unit is not { } unit) return Digits(marks, how, Sets[entry.Set!.Set.Id].InForceOn(day) == true ? 0 : 1, 0, 1, 0);
        var present = InForce(entry.Version!.From, entry.Version.To, day);
        var standing = present || unit.Versions.Any(v => InForce(v.From, v.To, day));
        return Digits(marks, how, standing ? 0 : 1, present ? 0 : 1, 0, entry.Level);
    }

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
        var met = new BitArray(entries.Count);
        var at = Array.BinarySearch(words, start, StringComparer.Ordinal);
        for (at = at < 0 ? ~at : at; at < words.Length && words[at].StartsWith(start, StringComparison.Ordinal); at++)
        {
            foreach (var entry in postings[at]) met[entry] = true;
        }

        return met;
    }

    /// <summary>The question as it was asked and as it is looked for.</summary>
    private sealed class Question(string text)
    {
        public string Folded { get; } = Whole(Folding.Fold(text));

        public IReadOnlyList<(string Lower, string Folded)> Terms { get; } = [.. Folding.Asks(text)];

        public bool HasMarks => Terms.Any(t => t.Lower != t.Folded);
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
