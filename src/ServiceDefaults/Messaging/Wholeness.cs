using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Ntm.Contracts;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>
/// Finds what a fact lacks of what its contract says is always there, however deep: where a member is missing the reader puts null, and
/// nothing where an id or an instant is. Of a day it cannot be told: the first of all is one that somebody may have written. What came to a contract later is nullable, so that what was announced before it is whole.
/// </summary>
internal static class Wholeness
{
    private static readonly ConcurrentDictionary<Type, Member[]> Known = new();

    /// <summary>Path of the first member that is missing, e.g. <c>unit.versions[2].code</c>; null when nothing is.</summary>
    public static string? Missing(IIntegrationEvent fact) => MissingIn(fact)?[1..];

    private static string? MissingIn(object value)
    {
        foreach (var (property, name, part) in Known.GetOrAdd(value.GetType(), MembersOf))
            if (Missing(property.GetValue(value), part) is { } path) return $".{name}{path}";
        return null;
    }

    /// <summary>The path behind the value; empty where it is missing itself.</summary>
    private static string? Missing(object? value, Part part)
    {
        if (value is null) return part.Needed ? "" : null;
        if (part.Nothing is not null) return value.Equals(part.Nothing) ? "" : null;
        if (part.Open) return MissingIn(value);
        if (part.Element is null) return null;
        var at = 0;
        foreach (var element in (IEnumerable)value)
        {
            if (Missing(element, part.Element) is { } path) return $"[{at}]{path}";
            at++;
        }

        return null;
    }

    private static Member[] MembersOf(Type contract)
    {
        var nullability = new NullabilityInfoContext();
        return
        [
            .. from property in contract.GetProperties(BindingFlags.Public | BindingFlags.Instance)
               let part = PartOf(nullability.Create(property))
               where part is not null
               select new Member(property, JsonNamingPolicy.CamelCase.ConvertName(property.Name), part),
        ];
    }

    /// <summary>Null where nothing can be missing: a number, yes or no, what may be left out and has no parts.</summary>
    private static Part? PartOf(NullabilityInfo of)
    {
        if (of.Type.IsValueType)
            return of.Type == typeof(Guid) || of.Type == typeof(DateTimeOffset) ? new(true, Nothing: Activator.CreateInstance(of.Type)) : null;
        var needed = of.ReadState == NullabilityState.NotNull;
        if (of.Type.Assembly == typeof(IIntegrationEvent).Assembly) return new(needed, Open: true);
        if (of.Type == typeof(string)) return needed ? new(true) : null;
        if (of.Type.IsGenericType && of.Type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)) return new(needed, Element: PartOf(of.GenericTypeArguments[0]));
        throw new NotSupportedException($"A contract has a member of {of.Type}: say here when it is whole.");
    }

    private sealed record Member(PropertyInfo Property, string Name, Part Part);

    /// <param name="Needed">Whether null is a fault.</param>
    /// <param name="Open">Whether it has members of its own.</param>
    /// <param name="Element">What each of a list is.</param>
    /// <param name="Nothing">The value that stands for none.</param>
    private sealed record Part(bool Needed, bool Open = false, Part? Element = null, object? Nothing = null);
}
