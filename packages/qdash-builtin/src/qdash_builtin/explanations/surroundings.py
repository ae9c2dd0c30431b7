"""Features of a result from its surroundings: other targets of the run, and values of coupled qubits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.resources import ResourceKind
from qdash_core.models.references import Reference
from qdash_core.models.targets import by_number, split_coupling
from qdash_core.models.task import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from qdash_builtin.explanations.features import Features
    from qdash_builtin.values.resources import Resource
    from qdash_core.chips.chip import Chip
    from qdash_core.models.task import AttemptSummary, TaskResultModel

BAD = (Outcome.FAILED, Outcome.FLAGGED)
MEASURED = (Outcome.ACCEPTED, *BAD)
_MOST_SOURCES = 8
_KINDS = {"mux": ResourceKind.MULTIPLEXER, "line": ResourceKind.LINE, "module": ResourceKind.MODULE}
_FREQUENCY, _ANHARMONICITY = "qubit_frequency", "anharmonicity"


def add_shares(
    features: Features,
    target: str,
    chip: Chip,
    resources: Mapping[Resource, Collection[str]],
    others: OtherTargets,
) -> None:
    """Add the shares and numbers of other targets of the same execution that failed, by groups, and whether the chip has multiplexers."""
    features.put("multiplexed", float(any(one.kind is ResourceKind.MULTIPLEXER for one in resources)))
    same = {qid: one.task_id for qid, one in others.same_task.items() if one.outcome in BAD}
    for name, members in _iter_groups(target, chip, resources):
        _add_share(features, ("share_failed", "n_failed"), name, members, same, others.same_task)
        _add_share(
            features, ("share_any_failed", "n_any_failed"), name, members, others.any_bad, others.any_task
        )
        _add_share(features, (None, "n_alike"), name, members, others.alike, others.same_task)


@dataclass(frozen=True, slots=True)
class OtherTargets:
    """Other targets of an execution, without those whose failures are no evidence.

    Parameters
    ----------
    same_task : mapping of str to AttemptSummary
        The last attempt at the task of the result, by target.
    any_task : collection of str
        Targets of any task.
    any_bad : mapping of str to str
        Id of a failed or flagged result of each target that has any, of the same task if there is one.
    alike : mapping of str to str
        Those of them whose result is of the same task and has the same outcome and the same words.
    """

    same_task: Mapping[str, AttemptSummary]
    any_task: Collection[str]
    any_bad: Mapping[str, str]
    alike: Mapping[str, str]


def _add_share(
    features: Features,
    names: tuple[str | None, str],
    group: str,
    members: Collection[str],
    bad: Mapping[str, str],
    every: Collection[str],
) -> None:
    """Add the share and the number of the members of a group that are bad."""
    examined = sorted({*members} & {*every}, key=by_number)
    affected = [qid for qid in examined if qid in bad]
    share, number = names
    if not examined:
        return
    ratio = len(affected) / len(examined)
    known = f"{share}.{group}" if share else f"{number}.{group}"
    if (ratio if share else len(affected)) < features.values.get(known, 0.0):
        return  # of several modules, that with the largest share counts
    sources = [Reference("result", bad[qid]) for qid in affected[:_MOST_SOURCES]]
    partner = ", ".join(affected[:_MOST_SOURCES])
    if group == "chip" and share == "share_any_failed":
        sources, partner = [], ""  # failures anywhere are the background, not the evidence
    if share is not None:
        features.put(f"{share}.{group}", ratio, sources=sources, partner=partner)
    features.put(f"{number}.{group}", len(affected), sources=sources, partner=partner)


def _iter_groups(
    target: str, chip: Chip, resources: Mapping[Resource, Collection[str]]
) -> Iterator[tuple[str, Collection[str]]]:
    for name, kind in _KINDS.items():
        for resource, members in resources.items():
            if resource.kind is kind and target in members:
                yield name, members
    yield "chip", [*chip.qubits, *chip.couplings]
    yield "neighbours", list_neighbours(chip, target)


def list_neighbours(chip: Chip, target: str) -> list[str]:
    """Return the qubits that are coupled to a qubit, or the couplings that share a qubit with a coupling."""
    if "-" in target:
        ends = {*split_coupling(target)}
        return [one for one in chip.couplings if one != target and ends.intersection(split_coupling(one))]
    return [*chip.topology.neighbours(target)] if target in chip.qubits else []


def add_frequency_gaps(features: Features, result: TaskResultModel, chip: Chip) -> None:
    """Add the distances of the values of a qubit from those of the coupled qubits.

    `neighbour_gap.NAME` is the smallest distance of a value. `neighbour_f12_gap` is that of the frequency of one qubit from the 1-2
    transition of the other, in GHz.
    """
    if result.qid not in chip.qubits:
        return
    own = {name: float(one.value) for name, one in chip.qubits[result.qid].data.items()}
    own |= {name: float(one.value) for name, one in result.output_parameters.items()}
    for qid in list_neighbours(chip, result.qid):
        data = chip.qubits[qid].data
        for name, value in own.items():
            if name in data:
                sources = [data[name].task_id]
                _put_smaller(features, f"neighbour_gap.{name}", abs(value - data[name].value), qid, sources)
        other = {name: float(data[name].value) for name in (_FREQUENCY, _ANHARMONICITY) if name in data}
        if {_FREQUENCY, _ANHARMONICITY} <= own.keys() & other.keys():
            gap = min(
                abs(own[_FREQUENCY] - other[_FREQUENCY] - other[_ANHARMONICITY]),
                abs(other[_FREQUENCY] - own[_FREQUENCY] - own[_ANHARMONICITY]),
            )
            sources = [data[name].task_id for name in other]
            _put_smaller(features, "neighbour_f12_gap", gap, qid, sources)


def _put_smaller(features: Features, name: str, gap: float, qid: str, task_ids: Collection[str]) -> None:
    if name not in features.values or gap < features.values[name]:
        sources = [Reference("result", one) for one in dict.fromkeys(task_ids) if one]
        features.put(name, gap, sources=sources, partner=qid)
