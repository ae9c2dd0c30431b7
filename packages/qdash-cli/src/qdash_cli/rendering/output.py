"""Output of results: one JSON document, or tables and messages."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qdash_cli.rendering.columns import lay_out
from qdash_cli.rendering.wrapping import (
    get_line_width,
    replace_control_characters,
    wrap_lines,
    wrap_text,
)
from qdash_core.models.quantities import format_count as format_count  # noqa: PLC0414  for all commands
from qdash_core.models.quantities import format_quantity, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import TextIO

    from qdash_core.documents.base import Document
    from qdash_core.models.chip import ParameterModel, StoredValue
    from qdash_core.models.decision import Decision
    from qdash_core.models.task import InputModel

_MODE_BEFORE_UMASK = 0o666
_ASCII_SYMBOLS = str.maketrans({"µ": "u", "\N{MINUS SIGN}": "-", "σ": " sigma"})
_STANDARD_OUTPUT = Path("-")
STDOUT = "qdash.stdout"
"""Key of the click context for the standard output that is reserved for results."""


def emit_json(document: Document | Sequence[Document] | Any) -> None:
    """Print one JSON document on standard output: a view model, a list of them, or JSON values."""
    emit(json.dumps(_make_json_values(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def _make_json_values(document: Document | Sequence[Document] | Any) -> Any:
    if isinstance(document, (list, tuple)):
        return [_make_json_values(one) for one in document]
    return document.as_json() if hasattr(document, "as_json") else document


def emit(contents: str | bytes) -> None:
    """Print a result unchanged on standard output, also if other output is redirected; without control characters on a terminal."""
    ctx = click.get_current_context(silent=True)
    stream = None if ctx is None else ctx.meta.get(STDOUT)
    if (stream or sys.stdout).isatty():
        text = contents if isinstance(contents, str) else contents.decode(errors="replace")
        contents = replace_control_characters(text)
    click.echo(contents, file=stream, nl=False)


def is_standard_output(output: Path | None) -> bool:
    """Return whether a user names standard output, by `-`, as the file to write."""
    return output == _STANDARD_OUTPUT


def write_file(path: Path, contents: str | bytes) -> None:
    """Write a file named by the user atomically, with the permissions that the umask leaves; of a link, its target; for `-` print it.

    Raises InvalidInputError if its folder does not exist, it is a device or another thing that is no file, or it cannot
    be written.
    """
    from qdash_core.artifacts.atomic import write_atomically
    from qdash_core.errors import InvalidInputError

    if is_standard_output(path):
        emit(contents)
        return
    target = Path(os.path.realpath(path))
    require_folder(path.parent)
    require_folder(target.parent)
    _require_regular(path)
    try:
        data = contents if isinstance(contents, bytes) else contents.encode()
        write_atomically(target, lambda file: file.write(data), mode=_MODE_BEFORE_UMASK)
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}") from error


def require_output_file(path: Path, *, force: bool) -> None:
    """Raise InvalidInputError if `write_file` would fail, or would overwrite a file without `force`; a link that leads nowhere is a file."""
    from qdash_core.errors import InvalidInputError

    if is_standard_output(path):
        return
    require_folder(path.parent)
    _require_regular(path)
    there = path.exists() or path.is_symlink()
    if there and not force:
        raise InvalidInputError(f"{path} is there already: overwrite with --force")


def _require_regular(path: Path) -> None:
    """Raise InvalidInputError if something other than a file is there, or this cannot be known."""
    from qdash_core.errors import InvalidInputError

    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be written: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise InvalidInputError(f"{path} is no regular file: name another file")


def require_folder(folder: Path) -> None:
    """Raise InvalidInputError if a folder for output does not exist: the user may have mistyped its path."""
    from qdash_core.errors import InvalidInputError

    try:
        is_folder = folder.is_dir()
    except OSError as error:
        raise InvalidInputError(f"{folder} cannot be opened: {error.strerror}") from error
    if not is_folder:
        raise InvalidInputError(
            f"{folder} is no folder: correct the path"
            if folder.exists()
            else f"there is no folder {folder}: correct the path, or create it first"
        )


def make_output_folder(folder: Path) -> None:
    """Create a folder for output and its missing parents; raise InvalidInputError if that is impossible."""
    from qdash_core.errors import InvalidInputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(f"{folder} cannot be created: {error.strerror}") from error


def print_table(
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
        width=get_line_width(sys.stdout),
        rule="─" if encoding.lower().startswith("utf") else "-",
    )
    text = "\n".join([*([wrap_lines(title, get_line_width(sys.stdout)), ""] if title else []), *lines, ""])
    click.echo(_make_printable(text, sys.stdout), nl=False)


def print_message(message: str = "", *, err: bool = False) -> None:
    """Print a message, wrapped at spaces to the width of the terminal."""
    stream = sys.stderr if err else sys.stdout
    click.echo(_make_printable(wrap_lines(message, get_line_width(stream)), stream), err=err)


def print_indented(text: str, *, indent: str, further: str) -> None:
    """Print a text, wrapped to the width of the terminal, with a prefix for its first line and one for the others."""
    lines = wrap_text(text, get_line_width(sys.stdout), indent=indent, further=further)
    click.echo(_make_printable("\n".join(lines), sys.stdout))


def _make_printable(text: str, stream: TextIO) -> str:
    """Return a text for a stream without control characters, which would command the terminal.

    Unit symbols are ASCII, and other characters `?`, if the stream cannot encode them.
    """
    text = replace_control_characters(text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII_SYMBOLS).encode(encoding, "replace").decode(encoding)
    return text


def format_outcomes(outcomes: Mapping[str, int]) -> str:
    """Return numbers of results by outcome in words, such as `504 accepted, 1 flagged, 3 failed, 7 skipped`; empty without results."""
    from qdash_core.models.task import describe_outcomes

    return ", ".join(describe_outcomes(outcomes).values())


def format_value(value: ParameterModel | StoredValue | None) -> str:
    """Return a value with its error and unit, such as `81.5(13) µs`; an empty text for None."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return format_quantity(value["value"], value.get("error"), value.get("unit", ""))
    return format_quantity(value.value, value.error, value.unit)


def format_values(parameters: Mapping[str, ParameterModel] | Mapping[str, StoredValue]) -> str:
    """Return values in short form, such as `t1 81.5(13) µs, t2_echo 43.8(16) µs`."""
    return ", ".join(f"{name} {format_value(known)}" for name, known in parameters.items())


def format_decisions(decisions: Mapping[str, Decision]) -> str:
    """Return decisions of users in short form, such as `t1 rejected by bob: two-level system`."""
    return "; ".join(
        f"{name} {one.verdict} by {one.username}{f': {one.reason}' if one.reason else ''}"
        for name, one in decisions.items()
    )


def format_undeclared(inputs: Mapping[str, InputModel]) -> str:
    """Return the undeclared inputs by name, such as `undeclared inputs: drag_hpi_beta`; empty if there are none."""
    names = [name for name, one in inputs.items() if one.undeclared]
    return f"undeclared inputs: {', '.join(names)}" if names else ""


def describe_input(*, undeclared: bool | None, from_laboratory: bool | None, from_user: bool | None) -> str:
    """Return remarks on an input in parentheses, such as ` (undeclared)`, or an empty text."""
    remarks = ["undeclared"] if undeclared else []
    remarks += ["of the laboratory"] if from_laboratory else []
    remarks += ["given by the user"] if from_user else []
    return f" ({', '.join(remarks)})" if remarks else ""


def format_reasons(reasons: Iterable[str]) -> str:
    """Return the reasons of a verdict on one line, with unit symbols."""
    return use_unit_symbols("; ".join(reasons))
