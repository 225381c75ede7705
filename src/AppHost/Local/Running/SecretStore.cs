using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Ntm.AppHost.Local;

/// <summary>Passwords: given by <c>Parameters:{name}</c>, else generated at the first start; kept in <c>secrets/</c> (mode 600).</summary>
internal sealed class SecretStore(string dataFolder, IConfiguration configuration)
{
    // Beside letters and digits; none that ends or quotes a value somewhere on its way (connection string, broker's file, form, header).
    private const string Signs = "!()*-./<>?@[]^_{|}~";

    // No character that a connection string, a URI or a configuration file would have to escape.
    private const string Alphabet = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>The servers take these when their data are made, and never again.</summary>
    private static readonly string[] TakenOnce = ["postgres-password", "rabbitmq-password"];

    /// <summary>Every secret that was read is hidden in what leaves the run; those of the folder are known from the start.</summary>
    public Masking Masking { get; } = Masking.OfFolder(Path.Combine(dataFolder, "secrets"));

    /// <summary>What was given from outside, which every reader on its way must take as it is.</summary>
    public static string? Configured(IConfiguration configuration, string name)
    {
        var given = Given(configuration, name);
        return given is null || (given.Length > 0 && given.Trim() == given && given.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == ' ' || Signs.Contains(sign, StringComparison.Ordinal)))
            ? given
            : throw new StartFailure($"The parameter '{name}' cannot be taken as it is: allowed are letters (A to Z, a to z), digits, blanks within and {Signs}; set Parameters__{name.Replace('-', '_')} to such a value, or leave it out.");
    }

    /// <summary>Refuses what is given and cannot be taken, before anything is done in reliance on it.</summary>
    public static void MustTakeAll(IConfiguration configuration)
    {
        foreach (var parameter in configuration.GetSection("Parameters").GetChildren())
            Configured(configuration, parameter.Key);
    }

    public string PathOf(string name) => Path.Combine(dataFolder, "secrets", name);

    public string Read(string name, bool mayGenerate)
    {
        var value = Find(name, mayGenerate);
        if (mayGenerate)
            Masking.Add(value);
        return value;
    }

    private static string? Given(IConfiguration configuration, string name) =>
        configuration[$"Parameters:{name}"] ?? configuration[$"Parameters:{name.Replace('-', '_')}"];

    private string Find(string name, bool mayGenerate)
    {
        var kept = File.Exists(PathOf(name)) ? File.ReadAllText(PathOf(name)).Trim() : null;
        // What the data were made with was good enough, whatever is asked of a new one.
        if (kept is not null && kept == Given(configuration, name)?.Trim())
            return kept;
        if (Configured(configuration, name) is { } given)
        {
            if (kept is not null && TakenOnce.Contains(name))
                throw new StartFailure($"The parameter '{name}' is not the password that the data in {dataFolder} were made with (secrets/{name}): leave Parameters__{name.Replace('-', '_')} out.");
            // Commands on the running system know it from its file, as they know the others.
            if (mayGenerate)
                PrivateFile.Write(PathOf(name), given);
            return given;
        }

        if (kept is not null)
            return kept;
        if (!mayGenerate)
            throw new StartFailure($"The parameter '{name}' has no value: set Parameters__{name.Replace('-', '_')}.");

        var secret = RandomNumberGenerator.GetString(Alphabet, 32);
        PrivateFile.Write(PathOf(name), secret);
        return secret;
    }
}
