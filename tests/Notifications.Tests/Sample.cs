using System.Text.Json;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;
using Ntm.Contracts.Pilots;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Tests;

/// <summary>Facts to start from: the stored samples.</summary>
internal static class Sample
{
    internal static readonly Guid NamHa = new("6b1f9c1e-0000-8000-8000-000000000001");
    internal static readonly Guid Province = new("6b1f9c1e-0000-8000-8000-000000000042");
    internal static readonly Guid ThanhSen = new("6b1f9c1e-0000-8000-8000-000000000002");
    internal static readonly Guid Cause = new("0193a1f0-0000-7000-8000-0000000000ff");

    internal static ReportSubmitted Submitted => Read<ReportSubmitted>();

    internal static ReportReturned Returned => Read<ReportReturned>();

    internal static ReportApproved Approved => Read<ReportApproved>();

    internal static DossierMoved Dossier => Read<DossierMoved>();

    internal static DossierFlagged Flagged => Read<DossierFlagged>();

    internal static RecognitionChanged Recognition => Read<RecognitionChanged>();

    internal static UnitEligible Eligible => Read<UnitEligible>();

    internal static UnitNoLongerEligible NoLongerEligible => Read<UnitNoLongerEligible>();

    internal static BallotCalled BallotCalled => Read<BallotCalled>();

    internal static BallotOpened BallotOpened => Read<BallotOpened>();

    internal static BallotClosed BallotClosed => Read<BallotClosed>();

    internal static BallotDissolved BallotDissolved => Read<BallotDissolved>();

    internal static PilotModelProposed Model => Read<PilotModelProposed>();

    internal static RegisterImported Imported => Read<RegisterImported>();

    /// <summary>Phường Nam Hà of 2024, carried on by phường Thành Sen under the same code since July 2025.</summary>
    internal static UnitTree Tree { get; } = new(
    [
        new(Province, "province", "Bắc Trung Bộ", [new("42", "Hà Tĩnh", "Tỉnh Hà Tĩnh", "tinh", null, null, null, null, "seen")], [], []),
        new(NamHa, "commune", null, [new("18073", "Nam Hà", "Phường Nam Hà", "phuong", Province, null, new(2025, 6, 30), null, "seen")], [], []),
        new(
            ThanhSen, "commune", null, [new("18073", "Thành Sen", "Phường Thành Sen", "phuong", Province, new(2025, 7, 1), null, null, "seen")],
            [new(NamHa, new(2025, 7, 1), "whole")], []),
    ]);

    internal static IReadOnlyDictionary<Guid, string> Levels { get; } = Tree.All.ToDictionary(u => u.Id, u => u.Level);

    private static T Read<T>()
        where T : IIntegrationEvent =>
        JsonSerializer.Deserialize<T>(
            File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Events", $"learned.{Topology.NameOf(typeof(T))}.v1.json")), NtmJson.Stored)!;
}
