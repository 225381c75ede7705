using System.Diagnostics;
using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>Tells the person at the terminal what happens, with the seconds since the start.</summary>
internal sealed class Narrator
{
    private readonly long _start = Stopwatch.GetTimestamp();

    public string Elapsed => string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_start).TotalSeconds:0.0} s");

    public bool Silent { get; set; }

    public void Say(string sentence)
    {
        if (!Silent)
            Console.WriteLine($"{Elapsed,8}  {sentence}");
    }

    public void Say(string resource, string state) => Say($"{resource,-22} {state}");
}
