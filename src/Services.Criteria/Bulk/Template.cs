using Marten;
using MiniExcelLibs.Attributes;
using MiniExcelLibs.OpenXml;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Periods;
using Ntm.Criteria.Reports;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Bulk;

/// <summary>A period as a file to fill in (biểu mẫu): a row for each unit and indicator, with what stands already.</summary>
internal static class Template
{
    public const string Unit = "unit";
    public const string UnitName = "unitName";
    public const string Indicator = "indicator";
    public const string IndicatorText = "text";
    public const string Value = "value";
    public const string ValidOn = "validOn";
    public const string Note = "note";
    public const string Reason = "reason";
    public const string Decision = "decision";
    public const string BasedOn = "basedOn";
    public const string EnteredOn = "enteredOn";

    /// <param name="Key">What the import knows the column by; it stands in brackets behind the heading.</param>
    /// <param name="Width">Characters.</param>
    public sealed record Column(string Key, string Heading, double Width);

    public static readonly IReadOnlyList<Column> Columns =
    [
        new(Unit, "Mã đơn vị", 12), new(UnitName, "Tên đơn vị", 24), new(Indicator, "Mã chỉ tiêu", 12), new(IndicatorText, "Nội dung chỉ tiêu", 60),
        new("type", "Kiểu giá trị", 12), new("measure", "Đơn vị tính", 12), new(Value, "Giá trị", 14), new(ValidOn, "Ngày của số liệu", 16), new(Note, "Ghi chú", 30),
        new(Reason, "Lý do đính chính", 30), new(Decision, "Khi trùng: mine hoặc theirs", 26), new(EnteredOn, "Ngày nhập", 14), new(BasedOn, "Dựa trên phiên bản", 18),
        new("status", "Trạng thái", 14), new("recordedBy", "Người nhập", 16),
    ];

    public static async Task<IResult> Handle(
        HttpContext http, string period, string? unit, string? parent, PeriodBook periods, SetCatalogue sets, UnitRegister register, IQuerySession session, TimeProvider clock, CancellationToken ct)
    {
        var (asked, refusal) = Exports.Asked(http);
        if (refusal is not null || asked == Exports.Json)
            return Problems.Of(Refusal.Malformed("format", "malformed-query", "format là csv hoặc xlsx.", "format is csv or xlsx."));
        if (await periods.FindAsync(period, ct) is not { } found) return Problems.Of(PeriodsModule.Unknown(period));
        var (tree, actor, today) = (await register.GetAsync(ct), Actor.Of(http)!, clock.Today());
        foreach (var code in (string?[])[unit, parent])
            if (code is not null && tree.Resolve(code, found.FiguresAsOf) is null) return Problems.Of(GetUnits.Unknown(code, found.FiguresAsOf));
        List<Guid> units =
        [
            .. found.Asked(tree).Where(u => tree.MayRead(actor, u, found.FiguresAsOf, today)
                && (unit is null || u == tree.Resolve(unit, found.FiguresAsOf)!.Id)
                && (parent is null || tree.Chain(u, found.FiguresAsOf).Any(above => above.Id == tree.Resolve(parent, found.FiguresAsOf)!.Id))),
        ];
        if (units.Count == 0)
            return Problems.Of(Refusal.Forbidden("Không có đơn vị nào của kỳ này mà bạn được xem.", "There is no unit of this period that you may read."));

        var set = await sets.OfPeriodAsync(found.Set, ct);
        var reports = (await session.LoadManyAsync<Report>(ct, [.. units.Select(u => Report.Key(found.Code, u))])).ToDictionary(r => r.UnitId);
        return new File(asked ?? Exports.Xlsx, found, RowsOf(found, set, tree, units, reports));
    }

    /// <summary>The header, then the rows.</summary>
    internal static IEnumerable<object?[]> RowsOf(Period period, SetRecord set, UnitTree tree, IEnumerable<Guid> units, IReadOnlyDictionary<Guid, Report> reports)
    {
        yield return [.. Columns.Select(c => $"{c.Heading} [{c.Key}]")];
        foreach (var id in units)
        {
            var (unit, report) = (tree.Ref(id, period.FiguresAsOf)!, reports.GetValueOrDefault(id));
            foreach (var (_, indicator) in (report?.VersionOf(set) ?? set.On(period.FiguresAsOf)).Set.InOrder())
            {
                var figure = report?.Figures.GetValueOrDefault(indicator.Code);
                yield return
                [
                    unit.Code, unit.Name, indicator.Code, indicator.TextVi, indicator.ValueType, indicator.Unit, figure?.Value, figure?.ValidOn ?? period.FiguresAsOf, figure?.Note,
                    null, null, figure?.EnteredOn, report?.Version ?? 0, ReportView.NameOf(figure?.Status ?? FigureStatus.Missing), figure?.RecordedBy,
                ];
            }
        }
    }

    internal sealed class File(string format, Period period, IEnumerable<object?[]> rows) : IResult
    {
        private const int Chunk = 32 * 1024;

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            if (format == Exports.Xlsx)
            {
                await Exports.SendXlsxAsync(httpContext, period.Code, rows, Layout);
                return;
            }

            Exports.Head(httpContext, period.Code, Exports.Csv, Exports.CsvType);
            CsvTable? table = null;
            foreach (var row in rows)
            {
                if (table is null) table = new(bom: true, [.. row.Select(c => (string)c!)]);
                else table.Row(row);
                if (table.Length > Chunk) await httpContext.Response.WriteAsync(table.Take(), httpContext.RequestAborted);
            }

            await httpContext.Response.WriteAsync(table!.Take(), httpContext.RequestAborted);
        }

        private static OpenXmlConfiguration Layout => new()
        {
            DynamicColumns = [.. Columns.Select((c, n) => new DynamicExcelColumn(n.ToString(System.Globalization.CultureInfo.InvariantCulture)) { Width = c.Width })],
        };
    }
}
