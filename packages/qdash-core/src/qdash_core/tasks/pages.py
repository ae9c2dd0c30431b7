"""Task pages: an author's description of the measurement and its failures.

A page is package data beside the module of the task: `TASK.yaml`, with `measures` and, optionally,
`failures` and `evidence` for the causes of failures.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_core.chips.document_fields import require_fields
from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.tasks.evidence_rules import EvidenceRule, parse_evidence
from qdash_core.tasks.feature_names import find_name_error

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from qdash_core.tasks.base import BaseTask

_CHANGES = ("row", "settings", "parameters")


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure mode of a task, with its symptoms.

    Parameters
    ----------
    title : str
        Name of the problem.
    seen : str
        Symptoms in the figure and the message.
    do : str
        Remedy.
    row, settings : mapping
        Changes that reproduce it: of a qubit in the device table of a simulated chip, and of the settings.
    parameters : mapping
        Run parameters that reproduce it.
    """

    title: str
    seen: str
    do: str
    row: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskPage:
    """An author's description of a task."""

    measures: str
    failures: tuple[Failure, ...] = ()
    evidence: tuple[EvidenceRule, ...] = ()


def get_page(task: type[BaseTask]) -> TaskPage | None:
    """Return the page of a task, or None if it has none.

    Raises
    ------
    PluginError
        If the page cannot be read or breaks the format. The message is one line and names the file and the
        field.
    """
    from qdash_core.parsing.yaml_parser import parse_yaml

    place = _find_page(task)
    if place is None or not place.is_file():
        return None
    try:
        return _page(parse_yaml(place.read_text(encoding="utf-8")), task)
    except (InvalidInputError, OSError, UnicodeDecodeError) as error:
        raise PluginError(
            f"{place.name}, the text on task {task.name} beside {task.__module__}: {error}"
        ) from error


def _find_page(task: type[BaseTask]) -> Traversable | None:
    """Return the location of a task's page: in the package of its module, or beside a top-level module."""
    module = sys.modules.get(task.__module__)
    package, file = getattr(module, "__package__", None), getattr(module, "__file__", None)
    if package:
        return files(package) / f"{task.name}.yaml"
    return None if file is None else Path(file).with_name(f"{task.name}.yaml")


def _page(document: object, task: type[BaseTask]) -> TaskPage:
    given = require_fields(document, ("measures",), "it", optional=("failures", "evidence"))
    failures = given.get("failures") or []
    if not isinstance(failures, list):
        raise InvalidInputError(f"failures is a {type(failures).__name__}, not a list")
    return TaskPage(
        _parse_text(given, "measures", "it"),
        tuple(_parse_failure(entry, f"failures[{place}]") for place, entry in enumerate(failures)),
        parse_evidence(given.get("evidence") or [], partial(find_name_error, task)),
    )


def _parse_failure(entry: object, where: str) -> Failure:
    given = require_fields(entry, ("title", "seen", "do"), where, optional=_CHANGES)
    title, seen, do = (_parse_text(given, name, where) for name in ("title", "seen", "do"))
    changes = {name: given[name] for name in _CHANGES if name in given}
    for name, change in changes.items():
        if not isinstance(change, dict):
            raise InvalidInputError(f"{where}.{name} is a {type(change).__name__}, not a mapping")
    return Failure(title, seen, do, **changes)


def _parse_text(given: Mapping[str, Any], name: str, where: str) -> str:
    text = given[name]
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(f"{where}.{name} is {text!r}, not a text")
    return text.strip()
