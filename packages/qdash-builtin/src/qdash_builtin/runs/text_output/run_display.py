"""Display of a run in progress: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from qdash_builtin.runs.text_output.tally import Tally, format_target
from qdash_cli.rendering.bar import Bar, BarState, format_time_left
from qdash_cli.rendering.output import format_count, format_reasons, format_values
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from qdash_builtin.runs.text_output.tally import StageTally
    from qdash_builtin.runs.views.results import RunResultDocument
    from qdash_core.models.task import TaskResultModel

_PLAIN_EVERY_S = 5.0
_MAX_VALUES = 4
"""Number of values shown for a finished target."""


class RunDisplay:
    """Progress display of one run on standard error. A context manager.

    On a terminal it prints one line for each finished target, above a bar with the current measurement and the time
    left. Elsewhere it prints the same lines, and the progress after each task. Results of `earlier` attempts at a
    resumed run are counted, and not shown again.
    """

    has_begun = False

    def __init__(self, earlier: Sequence[TaskResultModel | RunResultDocument] = ()) -> None:
        self._bar = Bar(self._state)
        self._tally = Tally()
        self._resumed = {result.task_id for result in earlier}
        self._earlier = Counter((result.name, result.qid) for result in earlier)
        self._last_printed = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def began(self, execution_id: str) -> None:
        """Print the id of the execution as soon as it is known."""
        self.has_begun = True
        self._tally.began()
        done = format_count(len(self._resumed), "task")
        self._bar.print_line(
            f"execution {execution_id}{f', resumed: {done} done already' if self._resumed else ''}"
        )

    def waiting(self, why: str) -> None:
        """Print the reason why the run waits."""
        self._bar.print_line(why)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Start counting the results of a planned stage."""
        self._last_printed = time.monotonic()
        stage = self._tally.planned(tasks, [target for group in groups for target in group])
        if not stage.targets:
            self._bar.print_line(f"no target is left for {', '.join(tasks)}")
            return
        done = self._take_earlier(tasks, stage.targets)
        anew = [
            target or "the chip"
            for target in stage.targets
            if any((task, target) not in done for task in tasks)
        ]
        left = f", {len(done)} of {stage.total} done already; measured again: {summarize_names(anew) or 'nothing'}"
        self._bar.print_line(
            f"{format_count(len(tasks), 'task')} on {format_count(len(stage.targets), 'target')} "
            f"in {format_count(len(groups), 'group')}{left if done else ''}"
        )

    def _take_earlier(self, tasks: Sequence[str], targets: Sequence[str]) -> set[tuple[str, str]]:
        """Return the nodes of a plan that have an earlier result; each result counts for one plan only."""
        done = {node for task in tasks for qid in targets if self._earlier[node := (task, qid)] > 0}
        self._earlier.subtract(done)
        return done

    def started(self, task: str, target: str) -> None:
        """Show the current measurement."""
        self._tally.started(task, target)

    def repeating(self, result: TaskResultModel) -> None:
        """Print that a result is measured once more, with the reason."""
        reasons = format_reasons(result.reasons or [result.message])
        self._bar.print_line(f"{format_target(result.qid)}: {result.name}: {reasons}: measured once more")

    def finished(self, result: TaskResultModel) -> None:
        """Count a result, and print its target once that is finished."""
        stage = self._tally.finished(result)
        if stage is not None:
            results = stage.results_of(result.qid)
            if any(one.task_id not in self._resumed for one in results):
                self._bar.print_line(_summarize_target(result.qid, results))
        due = time.monotonic() - self._last_printed >= _PLAIN_EVERY_S
        if not self._bar.drawn and (due or self._tally.is_new(result)):
            self._last_printed = time.monotonic()
            self._print_progress(self._tally.stage)

    def _print_progress(self, stage: StageTally | None) -> None:
        if stage is not None:
            left = self._time_left()
            self._bar.print_line(
                f"{stage.done}/{stage.total} {self._tally.describe_measurement()}{left and f', {left}'}"
            )

    def _state(self) -> BarState:
        stage = self._tally.stage
        if stage is None:
            return BarState("")
        return BarState(self._tally.describe_measurement(), stage.done, stage.total, self._time_left())

    def _time_left(self) -> str:
        return format_time_left(self._tally.left_s())


def _summarize_target(qid: str, results: list[TaskResultModel]) -> str:
    target = format_target(qid)
    for result in results:
        if result.status is TaskStatus.FAILED:
            return f"{target}: {result.name} failed: {result.message}"
    values = {
        name: parameter
        for result in results
        if result.accepted
        for name, parameter in result.output_parameters.items()
    }
    measured = {name: parameter for name, parameter in values.items() if parameter.error is not None}
    shown = [format_values(dict(list((measured or values).items())[-_MAX_VALUES:]))] if values else []
    not_accepted = [_describe_unused_result(result) for result in results if not result.accepted]
    confirmed = [
        f"{result.name} accepted: {format_reasons(result.reasons or ())}"
        for result in results
        if result.accepted and result.reasons
    ]
    return f"{target}: {', '.join(shown + not_accepted + confirmed)}"


def _describe_unused_result(result: TaskResultModel) -> str:
    if result.verdict is None:
        return f"{result.name} {result.status}"
    values = format_values(result.output_parameters)
    return f"{result.name} {result.verdict}, not used: {values}: {format_reasons(result.reasons or ())}"
