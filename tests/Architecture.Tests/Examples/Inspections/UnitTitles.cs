using JasperFx.Events;
using Marten;
using Marten.Events.Projections;
using Ntm.Contracts.Appraisal;

namespace Ntm.Architecture.Tests.Examples.Inspections;

/// <summary>A title that a unit holds or held, as the register announced it last.</summary>
/// <param name="To">Last day in force; null while in force.</param>
public sealed record UnitTitle(string Id, Guid Unit, string Title, DateOnly From, DateOnly? To);

/// <summary>What this service keeps of the recognitions that it learned.</summary>
public sealed partial class UnitTitles : EventProjection
{
    public UnitTitles()
    {
        IncludeType<RecognitionChanged>();
        Options.DeleteViewTypeOnTeardown<UnitTitle>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (e.Data is RecognitionChanged { Recognition: var r })
            operations.Store(new UnitTitle($"{r.Unit.Id}/{r.Title}/{r.Dossier}", r.Unit.Id, r.Title, r.From, r.To));
        return ValueTask.CompletedTask;
    }
}
