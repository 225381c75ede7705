using Ntm.ServiceDefaults;

namespace Ntm.Appraisal;

/// <summary>Checks that every body shares.</summary>
internal static class Input
{
    /// <summary>A share in percent, exact to six places.</summary>
    public static Faults Percent(this Faults faults, decimal? value, string field) => faults
        .Unless(value is null or (>= 0 and <= 100), field, "Phải từ 0 đến 100 (phần trăm).", "Must be from 0 to 100 (percent).")
        .Unless(value is null || decimal.Round(value.Value, 6) == value, field, "Tối đa 6 chữ số thập phân.", "At most 6 decimal places.");

    public static Faults NotInFuture(this Faults faults, DateOnly? day, string field, DateOnly today) => faults
        .Required(day, field)
        .Unless(day is null || day <= today, field, "Không được ở tương lai.", "Must not be in the future.");
}
