"""How a task is run (shots, sweeps): declared with a type and bounds, overridden per flow and per task."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.tasks.base import BaseTask

ValueType = Literal["int", "float", "bool", "str", "list", "range", "np.linspace", "np.logspace", "np.arange"]

_SWEEPS = ("range", "np.linspace", "np.logspace", "np.arange")
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class RunParameter:
    """A setting of a measurement.

    Parameters
    ----------
    value : object
        The default; None lets the task choose. A sweep type (`range`, `np.linspace`, `np.logspace`, `np.arange`)
        takes the arguments of the function it is named after.
    value_type : str
        One of `ValueType`.
    unit : str
        Unit of the value; times are in ns unless it says otherwise.
    minimum, maximum : float or None
        Bounds, inclusive; for lists and sweeps, of each number that is swept.
    choices : sequence or None
        The values that are allowed.
    description : str
        What it sets.
    """

    value: Any = None
    value_type: ValueType = "float"
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: Sequence[Any] | None = None
    description: str = ""

    def override(self, name: str, raw: object) -> RunParameter:
        """Return the same declaration with another value, checked: type first, then range.

        Raises
        ------
        InvalidInputError
            If `raw` does not have the declared type or lies outside the bounds or choices.
        """
        value = self._parsed(name, raw)
        self._check_range(name, value)
        return replace(self, value=value)

    def resolved(self) -> Any:
        """Return what the task works with: a number, text, a list, or a numpy array for the sweep types."""
        if self.value is None or self.value_type not in _SWEEPS:
            return self.value
        import numpy as np

        if self.value_type == "range":
            return np.arange(*(int(part) for part in self.value))
        if self.value_type == "np.arange":
            return np.arange(*self.value)
        start, stop, count = self.value
        sweep = np.linspace if self.value_type == "np.linspace" else np.logspace
        return sweep(start, stop, int(count))

    def _parsed(self, name: str, raw: object) -> Any:
        try:
            match self.value_type:
                case "int":
                    return _integer(raw)
                case "float":
                    return _number(raw)
                case "bool":
                    return _truth(raw)
                case "str":
                    return _text(raw)
                case _:
                    return self._parsed_list(raw)
        except (TypeError, ValueError, OverflowError) as error:
            raise InvalidInputError(f"{name}: {raw!r} is not {_spoken(self.value_type)}") from error

    def _parsed_list(self, raw: object) -> tuple[float, ...]:
        parts = (
            json.loads(raw if raw.lstrip().startswith("[") else f"[{raw}]") if isinstance(raw, str) else raw
        )
        if not isinstance(parts, (list, tuple)) or not parts:
            raise ValueError
        numbers = tuple(_number(part) for part in parts)
        if self.value_type == "range":
            numbers = tuple(_integer(number) for number in numbers)
        if self.value_type in ("np.linspace", "np.logspace") and (
            len(numbers) != 3 or _integer(numbers[2]) < 2
        ):
            raise ValueError
        if self.value_type in ("range", "np.arange") and (
            len(numbers) > 3 or (len(numbers) == 3 and numbers[2] == 0)
        ):
            raise ValueError
        return numbers

    def _check_range(self, name: str, value: Any) -> None:
        if self.choices is not None and value not in self.choices:
            raise InvalidInputError(f"{name}: {value!r} is not one of {', '.join(map(str, self.choices))}")
        if self.minimum is None and self.maximum is None:
            return
        swept = replace(self, value=value).resolved()
        numbers = swept if self.value_type in ("list", *_SWEEPS) else [swept]
        unit = f" {self.unit}" if self.unit else ""
        for number in numbers:
            if self.minimum is not None and number < self.minimum:
                raise InvalidInputError(f"{name}: {number:g} is below the minimum of {self.minimum:g}{unit}")
            if self.maximum is not None and number > self.maximum:
                raise InvalidInputError(f"{name}: {number:g} is above the maximum of {self.maximum:g}{unit}")


def apply_overrides(
    declared: Mapping[str, RunParameter], overrides: Mapping[str, object], *, task: str
) -> dict[str, RunParameter]:
    """Return the declared run parameters of `task` with those in `overrides` replaced.

    Raises
    ------
    InvalidInputError
        If a name is not declared by the task, or a value is not what was declared.
    """
    unknown = sorted(set(overrides) - set(declared))
    if unknown:
        known = ", ".join(declared) or "none"
        raise InvalidInputError(f"{task} has no run parameter {unknown[0]!r} (it has: {known})")
    return {
        name: parameter.override(f"{task}.{name}", overrides[name]) if name in overrides else parameter
        for name, parameter in declared.items()
    }


def run_parameters_of(
    task: type[BaseTask], session: Mapping[str, Any], own: Mapping[str, object]
) -> dict[str, RunParameter]:
    """Return the run parameters of a task in a session.

    Parameters
    ----------
    task : type of BaseTask
        The task with its declarations.
    session : mapping
        Overrides for all tasks that declare the name, and under a task's name for that task alone.
    own : mapping
        Overrides of this one run; they win.
    """
    general = {name: value for name, value in session.items() if name in task.run_parameters}
    specific = session.get(task.name, {})
    if not isinstance(specific, Mapping):
        raise InvalidInputError(f"{task.name}: {specific!r} is not a mapping of its run parameters to values")
    return apply_overrides(task.run_parameters, {**general, **specific, **own}, task=task.name)


def check_overrides(tasks: Sequence[type[BaseTask]], overrides: Mapping[str, Any]) -> None:
    """Refuse overrides that no task of a flow would ever see.

    Raises
    ------
    InvalidInputError
        Naming the override: a task that is not in the flow, or a parameter that none of its tasks declares.
    """
    names = {task.name for task in tasks}
    declared = {name for task in tasks for name in task.run_parameters}
    for name, value in overrides.items():
        if isinstance(value, dict):
            if name not in names:
                raise InvalidInputError(
                    f"{name}: not a task of this flow (it has: {', '.join(sorted(names))})"
                )
        elif name not in declared:
            raise InvalidInputError(
                f"{name}: no task of this flow has such a run parameter (they have: {', '.join(sorted(declared))})"
            )
    for task in tasks:
        run_parameters_of(task, overrides, {})


def _integer(raw: object) -> int:
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


def _truth(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError
    return raw


def _spoken(value_type: ValueType) -> str:
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
