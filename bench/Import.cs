using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Ntm.Bench;

/// <summary>A period's figures of all communes in one file.</summary>
internal static class Import
{
    private const string Largest = "xa-ntm-2021-2025";

    /// <summary>Imports the file into a fresh period through the gateway, then once more; says how many rows and how long each took.</summary>
    public static async Task<(int Rows, TimeSpan First, TimeSpan Again)> WholeAsync(House house, Api api, Stage stage, CancellationToken ct)
    {
        var period = $"bench-import-{stage.Run}";
        var reports = await Stage.OpenAsync(api, period, Stage.ThreeTiers, ct);
        var set = await api.GetAsync($"/api/criteria/sets/{Largest}", Stage.ProvinceOfficer, ct);
        var file = new StringBuilder("unit,indicator,value,validOn,note,basedOn\r\n");
        var rows = 0;
        foreach (var report in reports)
        {
            foreach (var indicator in set.GetProperty("criteria").EnumerateArray().SelectMany(c => c.GetProperty("indicators").EnumerateArray()))
            {
                var value = indicator.GetProperty("valueType").GetString() switch { "yesno" => "có", "text" => "Mức độ 3", _ => (rows % 101).ToString(CultureInfo.InvariantCulture) };
                file.Append(CultureInfo.InvariantCulture, $"{report.Unit},{indicator.GetProperty("code").GetString()},{value},31/12/2024,Biểu {rows},0\r\n");
                rows++;
            }
        }

        var bytes = Encoding.UTF8.GetBytes(file.ToString());
        using var http = new HttpClient { BaseAddress = house.Gateway, Timeout = TimeSpan.FromMinutes(5) };
        return (rows, await SendAsync("recorded"), await SendAsync("unchanged"));

        async Task<TimeSpan> SendAsync(string all)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/criteria/periods/{period}/import") { Content = new ByteArrayContent(bytes) };
            request.Headers.Authorization = await api.TokenAsync(Stage.ProvinceOfficer);
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
            var clock = Stopwatch.StartNew();
            using var response = await http.SendAsync(request, ct);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(ct);
            var took = clock.Elapsed;
            return response.IsSuccessStatusCode && answer.GetProperty(all).GetInt32() == rows ? took : throw new InvalidOperationException($"The import was answered {(int)response.StatusCode}: {answer}");
        }
    }
}
