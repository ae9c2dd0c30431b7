"""Validation of files by their own formats."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from qdash_builtin.chips.error_places import find_error_place
from qdash_builtin.exchange.format_detection import convert_format_errors
from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.parsing.limits import EDITED_CSV, EDITED_JSON
from qdash_core.parsing.text_error import TextError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from qdash_core.hooks.formats import Format

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A problem of a file; line and column count from 1, and are None if unknown."""

    message: str
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Result of a validation.

    Parameters
    ----------
    format : str
        The format by which it was validated, or `text` or `binary` if none is known.
    problem : FileProblem or None
        The first problem, or None if it is valid.
    """

    format: str
    problem: FileProblem | None = None


def check_file(path: str, contents: bytes, *, formats: Iterable[Format] = ()) -> CheckedFile:
    """Validate contents by the suffix of a file, and by the format that they have. Nothing in the file is run.

    `formats` are asked about a file that has none of QDash's own formats.
    """
    suffix = path.rpartition(".")[2].lower() if "." in path else ""
    if suffix not in _CHECKS and _is_binary(contents):
        return CheckedFile("binary")
    format_, check = _CHECKS.get(suffix, ("text", str))
    try:
        text = contents.decode()
    except UnicodeDecodeError as error:
        line = contents.count(b"\n", 0, error.start) + 1
        column = error.start - contents.rfind(b"\n", 0, error.start)
        return CheckedFile(format_, FileProblem(f"not UTF-8: {error.reason}", line, column))
    try:
        document = check(text)
    except InvalidInputError as error:
        return CheckedFile(format_, _make_problem(error))
    own = _check_document(path, text, document) if format_ in _TREES else None
    return own or _ask_formats(formats, path, text, format_) or CheckedFile(format_)


def _is_binary(contents: bytes) -> bool:
    try:
        return "\0" in contents.decode()
    except UnicodeDecodeError:
        return True


def _make_problem(error: InvalidInputError) -> FileProblem:
    if isinstance(error, TextError):
        return FileProblem(str(error), error.line, error.column)
    return FileProblem(str(error))


def _check_json(text: str) -> object:
    from qdash_core.parsing.json_parser import parse_json

    document: object = parse_json(text, limits=EDITED_JSON)
    return document


def _check_yaml(text: str) -> object:
    from qdash_core.parsing.yaml_parser import parse_yaml

    return parse_yaml(text, other_programs=True)


def _check_toml(text: str) -> object:
    from qdash_builtin.files.toml_parser import parse_toml

    return parse_toml(text)


def _check_csv(text: str) -> object:
    from qdash_builtin.exchange.csv_parser import parse_csv

    return parse_csv(text, limits=EDITED_CSV)


def _check_python(text: str) -> None:
    from qdash_builtin.flows.flow_sources import check_syntax

    check_syntax(text)


_CHECKS: dict[str, tuple[str, Callable[[str], object]]] = {
    "json": ("json", _check_json),
    "ipynb": ("json", _check_json),
    "yaml": ("yaml", _check_yaml),
    "yml": ("yaml", _check_yaml),
    "toml": ("toml", _check_toml),
    "csv": ("csv", _check_csv),
    "py": ("python", _check_python),
}
"""Format and validation by suffix."""

_TREES = ("json", "yaml")
"""Formats whose documents have keys."""


def _ask_formats(formats: Iterable[Format], path: str, text: str, format_: str) -> CheckedFile | None:
    """Validate a file by the first format that knows it; None if none does. A format that fails is logged and passed over."""
    for one in formats:
        try:
            with convert_format_errors(one, f"check {path}"):
                if one.check_file(PurePosixPath(path), text):
                    return CheckedFile(one.name)
        except InvalidInputError as error:
            return CheckedFile(one.name, _locate(error, text) if format_ in _TREES else _make_problem(error))
        except QDashError as error:
            logger.warning("%s is not checked by format %s: %s", path, one.name, error)
    return None


def _check_document(name: str, text: str, document: object) -> CheckedFile | None:
    """Validate a document as the file of QDash that it looks like; None if it looks like none."""
    found = _recognise(name, document)
    if found is None:
        return None
    kind, check = found
    try:
        check(text, document)
    except InvalidInputError as error:
        return CheckedFile(kind, _locate(error, text))
    return CheckedFile(kind)


def _recognise(name: str, document: object) -> tuple[str, Callable[[str, object], object]] | None:
    """Return the format of QDash that a document has by its keys, a design file also by its name, and its validation."""
    if not isinstance(document, dict):
        return None
    keys = document.keys()
    if {"qubit_metrics", "coupling_metrics"} & keys:
        return "metrics", _check_metrics
    if "device" in keys and {"qubits", "couplings"} <= keys:
        return "device-table", _check_topology
    if {"name", "qubits", "couplings"} <= keys and isinstance(document["qubits"], list):
        return "topology", _check_topology
    if "design" in name.lower() and {"qubits", "couplings"} >= keys and keys:
        return "design", _check_design
    lists = [value for key, value in document.items() if key != "boxes"]
    if lists and all(
        isinstance(one, list) and one and all(isinstance(row, dict) and "mux" in row for row in one)
        for one in lists
    ):
        return "wiring", _check_wiring
    return None


def _check_metrics(text: str, _document: object) -> object:
    from qdash_builtin.metrics.definition_file import parse_metrics_file

    return parse_metrics_file(text, name="metrics file")


def _check_topology(_text: str, document: object) -> object:
    from qdash_builtin.chips.topology_files import parse_topology_document

    return parse_topology_document(document)


def _check_design(_text: str, document: object) -> object:
    from qdash_builtin.chips.design_files import parse_design_document
    from qdash_core.chips.design import validate_design

    values = parse_design_document(document)
    return validate_design(values, {*values})


def _check_wiring(_text: str, document: object) -> object:
    from qdash_builtin.chips.wiring_files import parse_wiring

    return parse_wiring(document, "")


def _locate(error: InvalidInputError, text: str) -> FileProblem:
    """Return a problem at the entry of a JSON or YAML text that its message names."""
    return FileProblem(str(error), *find_error_place(error, text))
