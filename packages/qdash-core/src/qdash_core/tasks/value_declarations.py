"""Declarations of tasks by which values are judged; those of QDash's own tasks are recorded, since the import of all tasks takes long.

`packages/record_value_declarations.py` records them, a file in each package with tasks.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.chip import Line
    from qdash_core.tasks.base import BaseTask

FILE = "value_declarations.json"
"""Name of the record in a package."""


@dataclass(frozen=True, slots=True)
class ValueDeclarations:
    """Declarations of the parameters of qubits and couplings by which their values are judged.

    Parameters
    ----------
    sets : mapping of str to sequence of str
        Parameters that are only valid together, by the name of the set.
    lines : mapping of str to Line
        Line on whose settings each parameter depends; others depend on none.
    """

    sets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)

    @classmethod
    def join(cls, declarations: Iterable[Self]) -> Self:
        """Return the declarations of all: sets with the members of each, and the first line of a parameter."""
        sets: dict[str, tuple[str, ...]] = {}
        lines: dict[str, Line] = {}
        for one in declarations:
            for name, members in one.sets.items():
                sets[name] = tuple(dict.fromkeys((*sets.get(name, ()), *members)))
            lines = {**one.lines, **lines}
        return cls(sets, lines)

    @classmethod
    def from_tasks(cls, tasks: Iterable[type[BaseTask]]) -> Self:
        """Return the declarations of tasks, in order of precedence."""
        return cls.join(
            cls(
                task.value_sets,
                {name: one.line for name, one in task.output_parameters.items() if one.line is not None},
            )
            for task in tasks
        )

    def to_text(self) -> str:
        """Return the text of the record."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


@cache
def read_value_declarations(package: str) -> ValueDeclarations | None:
    """Return the recorded declarations of the tasks of a package, or None if it has no record."""
    record = files(package).joinpath(FILE)
    return ValueDeclarations(**json.loads(record.read_text("utf-8"))) if record.is_file() else None
