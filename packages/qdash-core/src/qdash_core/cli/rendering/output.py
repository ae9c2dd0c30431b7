"""Output of results: one JSON document, or tables and messages."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli.rendering.columns import lay_out
from qdash_core.cli.rendering.wrapping import folded, room_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from qdash_core.documents.base import Document
    from qdash_core.models.chip import ParameterModel

_AS_THE_UMASK_SAYS = 0o666
STDOUT = "qdash.stdout"
"""Key of the click context for the standard output that is reserved for results."""


def emit_json(document: Document | Sequence[Document] | Any) -> None:
    """Print one JSON document on standard output: a view model, a list of them, or JSON values."""
    emit(json.dumps(_convert_to_json(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _convert_to_json(document: Document | Sequence[Document] | Any) -> Any:
    if isinstance(document, (list, tuple)):
        return [_convert_to_json(one) for one in document]
    return document.as_json() if hasattr(document, "as_json") else document


def emit(text: str) -> None:
    """Print a result unchanged on standard output, also if `--json` redirects other output."""
    ctx = click.get_current_context(silent=True)
    click.echo(text, file=None if ctx is None else ctx.meta.get(STDOUT), nl=False)


def write_file(path: Path, contents: str | bytes) -> None:
    """Write a file named by the user atomically, with the permissions that the umask leaves.

    Raises
    ------
    InvalidInputError
        If it cannot be written.
    """
    from qdash_core.artifacts.atomic import write_atomically
    from qdash_core.errors import InvalidInputError

    try:
        data = contents if isinstance(contents, bytes) else contents.encode()
        write_atomically(path, lambda file: file.write(data), mode=_AS_THE_UMASK_SAYS)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}") from error


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    fold: Collection[str] = (),
    title: str | None = None,
) -> None:
    """Print a table on standard output, fitted to the terminal; columns named in `fold` may be wrapped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    lines = lay_out(
        columns,
        [["" if cell is None else str(cell) for cell in row] for row in rows],
        fold=fold,
        width=room_of(sys.stdout),
        rule="─" if encoding.lower().startswith("utf") else "-",
    )
    text = "\n".join([*([folded(title, room_of(sys.stdout)), ""] if title else []), *lines, ""])
    click.echo(text.encode(encoding, "replace").decode(encoding), nl=False)


def say(message: str = "", *, err: bool = False) -> None:
    """Print a message, wrapped at spaces to the width of the terminal."""
    click.echo(folded(message, room_of(sys.stderr if err else sys.stdout)), err=err)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 group`, `2 groups`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def counts(tasks: Mapping[str, int], *, flagged: int = 0) -> str:
    """Return the counts by status, such as `3 completed (1 flagged: not used), 1 failed`."""
    spoken = {state: f"{count} {state}" for state, count in sorted(tasks.items())}
    if flagged:
        spoken["completed"] += f" ({flagged} flagged: not used)"
    return ", ".join(spoken.values()) or "no results"


def quantities(parameters: Mapping[str, ParameterModel]) -> str:
    """Return values in short form, such as `t1 81.5(13) us, t2_echo 43.8(16) us`."""
    return ", ".join(
        f"{name} {quantity(known.value, known.error, known.unit)}" for name, known in parameters.items()
    )


def quantity(value: float, error: float | None, unit: str) -> str:
    """Return a value with its error in parentheses, which refers to the last digits: `4.67123(5) GHz`."""
    unit = f" {unit}" if unit else ""
    if error is None or error <= 0:
        return f"{value:.6g}{unit}"
    decimals = _count_decimals(error)
    return f"{value:.{decimals}f}({round(error * 10**decimals)}){unit}"


def to_the_digits_of(error: float, value: float) -> str:
    """Return a value with the number of decimals that its error justifies."""
    return f"{value:.{_count_decimals(error)}f}"


def _count_decimals(error: float) -> int:
    """Return the number of decimals for an error: two significant digits if it begins with 1, else one."""
    exponent = math.floor(math.log10(error))
    return max(0, (1 if error < 2 * 10**exponent else 0) - exponent)
