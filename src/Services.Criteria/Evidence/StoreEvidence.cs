using Marten;
using Ntm.Criteria.Units;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Evidence;

/// <summary>A unit brings a file in: kept once by its content, whoever brings it in again.</summary>
internal static class StoreEvidence
{
    private const string Unnamed = "minh-chung";

    public sealed record View(string Sha256, long Size, string MediaType, string Unit, Guid UnitId, string Name);

    public static Task<IResult> Handle(HttpContext http, string? unit, string? on, string? name, Commands commands, UnitRegister register, TimeProvider clock) => commands.Run(http, async (c, ct) =>
    {
        var faults = new Faults().Required(unit, "unit");
        var day = Days.Parse(on, "on", clock.Today(), faults);
        if (faults.Refuse(400) is { } malformed) return malformed;
        if (http.Request.Headers.IfMatch.Count > 0)
        {
            return Refusal.Malformed(
                "If-Match", "if-match-not-offered", "Tệp được lưu theo nội dung, không có phiên bản.", "A file is kept by its content and has no versions.");
        }

        var tree = await register.GetAsync(ct);
        if (tree.Resolve(unit!, day) is not { } found) return GetUnits.Unknown(unit!, day);
        if (!tree.EntersFor(c.Actor, found.Id, day, c.Today)) return Forbidden;
        var (file, unreadable) = await UploadedFile.ReadAsync(http, name, Unnamed, ct);
        if (file is null) return unreadable!;

        await EvidenceContent.KeepAsync(c.Session, ct);
        var stream = await c.Session.Events.FetchForWriting<EvidenceFile>(EvidenceFile.Key(file.Sha256), ct);
        var events = Decide(stream.Aggregate, new(file.Sha256, file.Content.Length, file.Kind.MediaType, found.Id, day, file.Name, c.Actor.Person, c.Now));
        stream.AppendMany(events);
        if (events is [EvidenceStored]) await EvidenceContent.Files.InsertAsync(c.Session, file.Sha256, file.Content, ct);
        // Neither status nor version say whether somebody else holds the same.
        return Outcome.Created(new View(file.Sha256, file.Content.Length, file.Kind.MediaType, found.Code, found.Id, file.Name), 0, $"/api/criteria/evidence/{file.Sha256}");
    });

    /// <summary>Nothing where the unit brought it in within the last day; later on it is held anew, or the removal would count from the first time.</summary>
    public static IReadOnlyList<object> Decide(EvidenceFile? file, EvidenceStored upload) => file switch
    {
        null or { RemovedAt: not null } => [upload],
        _ when file.Holders.Any(h => h.UnitId == upload.UnitId && h.At > upload.At.AddDays(-1)) => [],
        _ => [new EvidenceShared(upload.UnitId, upload.On, upload.Name, upload.By, upload.At)],
    };

    private static Refusal Forbidden { get; } = Refusal.Forbidden(
        "Chỉ cán bộ nhập số liệu của đơn vị và cấp trên của đơn vị được nộp minh chứng.", "Only those who enter the unit's figures and those above it bring evidence in.");
}
