"""Ids of qubits and couplings, and the labels and orders that users may write. Lists: `target_lists`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.models.chip import CouplingModel

TargetKind = Literal["qubit", "coupling"]
TARGET_KINDS: tuple[TargetKind, ...] = get_args(TargetKind)

# Only ASCII digits: \d would accept numerals of other scripts, and two ids could look alike.
_NUMBER = re.compile(r"0|[1-9][0-9]*")
_LABEL = re.compile(r"[Qq]([0-9]+)")
_KEPT = 8192
"""Number of ids whose parts are kept: those of some chips, which plans and schedules ask for again and again."""


def parse_qubit_id(text: str) -> str:
    """Return the id of a qubit from its id (`"7"`) or label (`"Q07"`); raise InvalidInputError if it is neither."""
    if isinstance(text, str):
        if _NUMBER.fullmatch(text):
            return text
        if label := _LABEL.fullmatch(text):
            return label[1].lstrip("0") or "0"
    raise InvalidInputError(
        f"{text!r} is not a qubit: write a number without leading zeros ('7') or a label ('Q07')"
    )


def parse_coupling_id(text: str) -> str:
    """Return the id of the coupling between two qubits in either order: `"Q03-Q02"` is `"2-3"`.

    Raises
    ------
    InvalidInputError
        If it is not a pair of two different qubits.
    """
    parts = text.split("-") if isinstance(text, str) else []
    if len(parts) != 2:
        raise InvalidInputError(f"{text!r} is not a coupling: write its two qubits as in '0-1'")
    return make_coupling_id(*parts)


def parse_target_id(text: str) -> str:
    """Return the id of a coupling if `text` has a `-`, else of a qubit; InvalidInputError if neither."""
    return parse_coupling_id(text) if isinstance(text, str) and "-" in text else parse_qubit_id(text)


def make_coupling_id(a: str, b: str) -> str:
    """Return the id of the coupling between two qubits, whichever is named first.

    Raises
    ------
    InvalidInputError
        If one is not a qubit, or both are the same.
    """
    first, second = sorted((parse_qubit_id(a), parse_qubit_id(b)), key=by_number)
    if first == second:
        raise InvalidInputError(f"{a}-{b} is not a coupling: qubit {first} cannot be coupled to itself")
    return f"{first}-{second}"


@lru_cache(maxsize=_KEPT)
def split_coupling(coupling: str) -> tuple[str, str]:
    """Return the two qubits of a coupling, lower number first."""
    first, second = parse_coupling_id(coupling).split("-")
    return first, second


def get_target_kind(target: str) -> TargetKind:
    """Return the kind of a target, given its id."""
    return "coupling" if "-" in target else "qubit"


def list_parts(target: str) -> list[str]:
    """Return a qubit, or a coupling with its qubits."""
    return [target, *split_coupling(target)] if "-" in target else [target]


def get_control_qubit(coupling: CouplingModel) -> str:
    """Return the control qubit of a coupling: the chosen one, else the one with the lower number."""
    return coupling.control or split_coupling(coupling.qid)[0]


@lru_cache(maxsize=_KEPT)
def by_number(target: str) -> tuple[tuple[int, str], ...]:
    """Sort key that puts qubits (`"9"` before `"10"`) and couplings (`"2-9"` before `"2-10"`) in order of number."""
    # Numbers without leading zeros compare like (length, text), whatever their size.
    return tuple((len(part), part) for part in target.split("-"))
