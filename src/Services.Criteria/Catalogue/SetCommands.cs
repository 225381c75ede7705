using System.Text.Json;
using Marten;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>What a decision on sets knows beside the set itself.</summary>
internal sealed record SetCase(CommandContext Command, UnitTree Tree)
{
    public string By => Command.Actor.Person;

    public DateTimeOffset Now => Command.Now;

    private readonly Dictionary<string, SetRecord?> bases = new(StringComparer.Ordinal);

    /// <summary>Sets that this command itself begins.</summary>
    public Dictionary<string, SetRecord> Begun { get; } = new(StringComparer.Ordinal);

    public async Task<SetRecord?> LoadAsync(string id, CancellationToken ct) => Begun.GetValueOrDefault(id)
        ?? (SetRules.IsId(id) ? await Command.Session.LoadAsync<SetRecord>(CriteriaSet.Key(id), ct) : null);

    /// <summary>A set that another goes out from, as the store has it.</summary>
    public async Task<SetRecord?> BaseAsync(string id, CancellationToken ct)
    {
        if (Begun.GetValueOrDefault(id) is { } begun) return begun;
        if (!bases.TryGetValue(id, out var known)) bases[id] = known = await SetCatalogue.ReadAsync(Command.Session, id, ct);
        return known;
    }

    /// <summary>
    /// All rules of a set, and those between a province's and the national set that it names: the version of its first day, else the
    /// latest. Answers what it goes out from; null for a set of its own.
    /// </summary>
    public async Task<ProvincialBase?> CheckAsync(CriteriaSet set, string path, SetFaults faults, CancellationToken ct)
    {
        if (set.Amends is not { } id)
        {
            SetRules.Check(set, path, faults);
            return null;
        }

        var found = await BaseAsync(id, ct) is { IsPublished: true } known ? known : null;
        var amends = JsonFields.Join(path, "amends");
        faults.Unless(set.Scope != SetRules.National, amends, "base-of-national", "Chỉ bộ tiêu chí của tỉnh nêu bộ tiêu chí gốc; bộ quốc gia được sửa đổi.", "Only a province's set names a base; a national one is amended.")
            .Unless(found is not null, amends, "unknown-base", $"Không có bộ tiêu chí \"{id}\".", $"There is no set \"{id}\".");
        if (found is null) return null;
        var refusal = SetDecisions.Adaptable(found);
        faults.Unless(refusal is null, amends, refusal?.Rule ?? "", refusal?.Detail.Vi ?? "", refusal?.Detail.En ?? "");
        var version = set.InForceFrom is { } from ? found.On(from) : found.Latest;
        Adaptation.Check(version.Set, Adaptation.Inherited(version.Set, set), path, faults);
        return new(new(id, version.Number), version.Set);
    }

    /// <summary>What a further version of the published set goes out from: the base's version of its first day; null for a set of its own.</summary>
    public async Task<ProvincialBase?> BaseOfAsync(SetRecord record, DateOnly from, CancellationToken ct)
    {
        var first = record.Versions[0];
        if ((first.Base?.Set ?? first.Set.Amends) is not { } id || await BaseAsync(id, ct) is not { IsPublished: true } national) return null;
        var version = national.On(from);
        return new(new(id, version.Number), version.Set);
    }

    /// <summary>The province that the scope names; whoever may not write its sets is refused.</summary>
    public (Guid? Province, Refusal? Refusal) Owner(CriteriaSet set)
    {
        var province = SetScope.ProvinceOf(Tree, set.Scope, set.InForceFrom, Command.Today);
        if (set.Scope != SetRules.National && province is null)
            return (null, Refusal.Invalid("scope", "scope-unknown", $"Không có tỉnh nào ứng với phạm vi \"{set.Scope}\".", $"No province goes with the scope \"{set.Scope}\"."));
        return SetScope.MayWrite(Tree, Command.Actor, set.Scope, province, Command.Today) ? (province, null) : (null, SetCommands.Forbidden);
    }
}

/// <summary>Commands on sets: draft, publish, amend, adapt, retire.</summary>
internal sealed class SetCommands(Commands commands, UnitRegister register, SetCatalogue sets)
{
    public static Refusal Forbidden { get; } = Refusal.Forbidden(
        "Bộ tiêu chí quốc gia do Bộ hoặc người vận hành ghi; bộ tiêu chí của tỉnh do Văn phòng Điều phối của tỉnh ghi.",
        "National sets are written by the ministry or the operator, a province's by its coordination office.");

    public static Refusal Unknown(string set) => Refusal.NotFound($"Không có bộ tiêu chí \"{set}\".", $"There is no set \"{set}\".");

    public static Task<IResult> Draft(HttpContext http, JsonElement body, SetCommands of) => of.RunAsync(http, async (c, ct) =>
    {
        var (set, refusal) = await ReadAsync(c, body, ct);
        if (set is null) return refusal!;
        var (province, noRight) = c.Owner(set);
        if (noRight is not null) return noRight;
        if (c.Command.IsStale(0)) return Refusal.Stale(0);
        return Begin(c, set.Id, SetDecisions.Draft(await c.LoadAsync(set.Id, ct), set, province, c.By, c.Now));
    });

    public static Task<IResult> ChangeDraft(HttpContext http, string set, JsonElement body, SetCommands of) => of.OnAsync(http, set, async (c, record, ct) =>
    {
        if (record.IsPublished) return SetDecisions.ChangeDraft(record, record.Latest.Set, c.By, c.Now);
        var (content, refusal) = await ReadAsync(c, body, ct);
        return content is null ? refusal! : SetDecisions.ChangeDraft(record, content, c.By, c.Now);
    });

    public static Task<IResult> Publish(HttpContext http, string set, Nothing _, SetCommands of) => of.OnAsync(http, set, async (c, record, ct) =>
    {
        if (record.IsPublished) return SetDecisions.Publish(record, null, c.By, c.Now);
        // Its base may have changed since it was drafted.
        var faults = new SetFaults();
        var @base = await c.CheckAsync(record.Draft!, "", faults, ct);
        return faults.Refuse() is { } refusal ? refusal : SetDecisions.Publish(record, @base, c.By, c.Now);
    });

    public static Task<IResult> Amend(HttpContext http, string set, JsonElement body, SetCommands of) => of.OnAsync(http, set, async (c, record, ct) =>
    {
        var faults = new SetFaults();
        JsonFields.Check(body, "", faults);
        if (faults.Refuse() is { } unreadable) return unreadable;
        var o = new JsonFields(body, "", faults, "set", "act", "inForceFrom");
        var act = ActOf(o, faults);
        var from = o.Day("inForceFrom", required: true);
        if (o.Raw("set") is not { } json)
        {
            faults.Required(null, "set");
            return faults.Refuse()!;
        }

        var content = SetReader.Read(json, "set", faults);
        if (faults.Refuse() is { } refusal) return refusal;
        content = content! with { Amends = record.IsPublished ? record.Latest.Set.Amends : null, InForceFrom = from, LegalBasis = content.LegalBasis.Any(a => SetDecisions.IsSame(a, act!)) ? content.LegalBasis : [.. content.LegalBasis, act!] };
        faults.Unless(content.InForceTo is not { } to || from <= to, "inForceFrom", "in-force", "Ngày có hiệu lực phải trước ngày hết hiệu lực.", "The first day is not after the last.");
        var @base = record.IsPublished ? await c.BaseOfAsync(record, from!.Value, ct) : null;
        if (@base is not null)
        {
            // A province's set stays one of its base, whatever is written anew.
            content = Adaptation.Inherited(@base.Set, content);
            Adaptation.Check(@base.Set, content, "set", faults);
        }
        else
        {
            SetRules.Check(content, "set", faults);
        }

        return faults.Refuse() is { } broken ? broken : SetDecisions.Amend(record, content, act!, c.By, c.Now, @base?.Reference);
    });

    public static Task<IResult> Adapt(HttpContext http, string set, JsonElement body, SetCommands of) => of.RunAsync(http, async (c, ct) =>
    {
        if (!c.Command.Actor.Has(Roles.ProvinceOfficer)) return Forbidden;
        if (await c.BaseAsync(set, ct) is not { IsPublished: true } @base) return Unknown(set);
        if (SetDecisions.Adaptable(@base) is { } no) return no;
        var faults = new SetFaults();
        JsonFields.Check(body, "", faults);
        if (faults.Refuse() is { } unreadable) return unreadable;
        var o = new JsonFields(body, "", new SetFaults(), "id", "inForceFrom", "baseVersion");
        var (id, number) = (o.Text("id"), o.Whole("baseVersion"));
        var version = number is { } n ? @base.Find(n) : o.Day("inForceFrom") is { } from ? @base.On(from) : @base.Latest;
        faults.Unless(SetRules.IsId(id), "id", "id-form", "Mã gồm chữ thường a-z, chữ số và dấu \"-\", nhiều nhất 80 ký tự.", "An id has letters a-z, digits and hyphens, at most 80.")
            .Unless(version is not null, "baseVersion", "unknown-version", $"Bộ tiêu chí gốc không có phiên bản {number}.", $"The base has no version {number}.");
        var content = Adaptation.Read(body, id ?? "", (version ?? @base.Latest).Set, faults);
        if (faults.Refuse() is { } refusal) return refusal;
        if (content!.Scope == SetRules.National) return Refusal.Invalid("scope", "scope-national", "Bộ điều chỉnh thuộc một tỉnh: province-{mã tỉnh}.", "An adaptation is a province's: province-{code}.");
        var (province, noRight) = c.Owner(content);
        if (noRight is not null) return noRight;
        if (c.Command.IsStale(0)) return Refusal.Stale(0);
        return Begin(c, content.Id, SetDecisions.Adapt(await c.LoadAsync(content.Id, ct), @base, version!, content, province!.Value, c.By, c.Now));
    });

    public static Task<IResult> Retire(HttpContext http, string set, JsonElement body, SetCommands of) => of.OnAsync(http, set, (c, record, _) =>
    {
        var faults = new SetFaults();
        JsonFields.Check(body, "", faults);
        if (faults.Refuse() is { } unreadable) return Task.FromResult<Decision>(unreadable);
        var o = new JsonFields(body, "", faults, "act", "lastDay", "reason");
        var (act, lastDay, reason) = (ActOf(o, faults), o.Day("lastDay", required: true), Prose.Clean(o.Text("reason")));
        return Task.FromResult(faults.Refuse() is { } refusal ? refusal : SetDecisions.Retire(record, act!, lastDay!.Value, reason, c.By, c.Now));
    });

    /// <summary>Runs a command that may begin a set; the catalogue is read anew after it.</summary>
    public async Task<IResult> RunAsync(HttpContext http, Func<SetCase, CancellationToken, Task<Outcome>> handle)
    {
        var result = await commands.Run(http, async (command, ct) =>
            SetScope.MayWriteSome(command.Actor) ? await handle(new(command, await register.GetAsync(ct)), ct) : Forbidden);
        sets.Invalidate();
        return result;
    }

    /// <summary>An empty object.</summary>
    public sealed record Nothing;

    private static async Task<(CriteriaSet? Set, Refusal? Refusal)> ReadAsync(SetCase c, JsonElement body, CancellationToken ct)
    {
        var faults = new SetFaults();
        var set = SetReader.Read(body, "", faults);
        if (set is not null) await c.CheckAsync(set, "", faults, ct);
        return faults.Refuse() is { } refusal ? (null, refusal) : (set, null);
    }

    /// <summary>Runs a command on a set that is there.</summary>
    private Task<IResult> OnAsync(HttpContext http, string id, Func<SetCase, SetRecord, CancellationToken, Task<Decision>> decide) => RunAsync(http, async (c, ct) =>
    {
        if (!SetRules.IsId(id)) return Unknown(id);
        var stream = await c.Command.Session.Events.FetchForWriting<SetRecord>(CriteriaSet.Key(id), ct);
        if (stream.Aggregate is not { } record) return Unknown(id);
        if (!SetScope.MayWrite(c.Tree, c.Command.Actor, record.Scope, SetScope.ProvinceOf(c.Tree, record, c.Command.Today), c.Command.Today)) return Forbidden;
        if (c.Command.IsStale(stream.StartingVersion ?? 0)) return Refusal.Stale(stream.StartingVersion ?? 0);
        var decision = await decide(c, record, ct);
        if (decision.Refusal is { } refusal) return refusal;
        stream.AppendMany(decision.Events);
        var after = decision.Events.Aggregate(record, (r, e) => SetRecord.Fold(r, record.Id, e)!);
        return Outcome.Ok(SetSummary.Of(after), after.Version);
    });

    private static Outcome Begin(SetCase c, string id, Decision decision)
    {
        if (decision.Refusal is { } refusal) return refusal;
        var key = CriteriaSet.Key(id);
        c.Command.Session.Events.StartStream(key, decision.Events);
        var record = decision.Events.Aggregate((SetRecord?)null, (r, e) => SetRecord.Fold(r, key, e))!;
        var summary = SetSummary.Of(record);
        return Outcome.Created(summary, record.Version, summary.Href);
    }

    private static LegalAct? ActOf(JsonFields o, SetFaults faults)
    {
        if (o.Raw("act") is { } act) return SetReader.ActOf(act, "act", faults);
        faults.Required(null, "act");
        return null;
    }
}
