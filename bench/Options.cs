using System.Globalization;

namespace Ntm.Bench;

/// <summary>What to measure, and for how long.</summary>
internal sealed record Options(
    IReadOnlyList<string> Parts, int Clients, TimeSpan WarmUp, TimeSpan Duration, int PerSecond, int Approvals, int Waiting, int Few, int Many, int Quarters, bool Watched, string Json, string Markdown)
{
    // The country comes last: the house at rest is the one that a province has.
    public static readonly string[] AllParts = ["put", "get", "search", "catalogue", "import", "visible", "drain", "store", "growth", "reports", "rebuild", "rest", "start", "rest", "eligibility", "appraisal", "units"];

    public const string Usage =
        """
        bench/report [--quick] [--watched] [--only part,part] [--option value …]

          Starts the house (Release) on ports and a data folder of its own, measures, and prints one table; it takes about a quarter of an hour.
          Parts: put      an indicator recorded through the gateway and at the service, beside pgbench with the same rows
                 get      a small GET through the gateway, through a bare YARP and at the service
                 search   units and indicators searched at the service, and in process over a made-up country
                 visible  from the answer to an approval until the inbox of another service shows it
                 drain    events that wait until another service has taken them all
                 store    the command's own events, snapshot and receipt in process, beside pgbench with the same rows
                 growth   the same with few and with many events in the store
                 catalogue  the difference of two versions of a set
                 import   a filled-in file of all communes and indicators of a period
                 reports  assessments, overview, completeness and what-if over the reports of all communes and many quarters; check and rebuild
                 rebuild  events per second of ntm rebuild
                 units    the tree of a province on any day, before and after a made-up country of 15,000 units is loaded, and the load
                 eligibility  from a unit's last value until its eligibility is visible, and until another service is told
                 appraisal  the queue of a province, a dossier and the register on any day, a session closed
                 start    from the start to ready on the data of the other parts
                 rest     memory and CPU while nobody calls

          --quick              short series, to try the bench itself: its figures are no measurements
          --watched            the dashboard collects from the first start on, not for start and rest only
          --only               these parts, in this order (all, and rest a second time after start)
          --clients 16         clients at once
          --warm-up 25         seconds before a series; below 20 the compiler is measured
          --seconds 60         seconds of the writes through the gateway, a third of it for other series; in slices, by turns with the ceiling
          --per-second 50      approvals a second, --approvals 500 of them
          --waiting 10000      events that wait
          --few 12000 --many 1200000   events in the store
          --quarters 20        quarters of reports, up to 2024
          --json bench.json --markdown bench.md   where the table is written beside the screen
        """;

    public TimeSpan Third => Duration / 3;

    public static Options? Read(string[] args)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var n = 0; n < args.Length; n++)
        {
            if (args[n] is "--quick" or "--watched") given[args[n][2..]] = "";
            else if (args[n].StartsWith("--", StringComparison.Ordinal) && n + 1 < args.Length) given[args[n][2..]] = args[++n];
            else return null;
        }

        var quick = given.Remove("quick");
        var watched = given.Remove("watched");
        var options = new Options(
            Text("only", string.Join(',', AllParts)).Split(','), Number("clients", 16), TimeSpan.FromSeconds(Number("warm-up", quick ? 4 : 25)),
            TimeSpan.FromSeconds(Number("seconds", quick ? 6 : 60)), Number("per-second", 50), Number("approvals", quick ? 100 : 500),
            Number("waiting", quick ? 1_000 : 10_000), Number("few", 12_000), Number("many", quick ? 50_000 : 1_200_000),
            Math.Clamp(Number("quarters", quick ? 4 : 20), 2, 20), watched, Text("json", "bench.json"), Text("markdown", "bench.md"));
        return given.Count == 0 && options.Parts.All(AllParts.Contains) ? options : null;

        string Text(string name, string otherwise) => given.Remove(name, out var value) ? value : otherwise;

        int Number(string name, int otherwise) => int.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
