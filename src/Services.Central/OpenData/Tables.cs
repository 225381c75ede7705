using Ntm.Central.Publishing;
using Ntm.ServiceDefaults;

namespace Ntm.Central.OpenData;

/// <summary>Recognitions as a table: a row each.</summary>
internal static class RecognitionTable
{
    public static string Of(IReadOnlyList<PublishedRecognition> items)
    {
        var table = new CsvTable(
            "unitId", "code", "name", "title", "decisionNumber", "decisionDate", "legalBasis", "from", "to", "status", "publishedOn", "publishedWhere", "demonstration", "year");
        foreach (var r in items)
        {
            table.Row(
                r.UnitId, r.Code, r.Name, r.Title, r.Decision.Number, r.Decision.Date, r.Decision.LegalBasis, r.From, r.To, r.Status,
                r.PublishedOn, r.PublishedWhere, r.Demonstration, r.Year);
        }

        return table.ToString();
    }
}

/// <summary>Assessments as a table: a row for each indicator of a unit.</summary>
internal static class AssessmentTable
{
    public static string Of(IReadOnlyList<PublishedAssessment> items)
    {
        var table = new CsvTable(
            "unitId", "code", "name", "set", "criterion", "indicator", "status", "value", "rule", "legalBasis", "mark", "criteriaMet", "criteriaTotal", "demonstration");
        foreach (var a in items)
        {
            foreach (var i in a.Indicators)
            {
                table.Row(
                    a.UnitId, a.Code, a.Name, a.Set, i.Criterion, i.Code, i.Status, i.Value, i.Rule, i.LegalBasis, i.Mark,
                    a.CriteriaMet, a.CriteriaTotal, a.Demonstration);
            }
        }

        return table.ToString();
    }
}
