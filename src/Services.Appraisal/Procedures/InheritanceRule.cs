namespace Ntm.Appraisal.Procedures;

/// <summary>What is known of how a unit that was made of others comes to their titles (thừa nhận), by the day on which it was made.</summary>
/// <param name="From">First day; null without bound, as is <paramref name="To"/>.</param>
/// <param name="HeldBy"><c>all</c>: each predecessor held the title or a higher one; null where no rule is known, then one suffices.</param>
/// <param name="Proposes"><c>lowest</c> of the predecessors' titles; null where nothing is proposed.</param>
/// <param name="Year"><c>last</c>: the year of the predecessor recognised last; null where not known.</param>
/// <param name="Note">What is known beside it, in Vietnamese / English.</param>
public sealed record InheritanceRule(DateOnly? From, DateOnly? To, string? HeldBy, string? Proposes, string? Year, string Mark, string? LegalRef, string? Note = null)
{
    public const string All = "all";
    public const string Lowest = "lowest";
    public const string Last = "last";

    public bool Covers(DateOnly day) => (From ?? DateOnly.MinValue) <= day && day <= (To ?? DateOnly.MaxValue);
}
