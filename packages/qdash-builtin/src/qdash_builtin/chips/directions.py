"""Directions of couplings that a user lists."""

from __future__ import annotations

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import make_coupling_id, parse_qubit_id
from qdash_core.scheduling.directions import RULES


def parse_directions(text: str) -> dict[str, str]:
    """Return the control qubits of a list such as `"1-0,Q02-Q03"`, in which the control comes first.

    Raises
    ------
    InvalidInputError
        If a part is not a pair of qubits, or a coupling occurs twice.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        control, dash, target = part.strip().partition("-")
        if not dash:
            raise InvalidInputError(
                f"{part.strip()!r} is neither a rule of directions ({', '.join(RULES)}) nor a control and a target, "
                "as in '1-0'"
            )
        coupling = make_coupling_id(control, target)
        if coupling in found:
            raise InvalidInputError(f"the direction of {coupling} is given twice")
        found[coupling] = parse_qubit_id(control)
    return found
