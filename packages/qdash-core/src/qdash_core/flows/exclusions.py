"""Exclusions: targets that a flow leaves out although they were named, each with the reason."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

from qdash_core.models.targets import by_number, qubits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import Lacks
    from qdash_core.models.chip import CouplingModel, QubitModel

_NAMED = 5
"""Targets, and reasons, that an error names at most."""
_LONGEST_NOTE = 80


def find_set_aside(targets: Iterable[str], chip: Chip) -> dict[str, str]:
    """Return the reason for each target that a person has marked excluded or dead, itself or one of its qubits."""
    why = {target: _set_aside(target, chip) for target in targets}
    return {target: reason for target, reason in why.items() if reason is not None}


def find_lacking(
    targets: Sequence[str],
    known: Mapping[str, QubitModel | CouplingModel],
    lacks: Lacks,
    *,
    of: Literal["target", "qubits"] = "target",
) -> dict[str, str]:
    """Return those of these targets that lack something, each with what.

    Parameters
    ----------
    known : mapping of str to model
        Qubits and couplings as they are; what is not there lacks everything.
    of : {"target", "qubits"}
        What is looked at where a target is a coupling: itself, or both its qubits.
    """
    why: dict[str, str] = {}
    for target in targets:
        for part in parts_of(target, of=of):
            lack = lacks(known[part]) if part in known else "the chip does not have it"
            if lack is not None:
                why.setdefault(target, lack if part == target else f"qubit {part}: {lack}")
    return why


def parts_of(target: str, *, of: Literal["target", "qubits"]) -> tuple[str, ...]:
    """Return the parts of a target that are looked at: itself, or its qubits."""
    return qubits_of(target) if of == "qubits" and "-" in target else (target,)


def describe_exclusions(why: Mapping[str, str], *, briefly: bool = False) -> str:
    """Return targets with their reasons, those of one reason together: `1-3, 3-5 (qubit 3 dead: open line); 7-8 (...)`.

    Parameters
    ----------
    briefly : bool
        Whether only the first few are named, and the others counted.
    """
    return _with_reasons({target: why[target] for target in sorted(why, key=by_number)}, briefly=briefly)


def describe_skipped_tasks(why: Mapping[str, str], *, briefly: bool = False) -> str:
    """Return tasks with their reasons, in the order given. As `describe_exclusions`."""
    return _with_reasons(why, briefly=briefly)


def _with_reasons(why: Mapping[str, str], *, briefly: bool) -> str:
    alike: dict[str, list[str]] = {}
    for name, reason in why.items():
        alike.setdefault(reason, []).append(name)
    groups = list(alike.items())[: _NAMED if briefly else None]
    said = "; ".join(
        f"{abbreviate(names) if briefly else ', '.join(names)} ({reason})" for reason, names in groups
    )
    unsaid = len(why) - sum(len(names) for _, names in groups)
    return f"{said}; and {unsaid} more" if unsaid else said


def abbreviate(names: Sequence[str], number: int = _NAMED) -> str:
    """Return the first names, and how many there are more."""
    more = f" and {len(names) - number} more" if len(names) > number else ""
    return ", ".join(names[:number]) + more


def _set_aside(target: str, chip: Chip) -> str | None:
    if "-" not in target:
        return _standing(chip.qubits[target])
    if (own := _standing(chip.couplings[target])) is not None:
        return own
    those = ((qid, _standing(chip.qubits[qid])) for qid in qubits_of(target))
    return next((f"qubit {qid} {standing}" for qid, standing in those if standing is not None), None)


def _standing(model: QubitModel | CouplingModel) -> str | None:
    """Return `dead: open line`, with the text of the note, or None if it is not set aside."""
    if not model.status.set_aside:
        return None
    note = shorten(model.note.content, _LONGEST_NOTE, placeholder=" ...")
    return f"{model.status}: {note}" if note else str(model.status)
