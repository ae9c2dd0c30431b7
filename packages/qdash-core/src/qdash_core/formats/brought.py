"""What a file says: a chip, values to begin from, each with where it stands, and what nobody understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.chips.parts import ChipParts
    from qdash_core.models.estimates import Parameter


@dataclass(frozen=True, slots=True)
class Seed:
    """A value that a file has for a parameter of a qubit or coupling.

    Parameters
    ----------
    parameter : Parameter
        The value, its error where the file has one, and the unit in which tasks declare the parameter.
    file : str
        The file in which it stands, as a person finds it: relative to the path that was read.
    key : str
        Where in that file: `data.Q00`.
    measured_at : datetime or None
        When it was measured, with a time zone; None: the file does not say.
    """

    parameter: Parameter
    file: str
    key: str = ""
    measured_at: datetime | None = None

    @property
    def place(self) -> str:
        """Where it stands: `params/t1.yaml, data.Q00`."""
        return f"{self.file}, {self.key}" if self.key else self.file


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Something that a file says and that was passed over.

    Parameters
    ----------
    file, key : str
        Where it stands.
    why : str
        Why it was passed over, as a person reads it: `no parameter of QDash`.
    """

    file: str
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What was read of a file or folder. What it does not say is absent, never 0.

    Parameters
    ----------
    chip : ChipParts or None
        The chip that it describes; None: values alone.
    seeds : mapping of str to mapping of str to Seed
        Qubit (`"0"`) or coupling (`"0-1"`) to values by parameter.
    not_understood : tuple of NotUnderstood
        What was passed over.
    """

    chip: ChipParts | None = None
    seeds: Mapping[str, Mapping[str, Seed]] = field(default_factory=dict)
    not_understood: tuple[NotUnderstood, ...] = ()
