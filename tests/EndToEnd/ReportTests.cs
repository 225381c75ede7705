using System.Text.Json;

namespace Ntm.EndToEnd;

/// <summary>A report on its way from a commune to the province in March 2025, with corrections, a conflict, a stale approval, a difficulty, and a last day that passed.</summary>
[Collection(OneHouse.Name)]
public sealed class ReportTests(House house)
{
    private const string Unit = "18403";
    private const string Other = "18400";
    private const string District = "442";
    private const string Day = "2025-03-14";
    private static readonly string An = Who.CommuneOf2024(Unit);
    private static readonly string Binh = Who.CommuneOf2024(Unit, "binh-xa");
    private static readonly string Checker = Who.DistrictOf2024(District);
    private readonly Api api = house.Api;

    [Fact]
    public async Task A_report_is_corrected_returned_approved_and_opened_again()
    {
        var report = Scene.Report(await PeriodAsync(), Unit);
        var figure = $"{report}/indicators/3.1";
        var refused = (await api.PutAsync(figure, An, new { value = 120, validOn = Day })).Must(422);
        Assert.StartsWith("QĐ 318/QĐ-TTg", refused["legalBasis"].GetProperty("value").GetString(), StringComparison.Ordinal);
        Assert.Equal("NĐ 09/2019/NĐ-CP, điều 12 khoản 2", (await api.PutAsync(figure, An, new { value = 90, validOn = "2025-03-15" })).Must(422)["legalBasis"].GetProperty("validOn").GetString());

        (await api.PutAsync(figure, An, new { value = 85, validOn = Day })).Must(200);
        (await api.PutAsync(figure, An, new { value = 86, validOn = Day, reason = "Nhập nhầm", enteredOn = "2025-03-12", basedOn = 2 })).Must(200);
        var last = (await api.GetAsync($"{report}/history", An)).Must(200)["items"].EnumerateArray().Last();
        Assert.Equal(("indicator-corrected.v1", "Nhập nhầm"), (last.GetProperty("event").GetString(), last.GetProperty("data").GetProperty("reason").GetString()));

        // Another officer entered it offline from version 2, before the correction.
        var offline = new { value = 80, validOn = Day, enteredOn = "2025-03-13", basedOn = 2 };
        var conflict = (await api.PutAsync(figure, Binh, offline)).Must(409);
        Assert.Equal("figure-conflict", conflict.Rule);
        var theirs = conflict["conflict"].GetProperty("theirs");
        Assert.Equal((86, "an", 3L, "2025-03-12"), (
            theirs.GetProperty("value").GetInt32(), theirs.GetProperty("recordedBy").GetString(), theirs.GetProperty("version").GetInt64(), theirs.GetProperty("enteredOn").GetString()));
        Assert.Equal((80, 2L), (conflict["conflict"].GetProperty("yours").GetProperty("value").GetInt32(), conflict["conflict"].GetProperty("yours").GetProperty("basedOn").GetInt64()));
        Assert.Equal(3, (await api.GetAsync(report, An)).Must(200)["version"].GetInt64());
        (await api.PutAsync(figure, Binh, new { offline.value, offline.validOn, offline.enteredOn, basedOn = 3, reason = "Theo biên bản" })).Must(200);

        (await api.PostAsync($"{report}/submit", An, new { incompleteBecause = "Đang thu thập" })).Must(200);
        (await api.PostAsync($"{report}/return", Checker, new { items = new[] { new { indicator = "3.1", reason = "Thiếu minh chứng" } } })).Must(200);
        var returned = Assert.Single((await api.PutAsync(figure, An, new { value = 88, validOn = Day, reason = "Bổ sung" })).Must(200)["indicators"].EnumerateArray());
        Assert.Equal(("recorded", 7L), (returned.GetProperty("status").GetString(), returned.GetProperty("version").GetInt64()));
        (await api.PostAsync($"{report}/submit", An, new { incompleteBecause = "Đang thu thập" })).Must(200);
        Assert.Equal(412, (await api.PostAsync($"{report}/verify", Checker, ifMatch: "\"7\"")).Status);
        (await api.PostAsync($"{report}/verify", Checker, ifMatch: "\"8\"")).Must(200);
        var approved = (await api.PostAsync($"{report}/approve", Who.Coordinator, ifMatch: "\"9\"")).Must(200);
        Assert.Equal((10L, false), (approved["approvedVersion"].GetInt64(), approved["approvalStale"].GetBoolean()));

        Assert.Equal(409, (await api.PutAsync(figure, An, new { value = 89, validOn = Day })).Status);
        Assert.True((await api.PostAsync($"{report}/reopen", Who.Coordinator)).Must(422)["errors"].TryGetProperty("reason", out _));
        var reopened = (await api.PostAsync($"{report}/reopen", Who.Coordinator, new { reason = "Đính chính" })).Must(200);
        Assert.Equal((10L, true), (reopened["approvedVersion"].GetInt64(), reopened["approvalStale"].GetBoolean()));
        var listed = (await api.GetAsync($"/api/criteria/reports?period={reopened["period"].GetString()}", Who.Coordinator)).Must(200);
        Assert.True(Assert.Single(listed["items"].EnumerateArray()).GetProperty("approvalStale").GetBoolean());
    }

    [Fact]
    public async Task A_type_sets_the_due_days_and_who_is_late_hears_of_it_once()
    {
        var period = await PeriodAsync();
        var opened = (await api.GetAsync($"/api/criteria/periods/{period}", Who.Coordinator)).Must(200);
        Assert.Equal(("quarter", Day, "2025-03-24"), (opened["kind"].GetString(), opened["dueUnits"].GetString(), opened["dueDepartment"].GetString()));
        var due = opened["due"].GetProperty("units");
        Assert.Equal((Day, Day, "2025-03-15", "before"), (
            due.GetProperty("nominal").GetString(), due.GetProperty("ends").GetString(), due.GetProperty("named").GetString(), due.GetProperty("wording").GetString()));
        Assert.True(due.GetProperty("calendarVersion").GetInt64() >= 1);
        Assert.Equal(404, (await api.GetAsync(Scene.Report(period, "18073"), Who.Coordinator)).Status);

        await ToldAsync(period, An, "period-due-passed");
        await ToldAsync(period, Who.Coordinator, "period-due-passed", "period-due-passed");
        (await api.PostAsync($"/api/criteria/periods/{period}/close", Who.Coordinator)).Must(200);
        await ToldAsync(period, An, "period-closed", "period-due-passed");
        await ToldAsync(period, Who.Coordinator, "period-closed", "period-due-passed", "period-due-passed");
    }

    [Fact]
    public async Task A_rural_period_asks_no_ward_and_the_data_of_a_quarter_close_on_the_14th()
    {
        var rural = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Body(NewCode(), rural: true, units: null))).Must(201)["code"].GetString()!;
        var refused = (await api.PutAsync($"{Scene.Report(rural, "18073")}/indicators/3.1", Who.CommuneOf2024("18073"), new { value = 1, validOn = Day })).Must(422);
        Assert.Equal("urban-unit", refused.Rule);
        Assert.StartsWith("QĐ 318/QĐ-TTg", refused["legalBasis"].GetProperty("unit").GetString(), StringComparison.Ordinal);
        var late = (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Body(NewCode(), figuresAsOf: "2025-03-31"))).Must(422);
        Assert.True(late["errors"].TryGetProperty("figuresAsOf", out _));
    }

    [Fact]
    public async Task A_difficulty_goes_up_to_the_province_and_its_answer_comes_back()
    {
        var period = await PeriodAsync();
        var raised = (await api.PostAsync($"{Scene.Report(period, Unit)}/difficulties", An, new { text = "Thiếu vốn nạo vét kênh", indicator = "3.1" })).Must(201);
        var path = raised.Headers.Location!.ToString();
        await ToldAsync(path, Checker, "difficulty-changed");
        await ToldAsync(path, Who.Coordinator, "difficulty-changed");
        var then = Api.Instant(TimeProvider.System.GetUtcNow());
        (await api.PostAsync($"{path}/pass-on", Checker, new { comment = "Đề nghị tỉnh xem xét" })).Must(200);
        (await api.PostAsync($"{path}/answer", Checker, new { text = "Đã rõ" })).Must(403);
        Assert.Equal("answered", (await api.PostAsync($"{path}/answer", Who.Coordinator, new { text = "Bố trí vốn năm 2026" })).Must(200)["status"].GetString());
        Assert.Equal("difficulty-settled", (await api.PostAsync($"{path}/withdraw", An)).Must(409).Rule);
        await ToldAsync(path, An, "difficulty-changed", "difficulty-changed", "difficulty-changed");

        var shown = Assert.Single((await api.GetAsync(Scene.Report(period, Unit), An)).Must(200)["difficulties"].EnumerateArray());
        Assert.Equal(("Thiếu vốn nạo vét kênh", "3.1", "answered"), (shown.GetProperty("text").GetString(), shown.GetProperty("indicator").GetString(), shown.GetProperty("status").GetString()));
        var past = (await api.GetAsync($"{Scene.Report(period, Unit)}?asOf={then}", An)).Must(200);
        Assert.Equal("raised", Assert.Single(past["difficulties"].EnumerateArray()).GetProperty("status").GetString());
        var found = (await api.GetAsync($"/api/criteria/difficulties?period={period}&parent={District}&status=answered", Who.Coordinator)).Must(200);
        Assert.Equal("Bố trí vốn năm 2026", Assert.Single(found["items"].EnumerateArray()).GetProperty("answer").GetProperty("text").GetString());
        Assert.Empty((await api.GetAsync($"/api/criteria/difficulties?period={period}", Who.CommuneOf2024(Other))).Must(200)["items"].EnumerateArray());

        var free = (await api.PostAsync("/api/criteria/units/18073/difficulties", Who.Commune("18073"), new { text = "Thiếu cán bộ" })).Must(201);
        Assert.Equal("withdrawn", (await api.PostAsync($"{free.Headers.Location}/withdraw", Who.Commune("18073"), new { reason = "Đã có" })).Must(200)["status"].GetString());
    }

    [Fact]
    public async Task The_calendar_takes_a_notice_and_keeps_its_versions()
    {
        var before = (await api.GetAsync("/api/criteria/calendar?year=2026", Who.Auditor)).Must(200);
        Assert.Equal("swapped-work", DayOf(before, "2026-01-10").GetProperty("kind").GetString());
        Assert.False(DayOf(before, "2026-11-24").GetProperty("inForce").GetBoolean());
        var days = new { days = new[] { new { date = "2099-12-31", kind = "holiday", name = "Nghỉ thử", act = $"VB {NewCode()}" } } };
        Assert.Equal(403, (await api.PostAsync("/api/criteria/calendar/days", An, days)).Status);
        var after = (await api.PostAsync("/api/criteria/calendar/days", Who.Coordinator, days)).Must(200);
        Assert.True(after["version"].GetInt64() > before["version"].GetInt64());
        var then = (await api.GetAsync($"/api/criteria/calendar?year=2099&version={before["version"].GetInt64()}", Who.Auditor)).Must(200);
        Assert.DoesNotContain(then["days"].EnumerateArray(), d => d.GetProperty("act").GetString() == days.days[0].act);
        Assert.True((await api.PostAsync("/api/criteria/calendar/days", Who.Coordinator, new { days = new[] { new { date = "2026-12-02", kind = "swapped-work", name = "x", act = "x" } } })).Must(422)["errors"].TryGetProperty("days[0].date", out _));
    }

    private async Task<string> PeriodAsync() => (await api.PostAsync("/api/criteria/periods", Who.Coordinator, Body(NewCode()))).Must(201)["code"].GetString()!;

    private static string NewCode() => $"r-{Guid.CreateVersion7():N}"[..22];

    private static object Body(string code, string figuresAsOf = Day, bool rural = false, string[]? units = null) => new
    {
        code,
        type = "unit-quarter",
        set = Scene.Set,
        figuresAsOf,
        opens = "2025-03-01",
        under = "42",
        level = "commune",
        rural,
        units = rural ? units : [Unit, Other],
    };

    private static JsonElement DayOf(Answer calendar, string date) => calendar["days"].EnumerateArray().Single(d => d.GetProperty("date").GetString() == date);

    /// <summary>The caller's entries about the thing are of these kinds, each that often.</summary>
    private Task ToldAsync(string thing, string client, params string[] kinds) => Until.TrueAsync(
        async () => kinds.SequenceEqual(
            (await api.GetAsync("/api/notifications/inbox?limit=200", client)).Must(200)["items"].EnumerateArray()
                .Where(e => e.GetProperty("link").GetString()!.EndsWith(thing, StringComparison.Ordinal)).Select(e => e.GetProperty("kind").GetString()!).Order(StringComparer.Ordinal),
            StringComparer.Ordinal),
        $"{client} is told of {thing}: {string.Join(", ", kinds)}");
}
