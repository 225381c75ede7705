using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts.Criteria;

namespace Ntm.Appraisal.Eligibility;

/// <summary>The approved assessment of a unit by a set, as Criteria announced it last.</summary>
/// <param name="Position">Position in Criteria's store that it stands for.</param>
public sealed record ApprovedAssessment(string Id, long Position, AssessmentState Assessment)
{
    public static string KeyOf(Guid unit, string set) => $"{unit}/{set}";
}

/// <summary>One version of a set of criteria, as Criteria announced it; all versions are kept, in whatever order they came.</summary>
/// <param name="Source">Key of the stream that keeps what was announced; null in what was kept before there were further versions.</param>
public sealed record KnownSet(string Id, SetState Set, string? Source = null)
{
    public static string KeyOf(string set, int version) => version == 1 ? set : $"{set}@{version}";

    /// <summary>Key of the stream that keeps it in this service's store.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Stream => Source ?? Ntm.ServiceDefaults.Messaging.Learning.KeyOf(typeof(SetPublished), $"set/{Set.Id}");
}

/// <summary>A set that was retired.</summary>
/// <param name="Id">Id of the set.</param>
public sealed record RetiredSet(string Id, SetEnd End);

/// <summary>The read models of what this service learned from Criteria.</summary>
public sealed partial class LearnedAssessments : EventProjection
{
    public LearnedAssessments()
    {
        IncludeType<AssessmentChanged>();
        IncludeType<SetPublished>();
        IncludeType<SetAmended>();
        IncludeType<SetAdapted>();
        IncludeType<SetRetired>();
        Options.DeleteViewTypeOnTeardown<ApprovedAssessment>();
        Options.DeleteViewTypeOnTeardown<KnownSet>();
        Options.DeleteViewTypeOnTeardown<RetiredSet>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        switch (e.Data)
        {
            case AssessmentChanged { Assessment: var assessment, Origin: var origin }:
                operations.Store(new ApprovedAssessment(ApprovedAssessment.KeyOf(assessment.Unit.Id, assessment.Set), origin.Position, assessment));
                break;
            case SetRetired { Set: { Retired: { } end } retired }:
                operations.Store(new RetiredSet(retired.Id, end));
                break;
            case SetPublished or SetAmended or SetAdapted when VersionOf(e) is { } version:
                operations.Store(version);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The version that a learned fact announces; null for any other fact.</summary>
    public static KnownSet? VersionOf(IEvent e) => e.Data switch
    {
        SetPublished { Set: var set } => new(KnownSet.KeyOf(set.Id, 1), set, e.StreamKey),
        SetAmended { Set: var set } => new(KnownSet.KeyOf(set.Id, set.Version ?? 1), set, e.StreamKey),
        SetAdapted { Set: var set } => new(KnownSet.KeyOf(set.Id, set.Version ?? 1), set, e.StreamKey),
        _ => null,
    };
}
