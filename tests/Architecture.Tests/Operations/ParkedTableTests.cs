using System.Text.RegularExpressions;
using Ntm.Contracts;

namespace Ntm.Architecture.Tests.Operations;

/// <summary>The operators' table of what waits behind a parked fact is the topology's.</summary>
public sealed partial class ParkedTableTests
{
    [Fact]
    public void Every_contract_is_named_as_waiting_or_as_applied_and_is_so()
    {
        var told = Row().Matches(Repository.Read("docs/operations.md"))
            .SelectMany(row => Contract().Matches(row.Groups["contracts"].Value).Select(c => (Name: c.Groups[1].Value, Waits: row.Groups["what"].Value == "wait")));
        var meant = Topology.Owners.Values.SelectMany(c => c).Select(c => (c.Name, Waits: Topology.WaitsBehindParked(c)));
        Assert.Equal(meant.OrderBy(c => c.Name, StringComparer.Ordinal), told.OrderBy(c => c.Name, StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\|[^|]*\|(?<contracts>[^|]*)\| (?<what>wait|are applied) \|$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z]+)`", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Contract();
}
