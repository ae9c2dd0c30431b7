"""Declarations of a task's inputs, outputs, arrays and features."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import Line

T = TypeVar("T")
Role = Literal["qubit", "control", "target", "coupling"]
"""Target of an input: the task's own qubit, one of the qubits of a coupling, or the coupling itself."""


@dataclass(frozen=True, slots=True)
class InputParameter:
    """A calibrated value that a task needs.

    Parameters
    ----------
    unit : str
        Unit of the value for the task, into which it is converted; empty for a number, and for the unit of a quantity that is none.
    default : float or None
        Value if the chip has no accepted one, or None if there is no sensible default.
    required : bool
        Whether the task fails without a value or default. The message then names the task that produces the value.
    source : str or None
        Name of the parameter to read, or None for the declared name of the input.
    role : {"qubit", "control", "target", "coupling"}
        Target of the value. A coupling task selects one of its two qubits by it.
    description : str
        Use of the value in the task.
    """

    unit: str = ""
    default: float | None = None
    required: bool = True
    source: str | None = None
    role: Role = "qubit"
    description: str = ""


@dataclass(frozen=True, slots=True)
class OutputParameter:
    """An output value of a task. The task fails if a declared output is missing.

    All tasks that declare a parameter mean one quantity: units of another kind, or another convention, set the plugin aside that declares it
    later. Another unit of the same kind is converted. A value that `postprocess` returns without a unit is in the declared one. It passes the
    bounds of the quantity, those of the first task that declares some, as well as these.

    Parameters
    ----------
    unit : str
        Unit of the value; empty for a number.
    description : str
        Meaning of the value.
    minimum, maximum : float or None
        Physical bounds. A value outside by more than three standard deviations, or by more than half the distance of the bounds,
        is rejected.
    positive : bool
        Whether 0 and below are meaningless whatever the standard deviation, as for a decay time.
    convention : str
        Which of several usual definitions the value follows, such as `chi` or `2 chi`, or empty if there is only one.
    jump : float or None
        Largest plausible change from the last accepted value, as a fraction of the larger of both values, or of the last one if it is 1
        or more. A larger change is flagged. None for that of the first task that declares one for the quantity; infinity for no limit.
    optional : bool
        Whether the value may be missing without failing the task.
    ideal : float or None
        Value of a perfect operation, such as 1 of a fidelity. Then `jump` is a fraction of the distance from it, and only a growing one
        is flagged.
    negligible : float
        Smallest value, or distance from `ideal`, to which the fraction `jump` applies: smaller changes are no news.
    line : Line or None
        Line of the qubit on whose settings the value depends, so that it must be measured again if they change. Values of the
        readout line are recorded with the conditions of the readout. None for a property of the chip.
    """

    unit: str = ""
    description: str = ""
    minimum: float | None = None
    maximum: float | None = None
    jump: float | None = None
    optional: bool = False
    positive: bool = False
    convention: str = ""
    ideal: float | None = None
    negligible: float = 0.0
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class ArrayDeclaration:
    """A declared array of a task's raw data.

    Parameters
    ----------
    unit : str
        Unit of its numbers, or empty if dimensionless.
    description : str
        Meaning of the numbers, and their axes.
    along : str
        Name of the array with the swept values of its first dimension, or empty. In a pattern (`line_*_iq` along
        `line_*_delay`) the `*` stands for the same text in both.
    noise : bool
        Whether the numbers are errors or covariances of another array. Contexts show their extremes only.
    """

    unit: str
    description: str
    along: str = ""
    noise: bool = False


@dataclass(frozen=True, slots=True)
class FeatureDeclaration:
    """A declared feature of a task's trace: a number on which evidence for the causes of failures is based.

    Its `unit` is empty if it is dimensionless.
    """

    unit: str
    description: str


_WILDCARDS = frozenset("*?[")


def matches_array(name: str, pattern: str) -> bool:
    """Return whether an array has a declared name, or one that a declared pattern (`line_*`) stands for."""
    return name == pattern or (not _WILDCARDS.isdisjoint(pattern) and fnmatchcase(name, pattern))


def find_declared_array(arrays: Mapping[str, T], name: str) -> T | None:
    """Return the declaration of an array by its name, else by the first matching pattern (`line_*`), or None."""
    if name in arrays:
        return arrays[name]
    return next((found for pattern, found in arrays.items() if matches_array(name, pattern)), None)
