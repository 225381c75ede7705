using System.Globalization;
using System.Text.Json.Serialization;
using Marten;
using Marten.Linq.MatchesSql;
using Ntm.ServiceDefaults;

namespace Ntm.Pilots.Models;

/// <summary>A pilot model as it is answered.</summary>
/// <param name="Unit">Code of the unit on the day of the proposal.</param>
/// <param name="AsOfPosition">Store position of an answer to <c>asOf</c>.</param>
public sealed record ModelView(
    Guid Id, string Kind, string Unit, Guid UnitId, string UnitName, string? Village, string? Field, string Title, string Status,
    string ProposedBy, DateTimeOffset ProposedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Demonstration,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? AsOfPosition)
{
    public static string HrefOf(Guid id) => $"/api/pilots/models/{id}";

    internal static ModelView Of(PilotModel m, Demonstration demonstration, long? position = null) => new(
        m.ModelId, m.Kind, m.UnitCode, m.Unit, m.UnitName, m.Village, m.Field, m.Title, m.Status, m.ProposedBy, m.ProposedAt,
        demonstration.On, position);
}

/// <summary>One page of models.</summary>
public sealed record ModelPage(IReadOnlyList<ModelView> Items, string? Next);

/// <summary>Reads of pilot models: any token.</summary>
internal static class ReadModels
{
    private const int LongestPage = 200;

    internal static async Task<IResult> One(
        Guid id, string? asOf, HttpContext http, AsOf positions, IQuerySession session, Demonstration demonstration, CancellationToken ct)
    {
        var key = PilotModel.Key(id);
        var (position, refusal) = await positions.ResolveAsync(asOf, ct);
        if (refusal is not null) return Problems.Of(refusal);
        var version = position is { } at
            ? await positions.VersionAtAsync(key, at, ct)
            : (await session.Events.FetchStreamStateAsync(key, ct))?.Version ?? 0;
        if (version == 0 || await session.Events.AggregateStreamAsync<PilotModel>(key, version, token: ct) is not { } model)
            return Problems.Of(Refusal.NotFound("Không có mô hình này.", "No such model."));

        http.Response.Headers.ETag = ETags.Of(version);
        return TypedResults.Ok(ModelView.Of(model, demonstration, position));
    }

    internal static async Task<IResult> List(
        string? kind, string? unit, string? after, string? limit, HttpContext http, UnitRegister units, TimeProvider clock, IQuerySession session, Demonstration demonstration, CancellationToken ct)
    {
        var size = 50;
        var faults = new Faults()
            .Unless(kind is null || ModelKinds.All.Contains(kind), "kind", $"Một trong: {string.Join(", ", ModelKinds.All)}.", $"One of: {string.Join(", ", ModelKinds.All)}.")
            .Unless(after is null || Guid.TryParseExact(after, "D", out _), "after", "Không phải là mốc của trang trước.", "Not the mark of an earlier page.")
            .Unless(
                limit is null || (int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size is >= 1 and <= LongestPage),
                "limit", $"Là số từ 1 đến {LongestPage}.", $"A number from 1 to {LongestPage}.");
        if (faults.Refuse(400, "malformed-query") is { } refusal) return Problems.Of(refusal);
        var (format, notOffered) = Exports.Asked(http);
        if (notOffered is not null) return Problems.Of(notOffered);

        IQueryable<PilotModel> models = session.Query<PilotModel>();
        if (kind is not null) models = models.Where(m => m.Kind == kind);
        if (unit is not null)
        {
            var tree = await units.GetAsync(ct);
            if (tree.Resolve(unit, clock.Today()) is not { } found)
                return Problems.Of(Refusal.NotFound("Hôm nay không có đơn vị nào mang mã này.", "No unit carries this code today."));
            // A successor shows what its predecessors proposed.
            var ids = tree.AnsweredBy(found.Id, clock.Today()).ToArray();
            models = models.Where(m => m.Unit.IsOneOf(ids));
        }

        if (after is not null)
        {
            var last = PilotModel.Key(Guid.ParseExact(after, "D"));
            models = models.Where(m => m.MatchesSql("d.id > ?", last));
        }

        if (format is not null) return Exports.Of(http, "models", format, models.OrderBy(m => m.Id).ToAsyncEnumerable(ct).Select(m => ModelView.Of(m, demonstration)));
        var page = await models.OrderBy(m => m.Id).Take(size + 1).ToListAsync(ct);
        var next = page.Count > size ? NextOf(kind, unit, page[size - 1].ModelId, size) : null;
        return TypedResults.Ok(new ModelPage([.. page.Take(size).Select(m => ModelView.Of(m, demonstration))], next));
    }

    private static string NextOf(string? kind, string? unit, Guid last, int size) =>
        "/api/pilots/models" + QueryString.Create(
        [
            .. kind is null ? [] : new[] { KeyValuePair.Create<string, string?>("kind", kind) },
            .. unit is null ? [] : new[] { KeyValuePair.Create<string, string?>("unit", unit) },
            KeyValuePair.Create<string, string?>("after", last.ToString()),
            KeyValuePair.Create<string, string?>("limit", size.ToString(CultureInfo.InvariantCulture)),
        ]);
}
