using Ntm.Appraisal.Procedures;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Dossiers;

/// <summary>
/// The province, of its own dossier the ministry, moves an open dossier to a later version of its procedure, or to the province's file over
/// the same one, where the transitional rule of that version or file allows it. Where the rule is not set, the dossier ends under the version
/// that it began under.
/// </summary>
public static class TransferDossier
{
    public const string Step = "transfer";

    public sealed record Body(string? To, string? LegalBasis);

    public static Decision Decide(Dossier dossier, Procedure from, Procedure? to, Body body, string by, DateTimeOffset now)
    {
        var legalBasis = Prose.Clean(body.LegalBasis);
        var faults = new Faults().Required(body.To, "to").Readable(legalBasis, "legalBasis")
            .Unless(body.To is null || to is not null, "to", $"Quy trình \"{dossier.Procedure}\" không có phiên bản \"{body.To}\".", $"The procedure \"{dossier.Procedure}\" has no version \"{body.To}\".")
            .Unless(to is null || IsLater(to, from), "to", "Phải là phiên bản có hiệu lực sau phiên bản hiện tại.", "Must be a version that came into force after the present one.");
        if (faults.Refuse() is { } refusal) return refusal;
        if (from.IsEnd(dossier.State))
            return Refusal.Conflict("dossier-ended", "Hồ sơ đã kết thúc.", "The dossier has ended.");
        // What the national version says of earlier ones says nothing of a province's file over it.
        var rule = IsSameNational(to!, from) && !to!.Overlay!.Sets("transition") ? null : to!.Transition.Rule;
        if (rule != Transition.Transfer)
        {
            return Refusal.Conflict(
                "transfer-not-allowed",
                $"Quy định chuyển tiếp của phiên bản \"{to.Version}\": {rule ?? ProcedureView.NotSet.Vi}; hồ sơ giữ phiên bản \"{from.Version}\".",
                $"The transitional rule of the version \"{to.Version}\": {rule ?? ProcedureView.NotSet.En}; the dossier keeps the version \"{from.Version}\".");
        }

        if (!to.InForce(VietnamTime.DayOf(now)))
            return Refusal.Conflict("version-not-in-force", $"Phiên bản \"{to.Version}\" không đang có hiệu lực.", $"The version \"{to.Version}\" is not in force.");

        return to.States.Any(s => s.Id == dossier.State)
            ? Decision.Record(new DossierTransferred(from.Version, to.Version, rule, legalBasis!, by, now))
            : Refusal.Conflict(
                "state-not-in-version",
                $"Phiên bản \"{to.Version}\" không có trạng thái \"{dossier.State}\".",
                $"The version \"{to.Version}\" has no state \"{dossier.State}\".");
    }

    /// <summary>Officers of the dossier's province move it; of a province's own dossier the ministry does (house rule).</summary>
    public static bool MayMove(UnitTree tree, Actor actor, Dossier dossier, DateOnly today) => dossier.IsOfProvince
        ? actor.Has(Roles.Ministry)
        : tree.ActsAs(actor, Roles.ProvinceOfficer, dossier.Province, today);

    /// <summary>A later national version, or the same with a file of the province that came after what the dossier follows of it.</summary>
    private static bool IsLater(Procedure to, Procedure from) =>
        to.ValidFrom > from.ValidFrom || (IsSameNational(to, from) && to.Overlay is { } own && own.ValidFrom > (from.Overlay?.ValidFrom ?? DateOnly.MinValue));

    /// <summary>Versions of one procedure never hold on the same day.</summary>
    private static bool IsSameNational(Procedure to, Procedure from) => to.ValidFrom == from.ValidFrom;

    internal static Task<IResult> Handle(Guid id, Body body, HttpContext http, Commands commands, UnitRegister units, ProcedureBook book, DossierViews views) =>
        commands.Run(http, Dossier.Key(id), async (c, ct) =>
        {
            var stream = await c.Session.Events.FetchForWriting<Dossier>(Dossier.Key(id), ct);
            if (stream.Aggregate is not { } dossier) return StepRunner.NoDossier;
            var tree = await units.GetAsync(ct);
            if (!MayMove(tree, c.Actor, dossier, c.Today)) return Problems.OfStatus(403);
            var version = stream.StartingVersion ?? 0;
            if (c.IsStale(version)) return Refusal.Stale(version);

            var from = book.Version(dossier.Procedure, dossier.ProcedureVersion);
            // A national version is taken with what the dossier's province set over it; another province's file is no version of this dossier.
            var to = book.All.Where(p => p.Id == dossier.Procedure).Select(p => (National: p, Own: book.Effective(p, tree.On(dossier.Province, c.Today)?.Code, c.Today)))
                .FirstOrDefault(p => body.To is not null && (p.National.Version == body.To || p.Own.Version == body.To)).Own;
            var decision = Decide(dossier, from, to, body, c.Actor.Person, c.Now);
            if (decision.Refusal is { } refusal) return refusal;

            stream.AppendMany(decision.Events);
            var after = decision.Events.Aggregate(dossier, (d, e) => d.When(e));
            return Outcome.Ok(views.Of(after.SeenBy(to!, tree, c.Actor, c.Today), version + 1, c.Today, await KnownCalendar.LoadAsync(c.Session, ct)), version + 1);
        });
}
