using System.Reflection;
using Google.Protobuf.Reflection;
using Ntm.Contracts;

namespace Ntm.Architecture.Tests;

/// <summary>
/// Others have stored what the contracts say: a member that is removed, renamed or given another type breaks them. The shape is kept
/// in <c>contracts.txt</c>; new lines are added to it, no line ever leaves it.
/// </summary>
public sealed class ContractTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void Contracts_only_grow()
    {
        string[] kept = [.. Repository.Read("tests/Architecture.Tests/contracts.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        string[] now = [.. Lines().Order(StringComparer.Ordinal)];
        Assert.True(!kept.Except(now, StringComparer.Ordinal).Any(), $"Removed or changed, and others rely on it:\n{string.Join('\n', kept.Except(now, StringComparer.Ordinal))}");
        Assert.True(!now.Except(kept, StringComparer.Ordinal).Any(), $"New: add these lines to tests/Architecture.Tests/contracts.txt:\n{string.Join('\n', now.Except(kept, StringComparer.Ordinal))}");
    }

    private static IEnumerable<string> Lines()
    {
        foreach (var type in typeof(Topology).Assembly.GetExportedTypes().Where(t => t.Namespace!.StartsWith("Ntm.Contracts", StringComparison.Ordinal) && t != typeof(Topology)))
        {
            yield return $"{NameOf(type)} : {(type.IsInterface ? "interface" : type.IsEnum ? "enum" : "class")}";
            if (type.IsEnum)
            {
                foreach (var value in type.GetEnumNames()) yield return $"{NameOf(type)}.{value}";
            }

            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
                yield return $"{NameOf(type)}.{property.Name} : {NameOf(property.PropertyType)}{(IsOptional(property) ? "?" : "")}";
        }

        foreach (var (service, contracts) in Topology.Owners)
            foreach (var contract in contracts) yield return $"{service} announces {Topology.NameOf(contract)} as {NameOf(contract)}";

        foreach (var file in Protos())
        {
            foreach (var message in file.MessageTypes)
                foreach (var field in message.Fields.InDeclarationOrder())
                    yield return $"{message.FullName}.{field.Name} = {field.FieldNumber} : {(field.IsRepeated ? "repeated " : "")}{(field.FieldType == FieldType.Message ? field.MessageType.FullName : field.FieldType.ToString().ToLowerInvariant())}";
            foreach (var method in file.Services.SelectMany(s => s.Methods))
                yield return $"{method.FullName}({method.InputType.FullName}) : {(method.IsServerStreaming ? "stream " : "")}{method.OutputType.FullName}";
        }
    }

    private static IEnumerable<FileDescriptor> Protos() => typeof(Topology).Assembly.GetExportedTypes()
        .Where(t => t.Name.EndsWith("Reflection", StringComparison.Ordinal))
        .Select(t => (FileDescriptor)t.GetProperty("Descriptor")!.GetValue(null)!);

    private static bool IsOptional(PropertyInfo property) =>
        !property.PropertyType.IsValueType && Nullability.Create(property).ReadState == NullabilityState.Nullable;

    private static string NameOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return $"{NameOf(inner)}?";
        if (!type.IsGenericType) return type.FullName!.Replace("System.", "", StringComparison.Ordinal);
        return $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}
