using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Criteria.Catalogue;

/// <summary>What the other services learn of sets: each version is a thing of its own, so that an older one that comes late is not lost.</summary>
internal static class SetAnnouncements
{
    public static IntegrationMap AnnounceSets(this IntegrationMap map) => map
        .On<CriteriaSetPublished>((e, _, _) => One(new SetPublished(map.OriginOf(e), StateOf(e.Data.Set, 1, e.Data.Province))), typeof(SetPublished))
        .On<SetAmended>(
            async (e, session, ct) =>
            {
                var record = (await session.Events.AggregateStreamAsync<SetRecord>(e.StreamKey!, e.Version, token: ct))!;
                return [new Contracts.Criteria.SetAmended(Versioned(map.OriginOf(e), e.Data.Version), StateOf(record, record.Latest))];
            },
            typeof(Contracts.Criteria.SetAmended))
        .On<SetAdapted>(
            (e, _, _) => One(new Contracts.Criteria.SetAdapted(
                Versioned(map.OriginOf(e), 1), StateOf(e.Data.Set, 1, e.Data.Province) with { Base = new(e.Data.Base.Set, e.Data.Base.Version) })),
            typeof(Contracts.Criteria.SetAdapted))
        .On<SetRetired>(
            async (e, session, ct) =>
            {
                var record = (await session.Events.AggregateStreamAsync<SetRecord>(e.StreamKey!, e.Version, token: ct))!;
                return [new Contracts.Criteria.SetRetired(map.OriginOf(e), StateOf(record, record.Latest))];
            },
            typeof(Contracts.Criteria.SetRetired));

    public static SetState StateOf(SetRecord record, SetVersion version) => StateOf(version.Set, version.Number, record.Province) with
    {
        Base = version.Base is { } b ? new(b.Set, b.Version) : null,
        Act = version.Act is { } act ? ActOf(act) : null,
        Retired = record.Retired is { } end ? new(ActOf(end.Act), end.LastDay, end.Reason) : null,
    };

    private static Origin Versioned(Origin origin, int version) => origin with { Stream = $"{origin.Stream}@{version}" };

    private static SetState StateOf(CriteriaSet s, int version, Guid? province) => new(
        s.Id, s.TitleVi, s.TitleEn, s.Tier, s.Period, s.IsComplete, s.InForceFrom, s.InForceTo,
        [.. s.InOrder().Select(x => IndicatorOf(x.Criterion, x.Indicator))],
        version, s.Scope, province, s.Along, s.Source, [.. s.LegalBasis.Select(ActOf)], null, s.Amends, null, s.ExpectedCounts?.Criteria, s.ExpectedCounts?.Indicators,
        s.InForceToSource, s.SpecialRuleVi, s.Note, s.Refs, s.Preconditions, s.CommuneGroups,
        [.. s.Criteria.Select(c => new SetCriterion(c.No, c.NameVi, c.NameEn, c.GroupVi))], null);

    private static SetIndicator IndicatorOf(Criterion criterion, Indicator i) => new(
        i.Code, criterion.No, i.TextVi, i.TextEn, i.ThresholdSource, i.Source, i.ValueType, i.Unit, i.Comparison, i.Threshold,
        [.. i.Levels.Select(l => new SetThreshold(l.At, l.Value))], i.DelegatedToProvince, i.DelegatedToMinistryVi, i.DepartmentVi, i.EvidenceVi, i.EvidenceEn, i.EvidenceSource,
        i.LegalSource, i.Confidence, i.Refs, i.Note);

    private static SetAct ActOf(LegalAct act) => new(act.Number, act.Date, act.Issuer, act.TitleVi);

    private static Task<IReadOnlyList<IIntegrationEvent>> One(IIntegrationEvent fact) => Task.FromResult<IReadOnlyList<IIntegrationEvent>>([fact]);
}
