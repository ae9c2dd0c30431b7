"""Named orders of the resonators of a multiplexer, as in the original."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qdash_core.errors import InvalidInputError
from qdash_core.parsing.similar_names import suggest

_TASK = "CheckResonatorSpectroscopy"
_PARAMETER = "resonator_assignment_pattern"
_PATTERNS = {"default": (3, 0, 2, 1), "16q": (0, 3, 1, 2)}
"""Places of the qubits in their multiplexer, in the order of their resonators by frequency."""


def make_positions(pattern: str) -> list[int]:
    """Return the place by frequency of the resonator of each qubit of a multiplexer.

    Raises
    ------
    InvalidInputError
        If there is no such pattern.
    """
    order = _PATTERNS.get(str(pattern).strip().lower())
    if order is None:
        raise InvalidInputError(
            f"there is no {_PARAMETER} {pattern!r}{suggest(str(pattern), _PATTERNS)} (there are: {', '.join(_PATTERNS)})"
        )
    return [order.index(place) for place in range(len(order))]


def split_pattern(run_parameters: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return run parameters as values without the pattern that the original's spectroscopy has, and the pattern."""
    own = run_parameters.get(_TASK)
    if not isinstance(own, Mapping) or _PARAMETER not in own:
        return dict(run_parameters), None
    rest = {name: value for name, value in own.items() if name != _PARAMETER}
    return {**run_parameters, _TASK: rest}, own[_PARAMETER]
