"""Progress bar on a terminal: messages appear above it as whole lines, and the bar is removed at the end."""

from __future__ import annotations

import logging
import os
import pty
import re
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from qdash_cli.rendering.bar import Bar, BarState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ERASED = re.compile(r"(?:\r|\x1b\[1A)*\x1b\[2K")


class Screen:
    """A terminal for standard error, with its output."""

    def __init__(self) -> None:
        self.reading, writing = pty.openpty()
        attributes = termios.tcgetattr(writing)
        attributes[1] &= ~termios.OPOST
        termios.tcsetattr(writing, termios.TCSANOW, attributes)
        self.stream = os.fdopen(writing, "w", encoding="utf-8")

    def __enter__(self) -> None:
        # Created within a test, since pytest replaces the stream outside of it.
        self._before, sys.stderr = sys.stderr, self.stream

    def __exit__(self, *_: object) -> None:
        assert sys.stderr is self.stream, "it was given back"
        sys.stderr = self._before

    def written(self) -> str:
        self.stream.flush()
        os.set_blocking(self.reading, False)
        found = b""
        try:
            while part := os.read(self.reading, 65_536):
                found += part
        except BlockingIOError:
            pass
        return found.decode()

    def lines(self) -> list[str]:
        """Return the lines finally visible above the cursor; none may be below it."""
        rows, row, column = [""], 0, 0
        for part in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|\n|\r|[^\x1b\n\r]+", self.written()):
            if part == "\n":
                row += 1
                column = 0  # includes the driver's carriage return
                rows += [""] * (row - len(rows) + 1)
            elif part == "\r":
                column = 0
            elif part.endswith("A"):
                row -= int(part[2:-1] or 1)
            elif part == "\x1b[2K":
                rows[row] = ""
            elif not part.startswith("\x1b"):
                rows[row] = rows[row][:column].ljust(column) + part + rows[row][column + len(part) :]
                column += len(part)
        assert not any(rows[row:])
        return [line.rstrip() for line in rows[:row]]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    made = Screen()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    yield made
    made.stream.close()
    os.close(made.reading)


def draw_bar() -> BarState:
    return BarState("qubit 3: CheckT1 (+2)", 45, 105, "1 min 12 s left")


SAYING: dict[str, Callable[[Bar], object]] = {
    "the one who draws it": lambda bar: bar.print_line("a message"),
    "somebody who prints": lambda _: sys.stderr.write("a message\n"),
    "somebody who writes in pieces": lambda _: [sys.stderr.write(part) for part in ("a ", "mess", "age\n")],
}


@pytest.mark.parametrize("how", SAYING)
def test_what_is_said_stands_above_the_bar_and_of_the_bar_nothing_is_left(screen: Screen, how: str) -> None:
    with screen, Bar(draw_bar) as bar:
        SAYING[how](bar)
        SAYING[how](bar)
    assert screen.lines() == ["a message", "a message"]


def test_what_loggers_say_on_standard_error_stands_above_the_bar(screen: Screen) -> None:
    handler, root = logging.StreamHandler(screen.stream), logging.getLogger()
    root.addHandler(handler)
    try:
        with screen, Bar(draw_bar):
            logging.getLogger("qdash_core").warning("not measured: 2 (status is failed)")
    finally:
        root.removeHandler(handler)
    assert screen.lines() == ["not measured: 2 (status is failed)"]
    assert handler.stream is screen.stream


def test_a_line_that_has_no_end_is_not_lost(screen: Screen) -> None:
    with screen, Bar(draw_bar):
        sys.stderr.write("no end")
    assert screen.lines() == ["no end"]


def test_lines_end_at_spaces_as_wide_as_the_terminal_is(screen: Screen) -> None:
    with screen, Bar(draw_bar) as bar:
        bar.print_line("qubit 4: t2_echo 77(4) us, one_qubit_gate_coherence_limit 0.999793(7)")
    assert screen.lines() == ["qubit 4: t2_echo 77(4) us, one_qubit_gate_coherence_limit", "  0.999793(7)"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_ends_it_the_bar_is_gone_and_the_cursor_there(
    screen: Screen, error: type[BaseException]
) -> None:
    with pytest.raises(error), screen, Bar(draw_bar):
        raise error
    written = screen.written()
    assert written.rindex("\x1b[?25h") > written.rindex("\x1b[?25l")
    assert _ERASED.search(written[written.rindex("CheckT1") :])


@pytest.mark.parametrize("width", [12, 30, 56, 116])
def test_the_line_never_fills_the_terminal(width: int) -> None:
    doing, full, empty, numbers = draw_bar().line(width, full="#", empty=".")
    assert len(" ".join(filter(None, (doing, full + empty, numbers)))) <= width or width < len(numbers) + 2
    if width == 116:
        assert (len(full), len(empty)) == (17, 23)


def test_where_there_is_no_terminal_there_are_only_messages(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(draw_bar) as bar:
        bar.print_line("a message")
        assert not bar.drawn
    assert capsys.readouterr().err == "a message\n"
