using Ntm.Appraisal.Dossiers;
using Ntm.ServiceDefaults;

namespace Ntm.Appraisal.Recognitions;

public sealed record TitleClaimed(Guid UnitId, string Title, Guid Dossier, string By, DateTimeOffset At);

public sealed record TitleReleased(Guid Dossier, string By, DateTimeOffset At);

public sealed record TitleGranted(Guid Dossier, string By, DateTimeOffset At);

/// <summary>Who holds a unit's title: the one open dossier, or the one that won it. Its stream keeps two from going ahead at once.</summary>
public sealed record TitleHold(string Id, Guid? Open, Guid? Granted)
{
    public static string Key(Guid unit, string title) => $"title/{unit}/{title}";

    public static TitleHold Create(TitleClaimed e) => new(Key(e.UnitId, e.Title), e.Dossier, null);

    public TitleHold Apply(TitleClaimed e) => this with { Open = e.Dossier };

    public TitleHold Apply(TitleReleased _) => this with { Open = null };

    public TitleHold Apply(TitleGranted e) => this with { Open = null, Granted = e.Dossier };

    /// <summary>The title is nobody's any more: the unit may seek it anew.</summary>
    internal static async Task ReleaseAsync(CommandContext command, Dossier dossier, CancellationToken ct)
    {
        var hold = await command.Session.Events.FetchForWriting<TitleHold>(Key(dossier.Unit.Id, dossier.Title), ct);
        hold.AppendOne(new TitleReleased(dossier.Number, command.Actor.Person, command.Now));
    }
}
