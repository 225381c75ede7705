namespace Ntm.Central.OpenData;

/// <summary>The public door: no token, cached, JSON and CSV.</summary>
internal static class OpenDataModule
{
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    public static void MapOpenData(this RouteGroupBuilder openData)
    {
        openData.WithTags("open-data");
        openData.MapMethods("/recognitions", Reads, GetOpenData.Recognitions).AllowAnonymous()
            .WithName("GetOpenRecognitions").WithSummary("Danh sách công nhận, JSON hoặc CSV · The register of recognitions, JSON or CSV");
        openData.MapMethods("/assessments", Reads, GetOpenData.Assessments).AllowAnonymous()
            .WithName("GetOpenAssessments").WithSummary("Kết quả đã duyệt của từng đơn vị, JSON hoặc CSV · Approved results of each unit, JSON or CSV");
    }
}
