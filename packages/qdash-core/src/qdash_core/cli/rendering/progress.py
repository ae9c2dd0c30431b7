"""Progress of a long command: a bar with the time left on a terminal, an occasional line elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from qdash_core.cli.rendering.bar import Bar, BarState
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_PLAIN_EVERY_S = 5.0


class ProgressBar:
    """Progress bar of a long operation, with the current step and the time left, on standard error."""

    def __init__(self) -> None:
        self._bar = Bar(lambda: self._shown)
        self._shown = BarState("")
        self._began = self._last_printed = time.monotonic()

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
        left = ""
        if total is not None:
            left_s = (now - self._began) / done * (total - done) if done else None
            left = "time left unknown" if left_s is None else f"{format_duration(left_s, whole=True)} left"
        self._shown = BarState(stage, done, total, left)
        if not self._bar.drawn and now - self._last_printed >= _PLAIN_EVERY_S:
            self._last_printed = now
            self._bar.print_line(f"{stage}: {done}{'' if total is None else f'/{total}, {left}'}")
