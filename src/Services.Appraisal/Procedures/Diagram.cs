namespace Ntm.Appraisal.Procedures;

/// <summary>A procedure as a Mermaid state diagram: states, the steps between them, and what is recorded or done on paper beside them.</summary>
public static class Diagram
{
    public const string MediaType = "text/vnd.mermaid";

    public static string Of(Procedure procedure, bool english)
    {
        string Name(string vi, string en) => Plain(english ? en : vi);
        List<string> lines = ["stateDiagram-v2"];
        foreach (var state in procedure.States) lines.Add($"    state \"{Name(state.NameVi, state.NameEn)}\" as {IdOf(state.Id)}");
        foreach (var step in procedure.Steps.Where(s => !s.IsRecorded))
        {
            var name = Name(step.NameVi, step.NameEn);
            foreach (var from in step.From.DefaultIfEmpty())
            {
                var start = from is null ? "[*]" : IdOf(from);
                lines.Add($"    {start} --> {IdOf(step.To)} : {name}");
                if (step.RefusedTo is { } refused) lines.Add($"    {start} --> {IdOf(refused)} : {name} ({(english ? "refused" : "không đạt")})");
            }
        }

        foreach (var state in procedure.States.Where(s => s.End)) lines.Add($"    {IdOf(state.Id)} --> [*]");
        var beside = procedure.Steps.Where(s => s.IsRecorded).SelectMany(s => s.From.Select(state => (State: state, Line: $"{(english ? "recorded" : "ghi nhận")}: {Name(s.NameVi, s.NameEn)}")))
            .Concat((procedure.PaperSteps ?? []).Select(p => (State: StateOf(procedure, p), Line: $"{(english ? "on paper" : "trên giấy")}: {Name(p.NameVi, p.NameEn)}")));
        foreach (var state in beside.GroupBy(b => b.State, StringComparer.Ordinal))
        {
            lines.Add($"    note right of {IdOf(state.Key)}");
            lines.AddRange(state.Select(b => $"        {b.Line}"));
            lines.Add("    end note");
        }

        return string.Join('\n', lines) + '\n';
    }

    /// <summary>The state in which a paper step happens: the one that the last command before it leads to, else the first.</summary>
    private static string StateOf(Procedure procedure, PaperStep paper)
    {
        (string Id, IReadOnlyList<string> After)[] beside =
            [.. (procedure.PaperSteps ?? []).Select(p => (p.Id, p.After)), .. procedure.Steps.Where(s => s.IsRecorded).Select(s => (s.Id, s.After ?? []))];
        HashSet<string> before = [.. paper.After];
        while (beside.Where(p => before.Contains(p.Id)).SelectMany(p => p.After).Any(before.Add))
        {
        }

        return (procedure.Steps.LastOrDefault(s => !s.IsRecorded && before.Contains(s.Id)) ?? procedure.Step(StepIds.Open)!).To;
    }

    private static string IdOf(string id) => id.Replace('-', '_').Replace('/', '_');

    /// <summary>Quotes and breaks would end the text; a semicolon ends a statement, a colon its name.</summary>
    private static string Plain(string text) => text.Replace('"', '\'').Replace('\n', ' ').Replace(';', ',').Replace(':', ',');
}
