using System.Globalization;
using FsCheck.Xunit;
using Ntm.Contracts;
using Ntm.Criteria.Bulk;

namespace Ntm.Criteria.Tests.Bulk;

public sealed class CellValueTests
{
    [Theory]
    [InlineData("1.234,5", "1234.5")]
    [InlineData("1,234.5", "1234.5")]
    [InlineData("1234.5", "1234.5")]
    [InlineData("1234,5", "1234.5")]
    [InlineData("12,5", "12.5")]
    [InlineData("12.5", "12.5")]
    [InlineData("-0,5", "-0.5")]
    [InlineData("0.125", "0.125")]
    [InlineData("1.234.567", "1234567")]
    [InlineData("1,234,567", "1234567")]
    [InlineData("1.234.567,89", "1234567.89")]
    [InlineData("1234.567", "1234.567")]
    [InlineData("92", "92")]
    [InlineData("92,1250", "92.1250")]
    [InlineData("123456789012345678901234567890", "79228162514264337593543950335")]
    public void A_number_is_read_as_it_is_written_here_and_elsewhere(string text, string number) =>
        Assert.Equal(decimal.Parse(number, CultureInfo.InvariantCulture), CellValue.Number(text).Number);

    [Theory]
    [InlineData("1.234")]
    [InlineData("12,345")]
    [InlineData("-123.456")]
    public void What_may_be_thousands_or_decimals_is_refused(string text)
    {
        var (number, wrong) = CellValue.Number(text);
        Assert.Equal((null, "ambiguous-number"), (number, wrong?.Rule));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("abc")]
    [InlineData("1e5")]
    [InlineData("12,")]
    [InlineData(",5")]
    [InlineData("1.23.4")]
    [InlineData("1,2.3,4")]
    [InlineData("1.2,3")]
    [InlineData("1.234,")]
    [InlineData("1.234,567.8")]
    [InlineData("--5")]
    [InlineData("#DIV/0!")]
    [InlineData("NaN")]
    public void What_is_no_number_is_refused(string text) => Assert.Equal("not-a-number", CellValue.Number(text).Wrong?.Rule);

    /// <summary>Whatever number is written in either way is read back as itself, unless it is refused as readable in two ways.</summary>
    [Property(MaxTest = 2_000, Replay = "(17,1)")]
    public void A_number_never_becomes_another_one(int whole, byte decimals, bool grouped, bool vietnamese)
    {
        var scale = decimals % 5;
        var number = decimal.Round(whole / 1000m, scale);
        var culture = CultureInfo.GetCultureInfo(vietnamese ? "vi-VN" : "en-US");
        var (read, wrong) = CellValue.Number(number.ToString((grouped ? "N" : "F") + scale, culture));
        Assert.True(wrong?.Rule == "ambiguous-number" || read == number, $"{number} in {culture} became {read} {wrong?.Rule}");
    }

    [Theory]
    [InlineData("Có", true)]
    [InlineData("x", true)]
    [InlineData("TRUE", true)]
    [InlineData("kho\u0302ng", false)]
    [InlineData("false", false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Yes_and_no_are_words_marks_or_cells(object cell, bool yes) => Assert.Equal(ReportedValue.Of(yes), CellValue.Read(cell, "yesno", out _).Value);

    [Fact]
    public void Days_are_cells_or_texts_of_three_ways()
    {
        var day = new DateOnly(2024, 12, 31);
        Assert.All((object[])[new DateTime(2024, 12, 31), "31/12/2024", "2024-12-31"], cell => Assert.Equal(day, CellValue.Day(cell).Day));
        Assert.Equal("not-a-day", CellValue.Day("12/31/2024").Wrong?.Rule);
        Assert.Equal("not-a-day", CellValue.Day(45657.0).Wrong?.Rule);
        Assert.Equal((null, null), CellValue.Day(null));
    }

    [Fact]
    public void A_formula_is_refused_and_a_text_that_only_looks_like_one_comes_back()
    {
        Assert.Equal("formula", CellValue.Read("=1+1", "number", out _).Wrong?.Rule);
        Assert.Equal("formula", CellValue.Read("=1+1", "text", out _).Wrong?.Rule);
        Assert.Equal(ReportedValue.Of("=1+1"), CellValue.Read("'=1+1", "text", out _).Value);
        Assert.Equal(ReportedValue.Of(-5m), CellValue.Read("-5", "number", out _).Value);
    }

    [Fact]
    public void A_percentage_in_a_cell_of_percent_format_is_doubtful()
    {
        Assert.Equal(ReportedValue.Of(0.925m), CellValue.Read(0.925, "percent", out var doubtful).Value);
        Assert.Equal("ambiguous-percent", doubtful?.Rule);
        Assert.Equal(ReportedValue.Of(92.5m), CellValue.Read(92.5, "percent", out doubtful).Value);
        Assert.Null(doubtful);
        Assert.Equal(ReportedValue.Of(92.5m), CellValue.Read("92,5 %", "percent", out doubtful).Value);
        Assert.Equal(ReportedValue.Of(92.3m), CellValue.Read(92.299999999999997, "percent", out _).Value);
    }
}
