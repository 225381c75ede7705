using System.Globalization;

namespace Ntm.Gateway.Tokens;

/// <summary>One role for one unit: <c>role@code[:department][~yyyy-MM-dd]</c>. The code is resolved on <see cref="Day"/>, else today.</summary>
public sealed record RolePair(string Role, string Unit, string? Department, DateOnly? Day)
{
    /// <summary>The value of one <c>right</c> claim.</summary>
    public override string ToString() => Role + "@" + Unit
        + (Department is null ? "" : ":" + Department)
        + (Day is { } day ? "~" + day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "");
}
