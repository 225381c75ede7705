using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Bulk;

/// <summary>What is wrong with a row.</summary>
/// <param name="Column">Key of the column; null where it is the whole row.</param>
/// <param name="Other">The other row, where two tell of the same figure.</param>
internal sealed record RowFault(int Row, string? Column, string Rule, Text Words, string? LegalBasis = null, int? Other = null);

/// <summary>An entry that somebody else was before of, both side by side.</summary>
internal sealed record RowConflict(int Row, string Unit, string Indicator, FigureConflict Both);

/// <summary>
/// What a filled-in file would do to the reports as they stand: each row is decided by the law of the figure that is entered by hand,
/// and none rests on another.
/// </summary>
internal sealed class ImportPlan(Period period, SetRecord set, UnitTree tree, Actor actor, DateTimeOffset now)
{
    private readonly Dictionary<string, ReportChain?> chains = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, bool> rights = [];
    private readonly Dictionary<Guid, ReportCase> cases = [];
    private readonly Dictionary<Guid, List<object>> events = [];
    private readonly List<RowFault> faults = [];
    private readonly List<RowConflict> conflicts = [];

    public IReadOnlyList<RowFault> Faults => faults;

    public IReadOnlyList<RowConflict> Conflicts => conflicts;

    public IReadOnlyDictionary<Guid, List<object>> Events => events;

    public int Recorded { get; private set; }

    public int Corrected { get; private set; }

    public int Unchanged { get; private set; }

    public int Skipped { get; private set; }

    public ReportChain? ChainOf(string code) => chains.TryGetValue(code, out var chain) ? chain : chains[code] = ReportChain.Of(tree, period, code);

    /// <param name="reports">The reports of all units that the rows name, as far as they were begun.</param>
    public void Decide(IReadOnlyList<FilledRow> rows, IReadOnlyDictionary<Guid, Report> reports)
    {
        List<(FilledRow Row, ReportCase Case, Indicator Indicator)> known = [];
        foreach (var row in rows)
        {
            if (row.Fault is { } unreadable) faults.Add(unreadable);
            else if (row.Text(Template.Value) is null) Skipped++;
            else if (Find(row, reports) is { } found) known.Add((row, found.Case, found.Indicator));
        }

        foreach (var same in known.GroupBy(k => (k.Case.Chain.Unit.Id, k.Indicator.Code)))
        {
            if (same.ToList() is [var one]) Decide(one.Row, one.Case, one.Indicator);
            else Twice([.. same.Select(s => s.Row.Number)]);
        }

        faults.Sort((a, b) => a.Row.CompareTo(b.Row));
        conflicts.Sort((a, b) => a.Row.CompareTo(b.Row));
    }

    private (ReportCase Case, Indicator Indicator)? Find(FilledRow row, IReadOnlyDictionary<Guid, Report> reports)
    {
        var written = row.Text(Template.Unit) ?? "";
        if (ChainOf(written) is not { } chain)
        {
            if (ReportCommands.NotAsked(tree, written, period) is { Rule: not "not-found", Errors.Values: var said } urban)
            {
                faults.AddRange(said.SelectMany(words => words).Select(words => new RowFault(row.Number, Template.Unit, urban.Rule, words, urban.LegalBasis?.GetValueOrDefault("unit"))));
                return null;
            }

            return Fault(row, Template.Unit, "unknown-unit", $"Kỳ này không có đơn vị mang mã \"{CellValue.Shown(written)}\".", $"No unit of this period carries the code \"{CellValue.Shown(written)}\".");
        }

        if (!MayEnterFor(chain.Unit.Id))
            return Fault(row, Template.Unit, "forbidden", $"Bạn không nhập số liệu cho đơn vị {chain.Unit.Name}.", $"You do not enter figures for {chain.Unit.Name}.");
        var c = CaseOf(chain, reports.GetValueOrDefault(chain.Unit.Id));
        if (row.Text(Template.Indicator) is not { } number || c.Set.Find(number) is not { } indicator)
        {
            return Fault(
                row, Template.Indicator, "unknown-indicator", $"Bộ tiêu chí không có chỉ tiêu \"{CellValue.Shown(row.Text(Template.Indicator))}\".",
                $"The set has no indicator \"{CellValue.Shown(row.Text(Template.Indicator))}\".",
                c.Set.LegalText);
        }

        // A spreadsheet makes 2.1 of 2.10, and sorting one column alone moves codes away from their rows.
        if (row.Text(Template.IndicatorText) is not null && !CellValue.Same(row[Template.IndicatorText], indicator.TextVi))
            return Fault(row, Template.Indicator, "not-the-indicator", $"Mã {number} không phải của nội dung ghi trong dòng.", $"The code {number} is not that of the text in the row.");
        if (row.Text(Template.UnitName) is not null && !CellValue.Same(row[Template.UnitName], chain.Unit.Name))
            return Fault(row, Template.Unit, "not-the-unit", $"Mã {written} là của {chain.Unit.Name}, không phải của đơn vị ghi trong dòng.", $"The code {written} is that of {chain.Unit.Name}, not of the unit in the row.");
        return (c, indicator);
    }

    private void Decide(FilledRow row, ReportCase c, Indicator indicator)
    {
        var standing = c.Report?.Figures.GetValueOrDefault(indicator.Code);
        var before = faults.Count;
        CellValue.Wrong? doubtful = null;
        var (value, wrong) = standing is not null && CellValue.Repeats(row[Template.Value], standing.Value)
            ? (standing.Value, null) : CellValue.Read(row[Template.Value]!, indicator.ValueType, out doubtful);
        Note(wrong, Template.Value, indicator.LegalSource ?? c.Set.LegalText);
        // What a file does not say stays as it stands.
        var validOn = Day(Template.ValidOn, CellValue.Day(row[Template.ValidOn])) ?? standing?.ValidOn ?? period.FiguresAsOf;
        var enteredOn = Day(Template.EnteredOn, CellValue.Day(row[Template.EnteredOn]));
        var basedOn = row.Text(Template.BasedOn) is not { } version ? null
            : long.TryParse(version, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seen) ? (long?)seen
            : Wrong(Template.BasedOn, "not-a-version", "Phiên bản là một số nguyên.", "A version is a whole number.");
        foreach (var column in (string[])[Template.Note, Template.Reason])
            if (CellValue.IsFormula(row[column]) && !(column == Template.Note && standing is not null && CellValue.Same(row[column], standing.Note))) Note(CellValue.Formula, column);
        if (row.Text(Template.Decision)?.ToLowerInvariant() is { } decided and not ("mine" or "theirs"))
            Wrong(Template.Decision, "decision", $"\"{CellValue.Shown(decided)}\": quyết định là mine hoặc theirs.", $"\"{CellValue.Shown(decided)}\": a decision is mine or theirs.");
        if (faults.Count > before || value is null) return;

        var same = standing is not null && (!row.Has(Template.Note) || CellValue.Same(row[Template.Note], standing.Note));
        var note = same ? standing!.Note : row.Text(Template.Note);
        if (same && standing!.Value == value && standing.ValidOn == validOn)
        {
            Unchanged++;
            return;
        }

        Note(doubtful, Template.Value);
        var decision = row.Text(Template.Decision)?.ToLowerInvariant();
        if (faults.Count > before) return;
        if (decision == "theirs")
        {
            Skipped++;
            return;
        }

        var reason = row.Text(Template.Reason);

        // Who names no version has seen none: what somebody else entered is not replaced unseen. A file has no column for evidence: what the standing figure refers to stays behind it.
        var evidence = standing?.Evidence.Select(e => new RecordIndicator.Evidence(e.Sha256, e.Size, e.MediaType)).ToList();
        var body = new RecordIndicator.Body(value, validOn, note, evidence, standing is null ? null : reason, basedOn ?? 0, enteredOn);
        var said = RecordIndicator.DecideFigure(c, indicator.Code, body);
        if (said.Refusal is { } refusal) Refused(row, c, indicator, body, refusal);
        else if (faults.Count == before) Take(c, said.Events, standing is not null);

        DateOnly? Day(string column, (DateOnly? Day, CellValue.Wrong? Wrong) read)
        {
            Note(read.Wrong, column);
            return read.Day;
        }

        void Note(CellValue.Wrong? fault, string column, string? basis = null)
        {
            if (fault is not null) faults.Add(new(row.Number, column, fault.Rule, fault.Words, basis));
        }

        long? Wrong(string column, string rule, string vi, string en)
        {
            faults.Add(new(row.Number, column, rule, new(vi, en)));
            return null;
        }
    }

    private void Take(ReportCase c, IReadOnlyList<object> decided, bool corrects)
    {
        if (!events.TryGetValue(c.Chain.Unit.Id, out var list)) events[c.Chain.Unit.Id] = list = [];
        // Each row is decided as if it were alone, so each of a new report would open it.
        list.AddRange(list.Count == 0 ? decided : decided.Where(e => e is not ReportOpened));
        if (corrects) Corrected++;
        else Recorded++;
    }

    private void Refused(FilledRow row, ReportCase c, Indicator indicator, RecordIndicator.Body body, Refusal refusal)
    {
        if (refusal.Rule == FigureConflict.Rule)
        {
            var entry = new IndicatorRecorded(indicator.Code, body.Value!, body.ValidOn!.Value, body.Note, c.Report!.Figures[indicator.Code].Evidence, actor.Person, now, body.EnteredOn);
            conflicts.Add(new(row.Number, c.Chain.Unit.Code, indicator.Code, FigureConflict.Of(c.Report, entry, body.BasedOn, actor.Named)!));
            return;
        }

        if (refusal.Errors is null) faults.Add(new(row.Number, null, refusal.Rule, refusal.Detail, refusal.LegalBasis?.Values.FirstOrDefault()));
        foreach (var (field, words) in refusal.Errors ?? new Dictionary<string, Text[]>(StringComparer.Ordinal))
            faults.AddRange(words.Zip(RulesOf(field, c, indicator, body), (w, rule) => new RowFault(row.Number, field, rule, w, refusal.LegalBasis?.GetValueOrDefault(field))));
    }

    /// <summary>The rules that a field may break, in the order in which they are checked; the last one stands for what follows.</summary>
    private static IEnumerable<string> RulesOf(string field, ReportCase c, Indicator indicator, RecordIndicator.Body body)
    {
        string last;
        switch (field)
        {
            case Template.Value:
                last = $"value-{indicator.ValueType}";
                if (indicator.ValueType is not ("yesno" or "text") && body.Value?.Number is { } number)
                {
                    // Which of the two it is cannot be both but for a percentage beyond 100 with too many digits.
                    if (indicator.ValueType != "percent" || number is >= 0 and <= 100) last = "value-digits";
                    else if (!RecordIndicator.Fits(number)) yield return "value-digits";
                }

                break;
            case Template.ValidOn:
                if (body.ValidOn > c.Period.FiguresAsOf) yield return "after-cut-off";
                last = "future-day";
                break;
            case Template.EnteredOn:
                last = "future-day";
                break;
            default:
                last = field;
                break;
        }

        while (true) yield return last;
    }

    private void Twice(IReadOnlyList<int> numbers)
    {
        foreach (var (number, other) in numbers.Zip([.. numbers.Skip(1), numbers[0]]))
            faults.Add(new(number, null, "duplicate", new($"Chỉ tiêu này của đơn vị còn ở dòng {other}.", $"The same figure stands in row {other} as well."), Other: other));
    }

    private bool MayEnterFor(Guid unit) => rights.TryGetValue(unit, out var may) ? may : rights[unit] = tree.EntersFor(actor, unit, period.FiguresAsOf, VietnamTime.DayOf(now));

    private ReportCase CaseOf(ReportChain chain, Report? report)
    {
        if (cases.TryGetValue(chain.Unit.Id, out var known)) return known;
        var governing = set.On(period.FiguresAsOf);
        var version = report?.VersionOf(set) ?? governing;
        return cases[chain.Unit.Id] = new(report, period, version.Set, chain, tree, actor, now, version.Number, governing.Number);
    }

    private (ReportCase, Indicator)? Fault(FilledRow row, string column, string rule, string vi, string en, string? basis = null)
    {
        faults.Add(new(row.Number, column, rule, new(vi, en), basis));
        return null;
    }
}
