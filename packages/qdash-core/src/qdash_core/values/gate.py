"""Gate of values: the checks of every value before it becomes a chip's, from whatever source."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.models.estimates import LARGEST_NUMBER, Parameter, is_usable_number, unit_symbol
from qdash_core.models.units import convert_parameter, require_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

CLOCK_TOLERANCE = timedelta(minutes=5)
"""Largest difference of the clocks of a laboratory: a value may be dated so far in the future."""
SIGMAS = 3.0
"""Standard deviations by which an estimate may be outside of its limits."""


class ValueDefinition(Protocol):
    """Declared parameter of qubits or couplings."""

    @property
    def unit(self) -> str:
        """Unit of the value."""

    @property
    def description(self) -> str:
        """Meaning of the value."""

    @property
    def minimum(self) -> float | None:
        """Lower physical bound."""

    @property
    def maximum(self) -> float | None:
        """Upper physical bound."""

    @property
    def positive(self) -> bool:
        """True if a value of 0 or below is meaningless, whatever its error."""


def admit(
    name: str,
    given: Parameter,
    declared: ValueDefinition | None = None,
    *,
    measured_at: datetime | None = None,
    now: datetime | None = None,
) -> Parameter:
    """Return a value in its declared unit, after all checks of values.

    `declared` is None for a parameter that nothing declares: only its numbers and its time are checked. `measured_at`
    is the time of the measurement, if known, and `now` the present one of the home.

    Raises
    ------
    InvalidInputError
        If the value is not a finite number, its error is not positive, its unit is of another dimension, it is outside of its limits,
        or it was measured in the future.
    """
    check_number(name, given)
    if measured_at is not None and now is not None and measured_at > now + CLOCK_TOLERANCE:
        raise InvalidInputError(
            f"{name} was measured at {measured_at.isoformat()}, in the future: the time is {now.isoformat(timespec='seconds')}"
        )
    if declared is None:
        return given
    value = convert_parameter(name, given, declared.unit)
    check_number(name, value)
    excess = describe_excess(name, value, declared)
    if excess is not None:
        raise InvalidInputError(excess)
    return value


def state_unit(name: str, given: object, declared: ValueDefinition) -> Parameter:
    """Return a user's estimate with its unit. An empty unit stands for that of the quantity, in which interfaces show it.

    Raises
    ------
    InvalidInputError
        If it is no estimate (see `make_estimate`), or its unit is of another dimension than that of the quantity.
    """
    estimate = make_estimate(name, given)
    require_alike(name, estimate.unit or declared.unit, declared.unit)
    return replace(estimate, unit=estimate.unit or declared.unit or "1")


def check_each(
    values: Mapping[str, object], check: Callable[[str, object], Parameter], problems: Iterable[str] = ()
) -> dict[str, Parameter]:
    """Check each value, and return the results by name.

    Raises
    ------
    InvalidInputError
        If there are `problems`, or the check refuses values; the message names all of them.
    """
    found, said = {}, [*problems]
    for name, value in values.items():
        try:
            found[name] = check(name, value)
        except InvalidInputError as error:
            said.append(str(error))
    if said:
        raise InvalidInputError("; ".join(said))
    return found


def make_estimate(name: str, given: Any) -> Parameter:
    """Return an estimate from a number, a pair of value and error, or an object with these and perhaps `unit` as attributes.

    Raises
    ------
    InvalidInputError
        If it is anything else, such as text, or does not pass `check_number`.
    """
    unit = ""
    try:
        if hasattr(given, "value"):
            value, error, unit = given.value, given.error, getattr(given, "unit", "")
        elif isinstance(given, tuple | list):
            value, error = given
        else:
            value, error = given, None
        estimate = Parameter(to_number(value), None if error is None else to_number(error), str(unit))
    except (AttributeError, TypeError, ValueError):
        raise InvalidInputError(
            f"{name} cannot be {given!r:.200}: give a number, a pair of value and error, or an object with value and error"
        ) from None
    check_number(name, estimate)
    return estimate


def to_number(number: Any) -> float:
    """Return a number of Python or NumPy, also in an array of one element, as a float; TypeError for anything else, such as text."""
    number = number.item() if hasattr(number, "item") else number
    if isinstance(number, bool) or not isinstance(number, Real):
        raise TypeError(number)
    try:
        return float(number)
    except OverflowError:  # of an int
        return -math.inf if number < 0 else math.inf


def check_number(name: str, value: Parameter) -> None:
    """Raise InvalidInputError unless a value is finite and its error positive or unknown."""
    if not is_usable_number(value.value):
        raise InvalidInputError(
            f"{name} must be a finite number of at most {LARGEST_NUMBER:g}, not {value.value}"
        )
    if value.error is not None and not (is_usable_number(value.error) and value.error > 0):
        raise InvalidInputError(
            f"the error of {name} must be positive and at most {LARGEST_NUMBER:g}, not {value.error}: leave it out if it is unknown"
        )


def describe_excess(name: str, value: Parameter, declared: ValueDefinition) -> str | None:
    """Return the text of a refusal if a value in its declared unit is outside of its limits, else None.

    An estimate may be outside by three errors, but by at most half the distance of the limits: no error, however large, makes
    98.5 a fidelity. A positive quantity has no such tolerance at 0.
    """
    low, high = declared.minimum, declared.maximum
    slack = SIGMAS * (value.error or 0.0)
    if low is not None and high is not None:
        slack = min(slack, (high - low) / 2)
    if declared.positive and value.value <= 0:
        return _describe(name, value, "below" if value.value < 0 else "not above", "minimum", 0.0)
    if low is not None and value.value + slack < low:
        return _describe(name, value, "below", "minimum", low)
    if high is not None and value.value - slack > high:
        return _describe(name, value, "above", "maximum", high)
    return None


def _describe(name: str, value: Parameter, side: str, bound: str, limit: float) -> str:
    unit = f"\N{NO-BREAK SPACE}{unit_symbol(value.unit)}" if value.unit else ""
    return f"{name} = {value.value:.6g}{unit} is {side} its {bound} of {limit:g}{unit}"
