"""Printing results: one JSON document, or tables for people."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli.rendering.columns import lay_out

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from qdash_core.documents.base import Document
    from qdash_core.models.chip import ParameterModel

STDOUT = "qdash.stdout"
"""Where a click context keeps the standard output that is for results only."""

_UNLIMITED = 10_000


def emit_json(document: Document | Sequence[Document] | Any) -> None:
    """Print one JSON document on standard output: a document, a list of them, or JSON values."""
    emit(json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _plain(document: Document | Sequence[Document] | Any) -> Any:
    if isinstance(document, (list, tuple)):
        return [_plain(one) for one in document]
    return document.as_json() if hasattr(document, "as_json") else document


def emit(text: str) -> None:
    """Print a result as it is on standard output, also where `--json` keeps everything else away from it."""
    ctx = click.get_current_context(silent=True)
    click.echo(text, file=None if ctx is None else ctx.meta.get(STDOUT), nl=False)


def write_file(path: Path, contents: str | bytes) -> None:
    """Write a file that the user named, whole or not at all.

    Raises
    ------
    InvalidInputError
        If it cannot be written.
    """
    from qdash_core.artifacts.atomic import write_atomically
    from qdash_core.errors import InvalidInputError

    try:
        data = contents if isinstance(contents, bytes) else contents.encode()
        write_atomically(path, lambda file: file.write(data))
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}") from error


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    fold: Collection[str] = (),
    title: str | None = None,
) -> None:
    """Print a table on standard output, as wide as the terminal allows; the columns named in `fold` may be folded."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    lines = lay_out(
        columns,
        [["" if cell is None else str(cell) for cell in row] for row in rows],
        fold=fold,
        width=line_width(sys.stdout),
        rule="─" if encoding.lower().startswith("utf") else "-",
    )
    text = "\n".join([*([f"{title}\n"] if title else []), *lines, ""])
    click.echo(text.encode(encoding, "replace").decode(encoding), nl=False)


def line_width(stream: Any) -> int | None:
    """Return how wide lines may be: what COLUMNS says, else the terminal; None when nothing limits them."""
    if stream.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return shutil.get_terminal_size().columns
    return None


def console_on_stderr() -> Console:
    """Return the console on which progress is shown."""
    from rich.console import Console

    return Console(file=sys.stderr, width=line_width(sys.stderr) or _UNLIMITED, highlight=False)


def counted(number: int, noun: str) -> str:
    """Return `1 group`, `2 groups`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def moment(when: datetime | None, zone: ZoneInfo) -> str:
    """Return a time as people in the configured zone read it; nothing for none."""
    return "" if when is None else when.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def short_moment(when: datetime | None, zone: ZoneInfo) -> str:
    """Return a time for a table, `11-20 17:51` in the configured zone; nothing for none."""
    return "" if when is None else when.astimezone(zone).strftime("%m-%d %H:%M")


def duration(seconds: float) -> str:
    """Return how long something took: `0.4s`, `42s`, `3m12s`, `2h05m`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s"


def counts(tasks: Mapping[str, int], *, flagged: int = 0) -> str:
    """Return `3 completed (1 flagged: not used), 1 failed`."""
    spoken = {state: f"{count} {state}" for state, count in sorted(tasks.items())}
    if flagged:
        spoken["completed"] += f" ({flagged} flagged: not used)"
    return ", ".join(spoken.values()) or "no results"


def quantities(parameters: Mapping[str, ParameterModel]) -> str:
    """Return `t1 81.5(13) us, t2_echo 43.8(16) us`."""
    return ", ".join(
        f"{name} {quantity(known.value, known.error, known.unit)}" for name, known in parameters.items()
    )


def quantity(value: float, error: float | None, unit: str) -> str:
    """Return a value with its error in the usual short form, `4.67123(5) GHz`: the error is of the last digits."""
    unit = f" {unit}" if unit else ""
    if error is None or error <= 0:
        return f"{value:.6g}{unit}"
    decimals = _decimals(error)
    return f"{value:.{decimals}f}({round(error * 10**decimals)}){unit}"


def to_the_digits_of(error: float, value: float) -> str:
    """Return a value with as many decimals as an estimate with this error is given."""
    return f"{value:.{_decimals(error)}f}"


def _decimals(error: float) -> int:
    """Return the decimals that an error deserves: two significant digits when it begins with 1, else one."""
    exponent = math.floor(math.log10(error))
    return max(0, (1 if error < 2 * 10**exponent else 0) - exponent)
