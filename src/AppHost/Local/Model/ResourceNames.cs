namespace Aspire.Hosting.ApplicationModel;

/// <summary>Aspire's rule for names, so that a topology that runs here also runs there.</summary>
internal static class ResourceNames
{
    public static string Check(string name)
    {
        var wellFormed = name.Length is > 0 and <= 64
            && char.IsAsciiLetter(name[0])
            && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')
            && !name.Contains("--", StringComparison.Ordinal)
            && !name.EndsWith('-');
        return wellFormed
            ? name
            : throw new ArgumentException($"Resource name '{name}': at most 64 ASCII letters, digits and single hyphens, a letter first.", nameof(name));
    }

    /// <summary>A name as part of an environment variable.</summary>
    public static string ForEnvironment(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_'));
}
