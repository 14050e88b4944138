"""Run folders of a model's stages, side by side: filled, compared, said."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derender.core.pictures import write_whole

from ._bench_ablation import Asking
from ._bench_rows import Results, Run, key_of, package_of
from ._bench_table import interval
from ._exits import one_line
from ._files import Names
from ._output import Output, mark, style
from ._run_folder import RunFolder, kept_rows

if TYPE_CHECKING:
    from derender.agents import Round
    from derender.benchmarks.vision2code import DomainMap
    from derender.benchmarks.vision2code.ablations.scaling import Scaled, Scaling
    from derender.benchmarks.vision2code.scoring import Scored, Task


class Stages:
    """The run folders of all stages, filled side by side.

    Args:
        stack: closes the folders.
        home: the folder that they lie in.
        tasks: the samples, in order.
        how: stages and policy.
        asking: who writes and who rates.
        keys: those of `keys_of`.
        out: where samples are said.
    """

    def __init__(
        self,
        stack: ExitStack,
        home: Path,
        tasks: "Sequence[Task]",
        how: "Scaling",
        asking: Asking,
        keys: Mapping[str, Mapping[str, str]],
        out: Output,
    ) -> None:
        self._tasks = tasks
        self._how = how
        self._asking = asking
        self._out = out
        self._home = home
        names = Names()
        self._stems = {task.sample.question_folder: names.claim(task.sample.question_folder) for task in tasks}
        for folder in ("reply", "rounds"):
            (home / folder).mkdir(exist_ok=True)
        self._folders: dict[str, RunFolder] = {}
        self._results: dict[str, Results] = {}
        for view, own in keys.items():
            self._folders[view] = stack.enter_context(RunFolder(home / view, list(own.values())))
            self._results[view] = Results(None, self._folders[view], tasks, own)

    @property
    def resumed(self) -> bool:
        """Whether an earlier run made any of it."""
        return any(folder.kept for folder in self._folders.values())

    def rows(self) -> dict[str, list[Mapping[str, Any]]]:
        """All rows of each view."""
        return {view: results.in_order() for view, results in self._results.items()}

    def describe(self, benchmark: str, split: str) -> None:
        """Say in each folder what it is.

        Raises:
            InfraError: it can't be written.
        """
        model, judge = self._asking.names
        how = self._how
        settings: dict[str, Any] = {"mode": how.policy.value, "stages": how.stages, **package_of(self._tasks, split)}
        if how.policy == "fixed":
            settings |= {"accept_by": how.accept_by, "tokens": how.tokens, "deadline_s": how.deadline_s}
        for view, folder in self._folders.items():
            Run(benchmark, split, f"{model}, {words_of(view)}", judge, {**settings, "view": view}).write(folder)

    def again(self, task: "Task") -> bool:
        """Whether an earlier run made all stages of a sample; else what it made is taken over all the same."""
        kept = [results.again(task) for results in self._results.values()]
        if all(kept):
            self._say(task)
        return all(kept)

    def add(self, task: "Task", made: "Scaled") -> None:
        """Take over what came of a sample.

        Raises:
            InfraError: it can't be written.
        """
        for view, results in self._results.items():
            if results.lacks(task):
                results.add(made.views[view])
        if made.trajectory:
            self._keep_rounds(self._stems[task.sample.question_folder], made)
        self._say(task)

    def _keep_rounds(self, stem: str, made: "Scaled") -> None:
        """Write what the model said, as a replay finds it, and what the loop made of it."""
        assert made.trajectory is not None
        rows = []
        for each, scored in zip(made.trajectory.rounds, made.rounds, strict=True):
            name = stem if each.number == 1 else f"{stem}~{each.number}"
            write_whole(self._home / "reply" / f"{name}.txt", each.reply.encode("utf-8", "replace"))
            rows.append(_round(each, scored))
        told = {"stop": made.trajectory.stop, "why": made.trajectory.why, "rounds": rows}
        write_whole(self._home / "rounds" / f"{stem}.json", (json.dumps(told, indent=1) + "\n").encode())

    def finish(self, domains: "DomainMap") -> dict[str, Any]:
        """Put all rows in order, and write the tables.

        Raises:
            InfraError: they can't be written.
        """
        from derender.benchmarks.vision2code.ablations.stage_table import stage_table

        table = stage_table(self.rows(), domains)
        for view, folder in self._folders.items():
            folder.put_in_order()
            folder.write("summary.json", json.dumps(table["stages"][view], indent=1) + "\n")
        write_whole(self._home / "summary.json", (json.dumps(table, indent=1) + "\n").encode())
        return table

    def _say(self, task: "Task") -> None:
        name = task.sample.question_folder
        rows = {view: results.row(task) for view, results in self._results.items()}
        rated = all(row["dropped"] in {None, "not_judged"} for row in rows.values())
        finals = " → ".join(_final(row) for row in rows.values())
        brief = {view: {mode: row[mode] for mode in ("official", "fixed", "dropped")} for view, row in rows.items()}
        line = f"{mark(rated)} {one_line(name)}  {finals}"
        self._out.result({"question_folder": name, "views": brief}, line, ok=rated)


def keys_of(tasks: "Sequence[Task]", how: "Scaling", asking: Asking) -> dict[str, dict[str, str]]:
    """View → sample → a key that is equal exactly when what comes of it must be."""
    return {view: {task.sample.question_folder: _key(task, how, asking, view) for task in tasks} for view in how.views}


def is_done(home: Path, keys: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether an earlier run into the folder made all stages of all samples."""
    return all(len(kept_rows(home / view, list(own.values()))) == len(own) for view, own in keys.items())


def _key(task: "Task", how: "Scaling", asking: Asking, view: str) -> str:
    from derender.benchmarks.vision2code.ablations.scaling import Policy, scaling_digest
    from derender.render.machine import code

    said: list[object] = [
        asking.writer.model.identity,
        scaling_digest(how.policy),
        how.sampling.parameters(),
        how.policy,
        view,
    ]
    if how.policy is Policy.FIXED:
        import derender

        agents = code(Path(derender.__file__).parent / "agents")
        said += [agents, how.accept_by, how.tokens, how.deadline_s, "" if view.startswith("stage") else how.stages]
    return key_of(task, asking.rater, plain=asking.plain, asked=[json.dumps(said, sort_keys=True)])


def _round(made: "Round", scored: "Scored") -> dict[str, Any]:
    from derender.models.records import usage_row

    finals = {"official": scored.official, "fixed": scored.fixed}
    return {
        "round": made.number,
        "accepted": made.accepted,
        "why": made.why,
        "score": made.score.value if made.score else None,
        "prompt": made.prompt,
        "request": made.request,
        "render_status": scored.drawn.status if scored.drawn else None,
        "dropped": scored.dropped,
        **{mode: rating.final if rating else None for mode, rating in finals.items()},
        "usage": usage_row(made.usage),
    }


def words_of(view: str) -> str:
    return f"stage {view[5:]}" if view.startswith("stage") else view


def _final(row: Mapping[str, Any]) -> str:
    if row["official"] is None:
        return "–"
    return f"{row['official']['final_rating_0_to_5']:.1f}" if row["render_success"] else "failed"


def stage_lines(table: Mapping[str, Any]) -> Iterator[str]:
    """The table as people read it."""
    yield ""
    yield style(f"{'':<8}  rated  drawn  macro  against stage 1, by the official formula", dim=True)
    for view, each in table["stages"].items():
        headline = each["official"]["benchmark_score_0_to_5"]
        macro = "–" if headline is None else f"{headline:.3f}"
        found = table["against_stage1"].get(view, {}).get("official")
        counts = f"{each['rated']:>5}  {each['render_success']['ok']:>5}  {macro:>5}"
        yield f"{words_of(view):<8}  {counts}  {_against(found)}".rstrip()
    for view, each in table["stages"].items():
        for kind, count in each["dropped"].items():
            left_out = f"left out of means, {words_of(view)}: {count} {kind.replace('_', ' ')}"
            yield style(f"{left_out}, such as: {one_line(each['why'][kind])}", dim=True)


def _against(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    said = {"model_a_higher": "better", "model_b_higher": "worse"}.get(found["verdict"], "no sure difference")
    return f"{interval(found['micro'], 'difference', '+')} a sample: {said}"
