using System.Globalization;
using System.Text.RegularExpressions;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <summary>The register as one table: a row a version, predecessor, successor, end or fact, told apart by the column <c>record</c>.</summary>
internal static partial class RegisterCsv
{
    private const string Day = "yyyy-MM-dd";

    private static readonly string[] Columns =
    [
        "record", "unitId", "level", "region", "code", "name", "fullName", "kind", "parentId", "from", "to", "legalBasis", "mark", "otherUnitId", "part", "fact", "value",
    ];

    public static string Write(IEnumerable<RegisterUnit> units)
    {
        var table = new CsvTable(Columns);
        foreach (var u in units)
        {
            foreach (var v in u.Versions)
                table.Row("version", u.Id, u.Level, u.Region, v.Code, v.Name, v.FullName, v.Kind, v.Parent, v.From, v.To, v.LegalBasis, v.Mark, null, null, null, null);
            foreach (var l in u.Predecessors) table.Row("predecessor", u.Id, null, null, null, null, null, null, null, l.On, null, l.LegalBasis, l.Mark, l.Unit, l.Part, null, null);
            foreach (var l in u.Successors) table.Row("successor", u.Id, null, null, null, null, null, null, null, l.On, null, l.LegalBasis, l.Mark, l.Unit, l.Part, null, null);
            if (u.End is { } end) table.Row("end", u.Id, null, null, null, null, null, end.Kind, null, null, end.LastDay, end.LegalBasis, end.Mark, null, null, null, null);
            foreach (var f in u.Facts ?? []) table.Row("fact", u.Id, null, null, null, null, null, null, null, f.From, f.To, f.Basis, f.Mark, null, null, f.Name, f.Value);
        }

        return table.ToString();
    }

    public static (RegisterFile? File, Refusal? Refusal) Read(byte[] bytes)
    {
        var (rows, unreadable) = CsvRows.Read(bytes);
        if (unreadable is not null) return (null, unreadable);
        if (rows.Count == 0) return (null, CsvRows.Unreadable(1, "thiếu dòng tên cột", "the line of column names is missing"));
        var header = rows[0].Cells;
        if (header.FirstOrDefault(c => !Columns.Contains(c)) is { } unknown)
            return (null, CsvRows.Unreadable(rows[0].Line, $"không có cột \"{Short(unknown)}\"", $"there is no column \"{Short(unknown)}\""));
        if (header.Distinct(StringComparer.Ordinal).Count() < header.Length) return (null, CsvRows.Unreadable(rows[0].Line, "một cột ghi hai lần", "a column stands twice"));
        if (Columns.FirstOrDefault(c => !header.Contains(c)) is { } missing)
            return (null, CsvRows.Unreadable(rows[0].Line, $"thiếu cột \"{missing}\"", $"the column \"{missing}\" is missing"));
        if (rows.FirstOrDefault(r => r.Cells.Length != header.Length) is { Cells: not null } ragged)
            return (null, CsvRows.Unreadable(ragged.Line, $"có {ragged.Cells.Length} ô, cần {header.Length}", $"{ragged.Cells.Length} cells, {header.Length} are needed"));

        var reader = new Reader(header.Select((name, n) => (name, n)).ToDictionary(c => c.name, c => c.n, StringComparer.Ordinal));
        foreach (var (line, cells) in rows.Skip(1)) reader.Row(line, cells);
        return (reader.File(), null);
    }

    private static string Short(string text) => text.Length > 40 ? $"{text[..40]}…" : text;

    /// <summary>Column that a field of the JSON form stands in.</summary>
    private static string ColumnOf(string list, string leaf) => (list, leaf) switch
    {
        ("versions", "parent") => "parentId",
        ("predecessors" or "successors", "unit" or "") => "otherUnitId",
        ("predecessors" or "successors", "on") => "from",
        ("facts", "name") => "fact",
        ("facts", "basis") => "legalBasis",
        (_, "") => "record",
        _ => leaf,
    };

    [GeneratedRegex(@"\A(?<list>[a-z]+)\[(?<n>[0-9]+)\](\.(?<leaf>[A-Za-z]+))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Entry();

    private sealed class Reader(IReadOnlyDictionary<string, int> columns)
    {
        private readonly List<ActFault> faults = [];
        private readonly List<Unit> units = [];
        private readonly Dictionary<Guid, Unit> byId = [];
        private string[] cells = [];
        private int line;

        private sealed class Unit(Guid id, int line)
        {
            public Guid Id => id;

            public int Line => line;

            public string? Level { get; set; }

            public string? Region { get; set; }

            public List<UnitVersion> Versions { get; } = [];

            public List<RegisterLink> Predecessors { get; } = [];

            public List<RegisterLink> Successors { get; } = [];

            public RegisterEnd? End { get; set; }

            public List<UnitFact> Facts { get; } = [];

            public Dictionary<string, List<int>> Lines { get; } = new(StringComparer.Ordinal) { ["versions"] = [], ["predecessors"] = [], ["successors"] = [], ["facts"] = [], ["end"] = [] };
        }

        public void Row(int at, string[] row)
        {
            (line, cells) = (at, row);
            if (IdNeeded("unitId") is not { } id) return;

            if (!byId.TryGetValue(id, out var unit)) units.Add(byId[id] = unit = new(id, at));
            switch (Cell("record"))
            {
                case "version":
                    if (unit.Versions.Count > 0 && (unit.Level != Cell("level") || unit.Region != Cell("region")))
                        Fault("level", "level-differs", "Cấp và vùng của một đơn vị phải như nhau ở mọi dòng.", "Level and region of a unit are the same in all its rows.");
                    (unit.Level, unit.Region) = (Cell("level"), Cell("region"));
                    unit.Versions.Add(new(
                        Cell("code")!, Cell("name")!, Cell("fullName")!, Cell("kind")!, Id("parentId"), DayOf("from"), DayOf("to"), Cell("legalBasis"), Cell("mark")!));
                    unit.Lines["versions"].Add(at);
                    break;
                case "predecessor":
                    unit.Predecessors.Add(Link());
                    unit.Lines["predecessors"].Add(at);
                    break;
                case "successor":
                    unit.Successors.Add(Link());
                    unit.Lines["successors"].Add(at);
                    break;
                case "fact":
                    unit.Facts.Add(new(Cell("fact")!, Cell("value"), DayOf("from"), DayOf("to"), Cell("legalBasis"), Cell("mark")!));
                    unit.Lines["facts"].Add(at);
                    break;
                case "end":
                    if (unit.End is not null) Fault("record", "end-twice", "Đơn vị chỉ kết thúc một lần.", "A unit ends once.");
                    if (Cell("to") is null) Fault("to", "required", "Thiếu ngày cuối.", "The last day is missing.");
                    unit.End = new(DayOf("to") ?? default, Cell("kind")!, Cell("legalBasis"), Cell("mark"));
                    unit.Lines["end"].Add(at);
                    break;
                default:
                    Fault("record", "record-unknown", "Loại dòng là version, predecessor, successor, end hoặc fact.", "A record is version, predecessor, successor, end or fact.");
                    break;
            }
        }

        public RegisterFile File() => new(
            [.. units.Select(u => new FileUnit(new RegisterUnit(u.Id, u.Level!, u.Region, u.Versions, u.Predecessors, u.Successors, u.Facts, u.End)))], faults,
            (n, field) => field.StartsWith("end.", StringComparison.Ordinal) && units[n].Lines["end"] is [var end, ..] ? Place(end, field == "end.lastDay" ? "to" : field[4..])
                : Entry().Match(field) is { Success: true } entry && units[n].Lines.TryGetValue(entry.Groups["list"].Value, out var lines)
                ? Place(lines[int.Parse(entry.Groups["n"].Value, CultureInfo.InvariantCulture)], ColumnOf(entry.Groups["list"].Value, entry.Groups["leaf"].Value))
                : Place(units[n].Line, columns.ContainsKey(field) ? field : "unitId"));

        private RegisterLink Link()
        {
            if (Cell("from") is null) Fault("from", "required", "Thiếu ngày đầu của trạng thái mới.", "The first day of the new state is missing.");
            return new(IdNeeded("otherUnitId") ?? Guid.Empty, DayOf("from") ?? default, Cell("part")!, Cell("legalBasis"), Cell("mark"));
        }

        private string? Cell(string column) => cells[columns[column]] is { Length: > 0 } cell ? CsvTable.TextOf(cell) : null;

        /// <summary>As in the other form, an id of zeros is none.</summary>
        private Guid? IdNeeded(string column)
        {
            var id = Id(column);
            if (Cell(column) is not null && id != Guid.Empty) return id;
            Fault(column, "required", "Thiếu id của đơn vị.", "The unit's id is missing.");
            return null;
        }

        private Guid? Id(string column)
        {
            if (Cell(column) is not { } cell) return null;
            if (Guid.TryParseExact(cell, "D", out var id)) return id;
            Fault(column, "id-form", "Id là một UUID.", "An id is a UUID.");
            return null;
        }

        private DateOnly? DayOf(string column)
        {
            if (Cell(column) is not { } cell) return null;
            if (DateOnly.TryParseExact(cell, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)) return day;
            Fault(column, "day-form", "Ngày có dạng 2026-11-23.", "A day is written 2026-11-23.");
            return null;
        }

        private void Fault(string column, string rule, string vi, string en) => faults.Add(new(Place(line, column), rule, new(vi, en)));

        private static string Place(int line, string column) => string.Create(CultureInfo.InvariantCulture, $"line {line}, {column}");
    }
}
