using System.Runtime.Versioning;

// The programs of the house run on Linux only, and so do their tests.
[assembly: SupportedOSPlatform("linux")]
