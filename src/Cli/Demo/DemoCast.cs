namespace Ntm.Cli.Demo;

/// <summary>The persons of the play, by client id. All of them are made up.</summary>
internal static class DemoCast
{
    public const string Province = "42";
    public const string Auditor = "auditor@0#kiem-toan";
    public const string Ministry = "ministry@0";
    public const string Coordinator = $"province-officer@{Province}#dieu-phoi";
    public const string Secretary = $"province-officer@{Province}#thu-ky";
    public const string Chair = $"province-chair@{Province}#chu-tich";
    public const string Agriculture = $"department-officer@{Province}:SNN#nong-nghiep";
    public const string Front = $"front-officer@{Province}#mat-tran";
    public const string Police = $"department-officer@{Province}:CAT#cong-an";

    public static readonly IReadOnlyList<string> Council = [.. Enumerable.Range(1, 5).Select(n => $"council-member@{Province}#uy-vien-{n}")];

    public static string Officer(string commune) => $"commune-officer@{commune}#can-bo-{commune}";
}
