"""Showing a run while it goes on: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from qdash_core.cli.rendering.output import console_on_stderr, counted, quantities
from qdash_core.models.task import TaskStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from qdash_core.models.task import TaskResultModel

_PLAIN_EVERY_S = 5.0
_SHOWN = 4
"""Values shown when a target is through."""


class Watcher:
    """Shows one run on standard error. A context manager.

    On a terminal: one line a target as soon as it is through, above a bar with the time left. Elsewhere: the same
    lines, and every few seconds how far the run is.

    Parameters
    ----------
    earlier : sequence of TaskResultModel
        What is done already of a run that is resumed. It is counted, and not shown again.
    """

    def __init__(self, earlier: Sequence[TaskResultModel] = ()) -> None:
        self._console = console_on_stderr()
        self._bar: Bar | None = None
        self._bar_task: TaskID | None = None
        self._began = self._last_plain = time.monotonic()
        self._total = self._done = self._measured = 0
        self._resumed = {result.task_id for result in earlier}
        self._earlier = Counter((result.name, result.qid) for result in earlier)
        self._left: Counter[str] = Counter()
        self._results: dict[str, list[TaskResultModel]] = {}

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("left"),
                console=self._console,
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def began(self, execution_id: str) -> None:
        """Say the id as soon as there is one."""
        done = counted(len(self._resumed), "task")
        self._say(f"execution {execution_id}{f', resumed: {done} done already' if self._resumed else ''}")

    def waiting(self, why: str) -> None:
        """Say what the run waits for."""
        self._say(why)

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Begin to count."""
        self._began = self._last_plain = time.monotonic()
        self._left = Counter({qid: len(tasks) for group in groups for qid in group})
        self._total, self._done, self._measured = self._left.total(), 0, 0
        self._results = {}
        if self._bar is not None:
            if self._bar_task is not None:
                self._bar.remove_task(self._bar_task)
            self._bar_task = self._bar.add_task("", total=self._total)
        if not self._left:
            self._say(f"no target is left for {', '.join(tasks)}")
            return
        done = self._done_already(tasks)
        self._say(
            f"{counted(len(tasks), 'task')} on {counted(len(self._left), 'target')} "
            f"in {counted(len(groups), 'group')}"
            f"{f', {done} of {self._total} done already' if done else ''}"
        )

    def _done_already(self, tasks: Sequence[str]) -> int:
        """Count what is done already of a plan; a later plan with the same task on the same target has another result."""
        done = [node for name in tasks for qid in self._left if self._earlier[node := (name, qid)] > 0]
        self._earlier.subtract(done)
        return len(done)

    def finished(self, result: TaskResultModel) -> None:
        """Count a result, and show its target once it is through."""
        self._done += 1
        self._measured += result.task_id not in self._resumed
        self._results.setdefault(result.qid, []).append(result)
        self._left[result.qid] -= 1
        if self._left[result.qid] == 0:
            results = self._results.pop(result.qid)
            if any(one.task_id not in self._resumed for one in results):
                self._say(_summary(result.qid, results))
        if self._bar is not None and self._bar_task is not None:
            self._bar.update(self._bar_task, advance=1, description=result.name)
        elif time.monotonic() - self._last_plain >= _PLAIN_EVERY_S:
            self._last_plain = time.monotonic()
            left = f", {self._time_left():.0f} s left" if self._measured else ""
            self._say(f"{self._done}/{self._total} {result.name}{left}")

    def _time_left(self) -> float:
        return (time.monotonic() - self._began) / self._measured * (self._total - self._done)

    def _say(self, line: str) -> None:
        """Show a line. Who stops watching, as `2>&1 | head` does, does not stop the run."""
        if self._bar is not None:
            self._console.print(line, markup=False, soft_wrap=True)
            return
        with suppress(OSError):
            click.echo(line, err=True)


def _summary(qid: str, results: list[TaskResultModel]) -> str:
    target = f"{'coupling' if '-' in qid else 'qubit'} {qid}" if qid else "chip"
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
    shown = [quantities(dict(list((measured or values).items())[-_SHOWN:]))] if values else []
    not_accepted = [_not_accepted(result) for result in results if result.verdict is not Verdict.ACCEPTED]
    return f"{target}: {', '.join(shown + not_accepted)}"


def _not_accepted(result: TaskResultModel) -> str:
    if result.verdict is None:
        return f"{result.name} {result.status}"
    values = quantities(result.output_parameters)
    return f"{result.name} {result.verdict}, not used: {values}: {'; '.join(result.reasons)}"
