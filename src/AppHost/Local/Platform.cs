using System.Runtime.Versioning;

// Sessions, signals, file modes: the local way runs on Linux. Elsewhere the Aspire packages do it.
[assembly: SupportedOSPlatform("linux")]
