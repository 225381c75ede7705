using JasperFx.Events;
using Marten;
using Ntm.Contracts.Criteria;
using Ntm.Criteria.Catalogue;
using Ntm.Criteria.Units.Administration;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Units.Exchange;

/// <param name="Units">Units that the file tells of.</param>
/// <param name="Added">Events that were recorded, or would be.</param>
/// <param name="Unchanged">Units that stay as they are.</param>
public sealed record ImportAnswer(bool DryRun, int Units, int Added, int Unchanged);

/// <summary>Takes the whole register, or a part of it, from a file: all of it or nothing.</summary>
public sealed class ImportRegister(Commands commands, UnitRegister register, SetCatalogue sets)
{
    private const int Page = 500;

    internal static Task<IResult> Handle(HttpContext http, string? format, string? dryRun, ImportRegister import) => import.RunAsync(http, format, dryRun);

    private async Task<IResult> RunAsync(HttpContext http, string? format, string? dryRun)
    {
        if (UnitActs.ReadDryRun(dryRun) is not { } dry)
            return Problems.Of(Refusal.Malformed("dryRun", "malformed-query", "dryRun là true hoặc false.", "dryRun is true or false."));
        if (format is not (null or "json" or "csv")) return Problems.Of(ExportRegister.UnknownFormat);
        if (http.Request.Headers.IfMatch.Count > 0)
        {
            return Problems.Of(Refusal.Malformed(
                "If-Match", "if-match-not-offered", "Danh mục gồm nhiều đơn vị, không có một phiên bản chung.", "The register is of many units and has no version of its own."));
        }

        try
        {
            var regions = await UnitActs.RegionsAsync(sets, http.RequestAborted);
            return dry
                ? await commands.Run(http, (c, ct) => DecideAsync(http, format == "csv", true, regions, c, ct))
                : await commands.Run(http, StoredRegister.Turn, (c, ct) => DecideAsync(http, format == "csv", false, regions, c, ct));
        }
        finally
        {
            register.Invalidate();
        }
    }

    private static async Task<Outcome> DecideAsync(HttpContext http, bool csv, bool dry, IReadOnlySet<string> regions, CommandContext c, CancellationToken ct)
    {
        var all = c.Actor.Has(Roles.Operator);
        if (!all && !c.Actor.Has(Roles.ProvinceOfficer)) return NoRight;
        http.Request.Body.Position = 0;
        var (file, unreadable) = csv ? RegisterCsv.Read(await BytesAsync(http, ct)) : await RegisterFile.ReadJsonAsync(http.Request.Body, ct);
        if (unreadable is not null) return unreadable;

        if (!dry) await StoredRegister.TakeTurnAsync(c.Session, ct);
        var stored = await StoredRegister.LoadAsync(c.Session, ct);
        var tree = new UnitTree(stored.Units.Values);
        var provinces = all ? null : stored.Units.Values.Where(u => u.Level == "province" && tree.ActsAs(c.Actor, Roles.ProvinceOfficer, u.Id, c.Today)).Select(u => u.Id).ToHashSet();
        var import = new RegisterImport(stored.Units, regions, c.Actor.Person, c.Now);
        var plan = import.Plan(file!.Units, await PastAsync(c.Session, import.Differing(file.Units), ct), provinces, ct);
        if (Faults(file, plan) is { Count: > 0 } faults)
        {
            var refusal = UnitActs.Refuse(http, [.. faults.Take(RegisterLaw.Most)], plan.More + Math.Max(0, faults.Count - RegisterLaw.Most));
            return faults.Any(f => f.Rule == RegisterImport.AnotherProvince) ? refusal with { Status = 403 } : refusal;
        }

        foreach (var (unit, events) in plan.Streams) stored.Append(c.Session, unit, events);
        var answer = new ImportAnswer(dry, file.Units.Count, plan.Streams.Sum(s => s.Events.Count), plan.Unchanged);
        return dry ? Outcome.Preview(answer) : Outcome.Ok(answer, version: 0);
    }

    /// <summary>Faults by their place in the file; one of a unit that the file does not tell of stands at the unit's id.</summary>
    private static List<ActFault> Faults(RegisterFile file, ImportPlan plan)
    {
        var places = new Dictionary<Guid, int>();
        for (var n = 0; n < file.Units.Count; n++) places.TryAdd(file.Units[n].State.Id, n);
        return
        [
            .. file.Faults,
            .. plan.Faults.Select(f => new ActFault(places.TryGetValue(f.Unit, out var n) ? file.Place(n, f.Field) : $"{f.Unit}.{f.Field}", f.Rule, f.Words, f.Unit)),
        ];
    }

    private static async Task<IReadOnlyDictionary<Guid, IReadOnlyList<UnitState>>> PastAsync(IQuerySession session, IReadOnlyList<Guid> units, CancellationToken ct)
    {
        var past = new Dictionary<Guid, IReadOnlyList<UnitState>>();
        foreach (var page in units.Chunk(Page))
        {
            string[] keys = [.. page.Select(UnitRecord.Key)];
            var events = await session.Events.QueryAllRawEvents().Where(e => e.StreamKey!.IsOneOf(keys)).OrderBy(e => e.Sequence).ToListAsync(ct);
            var streams = events.ToLookup(e => e.StreamKey!, StringComparer.Ordinal);
            foreach (var unit in page) past[unit] = States(streams[UnitRecord.Key(unit)]);
        }

        return past;
    }

    private static List<UnitState> States(IEnumerable<IEvent> events)
    {
        List<UnitState> states = [];
        foreach (var e in events)
        {
            if (UnitHistory.Fold(states.LastOrDefault(), e.Data) is { } state) states.Add(state);
        }

        return states;
    }

    private static async Task<byte[]> BytesAsync(HttpContext http, CancellationToken ct)
    {
        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, ct);
        return bytes.ToArray();
    }

    private static Refusal NoRight { get; } = Refusal.Forbidden(
        "Chỉ Văn phòng Điều phối của tỉnh và người vận hành nhập danh mục đơn vị.", "Only a province's coordination office and the operator import the register.");
}
