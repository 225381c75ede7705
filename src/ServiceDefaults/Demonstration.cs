namespace Ntm.ServiceDefaults;

/// <summary>Whether this system runs on made-up data: then every event's metadata and every answer that shows data say so.</summary>
public sealed record Demonstration(bool On);
