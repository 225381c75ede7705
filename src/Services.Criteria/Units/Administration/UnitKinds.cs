using System.Collections.Frozen;

namespace Ntm.Criteria.Units.Administration;

/// <summary>Levels and kinds of units, and how a full name begins.</summary>
internal static class UnitKinds
{
    /// <summary>From the highest level to the lowest.</summary>
    public static readonly IReadOnlyList<string> Levels = ["province", "district", "commune", "village"];

    /// <summary>Digits of a code of the level; null for a village.</summary>
    public static int? DigitsOf(string? level) => level switch
    {
        "province" => 2,
        "district" => 3,
        "commune" => 5,
        _ => null,
    };

    /// <summary>The level whose codes are as long as this one, by which a level is told elsewhere too; null where none are.</summary>
    public static string? LevelOf(string code) => Levels.FirstOrDefault(l => DigitsOf(l) == code.Length);

    public static readonly IReadOnlyList<string> Marks = ["seen", "recalled", "derived", "unknown"];

    private static readonly FrozenDictionary<string, (string Word, string[] Levels)> Kinds = new Dictionary<string, (string, string[])>(StringComparer.Ordinal)
    {
        ["tinh"] = ("Tỉnh", ["province"]),
        ["thanh_pho"] = ("Thành phố", ["province", "district"]),
        ["quan"] = ("Quận", ["district"]),
        ["thi_xa"] = ("Thị xã", ["district"]),
        ["huyen"] = ("Huyện", ["district"]),
        ["xa"] = ("Xã", ["commune"]),
        ["phuong"] = ("Phường", ["commune"]),
        ["thi_tran"] = ("Thị trấn", ["commune"]),
        ["dac_khu"] = ("Đặc khu", ["commune"]),
        ["thon"] = ("Thôn", ["village"]),
        ["to_dan_pho"] = ("Tổ dân phố", ["village"]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Fits(string? kind, string? level) => kind is not null && Kinds.TryGetValue(kind, out var known) && known.Levels.Contains(level);

    public static IEnumerable<string> Of(string level) => Kinds.Where(k => k.Value.Levels.Contains(level)).Select(k => k.Key).Order(StringComparer.Ordinal);

    /// <summary>"xa", "Thạch Hạ" → "Xã Thạch Hạ".</summary>
    public static string FullName(string kind, string name) => Kinds.TryGetValue(kind, out var known) ? $"{known.Word} {name}" : name;
}
