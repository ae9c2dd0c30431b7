"""Progress of a long command: a bar with the time left on a terminal, an occasional line elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_cli.rendering.bar import Bar, BarState, format_time_left
from qdash_core.runs.pace import Pace

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_PLAIN_EVERY_S = 5.0


class ProgressBar:
    """Progress bar of a long operation, with the current step and the time left, on standard error."""

    def __init__(self) -> None:
        self._bar = Bar(lambda: self._shown)
        self._shown = BarState("")
        self._pace = Pace()
        self._last_printed = time.monotonic()

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)

    def __call__(self, stage: str, done: int, total: int | None = None) -> None:
        """Show that `done` of `total` items are finished; `total` is None if unknown."""
        now = time.monotonic()
        if total != self._shown.total or done < self._shown.done:  # other items, which take other times
            self._pace = Pace()
        self._pace.record(now, done)
        left_s = None if total is None else self._pace.estimate_left_s(total - done, now)
        self._shown = BarState(stage, done, total, format_time_left(left_s))
        if not self._bar.drawn and now - self._last_printed >= _PLAIN_EVERY_S:
            self._last_printed = now
            self._bar.print_line(f"{stage}: {self._shown.numbers}")
