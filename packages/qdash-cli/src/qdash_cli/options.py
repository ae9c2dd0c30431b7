"""Options that many commands share, and the parsers of their values."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from typing import TYPE_CHECKING, Any, TextIO

import click

from qdash_cli.rendering.output import STDOUT, is_standard_output
from qdash_cli.streams import open_stream
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import parse_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


_STDOUT_NUMBER = 1


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--json` to a command, and reserve standard output for its document, or for a file that `--output -` prints."""

    @wraps(command)
    def with_json(*args: Any, as_json: bool, **options: Any) -> Any:
        prints_file = is_standard_output(options.get("output"))
        if prints_file and as_json:
            raise InvalidInputError("--json and --output - both print on standard output: use one of them")
        if not (prints_file or as_json):
            return command(*args, as_json=False, **options)
        with reserve_stdout() as results:
            click.get_current_context().meta[STDOUT] = results
            return command(*args, as_json=as_json, **options)

    option = click.option(
        "--json", "as_json", is_flag=True, help="Print exactly one JSON document on standard output."
    )
    return option(with_json)


@contextmanager
def reserve_stdout() -> Iterator[TextIO]:
    """Yield standard output, and redirect everything else that is written there to standard error.

    A library may write with `print`, from C, or through a child process, so the file descriptor itself is redirected.
    Of streams that are not the process's own, as under a test runner, only Python's is.
    """
    number, error_number = _get_file_descriptor(sys.stdout), _get_file_descriptor(sys.stderr)
    if number != _STDOUT_NUMBER or error_number is None:
        stdout = sys.stdout
        with redirect_stdout(sys.stderr):
            yield stdout
        return
    stdout = sys.stdout
    stdout.flush()
    saved = os.dup(number)
    results = open_stream(saved, like=stdout)
    try:
        os.dup2(error_number, number)
        with redirect_stdout(sys.stderr):
            yield results
    finally:
        try:
            stdout.flush()  # text written through an older reference also belongs to standard error
            results.close()
        finally:
            os.dup2(saved, number)
            os.close(saved)


def _get_file_descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (AttributeError, OSError, ValueError):
        return None


settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="[TASK.]NAME=VALUE",
    help="Run parameter for all tasks or for one: --set shots=2048 --set CheckT1.shots=4096.",
)

inputs = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Input that replaces the chip's value in this run: --input qubit_frequency=5.01 or t1=45.2±0.8.",
)

repeat = click.option(
    "--repeat/--no-repeat",
    "repeat",
    default=None,
    help="Whether to measure a result once more that is flagged only because it is far from the last value; default: yes.",
)

parameters = click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Argument of your own flow: a JSON value such as a number or a list, or plain text.",
)


def parse_flow_parameters(given: Iterable[str]) -> dict[str, Any]:
    """Return `--param` options by name, each value parsed as JSON, or else as text.

    Raises InvalidInputError if one is not of the form NAME=VALUE, or a name is given twice.
    """
    found: dict[str, Any] = {}
    for parameter in given:
        name, equals, value = parameter.partition("=")
        if not equals or not name.strip().isidentifier():
            raise InvalidInputError(f"--param {parameter}: write NAME=VALUE")
        if name.strip() in found:
            raise InvalidInputError(f"--param {parameter}: {name.strip()} is given twice")
        found[name.strip()] = _parse_value(value)
    return found


def _parse_value(text: str) -> Any:
    try:
        # NaN and infinities are Python's extension of JSON; no store accepts them.
        return parse_json(text, parse_constant=lambda constant: constant)
    except InvalidInputError:  # not JSON
        return text


def parse_run_parameters(settings: Iterable[str]) -> dict[str, Any]:
    """Return `--set` options as overrides: name to value, and task to name to value.

    Raises InvalidInputError if one is not of the form NAME=VALUE or TASK.NAME=VALUE.
    """
    overrides: dict[str, Any] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        task, dot, own = name.strip().rpartition(".")
        if not equals or not own or (dot and not task):
            raise InvalidInputError(f"--set {setting}: write NAME=VALUE or TASK.NAME=VALUE")
        known = overrides.get(task or own)
        if known is not None and isinstance(known, dict) is not bool(dot):
            raise InvalidInputError(
                f"--set {setting}: {task or own} cannot be both a task and a run parameter"
            )
        if dot:
            overrides.setdefault(task, {})[own] = value.strip()
        else:
            overrides[own] = value.strip()
    return overrides
