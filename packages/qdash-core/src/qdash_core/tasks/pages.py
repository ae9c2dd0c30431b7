"""The text that the author of a task writes for who runs it: what it measures, and how it looks when it fails.

It lies beside the module of the task, as package data: `TASK.yaml`, with `measures` and, where there is more to say, `failures`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_core.chips.documents import fields
from qdash_core.errors import InvalidInputError, PluginError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from qdash_core.tasks.base import BaseTask

_CHANGES = ("row", "settings", "parameters")


@dataclass(frozen=True, slots=True)
class Failure:
    """One way in which a task fails, and what it looks like.

    Parameters
    ----------
    title : str
        What is wrong.
    seen : str
        What the figure and the message show then.
    do : str
        What to do about it.
    row, settings : mapping
        What is changed to see it: of a qubit in the device table of a simulated chip, and of the settings in use.
    parameters : mapping
        Run parameters to see it with.
    """

    title: str
    seen: str
    do: str
    row: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskPage:
    """What an author says of a task."""

    measures: str
    failures: tuple[Failure, ...] = ()


def page_of(task: type[BaseTask]) -> TaskPage | None:
    """Return the text on a task; None: its author wrote none.

    Raises
    ------
    PluginError
        If the text cannot be read or breaks the format; one line that names the file and the field.
    """
    from qdash_core.parsing.yaml_parser import parse_yaml

    place = _beside(task)
    if place is None or not place.is_file():
        return None
    try:
        return _page(parse_yaml(place.read_text(encoding="utf-8")))
    except (InvalidInputError, OSError, UnicodeDecodeError) as error:
        raise PluginError(
            f"{place.name}, the text on task {task.name} beside {task.__module__}: {error}"
        ) from error


def _beside(task: type[BaseTask]) -> Traversable | None:
    """Return where the text on a task lies: in the package of its module, or beside a module that is in none."""
    module = sys.modules.get(task.__module__)
    package, file = getattr(module, "__package__", None), getattr(module, "__file__", None)
    if package:
        return files(package) / f"{task.name}.yaml"
    return None if file is None else Path(file).with_name(f"{task.name}.yaml")


def _page(document: object) -> TaskPage:
    given = fields(document, ("measures",), "it", optional=("failures",))
    failures = given.get("failures") or []
    if not isinstance(failures, list):
        raise InvalidInputError(f"failures is a {type(failures).__name__}, not a list")
    return TaskPage(
        _text(given, "measures", "it"),
        tuple(_failure(entry, f"failures[{place}]") for place, entry in enumerate(failures)),
    )


def _failure(entry: object, where: str) -> Failure:
    given = fields(entry, ("title", "seen", "do"), where, optional=_CHANGES)
    title, seen, do = (_text(given, name, where) for name in ("title", "seen", "do"))
    changes = {name: given[name] for name in _CHANGES if name in given}
    for name, change in changes.items():
        if not isinstance(change, dict):
            raise InvalidInputError(f"{where}.{name} is a {type(change).__name__}, not a mapping")
    return Failure(title, seen, do, **changes)


def _text(given: Mapping[str, Any], name: str, where: str) -> str:
    text = given[name]
    if not isinstance(text, str) or not text.strip():
        raise InvalidInputError(f"{where}.{name} is {text!r}, not a text")
    return text.strip()
