using Ntm.Appraisal.Dossiers;

namespace Ntm.Appraisal.Procedures;

/// <summary>Where the steps of a procedure lead, and that every dossier comes to an end.</summary>
public static partial class ProcedureCheck
{
    /// <summary>How far a dossier has come: its state, and what it has taken on its way there.</summary>
    private sealed class Way(string state, IEnumerable<string> taken)
    {
        public string State { get; } = state;

        public HashSet<string> Taken { get; } = new(taken, StringComparer.Ordinal);

        public bool Has(IEnumerable<string>? steps) => steps?.All(Taken.Contains) != false;
    }

    private static IEnumerable<string> Targets(ProcedureStep step) => step.RefusedTo is { } refused ? [step.To, refused] : [step.To];

    private static void CheckReach(Procedure procedure, Places at)
    {
        // What is recorded or on paper among itself first, as if every command were taken: what is wrong is told where it stands, not where it shows.
        (string Id, IReadOnlyList<string> After, string Place)[] beside =
        [
            .. procedure.Steps.Select((s, i) => (Step: s, Place: $"steps[{i}].after")).Where(s => s.Step.IsRecorded).Select(s => (s.Step.Id, s.Step.After ?? [], s.Place)),
            .. (procedure.PaperSteps ?? []).Select((s, i) => (s.Id, s.After, $"paper_steps[{i}].after")),
        ];
        var written = procedure.Steps.Where(s => !s.IsRecorded).Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        while (Array.Exists(beside, s => s.After.All(written.Contains) && written.Add(s.Id)))
        {
        }

        foreach (var (_, after, place) in beside) Places.Each(after, place, (id, where) => at.Demand(written.Contains(id), where, $"\"{id}\" comes later"));

        var ways = WaysOf(procedure);
        Places.Each(procedure.Steps, "steps", (step, place) =>
        {
            Way[] there = [.. ways.Where(w => step.From.Contains(w.State))];
            if (there.Length > 0) CheckAfter(step.After ?? [], there, place);
        });
        Places.Each(procedure.States, "states", (state, place) => at.Demand(ways.Exists(w => w.State == state.Id), place, $"\"{state.Id}\" is reached by no step"));
        Places.Each(procedure.PaperSteps ?? [], "paper_steps", (paper, place) => CheckAfter(paper.After, [.. ways], place));
        Places.Each(procedure.States, "states", (state, place) =>
        {
            var leads = procedure.StepsFrom(state.Id).Any(s => !s.IsRecorded);
            at.Demand(leads || state.End, place, $"\"{state.Id}\" is a dead end: no step leads out and it is no end");
            at.Demand(!leads || !state.End, place, $"\"{state.Id}\" is an end that a step leads out of");
        });

        var ending = procedure.States.Where(s => s.End).Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        while (procedure.Steps.Where(s => !s.IsRecorded && Targets(s).Any(ending.Contains)).SelectMany(s => s.From).Any(ending.Add))
        {
        }

        Places.Each(procedure.States, "states", (state, place) => at.Demand(ending.Contains(state.Id), place, $"from \"{state.Id}\" no end is reached: a cycle without an exit"));

        void CheckAfter(IReadOnlyList<string> after, Way[] there, string place)
        {
            if (Array.Exists(there, w => w.Has(after))) return;
            Places.Each(after, $"{place}.after", (id, where) => at.Demand(
                Array.Exists(there, w => w.Taken.Contains(id)), where, procedure.Step(id) is { LeadsTo: { } to } && procedure.IsEnd(to) ? $"\"{id}\" ends the dossier" : $"\"{id}\" comes later"));
            at.Demand(false, $"{place}.after", "no one way takes all of them");
        }
    }

    /// <summary>
    /// All ways of a dossier, each with whatever may have been recorded or done on paper on it: a step is reached where a single way comes
    /// to its state and has taken all that comes before it. A way that has taken no more than another to the same state says nothing new.
    /// </summary>
    private static List<Way> WaysOf(Procedure procedure)
    {
        List<Way> ways = [];
        Queue<Way> ahead = new([new(procedure.Step(StepIds.Open)!.To, [StepIds.Open])]);
        while (ahead.TryDequeue(out var way))
        {
            while (procedure.Steps.Any(s => s.IsRecorded && s.From.Contains(way.State) && way.Has(s.After) && way.Taken.Add(s.Id))
                || procedure.PaperSteps?.Any(p => way.Has(p.After) && way.Taken.Add(p.Id)) == true)
            {
            }

            if (ways.Exists(w => w.State == way.State && way.Taken.IsSubsetOf(w.Taken))) continue;
            ways.Add(way);
            foreach (var step in procedure.StepsFrom(way.State).Where(s => !s.IsRecorded && way.Has(s.After)))
                foreach (var to in Targets(step)) ahead.Enqueue(new(to, [.. way.Taken, step.Id]));
        }

        return ways;
    }

    /// <summary>A council that is named votes, named persons alone, and its chair closes the vote.</summary>
    private static void CheckCouncil(Procedure procedure, Places at)
    {
        foreach (var id in (string[])[StepIds.Open, StepIds.Council, StepIds.Votes, StepIds.CloseVotes]) at.Demand(procedure.Step(id) is not null, "steps", $"has no step {id}");
        var (votes, voting) = (procedure.Step(StepIds.Votes)!, procedure.Step(StepIds.Council)!.To);
        Places.Each(procedure.Steps, "steps", (step, place) =>
        {
            if (step.Id is StepIds.Votes or StepIds.CloseVotes)
            {
                at.Demand(step.Persons == (step == votes ? "council" : "chair"), $"{place}.persons", step == votes ? "is not the council, which alone votes" : "is not the chair, who alone closes the vote");
                at.Demand(step.From is [var from] && from == voting, $"{place}.from", $"is not \"{voting}\" alone, to which the council leads");
            }

            if (step == votes) at.Demand(step.To == voting, $"{place}.to", "leads away before all have voted");
            else if (step.Id != StepIds.Council && !step.IsRecorded) at.Demand(!Targets(step).Contains(voting), $"{place}.to", $"\"{voting}\" is reached without a council");
        });
    }

    /// <summary>A step that leads on is limited only as far as nothing leads back to before it as often: else a dossier could not go on.</summary>
    private static void CheckTimes(Procedure procedure, Places at)
    {
        ProcedureStep[] leading = [.. procedure.Steps.Where(s => !s.IsRecorded)];
        Places.Each(procedure.Steps, "steps", (step, place) =>
        {
            if (step.Times?.Value is not { } times || step.IsRecorded || step.Id == StepIds.Return || StepIds.Exits.Contains(step.Id)) return;
            ProcedureStep[] limited = [.. leading.Where(s => s != step && s.Times?.Value is not null)];
            at.Demand(!LeadsTo(step, step.From, leading.Except(limited)), $"{place}.times.value", "a dossier comes back to it as often as it likes, and could not go on");
            var back = limited.Where(s => LeadsTo(step, s.From, leading) && LeadsTo(s, step.From, leading)).Sum(s => (long)s.Times!.Value!.Value);
            at.Demand(times > back, $"{place}.times.value", $"a dossier comes back to it {back} times, and could not go on");
        });

        static bool LeadsTo(ProcedureStep step, IReadOnlyList<string> states, IEnumerable<ProcedureStep> by)
        {
            var reached = Targets(step).ToHashSet(StringComparer.Ordinal);
            while (by.Where(s => s.From.Any(reached.Contains)).SelectMany(Targets).Any(reached.Add))
            {
            }

            return states.Any(reached.Contains);
        }
    }

    /// <summary>
    /// On every day, from wherever a dossier may stand by then, somebody takes steps that lead to an end, be it an exit; a dossier is taken
    /// to have done no more on its way than it surely has. After the procedure's last day no new one is opened, and those that were go on;
    /// where nobody opens any, those of an earlier version may still be moved to it.
    /// </summary>
    private static void CheckDays(Procedure procedure, Places at)
    {
        IEnumerable<DateOnly> changes = procedure.Steps.SelectMany(s => s.Actors ?? []).Select(a => a.From).OfType<DateOnly>().Where(day => day > procedure.ValidFrom);
        List<Way> ways = [];
        foreach (var day in changes.Prepend(procedure.ValidFrom).Distinct().Order())
        {
            var (opens, before) = (procedure.Step(StepIds.Open)!, ways);
            ways = [];
            List<(Way From, Way To)> leads = [];
            Queue<Way> ahead = new();
            foreach (var way in before) Come(way);
            if (procedure.InForce(day) && (opens.TakenBy(day).Roles.Count > 0 || procedure.Transition.Rule == Transition.Transfer)) Come(new(opens.To, [StepIds.Open]));
            while (ahead.TryDequeue(out var way))
            {
                foreach (var step in procedure.StepsFrom(way.State).Where(s => !s.IsRecorded))
                {
                    if (Stops(procedure, step, way, day) is not null) continue;
                    foreach (var to in Targets(step)) leads.Add((way, Come(new(to, [.. way.Taken, step.Id, .. WaitedFor(procedure, step, way, day).Select(s => s.Id)]))));
                }
            }

            var ending = ways.Where(w => procedure.IsEnd(w.State)).ToHashSet();
            while (leads.Exists(l => ending.Contains(l.To) && ending.Add(l.From)))
            {
            }

            if (ways.Exists(w => !ending.Contains(w))) Blame(procedure, [.. ways.Where(w => !ending.Contains(w))], day, at);

            // A way that has taken at least as much as another to the same state can go on wherever that one can.
            Way Come(Way way)
            {
                if (ways.Find(w => w.State == way.State && w.Taken.IsSubsetOf(way.Taken)) is { } known) return known;
                ways.Add(way);
                ahead.Enqueue(way);
                return way;
            }
        }
    }

    /// <summary>Required steps that the dossier has not taken and that somebody takes on the day.</summary>
    private static IEnumerable<ProcedureStep> WaitedFor(Procedure procedure, ProcedureStep step, Way way, DateOnly day) =>
        procedure.RecordedBefore(step).Where(s => s.Required?.Value == true && s.TakenBy(day).Roles.Count > 0 && !way.Taken.Contains(s.Id));

    /// <summary>Where the file keeps the step from being taken on the day, and by what; null where somebody takes it.</summary>
    private static (string Place, string What)? Stops(Procedure procedure, ProcedureStep step, Way way, DateOnly day)
    {
        if (!IsTaken(step)) return ($"steps[{IndexOf(step)}].actors[{step.Actors!.ToList().FindIndex(Covers)}].roles", $"is empty: nobody leads on from \"{way.State}\"");
        if (step.Id == StepIds.CloseVotes && procedure.Step(StepIds.Votes) is { } votes && !IsTaken(votes)) return ($"steps[{IndexOf(votes)}].actors", "nobody votes");
        foreach (var (id, at) in (step.After ?? []).Select((id, at) => (id, at)))
            if (IsMissing(id)) return ($"steps[{IndexOf(step)}].after[{at}]", $"\"{id}\" need not come before \"{way.State}\", and then nothing leads on from there");
        foreach (var waited in WaitedFor(procedure, step, way, day))
        {
            if (!IsTaken(waited) || !waited.From.Contains(way.State) || (waited.After ?? []).Any(IsMissing))
                return ($"steps[{IndexOf(waited)}].required", $"cannot be recorded in \"{way.State}\", where \"{step.Id}\" waits for it");
        }

        return null;

        bool IsTaken(ProcedureStep s) => s.TakenBy(day, way.State).Any(t => t.Roles.Count > 0);

        bool IsMissing(string id) => procedure.Step(id) is { IsRecorded: false } && !way.Taken.Contains(id);

        bool Covers(ActorTerm term) => term.Covers(day) && term.States?.Contains(way.State) != false;

        int IndexOf(ProcedureStep s) => procedure.Steps.ToList().IndexOf(s);
    }

    /// <summary>Names what keeps dossiers from an end: a step on the way before one that leads off it.</summary>
    private static void Blame(Procedure procedure, IReadOnlyList<Way> stuck, DateOnly day, Places at)
    {
        foreach (var step in procedure.Steps.Where(s => !s.IsRecorded).OrderBy(s => StepIds.Exits.Contains(s.Id)))
        {
            foreach (var way in stuck.Where(w => step.From.Contains(w.State)))
                if (Stops(procedure, step, way, day) is var (place, what)) at.Demand(false, place, $"{what} on {day:yyyy-MM-dd}");
        }

        var state = procedure.States.ToList().FindIndex(s => s.Id == stuck[0].State);
        at.Demand(false, $"states[{state}]", $"from \"{stuck[0].State}\" no end is reached on {day:yyyy-MM-dd}: a cycle without an exit");
    }
}
