using System.Globalization;

namespace Ntm.AppHost.Local;

/// <summary>Why the system cannot run, in one plain sentence with the remedy.</summary>
internal sealed class StartFailure(string sentence) : Exception(sentence)
{
    /// <summary>Nothing of the house says more than the system does: a full disk, a folder of somebody else, a broken file.</summary>
    public static StartFailure OfFolder(string folder, Exception reason) => new(
        $"The data folder {folder} cannot be used ({reason.Message.TrimEnd('.')}): see to its free space and its rights, or set NTM_DATA to another folder.");

    /// <summary>A step says itself why it failed: in its last line.</summary>
    public static StartFailure OfStep(Supervisor step, int code) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{step.Name} did not do its work (exit code {code}): {step.Log.LastLine ?? "it said nothing"} (more in {step.Log.FilePath})"));
}
