using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>A message of a known contract lacks what every fact has: trying it again would help nothing.</summary>
internal sealed class MalformedFactException(string fault) : Exception(fault);

/// <summary>What a message says of itself, as far as it can be read.</summary>
/// <param name="Contract">The contract that it names; null when it names none of this house, or several.</param>
/// <param name="Thing">Key of its thing; null unless contract and origin can be relied on.</param>
/// <param name="Position">Source position; 0 where there is no thing.</param>
/// <param name="Fact">Null unless it is whole.</param>
/// <param name="Fault">What is wrong with it; null for a whole fact.</param>
internal sealed record MessageReading(Type? Contract, string? Thing, long Position, IIntegrationEvent? Fact, string? Fault)
{
    private const string Urn = "urn:message:";

    // Longer keys do not fit into an index.
    private const int LongestStream = 500;
    private static readonly string EndOfReplay = MessageUrn.ForTypeString<ReplayCompleted>();

    public static MessageReading Read(byte[] body)
    {
        var (envelope, noEnvelope) = Try(() => JsonSerializer.Deserialize<Envelope>(body, SystemTextJsonMessageSerializer.Options));
        if (envelope is null) return new(null, null, 0, null, noEnvelope ?? "it is empty");
        if (FaultOf(envelope.MessageType ?? []) is { } which) return new(null, null, 0, null, which);
        var contract = ContractsOf(envelope.MessageType!).Single();
        var (fact, unlike) = Try(() => (IIntegrationEvent?)envelope.Message?.Deserialize(contract, SystemTextJsonMessageSerializer.Options));
        // What cannot be read whole may still say what it is about, so that what follows it waits.
        var whence = fact is not null ? Whence.Of(fact.Origin) : Try(() => envelope.Message?.Deserialize<Beginning>(SystemTextJsonMessageSerializer.Options)).Read?.Origin;
        if (FaultOf(contract, whence) is { } origin) return new(contract, null, 0, null, fact is null ? unlike ?? origin : origin);
        var fault = fact is null ? unlike : FaultOf(fact);
        return new(contract, Learning.KeyOf(contract, whence!.Stream!), whence.Position, fault is null ? fact : null, fault);
    }

    /// <summary>Whether a parked body brings a fact that could be taken in.</summary>
    public static bool IsWhole(string body) => Read(Convert.FromBase64String(body)).Fact is not null;

    /// <summary>
    /// Hash of what a body says: sent again, a message has another envelope (the instant, the sender's process). What is no envelope says
    /// all of its bytes.
    /// </summary>
    public static string Saying(byte[] body)
    {
        var (envelope, _) = Try(() => JsonSerializer.Deserialize<Envelope>(body, SystemTextJsonMessageSerializer.Options));
        var said = envelope is { MessageType: { } type, Message: { } message } ? Encoding.UTF8.GetBytes($"{JsonSerializer.Serialize(type)}\n{message.GetRawText()}") : body;
        return Convert.ToHexString(SHA256.HashData(said));
    }

    /// <summary>Throws for what the consumers could not even look at.</summary>
    public static void MustBeWhole(IIntegrationEvent fact, IEnumerable<string> messageTypes)
    {
        var fault = FaultOf([.. messageTypes]) ?? FaultOf(fact.GetType(), Whence.Of(fact.Origin)) ?? FaultOf(fact);
        if (fault is not null) throw new MalformedFactException(fault);
    }

    private static string? FaultOf(IReadOnlyList<string?> messageTypes) => (ContractsOf(messageTypes).Count(), messageTypes.Contains(EndOfReplay)) switch
    {
        (0, _) => "messageType names no contract of this house",
        (1, false) => null,
        _ => "messageType names more than one contract",
    };

    private static IEnumerable<Type> ContractsOf(IEnumerable<string?> messageTypes) =>
        messageTypes.Select(t => t?.StartsWith(Urn, StringComparison.Ordinal) == true ? Topology.ContractOf(t[Urn.Length..]) : null).OfType<Type>();

    private static string? FaultOf(Type contract, Whence? origin) => origin switch
    {
        null => "origin is missing",
        { Service: null or "" } => "origin.service is missing",
        { Stream: null or "" } => "origin.stream is missing",
        { Stream: var stream } when stream.Length > LongestStream || stream.Any(char.IsControl) => $"origin.stream is no key of a stream (at most {LongestStream} characters, none of them a control character)",
        { Position: < 1 } => "origin.position is not above 0",
        { Service: var service } when Topology.Owners.GetValueOrDefault(service)?.Contains(contract) != true => $"origin.service does not announce {Topology.NameOf(contract)}",
        _ => null,
    };

    private static string? FaultOf(IIntegrationEvent fact) => Wholeness.Missing(fact) is { } missing ? $"{missing} is missing" : null;

    private static (T? Read, string? Fault) Try<T>(Func<T?> read)
    {
        try
        {
            return (read(), null);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            return (default, Reason.Line(exception.Message));
        }
    }

    private sealed record Envelope(IReadOnlyList<string?>? MessageType, JsonElement? Message);

    private sealed record Beginning(Whence? Origin);

    private sealed record Whence(string? Service, string? Stream, long Position)
    {
        public static Whence? Of(Origin? origin) => origin is null ? null : new(origin.Service, origin.Stream, origin.Position);
    }
}
