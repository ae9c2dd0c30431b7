"""View models of the provenance of a value or result, with the terms of W3C PROV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from qdash_builtin.values.views.shown_values import make_marks
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.estimates import Parameter
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.provenance import (
    NodeKind,
    Relation,
    match_parameter,
    name_event,
    name_result,
    parse_node,
)
from qdash_core.models.units import convert_alike

if TYPE_CHECKING:
    from qdash_core.models.provenance_graph import (
        ProvenanceGraph,
        ProvenanceLink,
        ProvenanceNode,
        TracedValue,
    )
    from qdash_core.models.task import TracedResult

_T1 = "value:9f0c2f7a-54f6-4f34-9a4c-0f6a3d7f8f11/t1"
_FREQUENCY = "value:3d1a7c55-0b1e-4d5c-9a40-5e1d0c3a2b10/qubit_frequency"
_CHECK, _RAMSEY = (f"result:{value[6:42]}" for value in (_T1, _FREQUENCY))


class ProvenanceEntity(Document):
    """A value of a result, a value imported with the chip, or a release."""

    kind: Literal["value", "release"]
    target: str | None = None
    parameter: str | None = None
    value: float | int | None = None
    error: float | None = None
    unit: str | None = None
    in_use: bool | None = None
    """True if the chip uses this value now; absent for a release."""
    marks: list[Mark] | None = None
    """Marks of a value in use; absent without marks."""
    mark_reasons: list[ValueMark] | None = None
    """Reason of each mark, with the result that caused it."""
    task_id: OmitEmpty[str] = None
    name: str | None = None
    """Name of the release."""
    steps: int | None = None
    """Number of steps from the root to the release."""


class ProvenanceActivity(Document):
    """A task on a target, or a change of values by a user."""

    kind: Literal["result", "event"]
    name: str | None = None
    """Task, or kind of the change; absent if the project has no such record."""
    target: str | None = None
    task_id: str | None = None
    execution_id: OmitEmpty[str] = None
    event: int | None = None
    outcome: str | None = None
    """Verdict of a completed result, else its status."""
    rejected: OmitEmpty[list[str]] = None
    """Parameters that users rejected, if any."""
    message: OmitEmpty[str] = None
    """Message of a result, or reason of a change."""
    source: str | None = None
    """File of an import, or point in time of a reversion."""
    simulated: OmitEmpty[bool] = None
    """True if it was measured on a simulation of a chip that has another backend."""
    scope: str | None = None
    """Value scope that keeps its values."""
    options: OmitEmpty[dict[str, Any]] = None
    """Analysis options of a refit, if it has any."""
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words; absent for other results."""
    startTime: UtcDatetime | None = None  # noqa: N815  term of PROV
    endTime: UtcDatetime | None = None  # noqa: N815  term of PROV
    steps: int
    """Number of steps from the root: negative for its origins, positive for its uses."""
    more_earlier: int
    """Number of earlier activities and releases next to it that the graph leaves out."""
    more_later: int
    """Number of later activities and releases next to it that the graph leaves out."""


class ProvenanceAgent(Document):
    """A user."""

    username: str


class ProvenanceUsage(Document):
    """Use of an entity by an activity: a value by a task, or a release by the reversion that restored it."""

    activity: str
    entity: str
    input: str | None = None
    """Name of the input."""
    value: float | int | None = None
    """Value that the task used, in the unit of the entity. It may differ from the recorded one."""
    undeclared: bool | None = None
    """True if the task did not declare the input."""
    from_laboratory: bool | None = None
    """True if the value was not given to the laboratory, which used one of its own."""
    from_user: bool | None = None
    """True if the user of the run gave the value instead of the chip's."""


class ProvenanceGeneration(Document):
    """Generation of a value by an activity."""

    entity: str
    activity: str


class ProvenanceDerivation(Document):
    """Derivation of an entity from another one: a value of a refit from that of its original, or a release from its values."""

    generatedEntity: str  # noqa: N815  term of PROV
    usedEntity: str  # noqa: N815  term of PROV


class ProvenanceAssociation(Document):
    """Responsibility of a user for an activity."""

    activity: str
    agent: str


class ProvenanceCommunication(Document):
    """Dependence of an activity on an earlier one: a decision on a result, a refit, an undo, or a result that records a change."""

    informed: str
    informant: str


class TracedValueDocument(Document):
    """The value in use that a graph traces."""

    entity: str
    target: str
    parameter: str
    value: float | int
    error: float | None = None
    unit: str
    calibrated_at: UtcDatetime | None = None
    put_in_use_by: str | None = None
    """The change by which a user put it in use (`event:NUMBER`); absent if a run did."""
    username: str | None = None
    reason: str | None = None
    changed_at: UtcDatetime | None = None
    """Time of that change."""


class ProvenanceDocument(Document):
    """Graph of the origins and uses of a value or result, with the terms of W3C PROV."""

    chip_id: str
    root: str
    """Activity at which the graph begins; empty if the origin of the value is not recorded."""
    value: TracedValueDocument | None = None
    """The traced value in use; absent for the graph of a result."""
    complete: bool
    """False if the largest number of activities was reached."""
    entity: dict[str, ProvenanceEntity]
    activity: dict[str, ProvenanceActivity]
    """Activities by id: first the root, then by number of steps."""
    agent: dict[str, ProvenanceAgent]
    used: list[ProvenanceUsage]
    wasGeneratedBy: list[ProvenanceGeneration]  # noqa: N815  term of PROV
    wasDerivedFrom: list[ProvenanceDerivation]  # noqa: N815  term of PROV
    wasAssociatedWith: list[ProvenanceAssociation]  # noqa: N815  term of PROV
    wasInformedBy: list[ProvenanceCommunication]  # noqa: N815  term of PROV

    @property
    def n_nodes(self) -> int:
        """Number of results, changes and releases."""
        return len(self.activity) + sum(one.kind == "release" for one in self.entity.values())

    @classmethod
    def from_graph(cls, graph: ProvenanceGraph) -> ProvenanceDocument:
        """Return the view model of a graph."""
        return _Terms(graph).collect()


class _Terms:
    """Terms of PROV for the nodes and links of a graph."""

    def __init__(self, graph: ProvenanceGraph) -> None:
        self._graph = graph
        self._entity: dict[str, ProvenanceEntity] = {}
        self._generated: list[ProvenanceGeneration] = []
        self._activity: dict[str, ProvenanceActivity] = {}
        self._agent: dict[str, ProvenanceAgent] = {}
        self._associated: list[ProvenanceAssociation] = []
        self._used: list[ProvenanceUsage] = []
        self._derived: list[ProvenanceDerivation] = []
        self._informed: list[ProvenanceCommunication] = []

    def collect(self) -> ProvenanceDocument:
        graph = self._graph
        for node in graph.nodes.values():
            self._add_node(node)
        root = graph.nodes.get(graph.root)
        if root is not None and root.result is not None and graph.value is None:
            for name in root.result.output_parameters:
                self._add_value(root.result, name)
        value = None if graph.value is None else self._describe_value(graph.value)
        for link in graph.links:
            self._add_link(link)
        for node in graph.nodes.values():
            self._add_unrecorded_inputs(node)
        return ProvenanceDocument(
            chip_id=graph.chip_id,
            root=graph.root,
            value=value,
            complete=graph.complete,
            entity=self._entity,
            activity=self._activity,
            agent=self._agent,
            used=self._used,
            wasGeneratedBy=self._generated,
            wasDerivedFrom=self._derived,
            wasAssociatedWith=self._associated,
            wasInformedBy=self._informed,
        )

    def _describe_value(self, traced: TracedValue) -> TracedValueDocument:
        value, event = traced.value, traced.event
        entity = _name_value(value.task_id or traced.target, traced.parameter)
        node = self._graph.nodes.get(self._graph.root)
        if node is not None and node.result is not None and traced.parameter in node.result.output_parameters:
            self._add_value(node.result, traced.parameter)
        else:
            self._entity[entity] = ProvenanceEntity.from_record(
                value,
                kind="value",
                target=traced.target,
                parameter=traced.parameter,
                in_use=True,
                **make_marks(traced.marks),
            )
            if self._graph.root:
                self._generated.append(ProvenanceGeneration(entity=entity, activity=self._graph.root))
        return TracedValueDocument.from_record(
            value,
            entity=entity,
            target=traced.target,
            parameter=traced.parameter,
            put_in_use_by=None if event is None else name_event(event.number),
            username=None if event is None else event.username,
            reason=None if event is None else event.reason or None,
            changed_at=None if event is None else event.created_at,
        )

    def _add_node(self, node: ProvenanceNode) -> None:
        kind, name = parse_node(node.name)
        if kind is NodeKind.RELEASE:
            self._entity[node.name] = ProvenanceEntity(
                kind="release", name=name.rpartition("/")[2], steps=node.depth
            )
            return
        self._activity[node.name] = _make_activity(node)
        record = node.result or node.event
        if record is not None:
            agent = f"user:{record.username}"
            self._agent.setdefault(agent, ProvenanceAgent(username=record.username))
            self._associated.append(ProvenanceAssociation(activity=node.name, agent=agent))
        if node.result is not None:
            for parameter in node.in_use:
                self._add_value(node.result, parameter)

    def _add_value(self, result: TracedResult, parameter: str) -> str | None:
        """Add a value of a result, and return its id; None if the result has no such value."""
        value = result.output_parameters.get(parameter)
        if value is None:
            return None
        entity = _name_value(result.task_id, parameter)
        if entity not in self._entity:
            node = name_result(result.task_id)
            self._entity[entity] = ProvenanceEntity.from_record(
                value,
                kind="value",
                target=result.qid,
                parameter=parameter,
                in_use=parameter in self._graph.nodes[node].in_use,
                task_id=result.task_id,
                **make_marks(self._graph.nodes[node].marks.get(parameter, ())),
            )
            self._generated.append(ProvenanceGeneration(entity=entity, activity=node))
        return entity

    def _add_link(self, link: ProvenanceLink) -> None:
        edge = link.edge
        earlier = self._graph.nodes[edge.object].result
        later = self._graph.nodes[edge.subject].result
        subject_kind, object_kind = parse_node(edge.subject)[0], parse_node(edge.object)[0]
        if object_kind is NodeKind.RELEASE:
            self._used.append(ProvenanceUsage(activity=edge.subject, entity=edge.object))
        elif subject_kind is NodeKind.RELEASE:
            for parameter in link.parameters:
                used = earlier and self._add_value(earlier, parameter)
                if used:
                    self._derived.append(ProvenanceDerivation(generatedEntity=edge.subject, usedEntity=used))
        elif edge.relation == Relation.DERIVED and earlier is not None and later is not None:
            self._informed.append(ProvenanceCommunication(informed=edge.subject, informant=edge.object))
            for parameter in later.output_parameters:
                origin = self._add_value(earlier, parameter)
                new = self._add_value(later, parameter)
                if origin and new:
                    self._derived.append(ProvenanceDerivation(generatedEntity=new, usedEntity=origin))
        elif not link.inputs:
            self._informed.append(ProvenanceCommunication(informed=edge.subject, informant=edge.object))
        for name, given in link.inputs.items():
            entity = self._find_used_value(link, name)
            estimate = Parameter(given.value, None, given.unit)
            value = convert_alike(estimate, self._entity[entity].unit or "").value
            self._used.append(
                ProvenanceUsage.from_record(
                    given, activity=edge.subject, entity=entity, input=name, value=value
                )
            )

    def _add_unrecorded_inputs(self, node: ProvenanceNode) -> None:
        """Add the inputs of a result before the root that are values of no record: defaults, and values of the laboratory or of the run's user."""
        if node.result is None or node.depth > 0 or node.more_earlier:
            return
        known = {(usage.activity, usage.input) for usage in self._used}
        for name, given in node.result.input_parameters.items():
            if given.task_id or (node.name, name) in known:
                continue
            entity = _name_value(node.result.task_id, f"input/{name}")
            self._entity[entity] = ProvenanceEntity.from_record(
                given,
                kind="value",
                target=given.target or node.result.qid,
                parameter=given.parameter or name,
            )
            self._used.append(
                ProvenanceUsage.from_record(given, activity=node.name, entity=entity, input=name)
            )

    def _find_used_value(self, link: ProvenanceLink, name: str) -> str:
        """Return the id of the value that was used as an input, and add it; if no result has it, the input describes it."""
        edge, given = link.edge, link.inputs[name]
        earlier = self._graph.nodes[edge.object].result
        parameter = given.parameter or match_parameter(name, earlier.output_parameters if earlier else ())
        if earlier is not None and (entity := self._add_value(earlier, parameter)) is not None:
            return entity
        target = given.target or edge.object_qid
        entity = _name_value(given.task_id or target, parameter)
        if entity not in self._entity:
            self._entity[entity] = ProvenanceEntity.from_record(
                given, kind="value", target=target or None, parameter=parameter
            )
            self._generated.append(ProvenanceGeneration(entity=entity, activity=edge.object))
        return entity


def _name_value(origin: str, parameter: str) -> str:
    return f"value:{origin}/{parameter}"


def _make_activity(node: ProvenanceNode) -> ProvenanceActivity:
    shared: dict[str, Any] = {
        "steps": node.depth,
        "more_earlier": node.more_earlier,
        "more_later": node.more_later,
    }
    kind, name = parse_node(node.name)
    if kind is NodeKind.EVENT:
        event = node.event
        return ProvenanceActivity(
            kind="event",
            name=None if event is None else str(event.kind),
            event=int(name),
            message=None if event is None else event.reason or None,
            source=None if event is None else event.source or None,
            startTime=None if event is None else event.created_at,
            **shared,
        )
    result = node.result
    if result is None:
        return ProvenanceActivity(kind="result", task_id=name, **shared)
    rejected = [one for one, decision in result.decisions.items() if decision.verdict == "rejected"]
    return ProvenanceActivity.from_record(
        result,
        kind="result",
        target=result.qid,
        rejected=rejected,
        options={name: one.value for name, one in result.analysis_options.items()},
        analysis_model=result.analysis_model,
        startTime=result.start_at,
        endTime=result.end_at,
        **shared,
    )
