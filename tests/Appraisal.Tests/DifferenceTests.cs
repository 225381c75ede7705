using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.History;
using Ntm.Appraisal.Procedures;

namespace Ntm.Appraisal.Tests;

/// <summary>What is told of a dossier between two instants.</summary>
public sealed class DifferenceTests
{
    [Fact]
    public void Every_part_that_changed_is_told_and_none_that_did_not()
    {
        var then = Given.Opened()
            .Apply(new DocumentAttached("letter", new('a', 64), 7, "application/pdf", "a.pdf", "an", Given.Now))
            .Apply(new RemarkReceived(StepIds.Consultation, 1, null, "Đường chưa xong", Given.Today, "an", Given.Now))
            .Apply(new OpinionGiven(new("CAT", [], []), "bn", Given.Now));
        Assert.Empty(DossierDifference.Between(then, then with { Documents = [.. then.Documents], Opinions = [.. then.Opinions.Select(o => o with { })] }));
        var now = then
            .Apply(new DocumentAttached("pictures", new('b', 64), 7, "image/png", "b.png", "an", Given.Now))
            .Apply(new RemarkAnswered(StepIds.Consultation, 1, "Đã xong", "an", Given.Now))
            .Apply(new RemarkReceived(StepIds.Consultation, 2, null, "Cầu chưa xong", Given.Today, "an", Given.Now))
            .Apply(new MeetingHeld(new(Given.Today, 10, 9, 1, 0, true, "90/100", []), "an", Given.Now))
            .Apply(new MeetingHeld(new(Given.Today, 20, 20, 0, 0, true, "90/100", []), "hn", Given.Now, StepIds.DistrictVote))
            .Apply(new SurveySummarised(new("phieu-1", Given.Today, Given.Today, 10, 10, 10, [], [], SurveyResult.Unknown, [], null, null, []), "mn", Given.Now))
            .Apply(new OpinionGiven(new("CAT", [], []), "bo", Given.Now, StepIds.CentralOpinions))
            .Apply(new OpinionGiven(new("SNN", [], []), "en", Given.Now))
            .Apply(new DossierTransferred("qd18-2022.1", "next.1", Transition.Transfer, "Điều khoản chuyển tiếp", "po", Given.Now)) with
        {
            Sitting = Sitting.Begun with { Present = ["1"] },
        };
        var changes = DossierDifference.Between(then, now);
        Assert.Equal(["procedureVersion", "sitting", "meeting", "survey", "documents", "remarks", "remarks", "levelVotes", "opinions", "opinions"], changes.Select(c => c.Part));
        Assert.Equal("b.png", Assert.IsType<DossierDocument>(changes.Single(c => c.Part == "documents").Now).Name);
        Assert.Equal([false, true], changes.Where(c => c.Part == "remarks").Select(c => c.Then is null));
        Assert.Equal("SNN", Assert.IsType<GivenOpinion>(changes[^1].Now).Opinion.Department);
    }

    [Fact]
    public void All_of_a_dossier_that_did_not_exist_yet_is_new() => Assert.Equal(
        ["state", "procedureVersion", "documents"],
        DossierDifference.Between(null, Given.Opened().Apply(new DocumentAttached("letter", new('a', 64), 7, "application/pdf", "a.pdf", "an", Given.Now))).Select(c => c.Part));
}
