using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Ntm.Appraisal.Dossiers;
using Ntm.Contracts;

namespace Ntm.Appraisal.Council;

/// <summary>The decision that appoints a council (quyết định thành lập Hội đồng).</summary>
public sealed record Appointment(string Number, DateOnly Date, string Issuer);

/// <summary>A dossier on which the session votes, under the unit's name of the dossier's own day.</summary>
public sealed record SessionDossier(Guid Dossier, UnitRef Unit, string Title);

/// <summary>What became of a dossier in a session.</summary>
/// <param name="State">State of the dossier after it.</param>
/// <param name="Tally">The count; null where the dossier had left the vote before.</param>
public sealed record SessionOutcome(
    Guid Dossier, string State, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Tally? Tally = null);

// Event names are the storage format: upcast, never edit.

/// <summary>A council was appointed and called to one session (phiên họp) on several dossiers, one ballot each.</summary>
/// <param name="Province">Null of a council that is the country's.</param>
/// <param name="Ballot"><c>open</c> or <c>secret</c>.</param>
public sealed record SessionAppointed(
    Guid Session, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] UnitRef? Province, Appointment Appointment, string Ballot, string Chair, string Secretary, IReadOnlyList<CouncilMember> Members,
    IReadOnlyList<SessionDossier> Dossiers, string By, DateTimeOffset At);

/// <summary>A member does not vote on some of the dossiers (từ chối tham gia biểu quyết), for a reason.</summary>
public sealed record SessionMemberRecused(string Member, IReadOnlyList<Guid> Dossiers, string Reason, string By, DateTimeOffset At);

/// <summary>Who attends; the last list counts. With the first, the vote is open.</summary>
public sealed record SessionAttendanceTaken(IReadOnlyList<string> Present, string By, DateTimeOffset At);

/// <summary>A member voted on these dossiers. What he chose stands in none of this.</summary>
public sealed record SessionVotesCast(IReadOnlyList<Guid> Dossiers, string By, DateTimeOffset At);

/// <summary>The chair closed the session: every dossier has its outcome.</summary>
public sealed record SessionClosed(IReadOnlyList<SessionOutcome> Outcomes, string By, DateTimeOffset At);

/// <summary>The session was dissolved before its count (giải tán): its votes count no more.</summary>
public sealed record SessionDissolved(string Reason, string By, DateTimeOffset At);

/// <summary>A recusal with its reason.</summary>
public sealed record SessionRecusal(string Member, IReadOnlyList<Guid> Dossiers, string Reason, string By, DateTimeOffset At);

/// <summary>That somebody voted, on what, and when.</summary>
public sealed record SessionVote(string By, IReadOnlyList<Guid> Dossiers, DateTimeOffset At);

/// <summary>How far a session is.</summary>
public static class SessionStates
{
    public const string Appointed = "appointed";

    /// <summary>The attendance was taken.</summary>
    public const string Voting = "voting";
    public const string Closed = "closed";

    /// <summary>Before the count.</summary>
    public const string Dissolved = "dissolved";

    public static readonly IReadOnlyList<string> All = [Appointed, Voting, Closed, Dissolved];
}

/// <summary>A session of an appraisal council (phiên họp của Hội đồng thẩm định).</summary>
/// <param name="Province">Null of a council that is the country's.</param>
public sealed record Session(
    string Id, Guid Number, UnitRef? Province, Appointment Appointment, string Ballot, string Chair, string Secretary, IReadOnlyList<CouncilMember> Members,
    IReadOnlyList<SessionDossier> Dossiers, string By, DateTimeOffset At)
{
    public ImmutableList<SessionRecusal> Recusals { get; init; } = [];

    /// <summary>Persons who attend; null before the attendance was taken.</summary>
    public IReadOnlyList<string>? Present { get; init; }

    /// <summary>When the attendance was first taken, and the vote was open with it.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    public ImmutableList<SessionVote> Votes { get; init; } = [];

    /// <summary>Null until it was closed.</summary>
    public IReadOnlyList<SessionOutcome>? Outcomes { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>Null unless it was dissolved before the count.</summary>
    public SessionDissolved? Dissolved { get; init; }

    [JsonIgnore]
    public bool IsSecret => Ballot == CouncilSession.Secret;

    /// <summary>One of <see cref="SessionStates"/>.</summary>
    [JsonIgnore]
    public string State => Dissolved is not null ? SessionStates.Dissolved : ClosedAt is not null ? SessionStates.Closed : OpenedAt is not null ? SessionStates.Voting : SessionStates.Appointed;

    public static string Key(Guid session) => $"session/{session}";

    public static Session Create(SessionAppointed e) =>
        new(Key(e.Session), e.Session, e.Province, e.Appointment, e.Ballot, e.Chair, e.Secretary, e.Members, e.Dossiers, e.By, e.At);

    public Session Apply(SessionMemberRecused e) => this with { Recusals = Recusals.Add(new(e.Member, e.Dossiers, e.Reason, e.By, e.At)) };

    public Session Apply(SessionAttendanceTaken e) => this with { Present = e.Present, OpenedAt = OpenedAt ?? e.At };

    public Session Apply(SessionVotesCast e) => this with { Votes = Votes.Add(new(e.By, e.Dossiers, e.At)) };

    public Session Apply(SessionClosed e) => this with { Outcomes = e.Outcomes, ClosedAt = e.At };

    public Session Apply(SessionDissolved e) => this with { Dissolved = e };

    public CouncilMember? Member(string person) => Members.FirstOrDefault(m => m.Person == person);

    /// <summary>The count on the dossier; null before it, or where the dossier had left the vote.</summary>
    public Tally? TallyOf(Guid dossier) => Outcomes?.FirstOrDefault(o => o.Dossier == dossier)?.Tally;

    /// <summary>The session after an event that was just decided, for the answer to the command.</summary>
    public Session When(object e) => e switch
    {
        SessionMemberRecused x => Apply(x),
        SessionAttendanceTaken x => Apply(x),
        SessionVotesCast x => Apply(x),
        SessionClosed x => Apply(x),
        SessionDissolved x => Apply(x),
        _ => throw new ArgumentException($"A session does not know {e.GetType().Name}.", nameof(e)),
    };
}
