using Marten;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Lineage;

/// <summary>The coordination office records how a unit was divided among its successors.</summary>
internal static class RecordShares
{
    private const int LongestBasis = 1_000;

    /// <param name="Unit">The successor's code on the day.</param>
    public sealed record Share(string? Unit, string? People, string? Land);

    /// <param name="From">The divided unit's code on the day before.</param>
    /// <param name="On">First day of the new state.</param>
    /// <param name="Basis">Where the shares are from.</param>
    public sealed record Body(string? From, DateOnly? On, IReadOnlyList<Share?>? Shares, string? Basis);

    /// <summary>The divided unit with all that it passed into, and each successor's code on the day.</summary>
    public sealed record Divided(Guid From, DateOnly On, IReadOnlyList<Passing> Into, IReadOnlyDictionary<Guid, string> Codes);

    public static Decision Decide(UnitShares? known, Divided divided, Body body, string by, DateTimeOffset now)
    {
        if (divided.Into.All(p => p.Into == divided.From))
            return Refusal.Conflict("not-merged", "Vào ngày đó đơn vị này không nhập vào đơn vị nào.", "The unit went over into no other on that day.");
        if (divided.Into.Count == 1)
            return Refusal.Conflict("not-divided", "Vào ngày đó đơn vị này không bị chia: nhập toàn bộ vào một đơn vị.", "The unit was not divided on that day: all of it went to one unit.");
        var faults = new Faults().Readable(body.Basis, "basis", longest: LongestBasis);
        var given = new Dictionary<string, (int At, Share Share)>(StringComparer.Ordinal);
        for (var n = 0; n < body.Shares?.Count; n++)
        {
            if (body.Shares[n] is not { Unit: { } code } share || !divided.Codes.Values.Contains(code, StringComparer.Ordinal))
                faults.Unless(false, $"shares[{n}].unit", "Không phải đơn vị kế thừa của đơn vị này vào ngày đó.", "Not a successor of this unit on that day.");
            else faults.Unless(given.TryAdd(code, (n, share)), $"shares[{n}].unit", "Đơn vị này đã được nêu.", "This unit is named already.");
        }

        foreach (var code in divided.Codes.Values.Except(given.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            faults.Unless(false, "shares", $"Thiếu đơn vị kế thừa {code}.", $"The successor {code} is missing.");
        var (people, land) = (Check(divided, given, Rules.People, s => s.People, faults), Check(divided, given, Rules.Land, s => s.Land, faults));
        faults.Unless(people || land, "shares", "Cần tỷ lệ dân số (people) hoặc diện tích (land).", "Shares of people or of land are needed.");
        if (faults.Refuse() is { } refusal) return refusal;

        var recorded = new SharesRecorded(
            divided.From, divided.On,
            [.. divided.Into.Select(p => (p.Into, given[divided.Codes[p.Into]].Share)).Select(x => new RecordedShare(x.Into, people ? x.Share.People : null, land ? x.Share.Land : null))],
            body.Basis!, by, now);
        return SaysNothingNew(known, recorded) ? Decision.Record() : Decision.Record(recorded);
    }

    public static Task<IResult> Handle(HttpContext http, Body given, Commands commands, UnitRegister register) => commands.Run(http, async (c, ct) =>
    {
        if (!c.Actor.Has(Roles.ProvinceOfficer)) return Forbidden;
        var body = given with { Basis = Prose.Clean(given.Basis) };
        var tree = await register.GetAsync(ct);
        if (new Faults().Required(body.From, "from").Required(body.On, "on").Refuse() is { } missing) return missing;
        var (on, before) = (body.On!.Value, Passings.DayBefore(body.On.Value));
        if (tree.Resolve(body.From!, before) is not { } from) return Refusal.Invalid("from", "unknown-unit", $"Không có đơn vị mang mã {body.From} vào ngày {before:yyyy-MM-dd}.", $"No unit carries the code {body.From} on {before:yyyy-MM-dd}.");
        if (!tree.Oversees(c.Actor, Roles.ProvinceOfficer, from.Id, before, c.Today)) return Forbidden;

        var key = UnitShares.Key(from.Id, on);
        var stream = await c.Session.Events.FetchForWriting<UnitShares>(key, ct);
        var known = stream.Aggregate;
        if (c.IsStale(known?.Version ?? 0)) return Refusal.Stale(known?.Version ?? 0);
        var into = Passings.Of(tree, from.Id, on);
        var decision = Decide(known, new(from.Id, on, into, into.ToDictionary(p => p.Into, p => tree.Ref(p.Into, on)!.Code)), body, c.Actor.Person, c.Now);
        if (decision.Refusal is { } refusal) return refusal;
        if (decision.Events.Count > 0) stream.AppendMany(decision.Events);
        var after = decision.Events.Aggregate(known, (shares, e) => UnitShares.Fold(shares, key, e))!;
        return Outcome.Ok(ViewOf(tree, after), after.Version);
    });

    public sealed record ShareView(Guid UnitId, string Code, string Name, string? People, string? Land);

    public sealed record View(Guid FromId, string From, string FromName, DateOnly On, IReadOnlyList<ShareView> Shares, string Basis, string By, DateTimeOffset At, long Version);

    internal static View ViewOf(UnitTree tree, UnitShares shares)
    {
        var from = tree.Ref(shares.From, Passings.DayBefore(shares.On))!;
        return new(
            from.Id, from.Code, from.Name, shares.On,
            [.. Passings.Of(tree, shares.From, shares.On).Select(p => tree.Ref(p.Into, shares.On)!).Select(u => new ShareView(u.Id, u.Code, u.Name, shares.People?.GetValueOrDefault(u.Id), shares.Land?.GetValueOrDefault(u.Id)))],
            shares.Basis, shares.By, shares.At, shares.Version);
    }

    private static Refusal Forbidden { get; } = Refusal.Forbidden("Chỉ Văn phòng Điều phối của tỉnh ghi tỷ lệ chia.", "Only the province's coordination office records shares.");

    /// <summary>Whether the kind was given for all, rightly.</summary>
    private static bool Check(Divided divided, Dictionary<string, (int At, Share Share)> given, string kind, Func<Share, string?> of, Faults faults)
    {
        if (given.Values.All(g => of(g.Share) is null)) return false;
        var sum = Fraction.Zero;
        var whole = true;
        foreach (var passing in divided.Into)
        {
            if (!given.TryGetValue(divided.Codes[passing.Into], out var entry)) continue;
            var field = $"shares[{entry.At}].{kind}";
            var share = Fraction.Share(of(entry.Share));
            faults.Unless(share is not null, field, "Tỷ lệ từ 0 đến 1, viết dạng \"0.25\" hoặc \"3120/9410\", và nêu cho mọi đơn vị kế thừa.", "A share is 0 to 1, written \"0.25\" or \"3120/9410\", and given for every successor.")
                .Unless(share is null || CarryingFile.Said(passing.Part, kind) is not { } said || said == share, field, "Trái với nghị quyết về phần này.", "The resolution says otherwise of this part.");
            whole &= share is not null;
            sum += share ?? Fraction.Zero;
        }

        faults.Unless(!whole || given.Count < divided.Into.Count || sum == Fraction.One, "shares", $"Tổng các tỷ lệ {kind} là {sum}, phải đúng bằng 1.", $"The shares of {kind} add up to {sum}, not to exactly 1.");
        return true;
    }

    private static bool SaysNothingNew(UnitShares? known, SharesRecorded recorded) => known is not null && known.Basis == recorded.Basis
        && recorded.Shares.All(s => (s.People is null || known.People?.GetValueOrDefault(s.Unit) == s.People) && (s.Land is null || known.Land?.GetValueOrDefault(s.Unit) == s.Land));
}
