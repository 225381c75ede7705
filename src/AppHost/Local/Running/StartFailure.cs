using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>Why the system cannot run, in one plain sentence with the remedy.</summary>
internal sealed class StartFailure(string sentence) : Exception(sentence)
{
    /// <summary>A step says itself why it failed: in its last line.</summary>
    public static StartFailure OfStep(Supervisor step, int code) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{step.Name} did not do its work (exit code {code}): {step.Log.LastLine ?? "it said nothing"} (more in {step.Log.FilePath})"));
}
