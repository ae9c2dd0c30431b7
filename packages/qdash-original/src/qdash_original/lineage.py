"""Conversion of the lineage of values of the original system, which has the relations of W3C PROV.

Its entities are versions of parameters, and its activities are task results. Here results are the nodes, and a relation
becomes an edge from result to result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.provenance import ProvenanceEdge, Relation, name_result
from qdash_core.models.targets import get_target_kind
from qdash_core.models.task import TaskResultModel, TaskStatus, Verdict
from qdash_original.conversion_state import LostActivity
from qdash_original.original_document import UnreadableError
from qdash_original.values import read_control, target, text, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.chip import ParameterModel
    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument
    from qdash_original.users_and_projects import Group

_RELATIONS = {"used": Relation.USED, "wasDerivedFrom": Relation.USED, "wasGeneratedBy": None}
"""Relations of the original, and that of the edge; None: the result that made a value holds it."""
_RESULT_OF_VERSIONS = "only its values are known, from parameter_versions of the original"


def collect_version(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep the version of a parameter whose result is absent; yield nothing."""
    task_id = document.require("task_id", text)
    if (document.project_id, task_id) not in known.results:
        known.lost_versions.setdefault((document.project_id, task_id), []).append(document)
    yield from ()


def collect_activity(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep target and times of an activity whose result is absent; yield nothing."""
    place = document.project_id, document.require("task_id", text)
    if place in known.lost_versions:
        known.lost_activities[place] = LostActivity(
            document.read("qid", text) or "",
            document.read("started_at", timestamp),
            document.read("ended_at", timestamp),
        )
    yield from ()


def convert_version(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield a result with all versions of a task whose result is absent; other versions are values of their results."""
    document.mark_read(
        *("entity_id", "parameter_name", "qid", "value", "value_type", "unit", "error", "version"),
        *("valid_from", "valid_until", "execution_id", "task_id", "task_name", "chip_id"),
    )
    place = document.project_id, document.require("task_id", text)
    versions = known.lost_versions.pop(place, [])
    if not versions:
        return
    written, start, end = known.lost_activities.pop(place, LostActivity("", None, None))
    # Some values of a coupling's task are of one of its qubits.
    written = written or max((one.require("qid", text) for one in versions), key=lambda qid: "-" in qid)
    qid = target(written)
    started_at = start or document.require("valid_from", timestamp)
    outputs: dict[str, ParameterModel] = {}
    for one in versions:
        outputs |= one.read_version(measured_at=end or start)
    execution_id = document.require("execution_id", text)
    record = document.make_record(
        TaskResultModel,
        dict.fromkeys(("task_id", "chip_id"), text),
        execution_id=execution_id,
        cooldown_id=known.cooldowns.get((document.project_id, execution_id)),  # of the other results
        name=document.require("task_name", text),
        username="",
        qid=qid,
        control=read_control(written),
        task_type=get_target_kind(qid),
        status=TaskStatus.COMPLETED,
        verdict=Verdict.ACCEPTED,
        message=_RESULT_OF_VERSIONS,
        output_parameters=outputs,
        output_parameter_names=list(outputs),
        start_at=started_at,
        end_at=end or started_at,
    )
    known.add_result(record)
    yield [("task_result_history", record)]


def convert_activity(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Check that the result of an activity is imported; yield nothing."""
    task_id = document.require("task_id", text)
    if (document.project_id, task_id) not in known.results:
        raise UnreadableError("task_id", f"there is no result {task_id!r}")
    document.mark_read(
        *("activity_id", "execution_id", "task_name", "task_type", "qid", "started_at", "ended_at"),
        *("status", "chip_id"),
    )
    yield from ()


def convert_relation(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Yield an edge between two results; a value and the result that made it are one node."""
    written = document.require("relation_type", text)
    if written not in _RELATIONS:
        raise UnreadableError(
            "relation_type", f"{written!r} has no counterpart: QDash has no agents as nodes"
        )
    document.mark_read("relation_id", "source_type", "target_type", "execution_id")
    subject, source = (document.require(name, text).rpartition(":")[2] for name in ("source_id", "target_id"))
    for field, task_id in (("source_id", subject), ("target_id", source)):
        if (document.project_id, task_id) not in known.results:
            raise UnreadableError(field, f"there is no result {task_id!r}")
    relation = _RELATIONS[written]
    if subject == source:
        return
    if relation is None:
        raise UnreadableError("target_id", "a value belongs to the result that made it")
    origin = known.results[document.project_id, subject]
    edge = document.make_record(
        ProvenanceEdge,
        {},
        chip_id=origin.chip_id,
        subject=name_result(subject),
        object=name_result(source),
        relation=relation,
        subject_qid=origin.qid,
        object_qid=known.results[document.project_id, source].qid,
    )
    yield [("provenance", edge)]
