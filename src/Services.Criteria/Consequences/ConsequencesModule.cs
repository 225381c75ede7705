using JasperFx.Events.Projections;
using Marten;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Consequences;

/// <summary>What hangs on a unit, so that whoever changes the register sees it before.</summary>
internal static class ConsequencesModule
{
    public static StoreOptions AddConsequences(this StoreOptions options)
    {
        options.KeepFactsOf("criteria");
        options.Schema.For<KnownDossier>().Index(d => d.UnitId);
        options.Schema.For<KnownTitle>().Index(t => t.UnitId);
        options.Projections.Add(new LearnedRecognitions(), ProjectionLifecycle.Inline);
        return options;
    }
}
