"""Base class of all requests: one frozen, validated class for each kind of measurement."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from qdash_tasks.laboratory.compiled_request import Compiled, Setup
    from qdash_tasks.laboratory.limits import Limits

    Floats = NDArray[np.float64]

_NS_IN = MappingProxyType({"ns": 1.0, "us": 1e3})


@dataclass(frozen=True, eq=False)
class Request:
    """Measurement on one target: its sweep and other parameters.

    A sweep is stored as a new array, shape (n,), of finite numbers, not negative unless the class allows it.

    Raises
    ------
    InvalidInputError
        If a field has an impossible value; the message names the field.
    """

    axis: ClassVar[tuple[str, str]] = ("", "")
    """Name and unit of the sweep, as stored in raw data."""
    rows_axis: ClassVar[tuple[str, str] | None] = None
    """Name and unit of the second swept axis of a map."""
    single_shots: ClassVar[bool] = False
    """True if the answer holds every shot (`ShotRecord`) instead of their mean (`Trace`)."""
    has_ends: ClassVar[bool] = False
    """True if the answer states the final states of sequences (`Trace.ends`)."""
    swept: ClassVar[str] = ""
    """Field that holds the sweep; empty if nothing is swept."""
    signed: ClassVar[bool] = False
    """True if the sweep may have negative values."""
    whole: ClassVar[bool] = False
    """True if the sweep consists of whole numbers."""

    def __post_init__(self) -> None:
        """Validate the fields."""
        if self.swept:
            self._keep_sweep(self.swept, signed=self.signed, whole=self.whole)

    @classmethod
    def possible_with(cls, limits: Limits) -> bool:
        """Return whether requests of this kind are possible; single shots need a laboratory that keeps them."""
        return limits.single_shots or not cls.single_shots

    @property
    def x(self) -> Floats:
        """Sweep, shape (n,), in the unit of `axis`; a single zero if nothing is swept."""
        found: Floats = getattr(self, self.swept) if self.swept else np.zeros(1)
        return found

    @property
    def rows(self) -> Floats | None:
        """Second axis of a map, shape (m,), in the unit of `rows_axis`."""
        return None

    def shape(self, shots: int) -> tuple[int, ...]:
        """Return the shape of the answer for a number of shots."""
        return (shots,) if self.single_shots else (self.x.size,)

    @property
    def ends_shape(self) -> tuple[int, ...] | None:
        """Shape of `Trace.ends` in the answer, or None if it has none."""
        return None

    @property
    def points(self) -> int:
        """Number of points that an instrument measures."""
        return self.x.size

    @property
    def longest_ns(self) -> float:
        """Longest requested time; 0 if none is swept."""
        return float(self.x.max()) * _NS_IN.get(self.axis[1], 0.0)

    @property
    def drive_frequencies_ghz(self) -> Floats | None:
        """Drive frequencies, or None for the one in use."""
        return None

    @property
    def readout_frequencies_ghz(self) -> Floats | None:
        """Readout frequencies, or None for the one in use."""
        return None

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:  # noqa: ARG002  most play what is in use
        """Return the largest amplitude that the request sets on each control line, by qubit."""
        return {}

    @property
    def largest_readout_amplitude(self) -> float:
        """Largest readout amplitude that the request sets, of full scale; 0 for the one in use."""
        return 0.0

    def on_grid(self, limits: Limits, target: str) -> Self:  # noqa: ARG002  most sweep no times
        """Return the request with times and other steps that the lines of its target can play.

        Times are rounded up; values on the grid stay unchanged.
        """
        return self

    def without_repeats(self, limits: Limits, target: str) -> Self:
        """Return the request without points that would be played like an earlier one.

        A guard or a coarse grid can make points equal. Repeats in the request itself, such as random sequences, stay.
        """
        played = self.on_grid(limits, target).x
        _, first = np.unique(played, return_index=True)
        if first.size == played.size or np.unique(self.x).size == first.size:
            return self
        return replace(self, **{self.swept: self.x[np.sort(first)]})

    def shuffled(self, seed: int) -> Self:
        """Return the request with its sweep in a random order."""
        order = np.random.default_rng(seed).permutation(self.x.size)
        return replace(self, **{self.swept: self.x[order]})

    def shortened(self) -> Self:
        """Return a request of few points that plays the same settings: by default the last point."""
        return replace(self, **{self.swept: self.x[-1:]}) if self.swept else self

    def compiled(self, target: str, at: Setup) -> Compiled:  # noqa: ARG002  for those that say how
        """Return the programs of the request, which is already `on_grid`.

        Raises
        ------
        InvalidInputError
            If its settings in use cannot be played, or requests of this kind define no programs.
        """
        raise InvalidInputError(
            f"{target}: {type(self).__name__} has no `compiled`, so only a laboratory that measures it itself supports it"
        )

    def _keep_sweep(self, name: str, *, signed: bool = False, whole: bool = False) -> None:
        object.__setattr__(self, name, check_sweep(name, getattr(self, name), signed=signed, whole=whole))


def check_sweep(name: str, values: ArrayLike, *, signed: bool = False, whole: bool = False) -> Floats:
    """Return a sweep as a new read-only array, or raise `InvalidInputError`."""
    try:
        found = np.array(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInputError(f"{name}: a sweep is a list of finite numbers ({error})") from error
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise InvalidInputError(f"{name}: a sweep is a non-empty list of finite numbers")
    if not signed and (found < 0).any():
        raise InvalidInputError(f"{name}: a sweep must not contain negative numbers")
    if whole and (found != np.round(found)).any():
        raise InvalidInputError(f"{name}: a sweep must consist of whole numbers")
    found.setflags(write=False)
    return found


def require_number(name: str, value: float, *, above: float = -math.inf) -> None:
    """Raise `InvalidInputError` unless a value is a finite number larger than `above`."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise InvalidInputError(f"{name}: {value!r} is not a number")
    if not (math.isfinite(value) and value > above):
        least = "" if above == -math.inf else f" above {above:g}"
        raise InvalidInputError(f"{name}: {value!r} is not a finite number{least}")


def require_count(name: str, value: int) -> None:
    """Raise `InvalidInputError` unless a value is a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise InvalidInputError(f"{name}: {value!r} is not a positive whole number")


def require_amplitude(value: float | None) -> None:
    """Raise `InvalidInputError` unless an amplitude is None or a finite number that is not negative."""
    if value is not None:
        require_number("amplitude", value)
        if value < 0:
            raise InvalidInputError(f"amplitude: {value!r} is negative")


def require_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raise `InvalidInputError` unless a value is one of `choices`; a bool is not a number."""
    if isinstance(value, bool) or value not in choices:
        raise InvalidInputError(f"{name}: {value!r} is not one of {', '.join(repr(one) for one in choices)}")


def name_amplitude(amplitude: float | None, target: str) -> Mapping[str, float]:
    """Return the amplitude that a request sets, by qubit; empty for the one in use."""
    return {} if amplitude is None else {target: abs(float(amplitude))}
