using Ntm.Appraisal.Procedures;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Eligibility;

/// <summary>A unit and the title it strives for, on a day.</summary>
/// <param name="Province">The province that the unit lies in, or is.</param>
public sealed record Target(UnitTree Tree, UnitRef Unit, Guid Province, DateOnly Day, Procedure Procedure)
{
    /// <summary>Resolves the unit's code on the day: no such unit 404; a title that is unknown or not of the unit's tier or kind 422.</summary>
    public static (Target? Target, Refusal? Refusal) Resolve(UnitTree tree, ProcedureBook book, string code, string? title, DateOnly day)
    {
        var (procedure, refusal) = book.For(title, day);
        if (procedure is null) return (null, refusal);
        if (tree.Resolve(code, day) is not { } unit) return (null, NoUnit(code, day));
        if (!book.IsFor(procedure, tree.Find(unit.Id)!, tree.On(unit.Id, day)!.Kind) || tree.ProvinceOf(unit.Id, day) is not { } province)
        {
            return (null, Refusal.Invalid(
                "unit", "unit-tier", $"{unit.Name} không thuộc cấp, loại đơn vị của danh hiệu \"{title}\".", $"{unit.Name} is not of the tier or kind of the title \"{title}\"."));
        }

        return (new(tree, unit, province, day, book.Effective(procedure, tree.On(province, day)?.Code, day)), null);
    }

    public static Refusal NoUnit(string code, DateOnly day) =>
        Refusal.NotFound($"Ngày {day:dd/MM/yyyy} không có đơn vị nào mang mã \"{code}\".", $"No unit carries the code \"{code}\" on {day:yyyy-MM-dd}.");
}
