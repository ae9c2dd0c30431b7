"""Causes of failures, declared in `causes.yaml` of the package of a task.

The file lies beside the module of the task, or above it in its package.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from qdash_core.chips.document_fields import require_fields
from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.tasks.evidence_rules import CAUSE_ID, EvidenceRule, parse_evidence
from qdash_core.tasks.feature_names import find_common_name_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

    from qdash_core.tasks.base import BaseTask

FILE_NAME = "causes.yaml"
COMMAND_NAMES = ("chip", "target", "qid", "task", "task_id", "execution_id", "partner")
"""Names in braces in the command of a cause."""
_LONGEST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause of failures.

    Parameters
    ----------
    id : str
        Id, such as `dead-line`.
    title : str
        The cause in a few words.
    do : str
        The next step of the user.
    command : str
        Its command line, with names in braces: `qdash task run CheckRabi --chip {chip} --qid {qid}`. Empty without one.
    prior : float
        How often the cause occurs relative to others, before any evidence.
    indistinguishable_from : tuple of str
        Ids of causes that the data cannot tell apart from it.
    words : tuple of str
        Words, in lower case, by which notes and issues hint at it.
    evidence : tuple of EvidenceRule
        Evidence for or against it from the explained result of any task, in addition to the evidence of the task.
    """

    id: str
    title: str
    do: str
    command: str = ""
    prior: float = 1.0
    indistinguishable_from: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    evidence: tuple[EvidenceRule, ...] = ()


def read_causes(task: type[BaseTask]) -> dict[str, Cause]:
    """Return the causes that the package of a task declares, by id; those of the nearest file first.

    Raises
    ------
    PluginError
        If a file cannot be read or breaks the format. The message is one line and names the file and the field.
    """
    found: dict[str, Cause] = {}
    for place, folder in _iter_folders(task):
        for one in _read_file(folder, place):
            found.setdefault(one.id, one)
    return found


def _iter_folders(task: type[BaseTask]) -> Iterator[tuple[str, Traversable]]:
    """Yield the packages of a task's module from the inside out, or the folder of a top-level module, with their names."""
    module = sys.modules.get(task.__module__)
    package, file = getattr(module, "__package__", None), getattr(module, "__file__", None)
    if not package:
        if file is not None:
            yield task.__module__, Path(file).parent
        return
    while package:
        yield package, files(package)
        package = package.rpartition(".")[0]


def _read_file(folder: Traversable, place: str) -> tuple[Cause, ...]:
    from qdash_core.parsing.yaml_parser import parse_yaml

    file = folder / FILE_NAME
    if not file.is_file():
        return ()
    try:
        return parse_causes(parse_yaml(file.read_text(encoding="utf-8")))
    except (InvalidInputError, OSError, UnicodeDecodeError) as error:
        raise PluginError(f"{FILE_NAME} of {place}: {error}") from error


def parse_causes(document: object) -> tuple[Cause, ...]:
    """Parse the contents of a file of causes; raise InvalidInputError, which names the field, if it breaks the format."""
    entries = require_fields(document, ("causes",), "it")["causes"]
    if not isinstance(entries, list):
        raise InvalidInputError(f"causes is a {type(entries).__name__}, not a list")
    found: dict[str, Cause] = {}
    for place, entry in enumerate(entries):
        one = _parse_cause(entry, f"causes[{place}]")
        if one.id in found:
            raise InvalidInputError(f"causes[{place}].id is {one.id!r}, which an earlier cause has")
        found[one.id] = one
    return tuple(found.values())


def _parse_cause(entry: object, where: str) -> Cause:
    given = require_fields(
        entry,
        ("id", "title", "do"),
        where,
        optional=("command", "prior", "indistinguishable_from", "words", "evidence"),
    )
    name = _parse_id(given["id"], f"{where}.id")
    return Cause(
        id=name,
        title=_parse_text(given["title"], f"{where}.title"),
        do=_parse_text(given["do"], f"{where}.do"),
        command=_parse_command(given.get("command"), f"{where}.command"),
        prior=_parse_prior(given.get("prior", 1.0), f"{where}.prior"),
        indistinguishable_from=tuple(
            _parse_id(one, f"{where}.indistinguishable_from")
            for one in _parse_list(given, "indistinguishable_from", where)
        ),
        words=tuple(
            _parse_text(one, f"{where}.words").casefold() for one in _parse_list(given, "words", where)
        ),
        evidence=parse_evidence(
            [_add_cause(one, name) for one in _parse_list(given, "evidence", where)],
            find_common_name_error,
            where=f"{where}.evidence",
        ),
    )


def _add_cause(rule: Any, name: str) -> Any:
    """Return a rule of a cause as one of a task, which names its cause."""
    return {**rule, "cause": name} if isinstance(rule, dict) else rule


def _parse_id(given: Any, where: str) -> str:
    if not isinstance(given, str) or CAUSE_ID.fullmatch(given) is None:
        raise InvalidInputError(f"{where} is {given!r}, not lower-case words joined by hyphens")
    return given


def _parse_text(given: Any, where: str) -> str:
    if not isinstance(given, str) or not given.strip() or len(given) > _LONGEST_TEXT:
        raise InvalidInputError(f"{where} is {given!r:.80}, not a text of 1 to {_LONGEST_TEXT} characters")
    return " ".join(given.split())


def _parse_list(given: Mapping[str, Any], name: str, where: str) -> list[Any]:
    entries = given.get(name) or []
    if not isinstance(entries, list):
        raise InvalidInputError(f"{where}.{name} is a {type(entries).__name__}, not a list")
    return entries


def _parse_prior(given: Any, where: str) -> float:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not math.isfinite(given) or not 1e-6 <= given <= 1e6:
        raise InvalidInputError(f"{where} is {given!r}, not a number from 1e-6 to 1e6")
    return float(given)


def _parse_command(given: Any, where: str) -> str:
    if given is None:
        return ""
    text = _parse_text(given, where)
    if not text.startswith("qdash "):
        raise InvalidInputError(f"{where} is {text!r}, which does not begin with qdash")
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise InvalidInputError(f"{where}: {error}") from error
    for _, name, spec, conversion in parts:
        if name is not None and (name not in COMMAND_NAMES or spec or conversion):
            raise InvalidInputError(f"{where}: {{{name}}} is not one of {', '.join(COMMAND_NAMES)}")
    return text
