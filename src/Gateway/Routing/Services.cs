using Ntm.ServiceDefaults;

namespace Ntm.Gateway.Routing;

/// <summary>A service behind the gateway: its name in service discovery and its title for people.</summary>
internal sealed record Service(string Name, Text Title);

internal static class Services
{
    public static readonly IReadOnlyList<Service> All =
    [
        new("criteria", new("Tiêu chí", "Criteria")),
        new("appraisal", new("Thẩm định, công nhận", "Appraisal")),
        new("pilots", new("Mô hình thí điểm", "Pilots")),
        new("notifications", new("Thông báo", "Notifications")),
        new("central", new("Trung ương, dữ liệu mở", "Central and open data")),
    ];
}
