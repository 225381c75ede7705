using System.Runtime.Versioning;

// Backups deal in the file modes and users of the system that PostgreSQL and RabbitMQ run on.
[assembly: SupportedOSPlatform("linux")]
