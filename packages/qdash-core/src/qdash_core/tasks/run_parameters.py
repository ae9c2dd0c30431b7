"""Run parameters, such as shots and sweeps, with type and bounds."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.json_parser import parse_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


ValueType = Literal["int", "float", "bool", "str", "list", "range", "np.linspace", "np.logspace", "np.arange"]

SWEEPS = ("range", "np.linspace", "np.logspace", "np.arange")
"""Types of sweeps, each named after the function whose arguments it takes."""
_MAX_POINTS = 1_000_000
_LONGEST_EXCERPT = 80
_DIGEST_LENGTH = 16
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class RunParameter:
    """A setting of a measurement.

    Parameters
    ----------
    value : object
        The default, or None to let the task choose. A sweep type (`range`, `np.linspace`, `np.logspace`,
        `np.arange`) takes the arguments of the function that it is named after.
    value_type : str
        One of `ValueType`.
    unit : str
        Unit of the value. The default unit of times is ns.
    minimum, maximum : float or None
        Inclusive bounds; for lists and sweeps, of each number.
    choices : sequence or None
        The permitted values.
    description : str
        Meaning of the setting.
    """

    value: Any = None
    value_type: ValueType = "float"
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[Any] | None = None
    description: str = ""

    def override(self, name: str, raw: object) -> RunParameter:
        """Return the same declaration with another value, validated by type, then by range.

        `raw` is the value, or as text; for a list also a `RunParameter` of a sweep type, whose points become the
        list. Messages name it `name`.

        Raises
        ------
        InvalidInputError
            If `raw` does not have the declared type or lies outside the bounds or choices.
        """
        chosen = self.typed(name, raw)
        chosen.check_range(name)
        return chosen

    def typed(self, name: str, raw: object) -> RunParameter:
        """Return the same declaration with another value of the declared type, without a check of its range.

        Raises
        ------
        InvalidInputError
            If `raw` does not have the declared type.
        """
        return replace(self, value=self._parse(name, raw))

    def check_range(self, name: str) -> None:
        """Raise InvalidInputError for a value outside the bounds or choices, or a sweep of more than a million points.

        The message names the limit.
        """
        if self.choices is not None and self.value not in self.choices:
            raise InvalidInputError(
                f"{name}: {self.value!r} is not one of {', '.join(map(str, self.choices))}"
            )
        if self.value_type in SWEEPS and _count_points(self.value_type, self.value) > _MAX_POINTS:
            raise InvalidInputError(f"{name}: a sweep of more than {_MAX_POINTS} points")
        unit = f" {self.unit}" if self.unit else ""
        swept = self.resolved()
        for number in swept if self.value_type in ("list", *SWEEPS) else [swept]:
            if self.minimum is not None and number < self.minimum:
                raise InvalidInputError(
                    f"{name}: {_format_number(number)} is below the minimum of {self.minimum:g}{unit}"
                )
            if self.maximum is not None and number > self.maximum:
                raise InvalidInputError(
                    f"{name}: {_format_number(number)} is above the maximum of {self.maximum:g}{unit}"
                )

    def resolved(self) -> Any:
        """Return the value for the task: a number, text, a list, or a numpy array for the sweep types."""
        if self.value is None or self.value_type not in SWEEPS:
            return self.value
        import numpy as np

        if self.value_type == "range":
            return np.arange(*(int(part) for part in self.value))
        if self.value_type == "np.arange":
            return np.arange(*self.value)
        start, stop, count = self.value
        sweep = np.linspace if self.value_type == "np.linspace" else np.logspace
        return sweep(start, stop, int(count))

    def _parse(self, name: str, raw: object) -> Any:
        try:
            match self.value_type:
                case "int":
                    return _parse_integer(raw)
                case "float":
                    return _number(raw)
                case "bool":
                    return _parse_bool(raw)
                case "str":
                    return _parse_text(raw)
                case _:
                    return self._parse_list(raw)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidInputError(
                f"{name}: {_shorten(raw)} is not {_describe_type(self.value_type)}"
            ) from error

    def _parse_list(self, raw: object) -> tuple[float, ...]:
        if isinstance(raw, RunParameter):
            raw = self._convert_sweep(raw)
        parts = (
            parse_json(raw if raw.lstrip().startswith("[") else f"[{raw}]") if isinstance(raw, str) else raw
        )
        if not isinstance(parts, (list, tuple)) or not parts:
            raise ValueError
        numbers = tuple(_number(part) for part in parts)
        if self.value_type == "range":
            numbers = tuple(_parse_integer(number) for number in numbers)
        if self.value_type in ("np.linspace", "np.logspace") and (
            len(numbers) != 3 or _parse_integer(numbers[2]) < 2
        ):
            raise ValueError
        if self.value_type in ("range", "np.arange") and (
            len(numbers) > 3 or (len(numbers) == 3 and numbers[2] == 0)
        ):
            raise ValueError
        return numbers

    def _convert_sweep(self, given: RunParameter) -> object:
        """Return the arguments of a sweep of the declared type, or the points of one for a list."""
        if given.value_type == self.value_type:
            return given.value
        if self.value_type == "list" and given.value_type in SWEEPS:
            return given.resolved().tolist()
        raise TypeError


@dataclass(frozen=True, slots=True)
class AnalysisOption(RunParameter):
    """A choice of a task's analysis that a refit may change, such as the model of a fit.

    It is declared like a run parameter, with a default that stands for the analysis of the measurement. `postprocess`
    and `figure` read it from `RawData.options`, which holds the choices that differ from the default.
    """


class _HasValue(Protocol):
    """A run parameter, declared or recorded."""

    @property
    def value(self) -> Any:
        """The value, or None if the task chooses it."""


def digest_run_parameters(parameters: Mapping[str, _HasValue]) -> str:
    """Return a short digest of the values of run parameters, the same for declared and recorded ones.

    Values that the task chooses are left out, so that a parameter that is declared later changes no digest.
    """
    values = {name: _to_canonical(one.value) for name, one in parameters.items() if one.value is not None}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:_DIGEST_LENGTH]


def _to_canonical(value: Any) -> Any:
    """Return a value as JSON stores it, with every number as a float."""
    if isinstance(value, (list, tuple)):
        return [_to_canonical(one) for one in value]
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _count_points(value_type: ValueType, numbers: Sequence[float]) -> float:
    """Return the number of points of a sweep without creating it."""
    if value_type in ("np.linspace", "np.logspace"):
        return numbers[2]
    start, stop, step = (0, numbers[0], 1) if len(numbers) == 1 else (*numbers, 1)[:3]
    return max(0.0, (stop - start) / step)


def _shorten(raw: object) -> str:
    text = repr(raw)
    return text if len(text) <= _LONGEST_EXCERPT else f"{text[:_LONGEST_EXCERPT]}..."


def _format_number(number: float) -> str:
    try:
        return f"{number:g}"
    except OverflowError:  # a whole number beyond the largest float
        return f"a number of {len(str(abs(number)))} digits"


def _parse_integer(raw: object) -> int:
    if isinstance(raw, bool):
        raise TypeError
    if isinstance(raw, (int, str)):
        return int(raw)
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    raise TypeError


def _number(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise TypeError
    number = float(raw)
    if not math.isfinite(number):
        raise ValueError
    return number


def _parse_bool(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError


def _parse_text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _describe_type(value_type: ValueType) -> str:
    match value_type:
        case "int":
            return "a whole number"
        case "float":
            return "a finite number"
        case "bool":
            return "true or false"
        case "str":
            return "text"
        case "list":
            return "a list of numbers such as [0, 100, 200]"
        case "range":
            return "[start, stop, step] of range, all whole numbers"
        case "np.linspace" | "np.logspace":
            return f"[start, stop, count] of {value_type}"
        case _:
            return f"[start, stop, step] of {value_type}"
