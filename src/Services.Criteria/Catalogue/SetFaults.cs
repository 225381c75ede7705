using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>One fault of a set's JSON.</summary>
/// <param name="Path">Where, e.g. <c>criteria[3].indicators[1].threshold</c>.</param>
/// <param name="Rule">Name of the rule that is broken.</param>
public sealed record SetFault(string Path, string Rule, string ReasonVi, string ReasonEn);

/// <summary>Counts the faults of sets, and keeps the first thousand with their places.</summary>
public sealed class SetFaults
{
    private const int Most = 1_000;
    private readonly List<SetFault> all = [];

    public IReadOnlyList<SetFault> All => all;

    /// <summary>All that were found, also those that are not kept.</summary>
    public int Count { get; private set; }

    /// <summary>How many are not kept.</summary>
    public int Further => Count - all.Count;

    public SetFaults Unless(bool ok, string path, string rule, string vi, string en)
    {
        if (ok) return this;
        Count++;
        if (all.Count < Most) all.Add(new(path.Length == 0 ? "body" : path, rule, vi, en));
        return this;
    }

    public SetFaults Required(object? value, string path) => Unless(value is not null, path, "required", $"Thiếu trường \"{path}\".", $"The field \"{path}\" is required.");

    /// <summary>The refusal, or null when nothing is wrong.</summary>
    public Refusal? Refuse() => all.Count == 0
        ? null
        : new(422, "invalid-set", new("Bộ tiêu chí gửi lên không hợp lệ.", "The set is not valid."))
        {
            Errors = all.GroupBy(f => f.Path, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Select(f => new Text(f.ReasonVi, f.ReasonEn)).ToArray(), StringComparer.Ordinal),
            More = new Dictionary<string, object?>(StringComparer.Ordinal) { ["faults"] = all, ["furtherFaults"] = Further },
        };
}
