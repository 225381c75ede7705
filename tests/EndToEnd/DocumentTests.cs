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
}

/// <summary>The blocks of each document of docs/ are pasted one after another into one shell; the README's tour has tests of its own.</summary>
[Collection(OneOperatedHouse.Name)]
public sealed class DocumentTests(OperatedHouse house)
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
}
