using Marten;
using Marten.Events;
using Marten.Services.BatchQuerying;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Reports;

/// <summary>What a decision on a report knows: the report, its period and set, who is asked, who acts and when.</summary>
/// <param name="SetVersion">Number of the version that <paramref name="Set"/> is.</param>
/// <param name="Governing">Number of the version that governs the period's day as the set is published now, where that is another one.</param>
public sealed record ReportCase(
    Report? Report, Period Period, CriteriaSet Set, ReportChain Chain, UnitTree Tree, Actor Actor, DateTimeOffset Now, int SetVersion = 1, int? Governing = null)
{
    /// <summary>Where the unit stands along the set's dimension on the period's day; null where nobody knows.</summary>
    public string? At => Dimensions.Of(Tree, Set, Chain.Unit.Id, Period.FiguresAsOf).Value;

    public DateOnly Today => VietnamTime.DayOf(Now);

    /// <summary>Files that the command names and that the unit holds, by hash.</summary>
    public IReadOnlyDictionary<string, EvidenceFile> Held { get; init; } = new Dictionary<string, EvidenceFile>(StringComparer.Ordinal);

    public ReportStatus Status => Report?.Status ?? ReportStatus.Open;

    public string EntryRole => Chain.EntryRole(Tree);

    /// <summary>The refusal of an indicator that the set does not have.</summary>
    public Refusal NoIndicator(string code)
    {
        var missing = Refusal.NotFound($"Bộ tiêu chí {Set.Id} không có chỉ tiêu \"{code}\".", $"The set {Set.Id} has no indicator \"{code}\".");
        return missing with
        {
            Errors = new Dictionary<string, Text[]>(StringComparer.Ordinal) { ["indicator"] = [missing.Detail] },
            LegalBasis = new Dictionary<string, string>(StringComparer.Ordinal) { ["indicator"] = Set.LegalText },
        };
    }

    /// <summary>The refusal of what a closed period does not take any more: also sent back or opened again, a report could not be corrected.</summary>
    public Refusal PeriodClosed() => Refusal.Conflict(
        "period-closed", "Kỳ báo cáo đã đóng, không nhận số liệu nữa.", "The period is closed and takes no more figures.") with
    {
        LegalBasis = new Dictionary<string, string>(StringComparer.Ordinal) { ["period"] = Period.Basis },
    };

    /// <summary>The refusal of a step that the report's status does not allow, with the steps that it does.</summary>
    public Refusal OutOfTurn() => Refusal.Conflict(
        "out-of-turn",
        $"Báo cáo đang ở trạng thái {ReportView.NameOf(Status)}: chưa đến hoặc đã qua bước này.",
        $"The report is {ReportView.NameOf(Status)}: it is not this step's turn.") with
    {
        More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["nextSteps"] = Chain.NextSteps(Period, Status, EntryRole) },
    };
}

/// <summary>Loads the case of a report's command, lets it be decided, appends, and answers with the new summary.</summary>
public sealed class ReportCommands(Commands commands, UnitRegister register, SetCatalogue sets, PeriodBook periods, Demonstration demonstration)
{
    /// <param name="indicator">The one indicator that the answer shows; null for all.</param>
    /// <param name="fresh">Whether the set is read from the store; a report that names its version needs no more than memory.</param>
    /// <param name="evidence">Hashes of files that the command refers to: until it is saved none of them is removed.</param>
    public async Task<IResult> Run(
        HttpContext http, string period, string unit, Func<ReportCase, Decision> decide, string? indicator = null, bool fresh = false, IReadOnlyCollection<string>? evidence = null)
    {
        var ct = http.RequestAborted;
        if (await periods.FindAsync(period, ct) is not { } opened) return await RefuseAsync(PeriodsModule.Unknown(period));
        var tree = await register.GetAsync(ct);
        if (ReportChain.Of(tree, opened, unit) is not { } chain) return await RefuseAsync(NotAsked(tree, unit, opened));
        var known = await sets.OfPeriodAsync(opened.Set, ct);
        var key = Report.Key(opened.Code, chain.Unit.Id);
        Task<Period?> asItIs = Task.FromResult<Period?>(null);
        Task<JasperFx.Events.IEventStream<Report>>? fetched = null;
        Task<SetRecord?> asStored = Task.FromResult<SetRecord?>(null);
        Task<IReadOnlyList<JasperFx.Events.IEvent>>? events = null;
        var whole = false;
        if (evidence is not { Count: > 0 }) return await commands.Run(http, key, Read, c => DecideAsync(c, []));
        return await commands.Run(http, key, async (c, ct) =>
        {
            await EvidenceContent.KeepAsync(c.Session, ct);
            var files = await c.Session.LoadManyAsync<EvidenceFile>(ct, [.. evidence.Select(EvidenceFile.Key)]);
            var batch = c.Session.CreateBatchQuery();
            Read(batch);
            await batch.Execute(ct);
            return await DecideAsync(c, files);
        });

        void Read(IBatchedQuery batch)
        {
            (asItIs, fetched) = (batch.Load<Period>(opened.Id), batch.Events.FetchForWriting<Report>(key));
            if (fresh) asStored = batch.Load<SetRecord>(CriteriaSet.Key(opened.Set));
            if (whole) events = batch.Events.FetchStream(key);
        }

        async Task<Outcome> DecideAsync(CommandContext c, IReadOnlyList<EvidenceFile> files)
        {
            var (found, stream) = ((await asItIs)!, await fetched!);
            var report = stream.Aggregate;
            // Version and snapshot are two reads of one trip; between them another process may have written.
            if ((report?.Version ?? 0) != (stream.StartingVersion ?? 0)) return Outcome.Raced;
            if (indicator is not null && report?.Figures.GetValueOrDefault(indicator) is { Version: null })
            {
                // What was stored before figures kept their version: the events know it.
                if (events is null)
                {
                    whole = true;
                    return Outcome.Raced;
                }

                report = (await events).Aggregate((Report?)null, (folded, e) => Report.Fold(folded, key, e.Data))!;
                if (report.Version != stream.StartingVersion) return Outcome.Raced;
            }

            var record = await asStored ?? known;
            if (!fresh && report?.SetVersion is { } pinned && record.Find(pinned) is null)
            {
                // Another process published the version; what this one knows is older.
                fresh = true;
                sets.Invalidate();
                return Outcome.Raced;
            }

            var governing = record.On(opened.FiguresAsOf);
            var set = report?.VersionOf(record) ?? governing;
            var held = files.Where(f => f.RemovedAt is null && f.IsHeldBy(tree, chain.Unit.Id, opened.FiguresAsOf, c.Today)).ToDictionary(f => f.Sha256, StringComparer.Ordinal);
            var decision = decide(new(report, found, set.Set, chain, tree, c.Actor, c.Now, set.Number, governing.Number) { Held = held });
            // Who has no right learns no version.
            if (decision.Refusal is { Status: 403 } noRight) return noRight;
            if (c.IsStale(stream.StartingVersion ?? 0)) return Refusal.Stale(stream.StartingVersion ?? 0);
            if (decision.Refusal is { } refusal) return refusal;

            stream.AppendMany(decision.Events);
            var after = decision.Events.Aggregate(report, (r, e) => Report.Fold(r, key, e))!;
            var stored = evidence is null ? null : held;
            return Outcome.Ok(ReportView.Of(after, found, after.VersionOf(record), chain, tree, demonstration.On, held: stored).With(indicator), after.Version);
        }

        Task<IResult> RefuseAsync(Refusal refusal) => commands.Run(http, (_, _) => Task.FromResult<Outcome>(refusal));
    }

    /// <summary>Why the code names no unit that reports in the period.</summary>
    internal static Refusal NotAsked(UnitTree tree, string unit, Period period) =>
        tree.Resolve(unit, period.FiguresAsOf) is { } named && period.Covers(tree, named.Id) && period.IsExcluded(tree, named.Id)
            ? Refusal.Invalid("unit", "urban-unit", $"{named.Name} là đơn vị đô thị: kỳ này chỉ hỏi đơn vị nông thôn.", $"{named.Name} is urban: this period asks rural units only.", period.Rural!.Act)
            : UnknownUnit(unit, period);

    private static Refusal UnknownUnit(string unit, Period period) => Refusal.NotFound(
        $"Vào ngày {period.FiguresAsOf:yyyy-MM-dd} không có đơn vị mang mã {unit} trong kỳ \"{period.Code}\".",
        $"On {period.FiguresAsOf:yyyy-MM-dd} no unit of the period \"{period.Code}\" carries the code {unit}.");
}
