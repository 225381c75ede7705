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

/// <summary>A set of criteria, as Criteria published it last.</summary>
public sealed record KnownSet(string Id, SetState Set);

/// <summary>The read models of what this service learned from Criteria.</summary>
public sealed partial class LearnedAssessments : EventProjection
{
    public LearnedAssessments()
    {
        IncludeType<AssessmentChanged>();
        IncludeType<SetPublished>();
        Options.DeleteViewTypeOnTeardown<ApprovedAssessment>();
        Options.DeleteViewTypeOnTeardown<KnownSet>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is AssessmentChanged { Assessment: var assessment, Origin: var origin })
            operations.Store(new ApprovedAssessment(ApprovedAssessment.KeyOf(assessment.Unit.Id, assessment.Set), origin.Position, assessment));
        else if (e.Data is SetPublished { Set: var set })
            operations.Store(new KnownSet(set.Id, set));
        return ValueTask.CompletedTask;
    }
}
