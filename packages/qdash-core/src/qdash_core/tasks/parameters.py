"""What a task declares to need, to measure and to make."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["qubit", "control", "target", "coupling"]
"""Whose value an input is: the task's own qubit, one of the two of a coupling, or the coupling itself."""


@dataclass(frozen=True, slots=True)
class InputParameter:
    """A calibrated value that a task needs.

    Parameters
    ----------
    unit : str
        Unit in which the task wants the value.
    default : float or None
        Used when the chip has no accepted value. None: there is no sensible default.
    required : bool
        Whether the task fails, naming the task that makes the value, when there is neither value nor default.
    source : str or None
        Name of the parameter that is read; None: the name under which the input is declared.
    role : {"qubit", "control", "target", "coupling"}
        Whose value it is. A coupling task says here which of its two qubits is meant.
    description : str
        What the task does with it.
    """

    unit: str = ""
    default: float | None = None
    required: bool = True
    source: str | None = None
    role: Role = "qubit"
    description: str = ""


@dataclass(frozen=True, slots=True)
class OutputParameter:
    """A value that a task makes. One that is declared and not delivered makes the task fail.

    Parameters
    ----------
    unit : str
        Unit of the value.
    description : str
        What it is.
    minimum, maximum : float or None
        Physical bounds. A value outside by more than three standard deviations is rejected.
    jump : float or None
        Largest plausible change from the last accepted value, as a fraction of that value. A larger one is flagged.
    optional : bool
        Whether data may leave it undetermined without failing the task.
    """

    unit: str = ""
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    jump: float | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ArrayDeclaration:
    """An array of the raw data that a task keeps.

    Parameters
    ----------
    unit : str
        Unit of its numbers; empty for none.
    description : str
        What they are, and along which axes.
    """

    unit: str
    description: str


def declared_array(arrays: Mapping[str, ArrayDeclaration], name: str) -> ArrayDeclaration | None:
    """Return how an array is declared: under its name, else under the first pattern (`line_*`) that fits; None: not at all."""
    if name in arrays:
        return arrays[name]
    return next((found for pattern, found in arrays.items() if fnmatchcase(name, pattern)), None)
