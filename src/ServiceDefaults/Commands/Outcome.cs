namespace Ntm.ServiceDefaults;

/// <summary>What a command handler says: an answer with the new version, or a refusal.</summary>
public sealed record Outcome
{
    private Outcome(Refusal? refusal) => Refusal = refusal;

    public Refusal? Refusal { get; }

    public int Status { get; private init; }

    public object? Body { get; private init; }

    public long Version { get; private init; }

    public string? Location { get; private init; }

    public bool IsPreview { get; private init; }

    public static Outcome Ok(object body, long version) => new(null) { Status = 200, Body = body, Version = version };

    public static Outcome Created(object body, long version, string location) => new(null) { Status = 201, Body = body, Version = version, Location = location };

    /// <summary>Shows what the command would do: nothing is saved, no receipt either, whatever the handler has appended.</summary>
    public static Outcome Preview(object body) => new((Refusal?)null) { Status = 200, Body = body, IsPreview = true };

    /// <summary>The state was read while another writer was at it: the command is judged anew.</summary>
    public static Outcome Raced { get; } = new((Refusal?)null);

    public static implicit operator Outcome(Refusal refusal) => new(refusal);
}
