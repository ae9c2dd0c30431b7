"""Provenance of values: the edges between results, value events and releases.

The relations are those of W3C PROV-DM (https://www.w3.org/TR/prov-dm/). A node is named by its kind and id: `result:ID`,
`event:NUMBER` or `release:CHIP/NAME`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from qdash_core.models.base import Record
from qdash_core.models.value_change import ValueChangeModel, ValueEventKind


class Relation(StrEnum):
    """Relation of the subject of an edge to its object, as in W3C PROV."""

    USED = "used"
    """A result used a value of a result as an input, or a value event concerns a result."""
    GENERATED = "wasGeneratedBy"
    """A result records values that a user set or imported with a value event."""
    DERIVED = "wasDerivedFrom"
    """A refit was made from the raw data of a result, a release contains values of a result, or a reversion restored a release."""
    INFORMED = "wasInformedBy"
    """A value event undid another one."""


class ProvenanceEdge(Record):
    """Edge of provenance, from a node to an earlier one. `created_at` is the time of the subject."""

    project_id: str
    chip_id: str
    subject: str
    """The later node."""
    object: str
    """The earlier node, which the subject used or came from."""
    relation: Relation
    subject_qid: str = ""
    """Qubit or coupling of the subject, if it is a result."""
    object_qid: str = ""
    """Qubit or coupling of the object, if it is a result."""


class EdgeBrief(NamedTuple):
    """Compact projection of a stored edge, for reading thousands. `created_at` is text that sorts by time."""

    subject: str
    object: str
    relation: str
    chip_id: str
    subject_qid: str
    object_qid: str
    created_at: str


class NodeKind(StrEnum):
    """Kind of a node of provenance."""

    RESULT = "result"
    EVENT = "event"
    RELEASE = "release"


def match_parameter(name: str, parameters: Iterable[str]) -> str:
    """Return the parameter of an input whose record does not name it: the longest that its name ends with, else its name."""
    return max((one for one in parameters if name.endswith(one)), key=len, default=name)


def name_result(task_id: str) -> str:
    """Return the name of the node of a result."""
    return f"{NodeKind.RESULT}:{task_id}"


def name_event(number: int) -> str:
    """Return the name of the node of a value event."""
    return f"{NodeKind.EVENT}:{number}"


def name_release(chip_id: str, name: str) -> str:
    """Return the name of the node of a release."""
    return f"{NodeKind.RELEASE}:{chip_id}/{name}"


def parse_node(node: str) -> tuple[NodeKind, str]:
    """Return the kind of a node and the id within its kind: a result id, an event number, or a chip and release name."""
    kind, _, name = node.partition(":")
    return NodeKind(kind), name


class ResultOrigins(NamedTuple):
    """Origins of a result: the results whose values or raw data it used.

    `inputs` has the qubit or coupling of each result whose value it used, by result id; empty if there is no such
    result. `refit_of` is the original of a refit, or None.
    """

    project_id: str
    chip_id: str
    task_id: str
    qid: str
    start_at: datetime
    inputs: Mapping[str, str]
    refit_of: str | None

    def iter_edges(self) -> Iterator[ProvenanceEdge]:
        """Yield an edge to each result that it comes from."""
        used = [
            (task_id, qid)
            for task_id, qid in self.inputs.items()
            if task_id not in (self.refit_of, self.task_id)
        ]
        related = [(Relation.USED, task_id, qid) for task_id, qid in used]
        if self.refit_of is not None:
            related.append((Relation.DERIVED, self.refit_of, self.qid))
        for relation, task_id, qid in related:
            yield ProvenanceEdge(
                project_id=self.project_id,
                chip_id=self.chip_id,
                subject=name_result(self.task_id),
                object=name_result(task_id),
                relation=relation,
                subject_qid=self.qid,
                object_qid=qid,
                created_at=self.start_at,
                updated_at=self.start_at,
            )


def iter_change_edges(change: ValueChangeModel) -> Iterator[ProvenanceEdge]:
    """Yield the edges of one part of a value event to its result, and to those whose values were adopted or committed.

    The acceptance of a result by a run has none, nor has a reversion, which contains its values itself.
    """
    if not change.kind.by_hand:
        return
    event = name_event(change.number)
    shared: dict[str, Any] = {
        "project_id": change.project_id,
        "chip_id": change.chip_id,
        "created_at": change.created_at,
        "updated_at": change.created_at,
    }
    task_ids = {change.task_id}
    if change.kind in (ValueEventKind.ADOPTED, ValueEventKind.COMMITTED):
        task_ids |= {one.after.task_id for one in change.values.values() if one.after is not None}
    for task_id in sorted(task_ids - {""}):
        result = name_result(task_id)
        if change.kind in (ValueEventKind.SET, ValueEventKind.IMPORTED):
            yield ProvenanceEdge(
                subject=result,
                object=event,
                relation=Relation.GENERATED,
                subject_qid=change.qid,
                **shared,
            )
        else:
            yield ProvenanceEdge(
                subject=event, object=result, relation=Relation.USED, object_qid=change.qid, **shared
            )
    if change.undoes is not None:
        yield ProvenanceEdge(
            subject=event, object=name_event(change.undoes), relation=Relation.INFORMED, **shared
        )
    _, is_release, name = change.source.partition("release:")
    if change.kind is ValueEventKind.REVERTED and is_release:
        yield ProvenanceEdge(
            subject=event,
            object=name_release(change.chip_id, name),
            relation=Relation.DERIVED,
            **shared,
        )


def iter_release_edges(
    project_id: str, chip_id: str, name: str, created_at: datetime, states: Sequence[Mapping[str, Any]]
) -> Iterator[ProvenanceEdge]:
    """Yield an edge from a release to each result whose values it contains.

    `states` has the documents of the qubits and couplings of the release.
    """
    for state in states:
        task_ids = {value.get("task_id") for value in state.get("data", {}).values()}
        for task_id in sorted(one for one in task_ids if one):
            yield ProvenanceEdge(
                project_id=project_id,
                chip_id=chip_id,
                subject=name_release(chip_id, name),
                object=name_result(task_id),
                relation=Relation.DERIVED,
                object_qid=state["qid"],
                created_at=created_at,
                updated_at=created_at,
            )
