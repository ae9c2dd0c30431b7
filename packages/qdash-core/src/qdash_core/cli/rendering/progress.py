"""Showing how far a long piece of work is: a bar with the time left on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from qdash_core.cli.rendering.output import console_on_stderr

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress as Bar

_PLAIN_EVERY_S = 5.0
_DRAWN_EVERY_S = 0.1


class Progress:
    """Shows on standard error what is being done, how much of it is done, and how long the rest will take."""

    def __init__(self) -> None:
        self._bar: Bar | None = None
        self._began = self._shown = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bar

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, TextColumn("left"), console=console_on_stderr(), transient=True)
            self._bar.add_task("", total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Say that `done` of `total` things are done (None: nobody knows how many there are)."""
        now = time.monotonic()
        if now - self._shown < (_DRAWN_EVERY_S if self._bar else _PLAIN_EVERY_S):
            return
        self._shown = now
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total, description=stage)
            return
        left = "" if total is None else f"/{total}, {(now - self._began) / done * (total - done):.0f} s left"
        with suppress(OSError):  # who stops watching does not stop the work
            click.echo(f"{stage}: {done}{left}", err=True)
