using System.Text.RegularExpressions;

namespace Ntm.EndToEnd;

/// <summary>No command is offered that nobody has run: either it is run here, or its document says why not.</summary>
public sealed class CommandListTests
{
    public static TheoryData<string> All => [.. Documents.All];

    [Theory]
    [MemberData(nameof(All))]
    public void A_command_in_running_text_is_run_in_a_block_or_says_why_not(string document) => Assert.Empty(Documents.Unproven(document));

    [Theory]
    [MemberData(nameof(All))]
    public void A_block_that_is_not_run_says_why_in_a_sentence(string document) => Assert.All(
        Documents.BlocksOf(document).Where(b => b.Reason.Length > 0), b => Assert.True(b.Reason.Split(' ').Length > 3 && b.Shows.Count == 0, $"{document}: \"{b.Reason}\""));

    /// <summary>Of itself curl is content with any answer, and a block with whatever is printed.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public void A_block_that_calls_ends_with_a_refusal_and_says_what_is_answered(string document) => Assert.All(
        Documents.BlocksOf(document).Where(b => b.Reason.Length == 0 && b.Commands.Contains("curl ", StringComparison.Ordinal)),
        b =>
        {
            Assert.True(b.Shows.Count > 0, $"{document}: say with <!-- shows: … --> what is answered.\n{b.Commands}");
            Assert.True(
                b.Commands.Split('\n').All(line => !line.Contains("curl ", StringComparison.Ordinal) || line.Contains("curl -sf ", StringComparison.Ordinal) || line.Contains("curl -s -i ", StringComparison.Ordinal)),
                $"{document}: curl -sf ends with a refusal, curl -s -i shows it.\n{b.Commands}");
        });
}

/// <summary>The blocks of each document of docs/ are pasted one after another into one shell; the README's tour has tests of its own.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed partial class DocumentTests(OperatedHouse house)
{
    public static TheoryData<string> Runnable => [.. Documents.All.Where(d => d != "README.md" && Documents.BlocksOf(d).Any(b => b.Reason.Length == 0))];

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runnable))]
    public async Task What_a_document_offers_works_when_pasted(string document)
    {
        var blocks = Documents.BlocksOf(document).Where(b => b.Reason.Length == 0).ToList();
        var output = await Documents.PasteAsync(house, string.Join('\n', blocks.Select(b => b.Commands)), TestContext.Current.CancellationToken);
        foreach (var shown in blocks.SelectMany(b => b.Shows)) Assert.Contains(shown, output, StringComparison.Ordinal);
    }

    /// <summary>The environment is the one that the AppHost gives its step.</summary>
    [Fact]
    public async Task The_demonstration_leads_a_commune_from_its_first_figure_to_the_ministrys_copy()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["services__gateway__http__0"] = house.Gateway.ToString(),
            ["services__gateway__grpc__0"] = house.Grpc.ToString(),
            ["Ntm__Auth__LocalClientSecret"] = house.Secret("local-client-secret"),
        };
        var told = (await NtmCommand.RunAsync("", ["demo", "--lang", "en"], environment)).Must(0).Output;
        var commune = Commune().Match(told).Groups[1].Value;
        foreach (var kind in (string[])["report.approved", "assessment", "recognition"]) Assert.Contains($"  {kind}  ", told[told.IndexOf("The ministry pulls ", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains("Looking back to before the approval", told, StringComparison.Ordinal);
        var register = (await house.Api.GetAsync($"/api/appraisal/recognitions?unit={commune}&title=commune-ntm")).Must(200);
        Assert.Equal($"{commune}/QĐ-UBND-TD", Assert.Single(register["items"].EnumerateArray().ToList()).GetProperty("decision").GetProperty("number").GetString());
    }

    [GeneratedRegex(@"^The commune: .* \(([0-9]{5})\)\.$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Commune();
}
