using System.Diagnostics;
using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>Tells the person at the terminal what happens, with the seconds since the start.</summary>
internal sealed class Narrator(TextWriter output, TextWriter errors)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public Narrator()
        : this(Console.Out, Console.Error)
    {
    }

    public string Elapsed => string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_start).TotalSeconds:0.0} s");

    public bool Silent { get; set; }

    public void Say(string sentence)
    {
        if (!Silent)
            Tell($"{Elapsed,8}  {sentence}");
    }

    public void Say(string resource, string state) => Say($"{resource,-22} {state}");

    /// <summary>One line as it is.</summary>
    public void Tell(string line) => Write(output, line);

    /// <summary>Why the run ends.</summary>
    public void Complain(string sentence) => Write(errors, sentence);

    private static void Write(TextWriter to, string line)
    {
        try
        {
            to.WriteLine(line);
        }
        catch (IOException)
        {
            // The terminal may be a file on a full disk: that costs the line, and nothing that is watched.
        }
    }
}
