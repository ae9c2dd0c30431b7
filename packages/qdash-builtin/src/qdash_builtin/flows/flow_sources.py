"""Validation of the source of a saved flow, without running it."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.flows.model import FlowForm
from qdash_builtin.flows.source_reader import READY
from qdash_core.errors import InvalidInputError
from qdash_core.parsing.limits import FLOW_SOURCE
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

logger = logging.getLogger(__name__)

_READER = (sys.executable, "-P", "-m", "qdash_builtin.flows.source_reader")
_PLAIN: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list, tuple),
    "object": (dict,),
}


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A valid Python source with the function to run.

    Parameters
    ----------
    description : str
        First line of the docstring of the function, or empty if it has none.
    sha256 : str
        SHA-256 of the source in UTF-8.
    of_prefect : bool
        Whether the function is a Prefect flow, decorated with `prefect.flow`.
    """

    function: str
    description: str
    form: FlowForm
    sha256: str
    of_prefect: bool


@dataclass(frozen=True, slots=True)
class LocatedProblem:
    """Problem at a place of a source.

    Parameters
    ----------
    line, column : int
        Its place, from 1.
    severity : str
        `error` if the source cannot be saved, `warning` if it can, but may fail or do something else.
    alternative : str or None
        What to use instead, if known.
    """

    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str
    alternative: str | None = None


@dataclass(frozen=True, slots=True)
class SourceReport:
    """Problems of a source in order of its lines, and its checked function, or None if it cannot be saved."""

    checked: CheckedSource | None
    problems: tuple[LocatedProblem, ...]


def check_source(
    source: str,
    function: str | None = None,
    *,
    names: bool = False,
    limit_s: float = FLOW_SOURCE.seconds,
) -> CheckedSource:
    """Return the entry function and parameters of a source, without running it.

    Parameters
    ----------
    function : str or None
        The function to call, or None for the only public one, or `main`.
    names : bool
        Whether a source that uses names of QDash that do not exist is refused.
    limit_s : float
        Limit of CPU time for reading it, in seconds.

    Raises
    ------
    InvalidInputError
        If it is too long, not Python, or has no such function; the message names the line. Also if reading it
        takes too long or exceeds the limits of Python's parser.
    """
    encoded = _encode_source(source)
    return _make_checked(_read(encoded, {"function": function, "names": names}, limit_s), encoded)


def report_source(source: str, function: str | None = None, *, tasks: Collection[str]) -> SourceReport:
    """Return all problems of a source with their lines, without running it.

    Arguments are as in `check_source`; `tasks` has the names of the installed tasks.
    """
    try:
        encoded = _encode_source(source)
        known = _read(encoded, {"function": function, "tasks": sorted(tasks)}, FLOW_SOURCE.seconds)
    except InvalidInputError as error:
        return SourceReport(None, (LocatedProblem(1, 1, "error", str(error)),))
    problems = tuple(LocatedProblem(**one) for one in known["problems"])
    signature = known["signature"]
    return SourceReport(None if signature is None else _make_checked(signature, encoded), problems)


def read_runs(source: str, function: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
    """Return the runs that a flow's function requests, as `source_runs.read_runs` reads them; raise as `check_source`.

    `values` has the known values of the function's arguments.
    """
    known = _read(_encode_source(source), {"function": function, "values": dict(values)}, FLOW_SOURCE.seconds)
    runs: list[dict[str, Any]] = known["runs"]
    return runs


def _make_checked(known: Mapping[str, Any], encoded: bytes) -> CheckedSource:
    form = FlowForm.model_validate(known["form"])
    digest = sha256(encoded).hexdigest()
    return CheckedSource(known["function"], known["description"], form, digest, known["of_prefect"])


def check_syntax(source: str) -> None:
    """Raise InvalidInputError if a source is not Python; a `TextError` has the position. Limits are those of `check_source`."""
    _read(_encode_source(source), {"function": None, "syntax": True}, FLOW_SOURCE.seconds)


def require_accepted_parameters(
    name: str, form: FlowForm, parameters: Mapping[str, object], known: frozenset[str]
) -> None:
    """Raise an error if a flow's function does not accept the parameters, or requires others.

    `known` are the members of `flow_signatures.GIVEN_BY_THE_RUN` that this run provides.

    Raises
    ------
    InvalidInputError
        If a parameter is unknown, missing or of the wrong type. The message names it.
    """
    taken = form.parameters["properties"]
    for given, value in parameters.items():
        if given in form.given:
            continue
        if given not in taken and not form.parameters["additionalProperties"]:
            raise InvalidInputError(
                f"{name} has no argument {given!r} (it has: {', '.join(taken) or 'none'})"
            )
        if not _matches_schema(value, taken.get(given, {})):
            raise InvalidInputError(
                f"{name}: {given} cannot be {value!r}: it is {_describe_kind(taken[given])}"
            )
    for needed in form.parameters["required"]:
        if needed not in parameters and needed not in known:
            hint = ": name the qubits of the run" if needed == "qids" else ""
            raise InvalidInputError(f"{name} needs {needed!r}{hint}")


def _encode_source(source: str) -> bytes:
    try:
        encoded = source.encode()
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"the source is not text: {error.reason}") from error
    if len(encoded) > FLOW_SOURCE.size:
        raise InvalidInputError(
            f"a source of {len(encoded)} bytes is too long: a flow has at most {FLOW_SOURCE.size}"
        )
    return encoded


def _read(encoded: bytes, request: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
    """Return the answer of `source_reader`, run as a separate process; raise the error that it reports.

    The limit is CPU time for the reading: a busy machine takes longer.
    """
    with subprocess.Popen(  # noqa: S603  our own program
        _READER,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        try:
            told = {**request, "has_qdash": b"qdash" in encoded, "limit_s": limit_s}
            reader.stdin.write(json.dumps(told).encode() + b"\n")
            reader.stdout.read(len(READY))
            answered, said = reader.communicate(encoded)
        finally:
            reader.kill()
    if reader.returncode == -signal.SIGPROF:
        raise InvalidInputError(
            f"the source takes Python longer than {limit_s:g} s to read: make it shorter or simpler"
        )
    if reader.returncode:
        logger.warning("a source could not be read: %s", said.decode(errors="replace"))
        raise InvalidInputError(
            f"Python's parser broke off at the source (exit status {reader.returncode}): make it shorter or simpler"
        )
    answer: dict[str, Any] = json.loads(answered)
    if "refused" in answer:
        raise TextError(answer["refused"], line=answer.get("line"), column=answer.get("column"))
    return answer


def _matches_schema(value: object, schema: Mapping[str, Any]) -> bool:
    """Return whether a value matches a schema from `_make_schema`."""
    if "anyOf" in schema:
        return any(_matches_schema(value, part) for part in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("type")
    if kind is None:
        return True
    if isinstance(value, bool) and kind != "boolean":
        return False
    if not isinstance(value, _PLAIN[kind]):
        return False
    return kind != "array" or all(_matches_schema(one, schema.get("items", {})) for one in value)  # type: ignore[attr-defined]


def _describe_kind(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_describe_kind(part) for part in schema["anyOf"])
    if "enum" in schema:
        return "one of " + ", ".join(map(repr, schema["enum"]))
    return f"of type {schema.get('type')}"
