using Ntm.Contracts;
using Ntm.Criteria.Assessments;

namespace Ntm.Criteria.Tests.Assessments;

public sealed class FigureEventsTests
{
    [Fact]
    public void All_that_happened_to_a_figure_is_told_and_nothing_of_others()
    {
        var log = new Log()
            .Recorded("2024-Q3", "5", ReportedValue.Of(1m), Given.EndOf2024).Submitted("2024-Q3")
            .Recorded("2024-Q4", "10", ReportedValue.Of(50m), Given.EndOf2024).Recorded("2024-Q4", "10", ReportedValue.Of(60m), Given.EndOf2024)
            .Submitted("2024-Q4").Judged("2024-Q4", "10", met: true).Approved("2024-Q4").Reopened("2024-Q4");
        var items = GetFigureEvents.Of(log.Events, "10");
        Assert.Equal(["recorded", "corrected", "submitted", "judged", "approved", "reopened"], items.Select(i => i.Event));
        Assert.All(items, i => Assert.Equal("2024-Q4", i.Period));
        Assert.Equal((ReportedValue.Of(60m), true), (items[1].Value, items[3].Met));
        Assert.Equal(["recorded", "submitted"], GetFigureEvents.Of(log.Events, "5").Select(i => i.Event));
        Assert.Empty(GetFigureEvents.Of(log.Events, "3.1"));
    }
}
