using System.Text.Json.Serialization;
using JasperFx.Events;
using Marten.Events.Aggregation;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

/// <param name="Issuer">Who decided (<see cref="Issuers"/>); null in what was recorded before it was told.</param>
/// <param name="Year">Year of the title (năm đạt chuẩn); null where the decision does not name it, and in what was recorded before it was told.</param>
public sealed record RecognitionGranted(
    Guid Dossier, UnitRef Unit, string Title, string DecisionNumber, DateOnly DecisionDate, string LegalBasis, string By, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Issuer = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Year = null);

public sealed record RecognitionPublished(DateOnly Date, string Where, string By, DateTimeOffset At);

/// <summary>A title of predecessors was acknowledged (thừa nhận) for the unit that was made of them.</summary>
/// <param name="Entry">Id of the entry.</param>
/// <param name="Year">Year of the title; null where neither the decision nor a known rule says it.</param>
/// <param name="Predecessors">Ids of the predecessors' entries that are settled by it.</param>
public sealed record TitleAcknowledged(
    Guid Entry, UnitRef Unit, string Title, string DecisionNumber, DateOnly DecisionDate, string LegalBasis, int? Year, IReadOnlyList<Guid> Predecessors,
    string Issuer, string By, DateTimeOffset At);

/// <summary>The title goes on as that of another unit.</summary>
/// <param name="On">First day on which it does.</param>
/// <param name="Entry">Id of that unit's entry.</param>
public sealed record RecognitionSucceeded(UnitRef Unit, DateOnly On, Guid Entry, string By, DateTimeOffset At);

/// <summary>What a correction sets; null for what it leaves as it was. Unit, title and recognition themselves stay.</summary>
/// <param name="UnitName">The unit's name as the decision should have written it.</param>
public sealed record CorrectedWording(string? Number, DateOnly? Date, string? LegalBasis, string? UnitName);

/// <summary>A later decision corrected a clerical error of the decision (đính chính).</summary>
public sealed record RecognitionCorrected(
    string Number, DateOnly Date, string LegalBasis, string Reason, CorrectedWording Corrected, string Issuer, string By, DateTimeOffset At);

/// <summary>An entry of the public register of recognitions, under the unit as it was called then.</summary>
public sealed record Recognition(string Id, Guid UnitId, string Title, DateOnly From, DateOnly? To, RecognitionState State, bool Demonstration)
{
    public static string Key(Guid entry) => $"recognition/{entry}";

    private static Recognition New(RecognitionState state, bool demonstration) =>
        new(Key(state.Dossier), state.Unit.Id, state.Title, state.From, state.To, state, demonstration);

    public static Recognition Of(RecognitionGranted e, bool demonstration) => New(
        new(e.Dossier, e.Unit, e.Title, e.DecisionNumber, e.DecisionDate, e.LegalBasis, e.DecisionDate, null, "in-force", null, null, e.Issuer, Year: e.Year), demonstration);

    public static Recognition Of(TitleAcknowledged e, bool demonstration) => New(
        new(e.Entry, e.Unit, e.Title, e.DecisionNumber, e.DecisionDate, e.LegalBasis, e.DecisionDate, null, "in-force", null, null, e.Issuer, Inherited: new(e.Year, e.Predecessors)),
        demonstration);

    public Recognition With(RecognitionState state) => this with { From = state.From, To = state.To, State = state };

    public Recognition After(RecognitionPublished e) => With(State with { PublishedOn = e.Date, PublishedWhere = e.Where });

    public Recognition After(RecognitionCorrected e)
    {
        var (was, corrected) = (new DecisionWording(State.DecisionNumber, State.DecisionDate, State.LegalBasis, State.Unit.Name), e.Corrected);
        return With(State with
        {
            DecisionNumber = corrected.Number ?? was.Number,
            DecisionDate = corrected.Date ?? was.Date,
            From = corrected.Date ?? State.From,
            LegalBasis = corrected.LegalBasis ?? was.LegalBasis,
            Unit = State.Unit with { Name = corrected.UnitName ?? was.UnitName },
            Corrections = [.. State.Corrections ?? [], new(e.Number, e.Date, e.LegalBasis, e.Reason, was)],
        });
    }

    public Recognition After(RecognitionSucceeded e)
    {
        TitleSuccession[] successions = [.. (State.Successions ?? []).Where(s => s.Entry != e.Entry), new(e.Unit, e.On, e.Entry)];
        return With(State with { Status = "succeeded", To = successions.Min(s => s.On).AddDays(-1), Successions = successions });
    }
}

/// <summary>Keeps the register.</summary>
public sealed partial class RecognitionProjection : SingleStreamProjection<Recognition, string>
{
    public static Recognition Create(IEvent<RecognitionGranted> e) => Recognition.Of(e.Data, e.IsDemonstration());

    public static Recognition Create(IEvent<TitleAcknowledged> e) => Recognition.Of(e.Data, e.IsDemonstration());

    public Recognition Apply(RecognitionPublished e, Recognition entry) => entry.After(e);

    public Recognition Apply(RecognitionCorrected e, Recognition entry) => entry.After(e);

    public Recognition Apply(RecognitionSucceeded e, Recognition entry) => entry.After(e);
}
