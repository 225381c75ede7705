using System.Globalization;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Central.Tests;

public sealed class CsvTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+84", "'+84")]
    [InlineData("-x", "'-x")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("'=1", "''=1")]
    [InlineData("'a", "'a")]
    [InlineData("Xã Thạch Hạ", "Xã Thạch Hạ")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("=a,\"b\"", "\"'=a,\"\"b\"\"\"")]
    [InlineData("a\nb", "\"a\nb\"")]
    [InlineData("", "")]
    public void A_text_can_be_no_formula(string text, string cell)
    {
        Assert.Equal($"c\r\n{cell}\r\n", TableOf(text));
        Assert.Equal($"c\r\n{cell}\r\n", TableOf(ReportedValue.Of(text)));
    }

    [Fact]
    public void Numbers_days_and_yes_are_written_alike_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("vi-VN");
            Assert.Equal("c\r\n-92.5\r\n", TableOf(ReportedValue.Of(-92.5m)));
            Assert.Equal("c\r\n2024-12-31\r\n", TableOf(new DateOnly(2024, 12, 31)));
            Assert.Equal("c\r\ntrue\r\n", TableOf(ReportedValue.Of(true)));
            Assert.Equal("c\r\n\r\n", TableOf(null));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string TableOf(object? cell)
    {
        var table = new CsvTable("c");
        table.Row([cell]);
        return table.ToString();
    }
}
