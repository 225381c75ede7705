using JasperFx.Events;
using Marten;
using Npgsql;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Evidence;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Bulk;

/// <summary>Takes a filled-in file: the figures of many units in one transaction, all of them or the good ones.</summary>
public sealed class ImportFigures(Commands commands, UnitRegister register, SetCatalogue sets)
{
    /// <summary>Bytes of a file.</summary>
    public const int MostBytes = 20 * 1024 * 1024;
    private const int Most = 1_000;
    private const int MostFaults = 10_000;

    /// <param name="Message">In the language of whoever sent the file.</param>
    /// <param name="Other">The other row, where two tell of the same figure.</param>
    public sealed record Fault(int Row, string? Column, string Rule, string Message, string? LegalBasis, int? Other);

    internal sealed record Conflict(int Row, string Unit, string Indicator, FigureConflict.Yours Yours, FigureConflict.Theirs Theirs);

    /// <param name="Rows">Rows of the file below its header.</param>
    /// <param name="Recorded">Figures that were recorded, or would be; likewise the ones after it.</param>
    /// <param name="Unchanged">Rows that say what stands already.</param>
    /// <param name="Skipped">Rows without a value, and those that leave the other's figure.</param>
    /// <param name="Conflicts">Entries that somebody else was before of, both side by side: decide with <c>decision</c>.</param>
    /// <param name="Faults">The first ten thousand.</param>
    /// <param name="FurtherFaults">Faults beyond those.</param>
    /// <param name="Reports">Reports that are written to.</param>
    internal sealed record Result(
        bool DryRun, string Mode, int Rows, int Recorded, int Corrected, int Unchanged, int Skipped, int Reports, IReadOnlyList<Conflict> Conflicts, int FurtherConflicts,
        IReadOnlyList<Fault> Faults, int FurtherFaults);

    internal static Task<IResult> Handle(HttpContext http, string period, string? dryRun, string? mode, ImportFigures import) => import.RunAsync(http, period, dryRun, mode ?? "all");

    private async Task<IResult> RunAsync(HttpContext http, string code, string? dryRun, string mode)
    {
        if (UnitActs.ReadDryRun(dryRun) is not { } dry)
            return Problems.Of(Refusal.Malformed("dryRun", "malformed-query", "dryRun là true hoặc false.", "dryRun is true or false."));
        if (mode is not ("all" or "good")) return Problems.Of(Refusal.Malformed("mode", "malformed-query", "mode là all hoặc good.", "mode is all or good."));
        if (http.Request.Headers.IfMatch.Count > 0)
        {
            return Problems.Of(Refusal.Malformed(
                "If-Match", "if-match-not-offered", "Tệp gồm nhiều báo cáo, không có một phiên bản chung.", "The file is of many reports and has no version of its own."));
        }

        (IReadOnlyList<FilledRow> Rows, Refusal? Refusal)? read = null;
        var attempts = 0;
        return await commands.Run(http, $"import/{Prose.Normal(code)}", async (c, ct) =>
        {
            if (await c.Session.LoadAsync<Period>(Period.Key(code), ct) is not { } period) return PeriodsModule.Unknown(code);
            var tree = await register.GetAsync(ct);
            if (!period.Asked(tree).Any(unit => tree.EntersFor(c.Actor, unit, period.FiguresAsOf, c.Today))) return NoRight;
            var (rows, unreadable) = read ??= await FilledFile.ReadAsync(http.Request.Body, ct);
            if (unreadable is not null) return unreadable;
            var plan = new ImportPlan(period, await SetAsync(c, period, ct), tree, c.Actor, c.Now);
            string[] keys =
            [
                .. rows.Select(r => r.Text(Template.Unit)).OfType<string>().Distinct(StringComparer.Ordinal).Select(plan.ChainOf).OfType<ReportChain>()
                    .Select(chain => Report.Key(period.Code, chain.Unit.Id)).Distinct(StringComparer.Ordinal),
            ];
            if (attempts++ > 0) await HoldAsync(c.Session, keys, ct);
            var streams = await FetchAsync(c.Session, keys, ct);
            if (streams.Values.Any(s => (s.Aggregate?.Version ?? 0) != (s.StartingVersion ?? 0))) return Outcome.Raced;
            var reports = streams.Values.Select(s => s.Aggregate).OfType<Report>().ToDictionary(r => r.UnitId);
            plan.Decide(rows, reports);

            var answer = AnswerOf(http, dry, mode, rows.Count, plan);
            if (dry) return Outcome.Preview(answer);
            if (mode == "all" && plan.Faults.Count + plan.Conflicts.Count > 0) return Refuse(answer);
            // As they were read: whoever wrote meanwhile has the file decided anew.
            foreach (var (unit, events) in plan.Events) streams[Report.Key(period.Code, unit)].AppendMany(events);
            return Outcome.Ok(answer, version: 0);
        });
    }

    /// <summary>All reports in one trip, each with the version that its events are appended at.</summary>
    private static async Task<IReadOnlyDictionary<string, IEventStream<Report>>> FetchAsync(IDocumentSession session, string[] keys, CancellationToken ct)
    {
        var batch = session.CreateBatchQuery();
        var asked = keys.ToDictionary(key => key, batch.Events.FetchForWriting<Report>, StringComparer.Ordinal);
        await batch.Execute(ct);
        Dictionary<string, IEventStream<Report>> streams = new(StringComparer.Ordinal);
        foreach (var (key, stream) in asked) streams[key] = await stream;
        return streams;
    }

    /// <summary>Single writes win every race against a large file: once it lost one, they wait until it is written.</summary>
    private static async Task HoldAsync(IDocumentSession session, string[] streams, CancellationToken ct)
    {
        await session.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand("select id from mt_streams where id = any($1) order by id for update", session.Connection);
        command.Parameters.Add(new() { Value = streams });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>The period's set, read anew where a report was made by a version that this process does not know yet.</summary>
    private async Task<SetRecord> SetAsync(CommandContext c, Period period, CancellationToken ct) =>
        await c.Session.LoadAsync<SetRecord>(CriteriaSet.Key(period.Set), ct) is { } stored && stored.Versions.All(v => v.At is not null) ? stored : await sets.OfPeriodAsync(period.Set, ct);

    private static Result AnswerOf(HttpContext http, bool dry, string mode, int rows, ImportPlan plan) => new(
        dry, mode, rows, plan.Recorded, plan.Corrected, plan.Unchanged, plan.Skipped, plan.Events.Count,
        [.. plan.Conflicts.Take(Most).Select(f => new Conflict(f.Row, f.Unit, f.Indicator, f.Both.Mine, f.Both.Other))], Math.Max(0, plan.Conflicts.Count - Most),
        [.. plan.Faults.Take(MostFaults).Select(f => new Fault(f.Row, f.Column, f.Rule, f.Words.For(http), f.LegalBasis, f.Other))], Math.Max(0, plan.Faults.Count - MostFaults));

    private static Refusal Refuse(Result answer) => new(
        422, "invalid-rows", new(
            $"{answer.Faults.Count + answer.FurtherFaults} lỗi và {answer.Conflicts.Count + answer.FurtherConflicts} chỗ trùng: chưa ghi gì. Sửa rồi gửi lại, hoặc chọn mode=good.",
            $"{answer.Faults.Count + answer.FurtherFaults} faults and {answer.Conflicts.Count + answer.FurtherConflicts} conflicts: nothing was written. Put them right and send again, or choose mode=good."))
    {
        More = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["rows"] = answer.Rows,
            ["faults"] = answer.Faults,
            ["furtherFaults"] = answer.FurtherFaults,
            ["conflicts"] = answer.Conflicts,
            ["furtherConflicts"] = answer.FurtherConflicts,
        },
    };

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ cán bộ nhập số liệu của đơn vị và cấp trên của đơn vị được nhập số liệu từ tệp.", "Only those who enter the units' figures and those above them import figures.");
}
