namespace Ntm.ServiceDefaults;

/// <summary>Names of the house's own trace sources and meter.</summary>
public static class TelemetryNames
{
    public const string Messaging = "Ntm.Messaging";
    public const string Meter = "Ntm";
}
