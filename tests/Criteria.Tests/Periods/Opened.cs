using Ntm.Criteria.Periods;

namespace Ntm.Criteria.Tests.Periods;

/// <summary>Periods that tests of the store write to.</summary>
internal static class Opened
{
    /// <summary>Opens a period for the communes of Hà Tĩnh.</summary>
    public static async Task PeriodAsync(this CriteriaService service, string code, DateOnly figuresAsOf, string set = "xa-ntm-2021-2025")
    {
        await using var session = service.Store.LightweightSession();
        session.Events.StartStream(
            Period.Key(code),
            new PeriodOpened(code, "quarter", set, figuresAsOf, null, null, null, Given.Unit("42", figuresAsOf).Id, "42", "commune", "phuong", Given.Imported));
        await session.SaveChangesAsync();
    }
}
