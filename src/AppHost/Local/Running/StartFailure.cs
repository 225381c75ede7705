namespace Ntm.AppHost.Local;

/// <summary>Why the system cannot run, in one plain sentence with the remedy.</summary>
internal sealed class StartFailure(string sentence) : Exception(sentence);
