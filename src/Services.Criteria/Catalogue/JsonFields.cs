using System.Globalization;
using System.Text;
using System.Text.Json;
using Ntm.Contracts;
using Ntm.ServiceDefaults;

namespace Ntm.Criteria.Catalogue;

/// <summary>An object of a set's JSON, its members named as the API does (camelCase) or as the data files do (snake_case).</summary>
internal sealed class JsonFields
{
    private const int LongestNumber = 40;
    private const int LongestName = 100;
    private const int Deepest = 16;
    private readonly Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
    private readonly string path;
    private readonly SetFaults faults;

    public JsonFields(JsonElement json, string path, SetFaults faults, params ReadOnlySpan<string> names)
    {
        (this.path, this.faults) = (path, faults);
        if (json.ValueKind != JsonValueKind.Object)
        {
            faults.Unless(false, path, "object", "Phải là một đối tượng JSON.", "Must be a JSON object.");
            return;
        }

        foreach (var member in json.EnumerateObject())
        {
            var name = Camel(member.Name);
            faults.Unless(names.Contains(name), Join(path, member.Name), "unknown-field", "Không có trường này.", "There is no such field.")
                .Unless(members.TryAdd(name, member.Value), Join(path, member.Name), "duplicate-field", "Trường được nêu hai lần.", "The field is given twice.");
        }
    }

    /// <summary>Every text and number that the store could not keep as it is, before anything is read.</summary>
    public static void Check(JsonElement json, string path, SetFaults faults)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                CheckMembers(json, path, faults);
                break;
            case JsonValueKind.Array:
                var n = 0;
                foreach (var item in json.EnumerateArray()) Check(item, $"{path}[{n++}]", faults);
                break;
            case JsonValueKind.String:
                var text = Read(() => json.GetString());
                faults.Unless(
                    text is not null && new Faults().Readable(text, "text", required: false).Refuse() is null, path, "text",
                    $"Văn bản dài nhất {Prose.Longest} ký tự, không chứa ký tự điều khiển.", $"A text has at most {Prose.Longest} characters and no control characters.");
                break;
            case JsonValueKind.Number:
                faults.Unless(
                    NumberOf(json) is not null, path, "number", "Số có nhiều nhất 18 chữ số, trong đó 6 chữ số sau dấu thập phân.",
                    "A number has at most 18 digits, 6 of them after the point.");
                break;
        }
    }

    /// <summary>What is kept as it is written may not lie deeper than the store reads.</summary>
    public static void CheckDepth(JsonElement json, string path, SetFaults faults, int left = Deepest)
    {
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return;
        if (left == 0)
        {
            faults.Unless(false, path, "depth", $"Lồng nhau nhiều nhất {Deepest} cấp.", $"Nested at most {Deepest} deep.");
            return;
        }

        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in json.EnumerateObject()) CheckDepth(member.Value, Join(path, member.Name), faults, left - 1);
        }
        else
        {
            foreach (var (n, item) in json.EnumerateArray().Index()) CheckDepth(item, $"{path}[{n}]", faults, left - 1);
        }
    }

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public string PathOf(string name) => Join(path, name);

    public bool Has(string name) => members.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    public JsonElement? Raw(string name) => Has(name) ? members[name] : null;

    public string? Text(string name, bool required = false)
    {
        var text = Of(name, JsonValueKind.String, "text", "Phải là văn bản.", "Must be a text.") is { } json ? Prose.Normal(json.GetString()) : null;
        if (required) faults.Required(string.IsNullOrWhiteSpace(text) ? null : text, PathOf(name));
        return text;
    }

    public string? OneOf(string name, IReadOnlyList<string> allowed, bool required = false)
    {
        var text = Text(name, required);
        faults.Unless(
            text is null || allowed.Contains(text) || (required && text.Length == 0), PathOf(name), "one-of", $"Phải là một trong: {string.Join(", ", allowed)}.", $"Must be one of: {string.Join(", ", allowed)}.");
        return text;
    }

    public bool? Flag(string name) => Of(name, JsonValueKind.True, "yes-no", "Phải là true hoặc false.", "Must be true or false.")?.GetBoolean();

    public int? Whole(string name, bool required = false)
    {
        if (required && !Has(name)) faults.Required(null, PathOf(name));
        if (Of(name, JsonValueKind.Number, "whole-number", "Phải là một số nguyên.", "Must be a whole number.") is not { } json) return null;
        var ok = json.TryGetInt32(out var number) && number is >= 0 and < 10_000;
        faults.Unless(ok, PathOf(name), "whole-number", "Phải là số nguyên từ 0 đến 9999.", "Must be a whole number from 0 to 9999.");
        return ok ? number : null;
    }

    public DateOnly? Day(string name, bool required = false)
    {
        if (required && !Has(name)) faults.Required(null, PathOf(name));
        if (Of(name, JsonValueKind.String, "day", "Ngày phải có dạng 2026-11-23.", "A day is written 2026-11-23.") is not { } json) return null;
        var ok = DateOnly.TryParseExact(json.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        faults.Unless(ok, PathOf(name), "day", "Ngày phải có dạng 2026-11-23.", "A day is written 2026-11-23.");
        return ok ? day : null;
    }

    public ReportedValue? Value(string name)
    {
        if (Raw(name) is not { } json) return null;
        switch (json.ValueKind)
        {
            case JsonValueKind.Number: return ReportedValue.Of(NumberOf(json)!.Value);
            case JsonValueKind.True or JsonValueKind.False: return ReportedValue.Of(json.GetBoolean());
            case JsonValueKind.String: return ReportedValue.Of(Prose.Normal(json.GetString())!);
            default:
                faults.Unless(false, PathOf(name), "value", "Phải là số, true, false hoặc văn bản.", "Must be a number, true, false or a text.");
                return null;
        }
    }

    public IReadOnlyList<T> List<T>(string name, Func<JsonElement, string, T> read, bool required = false, int most = 500)
    {
        if (required && !Has(name)) faults.Required(null, PathOf(name));
        if (Of(name, JsonValueKind.Array, "list", "Phải là một danh sách.", "Must be a list.") is not { } json) return [];
        faults.Unless(json.GetArrayLength() <= most, PathOf(name), "list", $"Nhiều nhất {most} mục.", $"At most {most} items.");
        return json.GetArrayLength() <= most ? [.. json.EnumerateArray().Select((item, n) => read(item, $"{PathOf(name)}[{n}]"))] : [];
    }

    public IReadOnlyList<string> Texts(string name) => List(name, (json, at) =>
    {
        faults.Unless(json.ValueKind == JsonValueKind.String, at, "text", "Phải là văn bản.", "Must be a text.");
        return json.ValueKind == JsonValueKind.String ? json.GetString()! : "";
    });

    /// <summary>The number as a decimal without trailing zeros; null when it does not fit.</summary>
    private static decimal? NumberOf(JsonElement json)
    {
        var raw = json.GetRawText();
        if (raw.Length > LongestNumber) return null;
        var reader = new Utf8JsonReader(Encoding.ASCII.GetBytes(raw));
        reader.Read();
        var number = ExactNumber.Read(ref reader);
        if (number == ExactNumber.Beyond || (raw.AsSpan().ContainsAny('e', 'E') && Math.Abs(number) is > 0 and < 0.000001m)) return null;
        if (raw.AsSpan().ContainsAny('e', 'E') && number == 0) return null;
        var bare = number / 1.0000000000000000000000000000m;
        return bare.Scale <= 6 && decimal.Truncate(Math.Abs(bare)).ToString(CultureInfo.InvariantCulture).Length + bare.Scale <= 18 ? bare : null;
    }

    private JsonElement? Of(string name, JsonValueKind kind, string rule, string vi, string en)
    {
        if (Raw(name) is not { } json) return null;
        var ok = json.ValueKind == kind || (kind == JsonValueKind.True && json.ValueKind == JsonValueKind.False);
        faults.Unless(ok, PathOf(name), rule, vi, en);
        return ok ? json : null;
    }

    private static void CheckMembers(JsonElement json, string path, SetFaults faults)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            var name = Read(() => member.Name);
            var readable = name is { Length: <= LongestName } && new Faults().Readable(name, "name", required: false, lines: false).Refuse() is null;
            faults.Unless(readable, path, "field-name", "Tên trường không đọc được.", "The name of a field cannot be read.");
            if (!readable) continue;
            faults.Unless(names.Add(name!), Join(path, name!), "duplicate-field", "Trường được nêu hai lần.", "The field is given twice.");
            Check(member.Value, Join(path, name!), faults);
        }
    }

    /// <summary>Half of a pair of surrogates is JSON, and no text.</summary>
    private static string? Read(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Camel(string name)
    {
        var words = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return words.Length < 2 ? name : words[0] + string.Concat(words.Skip(1).Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
    }
}
