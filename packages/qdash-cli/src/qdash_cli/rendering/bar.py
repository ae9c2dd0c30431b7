"""Progress bar on standard error; other output appears above it, and it vanishes at the end."""

from __future__ import annotations

import io
import logging
import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_cli.rendering.wrapping import get_line_width, replace_control_characters, wrap_lines
from qdash_core.models.times import format_duration
from qdash_core.process.interrupts import block_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self, TextIO

    from rich.console import Console
    from rich.text import Text

_FREE_COLUMNS = 4
"""Columns at the right that stay empty: a terminal writes `^C` there, which must not wrap."""
_MAX_LENGTH, _MIN_LENGTH = 40, 6
"""Longest and shortest bar in characters; without room for the shortest the bar is left out."""
_DRAWN_PER_S = 8


@dataclass(frozen=True, slots=True)
class BarState:
    """Content of the bar.

    `doing` is the current operation. The total is None if unknown; the time left is in words, empty if unknown.
    """

    doing: str
    done: int = 0
    total: int | None = None
    left: str = ""

    @property
    def numbers(self) -> str:
        """The numbers of items, and the time left."""
        counted = f"{self.done}" if self.total is None else f"{self.done}/{self.total}"
        return ", ".join(filter(None, (counted if self.total or self.done else "", self.left)))

    def line(self, width: int, *, full: str, empty: str) -> tuple[str, str, str, str]:
        """Return the operation, the full and the empty part of the bar, and the numbers, for one line."""
        numbers = self.numbers
        room = width - len(numbers) - 2
        doing = self.doing if len(self.doing) <= room else f"{self.doing[: max(0, room - 1)]}…"
        size = min(_MAX_LENGTH, room - len(doing) - 1)
        if size < _MIN_LENGTH or not self.total:
            return doing, "", "", numbers
        filled = min(size, size * self.done // self.total)
        return doing, full * filled, empty * (size - filled), numbers


def format_time_left(left_s: float | None) -> str:
    """Return the time left in words; empty for None."""
    return "" if left_s is None else f"{format_duration(left_s, whole=True)} left"


class Bar:
    """Live line at the bottom of standard error, if that is a terminal. A context manager.

    `state` returns the content to draw; it is called from a thread.
    """

    def __init__(self, state: Callable[[], BarState]) -> None:
        self._state = state
        self._terminal = sys.stderr
        self._console: Console | None = None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._terminal = sys.stderr
        if self._terminal.isatty():
            with block_ctrl_c(), ExitStack() as opened:
                opened.enter_context(self._draw())
                self._open = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with block_ctrl_c():  # a bar that is only partly removed leaves the terminal without a cursor
            self._open.close()

    @property
    def drawn(self) -> bool:
        """True if standard error is a terminal and the bar is drawn."""
        return self._console is not None

    def print_line(self, line: str) -> None:
        """Print a line above the bar. A full disk does not stop the work."""
        with suppress(OSError):
            text = wrap_lines(replace_control_characters(line), get_line_width(self._terminal))
            print(text, file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def _draw(self) -> Iterator[None]:
        from rich.console import Console
        from rich.live import Live

        terminal = self._terminal
        self._console = console = Console(file=terminal, highlight=False)
        live = Live(
            console=console,
            get_renderable=lambda: self._text(console),
            refresh_per_second=_DRAWN_PER_S,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with live, _redirect_output_above(terminal, console):
            yield

    def _text(self, console: Console) -> Text:
        from rich.text import Text

        plain = not console.encoding.lower().startswith("utf")
        full, empty = ("#" if plain else "━"), (" " if console.color_system is None or plain else "━")
        width = max(1, (get_line_width(self._terminal) or 0) - _FREE_COLUMNS)
        doing, done, rest, numbers = self._state().line(width, full=full, empty=empty)
        parts = [(doing, ""), (done, "bar.complete"), (rest, "bar.back"), (numbers, "")]
        return Text.assemble(
            *((part, style) for part, style in _insert_spaces(parts)), no_wrap=True, overflow="crop"
        )


def _insert_spaces(parts: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    doing, done, rest, numbers = parts
    yield doing
    if done[0] or rest[0]:
        yield " ", ""
        yield done
        yield rest
    if numbers[0]:
        yield " ", ""
        yield numbers


class _LinesAboveBar(io.TextIOBase):
    """Replacement of standard error while the bar is drawn: writes whole lines above the bar."""

    def __init__(self, terminal: TextIO, console: Console) -> None:
        self._terminal, self._console, self._unfinished = terminal, console, ""

    def write(self, text: str) -> int:
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        if lines:
            # One call, so that no output of another thread comes in between.
            self._console.out(wrap_lines("\n".join(lines), get_line_width(self._terminal)), highlight=False)
        return len(text)

    def flush(self) -> None:
        self._terminal.flush()

    def end(self) -> None:
        """Write the last, unfinished line."""
        if self._unfinished:
            self.write("\n")

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._terminal.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._terminal.encoding


@contextmanager
def _redirect_output_above(terminal: TextIO, console: Console) -> Iterator[None]:
    """Print all text for standard error, including log lines, above the bar."""
    above = _LinesAboveBar(terminal, console)
    handlers = [
        one
        for one in logging.getLogger().handlers
        if isinstance(one, logging.StreamHandler) and one.stream is terminal
    ]
    shared = sys.stdout if sys.stdout.isatty() else None
    for handler in handlers:
        handler.setStream(above)
    sys.stderr = above
    if shared is not None:
        sys.stdout = above
    try:
        yield
    finally:
        sys.stderr = terminal
        if shared is not None:
            sys.stdout = shared
        for handler in handlers:
            handler.setStream(terminal)
        above.end()
