using System.Globalization;
using Ntm.Contracts;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Bench;

/// <summary>What was recorded at one instant.</summary>
internal sealed record Recorded(DateTimeOffset At, IReadOnlyList<object> Events);

/// <summary>
/// Made-up histories of reports, decided by the product's own decisions: figures recorded and some corrected, handed in on time or
/// late, some sent back, verified, judged where the set leaves it open, approved, a few opened again. The same random numbers give the
/// same history.
/// </summary>
internal static class Histories
{
    private const string Province = "province-officer@42#history-province";

    /// <summary>So many quarters, as the coordination office opens them, up to the one that ends on the day.</summary>
    public static IReadOnlyList<PeriodOpened> Quarters(UnitTree tree, string set, DateOnly last, int count) =>
    [
        .. from n in Enumerable.Range(0, count)
           let end = last.AddDays(1).AddMonths(-3 * (count - 1 - n)).AddDays(-1)
           let due = new DateOnly(end.Year, end.Month, 14)
           let under = tree.Resolve("42", end)!
           select new PeriodOpened(
               CodeOf(end), "quarter", set, end, new(end.Year, end.Month, 1), due, due.AddDays(10), under.Id, "42", "commune",
               "history-province", At(new(end.Year, end.Month, 1), 8)),
    ];

    /// <summary>Code of the quarter that ends on the day.</summary>
    public static string CodeOf(DateOnly end) => string.Create(CultureInfo.InvariantCulture, $"{end.Year}-Q{end.Month / 3}");

    /// <summary>The life of one report, stage by stage; empty where the unit never began.</summary>
    public static IReadOnlyList<Recorded> Of(UnitTree tree, Period period, SetVersion set, string code, Random random) => new Making(tree, period, set, code, random).Stages();

    private static DateTimeOffset At(DateOnly day, int hour) => new(day.ToDateTime(new TimeOnly(hour, 0)), VietnamTime.Offset);

    private sealed class Making(UnitTree tree, Period period, SetVersion set, string code, Random random)
    {
        private readonly ReportChain chain = ReportChain.Of(tree, period, code)!;
        private readonly DateOnly first = new(period.FiguresAsOf.Year, period.FiguresAsOf.Month, 5);
        private readonly List<Recorded> stages = [];
        private Report? report;

        private string Officer => string.Create(CultureInfo.InvariantCulture, $"commune-officer@{code}~{period.FiguresAsOf:yyyy-MM-dd}#history-{code}");

        public List<Recorded> Stages()
        {
            if (random.Next(100) < 2) return stages;
            Indicator[] indicators = [.. set.Set.InOrder().Select(x => x.Indicator)];
            Stage(5, Officer, [.. indicators.Where(_ => random.Next(200) > 0).Select(i => Record(i))]);
            Stage(8, Officer, [.. Some(indicators, 10).Select(i => Record(i, "Nhập nhầm"))]);
            if (random.Next(100) < 3) return stages;
            Stage(random.Next(100) < 8 ? 14 + random.Next(4) : 9, Officer, [c => SubmitReport.Decide(c, new("Chưa thu thập đủ"))]);
            if (random.Next(100) < 10)
            {
                var back = Some(indicators, 3).Where(i => report!.Figures.ContainsKey(i.Code)).ToList();
                if (back.Count > 0) Stage(15, Checker, [c => CheckReport.DecideReturn(c, new([.. back.Select(i => new CheckReport.Item(i.Code, "Thiếu minh chứng"))]))]);
                if (back.Count > 0) Stage(16, Officer, [.. back.Select(i => Record(i, "Theo yêu cầu")), c => SubmitReport.Decide(c, new("Chưa thu thập đủ"))]);
            }

            if (chain.District is not null) Stage(18, Checker, [CheckReport.DecideVerify]);
            if (random.Next(3) == 0) Stage(20, Province, [.. indicators.Where(i => Threshold.LeavesOpen(i, "Bắc Trung Bộ") && report!.Figures.ContainsKey(i.Code)).Select(Judge)]);
            if (random.Next(100) < 2) return stages;
            Stage(22, Province, [CheckReport.DecideApprove]);
            if (random.Next(100) >= 2) return stages;
            Stage(30, Province, [c => CheckReport.DecideReopen(c, new("Đính chính số liệu"))]);
            Stage(31, Officer, [.. Some(indicators, 5).Select(i => Record(i, "Đính chính")), c => SubmitReport.Decide(c, new("Chưa thu thập đủ"))]);
            if (chain.District is not null) Stage(33, Checker, [CheckReport.DecideVerify]);
            Stage(34, Province, [CheckReport.DecideApprove]);
            return stages;
        }

        private string Checker => chain.District is { } district
            ? string.Create(CultureInfo.InvariantCulture, $"district-officer@{tree.Ref(district, period.FiguresAsOf)!.Code}~{period.FiguresAsOf:yyyy-MM-dd}#history-district")
            : Province;

        /// <param name="day">Days after the first.</param>
        private void Stage(int day, string client, IReadOnlyList<Func<ReportCase, Decision>> acts)
        {
            var now = At(first.AddDays(day - 5), 8 + random.Next(9));
            var actor = new Actor(Actor.PersonOf(client), client, true, [Grant.Parse(client.Split('#')[0])!]);
            List<object> events = [];
            foreach (var act in acts)
            {
                var decision = act(new(report, period, set.Set, chain, tree, actor, now, set.Number));
                if (decision.Refusal is { } refusal) throw new InvalidOperationException($"{period.Code} {code}: {refusal.Rule} {refusal.Detail.En} {string.Join(", ", refusal.Errors?.Keys ?? [])}");
                events.AddRange(decision.Events);
                report = decision.Events.Aggregate(report, (r, e) => Report.Fold(r, Report.Key(period.Code, chain.Unit.Id), e));
            }

            if (events.Count > 0) stages.Add(new(now, events));
        }

        private Func<ReportCase, Decision> Record(Indicator i, string? reason = null) => c => RecordIndicator.Decide(
            c, i.Code, new(ValueOf(i), c.Today < period.FiguresAsOf ? c.Today : period.FiguresAsOf, null, null, c.Report?.Figures.ContainsKey(i.Code) == true ? reason : null));

        private Func<ReportCase, Decision> Judge(Indicator i)
        {
            var met = random.Next(4) > 0;
            return c => CheckReport.DecideJudge(c, i.Code, new(met, "Biên bản thẩm tra"));
        }

        private ReportedValue ValueOf(Indicator i) => i.ValueType switch
        {
            "yesno" => ReportedValue.Of(random.Next(10) > 0),
            "text" => ReportedValue.Of("Mức độ 3"),
            "percent" => ReportedValue.Of(100m - (random.Next(400) / 10m)),
            _ => ReportedValue.Of((decimal)random.Next(100)),
        };

        private List<Indicator> Some(IReadOnlyList<Indicator> all, int percent) => [.. all.Where(_ => random.Next(100) < percent)];
    }
}
