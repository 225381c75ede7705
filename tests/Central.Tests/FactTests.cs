using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ntm.Central.Feed;
using Ntm.Central.OpenData;
using Ntm.Central.Publishing;
using Ntm.Central.V1;
using Ntm.Contracts;
using Ntm.Contracts.Appraisal;
using Ntm.Contracts.Criteria;

namespace Ntm.Central.Tests;

public sealed class FactTests
{
    private static readonly ReportApproved Report = Sample.Of<ReportApproved>();
    private static readonly AssessmentChanged Assessment = Sample.Of<AssessmentChanged>();
    private static readonly RecognitionChanged Recognition = Sample.Of<RecognitionChanged>();

    [Fact]
    public void Keys_start_with_the_units_id()
    {
        Assert.Equal("6b1f9c1e-0000-8000-8000-000000000001/xa-ntm-2021-2025/2024-Q4", Fact.Of(Report)!.Key);
        Assert.Equal("6b1f9c1e-0000-8000-8000-000000000001/xa-ntm-2021-2025", Fact.Of(Assessment)!.Key);
        Assert.Equal($"{Recognition.Recognition.Unit.Id}/{Recognition.Recognition.Title}", Fact.Of(Recognition)!.Key);
    }

    [Fact]
    public void A_fact_is_valid_on_its_own_day()
    {
        Assert.Equal(Report.Report.FiguresAsOf, Fact.Of(Report)!.ValidOn);
        Assert.Equal(Recognition.Recognition.DecisionDate, Fact.Of(Recognition)!.ValidOn);
        // Recorded 23:30 UTC: in Vietnam the next day has begun.
        Assert.Equal(new DateOnly(2024, 12, 13), Fact.Of(Assessment)!.ValidOn);
    }

    [Fact]
    public void Versions_grow_over_the_dossiers_and_reports_of_one_key()
    {
        var later = Recognition with
        {
            Origin = Recognition.Origin with { Stream = "another", Version = 1, Position = Recognition.Origin.Position + 1 },
            Recognition = Recognition.Recognition with { Dossier = Guid.CreateVersion7() },
        };
        Assert.Equal(Fact.Of(Recognition)!.Key, Fact.Of(later)!.Key);
        Assert.True(Fact.Of(later)!.Version > Fact.Of(Recognition)!.Version);

        var next = Assessment with { Origin = Assessment.Origin with { Version = 1, Position = Assessment.Origin.Position + 1 } };
        Assert.True(Fact.Of(next)!.Version > Fact.Of(Assessment)!.Version);

        var approvedAgain = Report with { Origin = Report.Origin with { Version = Report.Origin.Version + 3 } };
        Assert.True(Fact.Of(approvedAgain)!.Version > Fact.Of(Report)!.Version);
    }

    [Fact]
    public void Units_are_no_fact_of_the_feed() => Assert.Null(Fact.Of(Sample.Of<UnitChanged>()));

    [Fact]
    public void Json_is_the_same_for_equal_facts_in_whatever_order_their_parts_came()
    {
        var shuffled = Assessment with { Assessment = Assessment.Assessment with { Indicators = [.. Assessment.Assessment.Indicators.Reverse()] } };
        Assert.Equal(JsonOf(Assessment), JsonOf(shuffled));
        Assert.Equal(
            """{"unitId":"6b1f9c1e-0000-8000-8000-000000000001","code":"18073","name":"Phường Nam Hà","set":"xa-ntm-2021-2025","period":"2024-Q4","figuresAsOf":"2024-12-31","approvedVersion":7,"figures":[{"indicator":"8.4","value":95,"validOn":"2024-12-10","recordedAt":"2024-12-11T09:00:00+07:00"}]}""",
            JsonOf(Report));
        using var read = JsonDocument.Parse(JsonOf(Assessment));
        Assert.Equal(["8.4", "17.2", "17.10"], read.RootElement.GetProperty("indicators").EnumerateArray().Select(i => i.GetProperty("code").GetString()));
    }

    [Fact]
    public void A_change_carries_the_hash_of_its_json()
    {
        var change = ChangeOf(Recognition);
        Assert.Equal(SHA256.HashData(Encoding.UTF8.GetBytes(change.Json)), change.ContentHash.ToByteArray());
        Assert.Equal(Recognition.Origin.RecordedAt, change.RecordedAt.ToDateTimeOffset());
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", change.ValidOn);
    }

    [Fact]
    public void Persons_and_clients_are_not_published()
    {
        Origin Marked(Origin origin) => origin with { Person = "SECRET-PERSON", Client = "SECRET-CLIENT" };
        var figures = Report.Report.Figures.Select(f => f with { RecordedBy = "SECRET-PERSON", Reason = "SECRET-REASON" }).ToList();
        var basis = Assessment.Assessment.Basis.Select(b => b with { Persons = ["SECRET-PERSON"] }).ToList();
        IIntegrationEvent[] facts =
        [
            Report with { Origin = Marked(Report.Origin), Report = Report.Report with { Figures = figures } },
            Assessment with { Origin = Marked(Assessment.Origin), Assessment = Assessment.Assessment with { Basis = basis } },
            Recognition with { Origin = Marked(Recognition.Origin) },
        ];
        Assert.All(facts, f => Assert.DoesNotContain("SECRET", ChangeOf(f).ToString()));
    }

    [Fact]
    public void The_year_of_a_title_is_published_where_it_is_named()
    {
        Assert.DoesNotContain("\"year\"", JsonOf(Recognition));
        foreach (var named in new[] { Recognition.Recognition with { Year = 2023 }, Recognition.Recognition with { Inherited = new(2023, []) } })
            Assert.Contains(",\"year\":2023", JsonOf(Recognition with { Recognition = named }));
        var (plain, year) = (PublishedRecognition.Of(Recognition), PublishedRecognition.Of(Recognition with { Recognition = Recognition.Recognition with { Year = 2023 } }));
        string[] lines = RecognitionTable.Of([plain, year]).Split("\r\n");
        Assert.Equal((true, true, true), (lines[0].EndsWith(",year", StringComparison.Ordinal), lines[1].EndsWith(",false,", StringComparison.Ordinal), lines[2].EndsWith(",false,2023", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_the_demonstration_made_up_says_so()
    {
        IIntegrationEvent[] real = [Report, Assessment, Recognition];
        IIntegrationEvent[] madeUp =
        [
            Report with { Origin = Report.Origin with { Demonstration = true } },
            Assessment with { Origin = Assessment.Origin with { Demonstration = true } },
            Recognition with { Origin = Recognition.Origin with { Demonstration = true } },
        ];
        Assert.All(real, f => Assert.DoesNotContain("demonstration", JsonOf(f)));
        Assert.All(madeUp, f => Assert.EndsWith(",\"demonstration\":true}", JsonOf(f)));
    }

    [Fact]
    public void An_answer_stays_below_what_grpc_clients_take()
    {
        var changes = Enumerable.Range(1, 10).Select(i => new Change { Position = i, Json = new string('x', 900 * 1024) }).ToList();
        var answers = Answers.Of(changes).ToList();
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], answers.SelectMany(a => a.Changes).Select(c => c.Position));
        Assert.All(answers, a => Assert.True(a.CalculateSize() < 4 * 1024 * 1024));
        Assert.Equal(5, answers.Count);
    }

    private static string JsonOf(IIntegrationEvent fact) => Encoding.UTF8.GetString(Canonical.Utf8Of(Fact.Of(fact)!.Content));

    private static Change ChangeOf<T>(T fact) where T : IIntegrationEvent => FeedReader.ChangeOf(JasperFx.Events.Event.For((object)fact));
}
