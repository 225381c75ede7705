using Ntm.Notifications.Inbox;
using Ntm.ServiceDefaults;

namespace Ntm.Notifications.Tests;

public sealed class RecipientTests
{
    private static readonly DateTimeOffset Now = new(2024, 12, 13, 10, 0, 0, TimeSpan.FromHours(7));
    private static readonly DateOnly Before = new(2025, 6, 30);
    private static readonly DateOnly After = new(2025, 7, 1);

    [Fact]
    public void A_successor_reads_what_its_predecessor_was_told()
    {
        var keys = Of("commune-officer@18073", After);
        Assert.Contains(Recipient.Officers(Sample.ThanhSen, "commune-officer"), keys);
        Assert.Contains(Recipient.Officers(Sample.NamHa, "commune-officer"), keys);
    }

    [Theory]
    [InlineData("commune-officer@18073~2025-06-30")]
    [InlineData("commune-officer@18073")]
    public void A_predecessor_reads_nothing_of_the_unit_that_took_its_code(string right) =>
        Assert.DoesNotContain(Recipient.Officers(Sample.ThanhSen, "commune-officer"), Of(right, Before));

    [Fact]
    public void A_role_reads_its_own_entries_only() =>
        Assert.Equal([Recipient.Person("an"), Recipient.Officers(Sample.Province, "province-officer")], Of("province-officer@42", After));

    [Fact]
    public void A_department_reads_its_own_and_what_any_department_was_told()
    {
        Assert.Equal(
            [Recipient.Person("an"), $"unit/{Sample.Province}/department-officer", $"unit/{Sample.Province}/department-officer/SNN"],
            Of("department-officer@42:SNN", After));
    }

    [Theory]
    [InlineData("ministry@0", "ministry")]
    [InlineData("council-member@0", "council-member")]
    public void A_holder_for_the_country_reads_what_the_role_was_told_for_the_country(string right, string role) =>
        Assert.Equal([Recipient.Person("an"), Recipient.Everywhere(role)], Of(right, After));

    [Fact]
    public void A_member_of_a_provinces_council_reads_nothing_of_the_countrys() =>
        Assert.DoesNotContain(Recipient.Everywhere("council-member"), Of("council-member@42", After));

    [Fact]
    public void What_waits_for_the_ministry_is_told_to_its_officers_who_are_at_no_unit()
    {
        var asked = Sample.Dossier with { Dossier = Sample.Dossier.Dossier with { NextSteps = [new("accept", "/x", ["ministry"])] } };
        var entry = Assert.Single(InboxEntry.Of(asked, Sample.Cause, Sample.Levels), e => e.ToDo);
        Assert.Equal(Recipient.Everywhere("ministry"), entry.Recipient);
        Assert.Contains(entry.Recipient, Of("ministry@0", After));
        Assert.DoesNotContain(entry.Recipient, Of("province-officer@42", After));
        Assert.DoesNotContain(entry.Recipient, Of("auditor@0", After));
    }

    [Fact]
    public void Only_a_recipient_marks_as_read()
    {
        var entry = InboxEntry.Of(Sample.Approved, Sample.Cause, Sample.Levels).Single();
        Assert.Equal(403, MarkRead.Decide(entry, null, Of("province-officer@42", After), "an", Now).Refusal!.Status);
        Assert.Equal(
            new EntryRead(entry.Id, entry.Recipient, "an", Now),
            Assert.Single(MarkRead.Decide(entry, null, Of("commune-officer@18073", After), "an", Now).Events));
    }

    [Fact]
    public void What_was_read_is_not_read_again()
    {
        var entry = InboxEntry.Of(Sample.Approved, Sample.Cause, Sample.Levels).Single();
        var again = MarkRead.Decide(entry, new(entry.Id, entry.Recipient, Now), Of("commune-officer@18073", After), "binh", Now);
        Assert.Null(again.Refusal);
        Assert.Empty(again.Events);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("12.x", false)]
    [InlineData("-1.0193a1f0000070008000000000000001", false)]
    [InlineData("638700000000000000.0193a1f0000070008000000000000001", true)]
    public void The_mark_of_a_page_reads_back(string text, bool good)
    {
        Assert.Equal(good, InboxPlace.TryParse(text, out var place));
        if (good) Assert.Equal(text, place!.ToString());
    }

    private static string[] Of(string right, DateOnly today) => Recipient.Of(new("an", "x", true, [Grant.Parse(right)!]), Sample.Tree, today);
}
