"""Targets: lists that users type into the dashboard, parsed by the rules of every interface, and links to their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_core.models.target_lists import (
    parse_couplings,
    parse_qubits,
    parse_targets,
    require_known_targets,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_ui_streamlit.view import View

Kind = Literal["qubit", "coupling", "either", "chip"]
"""Kind of target: `either` for a flow, which takes qubits or couplings; `chip` for a task without targets."""


@dataclass(frozen=True, slots=True)
class ChipTargets:
    """Qubits and couplings of a chip, in order of number."""

    chip_id: str
    qubits: Collection[str]
    couplings: Collection[str]


def parse_target_list(text: str, kind: Kind, chip: ChipTargets) -> tuple[str, ...]:
    """Return the typed targets of a kind, none for an empty text.

    Raises InvalidInputError if one is not a target of the kind or not on the chip.
    """
    if not text.strip():
        return ()
    parse = {"qubit": parse_qubits, "coupling": parse_couplings}.get(kind, parse_targets)
    found = parse(text)
    require_known_targets(
        found, chip.chip_id, qubits=chip.qubits, couplings=chip.couplings, both_kinds=kind == "either"
    )
    return found


def make_target_url(view: View, chip_id: str, target: str, **more: str) -> str:
    """Return the URL of the page of a qubit or coupling."""
    word = "coupling" if "-" in target else "qubit"
    return view.link(word, chip=chip_id, **{word: target}, **more)
