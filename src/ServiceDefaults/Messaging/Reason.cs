using System.Text.Json;

namespace Ntm.ServiceDefaults.Messaging;

/// <summary>Why a message could not be taken in, in one line that the store keeps and a terminal shows.</summary>
internal static class Reason
{
    private const int Longest = 4_000;

    /// <summary>Kind and words of the fault that tells most.</summary>
    public static string Of(Exception fault)
    {
        var telling = Telling(fault);
        return Line($"{telling.GetType().Name}: {telling.Message}");
    }

    /// <summary>The innermost fault, which is the cause; of JSON that cannot be read the outer one, which names the place.</summary>
    public static Exception Telling(Exception fault)
    {
        while (fault is { InnerException: { } inner } and not JsonException) fault = inner;
        return fault;
    }

    public static string Line(string words)
    {
        var line = string.Concat(words.ReplaceLineEndings(" ").Where(c => c != '\0').Select(c => char.IsControl(c) ? ' ' : c));
        if (line.Length <= Longest) return line;
        return line[..(char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
