namespace Ntm.ServiceDefaults;

/// <summary>A foreseeable "no": a value with the rule that says it, not an exception.</summary>
/// <param name="Status">HTTP status: 400, 401, 403, 404, 409, 412, 422 or 503.</param>
/// <param name="Rule">Name of the rule; the last part of the problem's type.</param>
/// <param name="Detail">What is wrong, in both languages.</param>
public sealed record Refusal(int Status, string Rule, Text Detail)
{
    /// <summary>Faults by field, where the input is at fault.</summary>
    public IReadOnlyDictionary<string, Text[]>? Errors { get; init; }

    /// <summary>Further members of the problem, e.g. what is missing.</summary>
    public IReadOnlyDictionary<string, object?>? More { get; init; }

    /// <summary>The state forbids the step (409).</summary>
    public static Refusal Conflict(string rule, string vi, string en) => new(409, rule, new(vi, en));

    /// <summary>Where the law sets the rule: its sources by the field that breaks it.</summary>
    public IReadOnlyDictionary<string, string>? LegalBasis { get; init; }

    /// <summary>The input breaks a rule (422).</summary>
    /// <param name="legalBasis">The act that sets the rule, where one does.</param>
    public static Refusal Invalid(string field, string rule, string vi, string en, string? legalBasis = null) => new(422, rule, new(vi, en))
    {
        Errors = new Dictionary<string, Text[]>(StringComparer.Ordinal) { [field] = [new(vi, en)] },
        LegalBasis = legalBasis is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { [field] = legalBasis },
    };

    /// <summary>The input cannot be read (400).</summary>
    public static Refusal Malformed(string field, string rule, string vi, string en) => Invalid(field, rule, vi, en) with { Status = 400 };

    public static Refusal NotFound(string vi, string en) => new(404, "not-found", new(vi, en));

    /// <summary>The caller lacks the right for this unit or step (403).</summary>
    public static Refusal Forbidden(string vi, string en, string rule = "forbidden") => new(403, rule, new(vi, en));

    public static Refusal Stale(long current) =>
        new(412, "stale-version", new($"Phiên bản đã cũ: phiên bản hiện tại là \"{current}\".", $"Stale version: the current one is \"{current}\"."));
}

/// <summary>Gathers the faults of one input, so that the caller sees all of them at once.</summary>
public sealed class Faults
{
    private readonly Dictionary<string, List<Text>> byField = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> legalBasis = new(StringComparer.Ordinal);

    /// <param name="basis">The act that sets the rule, where one does.</param>
    public Faults Unless(bool ok, string field, string vi, string en, string? basis = null)
    {
        if (ok) return this;
        if (!byField.TryGetValue(field, out var list)) byField[field] = list = [];
        list.Add(new(vi, en));
        if (basis is not null) legalBasis[field] = basis;
        return this;
    }

    public Faults Required(object? value, string field) =>
        Unless(value is not null && value is not string { Length: 0 }, field, $"Thiếu trường \"{field}\".", $"The field \"{field}\" is required.");

    /// <summary>The refusal, or null when nothing is wrong.</summary>
    public Refusal? Refuse(int status = 422, string rule = "invalid-input") => byField.Count == 0
        ? null
        : new(status, rule, new("Dữ liệu gửi lên không hợp lệ.", "The input is not valid."))
        {
            Errors = byField.ToDictionary(f => f.Key, f => f.Value.ToArray(), StringComparer.Ordinal),
            LegalBasis = legalBasis.Count == 0 ? null : legalBasis,
        };
}

/// <summary>What a pure decision says: events to record, or a refusal.</summary>
public sealed record Decision(IReadOnlyList<object> Events, Refusal? Refusal)
{
    public static Decision Record(params object[] events) => new(events, null);

    public static implicit operator Decision(Refusal refusal) => new([], refusal);
}
