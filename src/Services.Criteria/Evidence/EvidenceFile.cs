using JasperFx.Events;
using Marten;
using Marten.Events.Aggregation;
using Marten.Events.Projections;
using Ntm.Criteria.Reports;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>A unit that brought the file in, and as what.</summary>
public sealed record EvidenceHolder(Guid UnitId, DateOnly On, string Name, string By, DateTimeOffset At);

/// <summary>What is kept once under the hash of its content.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="LastAt">When it was brought in last.</param>
/// <param name="RemovedAt">When the content was removed; null while it is kept.</param>
public sealed record EvidenceFile(
    string Id, string Sha256, long Size, string MediaType, IReadOnlyList<EvidenceHolder> Holders, DateTimeOffset StoredAt, DateTimeOffset LastAt, DateTimeOffset? RemovedAt, long Version)
{
    public static string Key(string sha256) => $"evidence/{sha256}";

    public static EvidenceFile? Fold(EvidenceFile? file, string id, object e) => e switch
    {
        // Brought in again after it was removed, it is held by those who held it before as well.
        EvidenceStored s => new(id, s.Sha256, s.Size, s.MediaType, With(file, new(s.UnitId, s.On, s.Name, s.By, s.At)), s.At, s.At, null, (file?.Version ?? 0) + 1),
        EvidenceShared s => file! with { Holders = With(file, new(s.UnitId, s.On, s.Name, s.By, s.At)), LastAt = s.At, Version = file.Version + 1 },
        EvidenceRemoved r => file! with { RemovedAt = r.At, Version = file.Version + 1 },
        _ => file,
    };

    private static IReadOnlyList<EvidenceHolder> With(EvidenceFile? file, EvidenceHolder holder) => [.. (file?.Holders ?? []).Where(h => h.UnitId != holder.UnitId), holder];
}

public sealed partial class EvidenceProjection : SingleStreamProjection<EvidenceFile, string>
{
    public EvidenceProjection()
    {
        IncludeType<EvidenceStored>();
        IncludeType<EvidenceShared>();
        IncludeType<EvidenceRemoved>();
    }

    public override EvidenceFile? Evolve(EvidenceFile? snapshot, string id, IEvent e) => EvidenceFile.Fold(snapshot, id, e.Data);
}

/// <summary>A report that ever referred to a file, also where a later correction dropped the reference.</summary>
public sealed record EvidenceUse(string Id, string Sha256, string Period, Guid UnitId, string Indicator);

/// <summary>Who refers to what, from the figures themselves.</summary>
public sealed partial class EvidenceUses : EventProjection
{
    public EvidenceUses()
    {
        IncludeType<IndicatorRecorded>();
        IncludeType<IndicatorCorrected>();
        Options.DeleteViewTypeOnTeardown<EvidenceUse>();
    }

    public override ValueTask ApplyAsync(IDocumentOperations operations, IEvent e, CancellationToken cancellation)
    {
        if (IndicatorRecorded.Of(e.Data) is { Evidence.Count: > 0 } figure && e.StreamKey!.Split('/') is [_, var period, var unit])
        {
            foreach (var reference in figure.Evidence.DistinctBy(r => r.Sha256))
                operations.Store(new EvidenceUse($"{reference.Sha256}/{period}/{unit}/{figure.Indicator}", reference.Sha256, period, Guid.Parse(unit), figure.Indicator));
        }

        return ValueTask.CompletedTask;
    }
}
