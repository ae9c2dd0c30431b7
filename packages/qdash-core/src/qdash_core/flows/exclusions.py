"""Exclusions: named targets that a flow omits, with reasons."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from qdash_core.models.name_summary import summarize_names
from qdash_core.models.targets import by_number, split_coupling

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import Lacks
    from qdash_core.models.chip import CouplingModel, QubitModel

_NAMED = 5
"""Largest number of targets and of reasons in an error."""
_LONGEST_NOTE = 80


def find_set_aside(targets: Iterable[str], chip: Chip) -> dict[str, str]:
    """Return the reason for each target that is excluded or dead, or has such a qubit."""
    why = {target: _set_aside(target, chip) for target in targets}
    return {target: reason for target, reason in why.items() if reason is not None}


def find_lacking(
    targets: Sequence[str],
    known: Mapping[str, QubitModel | CouplingModel],
    lacks: Lacks,
    *,
    of: Literal["target", "qubits"] = "target",
) -> dict[str, str]:
    """Return the targets that do not meet a requirement, each with the reason.

    `known` has the current qubits and couplings; an absent target lacks everything. For a coupling, `of` tells
    whether to check the coupling itself or both its qubits.
    """
    why: dict[str, str] = {}
    for target in targets:
        for part in split_target(target, of=of):
            lack = lacks(known[part]) if part in known else "the chip does not have it"
            if lack is not None:
                why.setdefault(target, lack if part == target else f"qubit {part}: {lack}")
    return why


def split_target(target: str, *, of: Literal["target", "qubits"]) -> tuple[str, ...]:
    """Return the checked parts of a target: itself, or its qubits."""
    return split_coupling(target) if of == "qubits" and "-" in target else (target,)


def describe_exclusions(why: Mapping[str, str], *, briefly: bool = False) -> str:
    """Return targets grouped by reason, as text: `1-3, 3-5 (qubit 3 dead: open line); 7-8 (...)`.

    `briefly` tells whether to name only the first few and count the others.
    """
    return _join_reasons({target: why[target] for target in sorted(why, key=by_number)}, briefly=briefly)


def describe_skipped_tasks(why: Mapping[str, str], *, briefly: bool = False) -> str:
    """Return tasks with their reasons as text, in the given order. See `describe_exclusions`."""
    return _join_reasons(why, briefly=briefly)


def _join_reasons(why: Mapping[str, str], *, briefly: bool) -> str:
    alike: dict[str, list[str]] = {}
    for name, reason in why.items():
        alike.setdefault(reason, []).append(name)
    groups = list(alike.items())[: _NAMED if briefly else None]
    text = "; ".join(
        f"{summarize_names(names) if briefly else ', '.join(names)} ({reason})" for reason, names in groups
    )
    unsaid = len(why) - sum(len(names) for _, names in groups)
    return f"{text}; and {unsaid} more" if unsaid else text


def _set_aside(target: str, chip: Chip) -> str | None:
    if "-" not in target:
        return _describe_status(chip.qubits[target])
    if (own := _describe_status(chip.couplings[target])) is not None:
        return own
    those = ((qid, _describe_status(chip.qubits[qid])) for qid in split_coupling(target))
    return next((f"qubit {qid} {standing}" for qid, standing in those if standing is not None), None)


def _describe_status(model: QubitModel | CouplingModel) -> str | None:
    """Return the status with the text of the note, such as `dead: open line`, or None if the target is not set aside."""
    if not model.status.set_aside:
        return None
    note = shorten(model.note.content, _LONGEST_NOTE, placeholder=" ...")
    return f"{model.status}: {note}" if note else str(model.status)
