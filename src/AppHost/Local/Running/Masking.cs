using System.Buffers;
using System.Data.Common;
using System.Text.RegularExpressions;

namespace Ntm.AppHost.Local;

/// <summary>Hides secrets in every text that leaves the run: log lines, environments, arguments, addresses.</summary>
internal sealed class Masking
{
    public const string Mask = "********";

    // A shorter one is also a part of harmless words; as a whole value or behind "password=" it is hidden as well.
    private const int ShortestToSearch = 8;

    // Linear in the text, whatever a process prints.
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    private static readonly Regex SecretNames = new("(?:password|passwd|pwd|secret|token|api_?key|cookie|credentials?)$", Linear);
    // A quoted value ends with its quote, which is doubled within; another one at a semicolon or a blank, whatever else is in it.
    private static readonly Regex Assignments = new("""(\b(?:password|passwd|pwd|psw|client_secret|x-[\w-]*api-key)\s*=\s*)(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;\s]+)""", Linear);
    private static readonly Regex Uris = new(@"(://[^/\s:@]*:)[^/\s]+@", Linear);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _whole = new(StringComparer.Ordinal);
    private volatile Known _known = new([]);

    public static Masking OfFolder(string secrets)
    {
        var masking = new Masking();
        if (Directory.Exists(secrets))
            // What this user may not see is no reason to break off here: the folder is refused with a sentence when it is opened.
            foreach (var file in Directory.EnumerateFiles(secrets, "*", new EnumerationOptions { IgnoreInaccessible = true }))
                masking.AddOf(file);
        return masking;
    }

    private void AddOf(string file)
    {
        try
        {
            Add(File.ReadAllText(file).Trim());
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's: what this run cannot read it cannot tell either.
        }
    }

    public void Add(string secret)
    {
        lock (_gate)
        {
            if (secret.Length == 0 || !_whole.Add(secret))
                return;
            // The longest first, or a part of it would stay behind.
            _known = new([.. _whole
                .SelectMany(value => new[] { value, Uri.EscapeDataString(value) })
                .Where(value => value.Length >= ShortestToSearch)
                .Distinct(StringComparer.Ordinal)
                .OrderByDescending(value => value.Length)]);
        }
    }

    /// <summary>The password of a connection string or a URI that was given from outside, in the ways in which it may be written.</summary>
    public void AddFrom(string connectionString)
    {
        if (Uri.TryCreate(connectionString, UriKind.Absolute, out var address))
        {
            var password = address.UserInfo.Split(':', 2) is [_, var written] ? written : "";
            Add(password);
            Add(Uri.UnescapeDataString(password));
            return;
        }

        try
        {
            var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
            foreach (var name in (string[])["Password", "PWD", "PSW"])
                if (parts.TryGetValue(name, out var value) && value.ToString() is { } password)
                {
                    Add(password);
                    // As it stands in a connection string when it has to be quoted.
                    Add(password.Replace("\"", "\"\"", StringComparison.Ordinal));
                    Add(password.Replace("'", "''", StringComparison.Ordinal));
                }
        }
        catch (ArgumentException)
        {
            // No connection string: who reads it says so.
            Add(connectionString);
        }
    }

    public string Hide(string text)
    {
        var known = _known;
        if (text.AsSpan().ContainsAny(known.Search))
            foreach (var secret in known.Secrets)
                text = text.Replace(secret, Mask, StringComparison.Ordinal);
        if (text.Contains('=', StringComparison.Ordinal))
            text = Assignments.Replace(text, $"$1{Mask}");
        return text.Contains("://", StringComparison.Ordinal) ? Uris.Replace(text, $"$1{Mask}@") : text;
    }

    /// <summary>The value of a variable: hidden whole when it is a secret or its name says so.</summary>
    public string HideVariable(string name, string value) => value.Length > 0 && (IsSecret(value) || SecretNames.IsMatch(name)) ? Mask : Hide(value);

    private bool IsSecret(string value)
    {
        lock (_gate)
            return _whole.Contains(value);
    }

    private sealed record Known(IReadOnlyList<string> Secrets)
    {
        public SearchValues<string> Search { get; } = SearchValues.Create([.. Secrets], StringComparison.Ordinal);
    }
}
