using System.Text;
using System.Text.Json.Nodes;
using MassTransit;
using Ntm.Contracts;
using Ntm.Contracts.Criteria;
using Ntm.ServiceDefaults.Messaging;

namespace Ntm.Notifications.Tests;

/// <summary>What is wrong with a message is told, and what it is about is known as far as it can be read.</summary>
public sealed class MessageReadingTests
{
    private const string Submitted = "urn:message:Ntm.Contracts.Criteria:ReportSubmitted";
    private const string Origin =
        """{ "service": "criteria", "stream": "report/p/u", "version": 2, "position": 7, "eventId": "0199c0de-0000-7000-8000-000000000001", "recordedAt": "2026-11-24T08:30:00+07:00", "person": "an", "client": "c" }""";

    /// <summary>Body, and what is wrong with it; contract and thing cannot be relied on.</summary>
    public static TheoryData<string, string> Strange => new()
    {
        { "", "not contain any JSON" },
        { "no json \0", "invalid" },
        { "null", "empty" },
        { "[]", "could not be converted" },
        { "{}", "names no contract" },
        { """{ "messageType": null, "message": {} }""", "names no contract" },
        { """{ "messageType": [null, "x", "urn:message:Ntm.Contracts.Criteria:NoSuchThing"], "message": {} }""", "names no contract" },
        { """{ "messageType": 3 }""", "could not be converted" },
        { """{ "messageType": ["urn:message:Ntm.Contracts.Criteria:ReportSubmitted", "urn:message:Ntm.Contracts.Criteria:ReportReturned"], "message": {} }""", "more than one contract" },
        { """{ "messageType": ["urn:message:Ntm.Contracts.Criteria:ReportSubmitted", "urn:message:Ntm.Contracts:ReplayCompleted"], "message": {} }""", "more than one contract" },
    };

    /// <summary>The fact, and what is wrong with where it comes from: only the contract is known.</summary>
    public static TheoryData<string, string> FromNowhere => new()
    {
        { "null", "origin is missing" },
        { "{}", "origin is missing" },
        { """{ "origin": null }""", "origin is missing" },
        { """{ "origin": {} }""", "origin.service is missing" },
        { """{ "origin": { "service": "criteria" } }""", "origin.stream is missing" },
        { """{ "origin": { "service": "criteria", "stream": "" } }""", "origin.stream is missing" },
        { """{ "origin": { "service": "criteria", "stream": "a\u0000b", "position": 1 } }""", "origin.stream is no key" },
        { $$"""{ "origin": { "service": "criteria", "stream": "{{new string('x', 501)}}", "position": 1 } }""", "origin.stream is no key" },
        { """{ "origin": { "service": "criteria", "stream": "s" } }""", "origin.position is not above 0" },
        { """{ "origin": { "service": "criteria", "stream": "s", "position": -3 } }""", "origin.position is not above 0" },
        { """{ "origin": { "service": "pilots", "stream": "s", "position": 3 } }""", "origin.service does not announce" },
        { """{ "origin": { "service": "nobody", "stream": "s", "position": 3 } }""", "origin.service does not announce" },
        { """{ "origin": 3 }""", "could not be converted" },
    };

    /// <summary>The fact, and what is wrong with the rest of it: its thing and position are known.</summary>
    public static TheoryData<string, string> NotWhole => new()
    {
        { $$"""{ "origin": {{Origin}} }""", "report is missing" },
        { $$"""{ "origin": {{Origin}}, "report": null }""", "report is missing" },
        { $$"""{ "origin": {{Origin}}, "report": 3 }""", "could not be converted" },
        { $$"""{ "origin": {{Origin}}, "report": { "unit": "no unit" } }""", "could not be converted" },
        { """{ "origin": { "service": "criteria", "stream": "report/p/u", "position": 7, "eventId": "no id" }, "report": {} }""", "could not be converted" },
        { """{ "origin": { "service": "criteria", "stream": "report/p/u", "position": 7 }, "report": {} }""", "origin.eventId is missing" },
        { $$"""{ "origin": {{Origin}}, "report": {} }""", "report.unit is missing" },
        { $$"""{ "origin": {{Origin}}, "report": { "unit": { "id": "0199c0de-0000-7000-8000-0000000000aa", "code": "1" } } }""", "report.unit.name is missing" },
    };

    [Theory]
    [MemberData(nameof(Strange))]
    public void What_is_no_message_of_this_house_has_neither_contract_nor_thing(string body, string fault)
    {
        var read = MessageReading.Read(Encoding.UTF8.GetBytes(body));
        Assert.Equal((null, null, 0, null), (read.Contract, read.Thing, read.Position, read.Fact));
        Assert.Contains(fault, read.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(FromNowhere))]
    public void A_fact_from_nowhere_has_a_contract_and_no_thing(string fact, string fault)
    {
        var read = Read(fact);
        Assert.Equal((typeof(ReportSubmitted), null, 0, null), (read.Contract, read.Thing, read.Position, read.Fact));
        if (fact != "null") Assert.Contains(fault, read.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NotWhole))]
    public void A_fact_that_is_not_whole_still_has_its_thing_and_position(string fact, string fault)
    {
        var read = Read(fact);
        Assert.Equal((typeof(ReportSubmitted), "criteria.report-submitted/report/p/u", 7, null), (read.Contract, read.Thing, read.Position, read.Fact));
        Assert.Contains(fault, read.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_fact_is_read_and_nothing_is_wrong_with_it()
    {
        var fact = Sample.Submitted;
        var body = new JsonObject
        {
            ["messageType"] = new JsonArray(Submitted, "urn:message:Ntm.Contracts:IIntegrationEvent"),
            ["message"] = System.Text.Json.JsonSerializer.SerializeToNode(fact, MassTransit.Serialization.SystemTextJsonMessageSerializer.Options),
        };
        var read = MessageReading.Read(Encoding.UTF8.GetBytes(body.ToJsonString()));
        Assert.Null(read.Fault);
        Assert.Equal((fact.Origin, fact.Report.Unit), (read.Fact!.Origin, ((ReportSubmitted)read.Fact).Report.Unit));
        Assert.Equal((Learning.KeyOf(fact), fact.Origin.Position), (read.Thing, read.Position));
        MessageReading.MustBeWhole(fact, [Submitted]);
    }

    [Fact]
    public void A_consumer_looks_at_whole_facts_only()
    {
        var fact = Sample.Submitted;
        foreach (var strange in (ReportSubmitted[])[fact with { Origin = null! }, fact with { Origin = fact.Origin with { Stream = null! } }, fact with { Origin = fact.Origin with { Service = null! } }, fact with { Report = null! }])
            Assert.Throws<MalformedFactException>(() => MessageReading.MustBeWhole(strange, [Submitted]));
        Assert.Throws<MalformedFactException>(() => MessageReading.MustBeWhole(fact, [Submitted, MessageUrn.ForTypeString<ReplayCompleted>()]));
    }

    /// <summary>Every contract has an owner that may announce it, and a name by which it is found again.</summary>
    [Fact]
    public void Facts_of_one_stream_that_wait_have_one_turn()
    {
        foreach (var contract in Topology.Owners.Values.SelectMany(c => c))
        {
            Assert.Equal(contract, Topology.Named(Topology.NameOf(contract)));
            var turn = Turn.Of(Learning.KeyOf(contract, "a/b.c"));
            Assert.Equal(Topology.WaitsBehindParked(contract), turn is not null);
            if (turn is not null) Assert.Contains(Learning.KeyOf(contract, "a/b.c"), turn.Things);
        }

        Assert.Equal(Turn.Of(typeof(ReportSubmitted), "s")!.Id, Turn.Of(typeof(ReportReturned), "s")!.Id);
        Assert.Equal(Turn.Of(typeof(ReportSubmitted), "s")!.Things, Turn.Of(typeof(ReportReturned), "s")!.Things);
        Assert.NotEqual(Turn.Of(typeof(ReportSubmitted), "s")!.Id, Turn.Of(typeof(ReportSubmitted), "t")!.Id);
        Assert.Null(Turn.Of("no-thing"));
        Assert.Null(Turn.Of("no.contract/s"));
    }

    [Fact]
    public void A_reason_is_one_line_of_the_fault_that_tells_most()
    {
        var cause = new FormatException("the\u0000 cause\r\nis\there\u2028.");
        Assert.Equal("FormatException: the cause is here .", Reason.Of(new MassTransitException("outer", new AggregateException(cause))));
        // Of JSON the outer one tells the place.
        Assert.Equal("JsonException: at $.report", Reason.Of(new InvalidOperationException("outer", new System.Text.Json.JsonException("at $.report", cause))));
        var longest = Reason.Line($"{new string('x', 3_999)}\U0001F33E and more");
        Assert.Equal((3_999, 'x'), (longest.Length, longest[^1]));
    }

    [Fact]
    public void What_is_sent_again_says_the_same_and_what_differs_does_not()
    {
        string Said(string body) => MessageReading.Saying(Encoding.UTF8.GetBytes(body));
        string Sent(string at, string report) => $$"""{ "messageType": ["{{Submitted}}"], "sentTime": "{{at}}", "message": { "report": {{report}} } }""";
        Assert.Equal(Said(Sent("1", "1")), Said(Sent("2", "1")));
        Assert.NotEqual(Said(Sent("1", "1")), Said(Sent("1", "2")));
        Assert.NotEqual(Said("no json"), Said("no json either"));
    }

    private static MessageReading Read(string fact) => MessageReading.Read(Encoding.UTF8.GetBytes($$"""{ "messageType": ["{{Submitted}}"], "message": {{fact}} }"""));
}
