namespace Ntm.ServiceDefaults;

/// <summary>Names of the house's own trace sources.</summary>
public static class TelemetryNames
{
    public const string Messaging = "Ntm.Messaging";
}
