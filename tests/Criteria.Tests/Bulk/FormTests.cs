using System.Text;
using FsCheck.Xunit;
using Microsoft.AspNetCore.Http;
using Ntm.Contracts;
using Ntm.Criteria.Bulk;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Tests.Bulk;

/// <summary>The form as it leaves and comes back, and how files are read.</summary>
public sealed class FormTests
{
    private const string OtherPerson = "commune-officer@18073#binh";
    private static readonly SetRecord Set = Given.Recorded(Given.Set);

    private static readonly string[] Pieces =
    [
        "xã", "ề", " ", "\n", "\r\n", "\t", "'", "\"", ",", ";", "=", "+", "-", "@", "_x0041_", "<b>", "&amp;", "true", "12.345", "\u00A0", "😀", "2024-01-31", "\\", "\u2028",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Whatever stands, the untouched form says it again, whoever sends it.</summary>
    [Property(MaxTest = 60, Replay = "(23,1)")]
    public void The_form_sent_back_as_it_is_changes_nothing(int seed)
    {
        var random = new Random(seed);
        var scene = Scene.ThreeTiers with { Now = Given.Morning(2025, 1, 10) };
        foreach (var (_, indicator) in Given.Set.InOrder().Where(_ => random.Next(5) > 0))
        {
            var note = random.Next(3) == 0 ? null : Words(random, random.Next(6));
            scene = scene.When(
                Given.CommuneOfficer, c => RecordIndicator.Decide(c, indicator.Code, new(ValueOf(random, indicator.ValueType), Given.EndOf2024.AddDays(-random.Next(400)), note, null)));
        }

        foreach (var format in (string[])[Exports.Csv, Exports.Xlsx])
        {
            var rows = Read(FormOf(scene.Report, format));
            var plan = new ImportPlan(Given.Quarter2024, Set, Given.Tree, Given.Actor(OtherPerson), scene.Now);
            plan.Decide(rows, scene.Report is { } report ? new() { [report.UnitId] = report } : new Dictionary<Guid, Report>());
            Assert.True(
                plan is { Faults.Count: 0, Conflicts.Count: 0, Events.Count: 0 } && plan.Unchanged == (scene.Report?.Figures.Count ?? 0),
                $"{format}: {string.Join(", ", plan.Faults.Select(f => $"{f.Row} {f.Column} {f.Rule}"))} {plan.Conflicts.Count} {plan.Unchanged} of {scene.Report?.Figures.Count}: "
                + string.Join(" | ", plan.Events.Values.SelectMany(e => e)));
        }
    }

    [Theory]
    [InlineData("unit,indicator,value\r\n18073,3.1,92,5\r\n")]
    [InlineData("unit,indicator,value,\r\n18073,3.1,92,5\r\n")]
    [InlineData("unit,indicator,value,note\r\n18073,3.1,92,5,\r\n")]
    public void A_decimal_comma_never_makes_two_cells_of_one(string file) =>
        Assert.Equal("too-many-cells", Assert.Single(Read(Encoding.UTF8.GetBytes(file))).Fault?.Rule);

    [Fact]
    public void Nothing_too_long_is_kept()
    {
        var row = Assert.Single(Read(Encoding.UTF8.GetBytes($"unit,indicator,value,note\r\n18073,3.1,92,{new string('a', 32_768)}\r\n")));
        Assert.Equal(("note", "cell-too-long", null), (row.Fault?.Column, row.Fault?.Rule, row[Template.Note]));
        var plan = new ImportPlan(Given.Quarter2024, Set, Given.Tree, Given.Actor(Given.CommuneOfficer), Given.Morning(2025, 1, 10));
        plan.Decide([row], new Dictionary<Guid, Report>());
        Assert.Equal(("cell-too-long", 0), (Assert.Single(plan.Faults).Rule, plan.Events.Count));
    }

    [Fact]
    public void Empty_rows_and_columns_do_not_count()
    {
        var empty = new string(',', 200) + "\r\n";
        var rows = Read(Encoding.UTF8.GetBytes($"unit,indicator,value{new string(',', 197)}\r\n{string.Concat(Enumerable.Repeat(empty, 50_000))}\r\n18073,3.1,92{new string(',', 197)}\r\n"));
        Assert.Equal((50_003, null, "92"), (Assert.Single(rows).Number, rows[0].Fault, rows[0].Text(Template.Value)));
    }

    private static byte[] FormOf(Report? report, string format)
    {
        using var sent = new MemoryStream();
        var http = new DefaultHttpContext { Response = { Body = sent } };
        var unit = Given.Unit(Given.Commune, Given.EndOf2024).Id;
        var rows = Template.RowsOf(Given.Quarter2024, Set, Given.Tree, [unit], report is null ? new Dictionary<Guid, Report>() : new() { [unit] = report });
        new Template.File(format, Given.Quarter2024, rows).ExecuteAsync(http).GetAwaiter().GetResult();
        return sent.ToArray();
    }

    private static IReadOnlyList<FilledRow> Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var (rows, refusal) = FilledFile.ReadAsync(stream, Ct).GetAwaiter().GetResult();
        Assert.Null(refusal);
        return rows;
    }

    private static ReportedValue ValueOf(Random random, string type) => type switch
    {
        "yesno" => ReportedValue.Of(random.Next(2) == 0),
        "text" => ReportedValue.Of("x" + Words(random, 4)) is var text && random.Next(2) == 0 ? text : ReportedValue.Of($"{Words(random, 3)}x"),
        "percent" => ReportedValue.Of(random.Next(100_000_001) / 1_000_000m),
        _ => ReportedValue.Of(random.NextInt64(-999_999_999_999, 1_000_000_000_000) / (decimal)Math.Pow(10, random.Next(7))),
    };

    private static string Words(Random random, int count) => string.Concat(Enumerable.Range(0, count).Select(_ => Pieces[random.Next(Pieces.Length)]));
}
