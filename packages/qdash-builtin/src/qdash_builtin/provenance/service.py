"""Service for the provenance of values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from qdash_builtin.provenance.walk import EdgeReader, walk
from qdash_builtin.values.change_queries import find_head, iter_changes_by_hand
from qdash_builtin.values.release_repository import ReleaseTargetRepository
from qdash_builtin.values.result_queries import list_traced_results
from qdash_core.errors import NotFoundError
from qdash_core.models.provenance import (
    EdgeBrief,
    NodeKind,
    Relation,
    match_parameter,
    name_event,
    name_result,
    parse_node,
)
from qdash_core.models.provenance_graph import ProvenanceGraph, ProvenanceLink, ProvenanceNode, TracedValue
from qdash_core.models.targets import parse_target_id
from qdash_core.models.value_change import ValueEventKind
from qdash_core.parsing.similar_names import suggest
from qdash_core.repositories.chips import (
    ChipRepository,
    get_target_repository,
    list_values_in_use,
)
from qdash_core.repositories.documents import to_stored_form
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.store import Range
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from qdash_builtin.provenance.walk import Walk
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel, StoredValue
    from qdash_core.models.marks import Marks
    from qdash_core.models.task import InputModel, TaskResultModel, TracedResult
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.store import Store

Direction = Literal["back", "forward"]
"""Direction of a walk: `back` to the origin of a value, `forward` to its use."""
BOTH: tuple[Direction, ...] = ("back", "forward")
MOST_NODES = 1000
"""Largest number of nodes that a graph has in each direction by default."""
MOST_AFFECTED = 10_000
"""Largest number of nodes of an impact."""
_PAGE = 50
"""Number of changes of a target that are read at a time to find the last one of a parameter."""


def select_directions(direction: Direction | None) -> tuple[Direction, ...]:
    """Return one direction, or both if None is given."""
    return BOTH if direction is None else (direction,)


class ProvenanceService:
    """Provenance of the values and results of one store.

    `find_marks` returns the marks of the values in use of targets, given as project, chip and targets, by target and
    parameter.
    """

    def __init__(
        self,
        store: Store,
        *,
        find_marks: Callable[[Repositories, str, str, Sequence[str]], Marks] = lambda *_: {},
    ) -> None:
        self._store = store
        self._find_marks = find_marks

    def trace_value(
        self,
        access: Access,
        chip_id: str,
        target: str,
        parameter: str,
        *,
        directions: Collection[Direction] = BOTH,
        depth: int | None = None,
        limit: int = MOST_NODES,
    ) -> ProvenanceGraph:
        """Return what a value in use came from, and what used it.

        Parameters
        ----------
        depth : int or None
            Largest number of steps in each direction, or None for all.
        limit : int
            Largest number of nodes in each direction.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or value.
        InvalidInputError
            If the target is invalid.
        """
        qid = parse_target_id(target)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            known = _require_target(repositories, header, qid)
            value = known.data.get(parameter)
            if value is None:
                raise NotFoundError(
                    f"{'coupling' if '-' in qid else 'qubit'} {qid} of chip {chip_id} has no value of {parameter}{suggest(parameter, known.data)} "
                    f"(it has {', '.join(sorted(known.data)) or 'none yet'})"
                )
            if value.task_id:
                root = name_result(value.task_id)
                event = _find_change(repositories, header, qid, parameter, value)
            else:
                event = _ChipImport(repositories, header).find(qid, parameter, value)
                root = "" if event is None else name_event(event.number)
            marks = self._find_marks(repositories, access.project_id, chip_id, [qid])
            traced = TracedValue(qid, parameter, value, event, marks.get(qid, {}).get(parameter, ()))
            tracer = self._make_tracer(repositories, access, limit)
            return tracer.trace(chip_id, root, directions, depth, value=traced)

    def trace_result(
        self,
        access: Access,
        task_id: str,
        *,
        directions: Collection[Direction] = BOTH,
        depth: int | None = None,
        limit: int = MOST_NODES,
    ) -> ProvenanceGraph:
        """Return what a result came from, and what used its values; parameters as in `trace_value`.

        Raises
        ------
        NotFoundError
            If there is no such result.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            result = _require_result(repositories, access.project_id, task_id)
            tracer = self._make_tracer(repositories, access, limit)
            return tracer.trace(result.chip_id, name_result(task_id), directions, depth)

    def find_impact(
        self, access: Access, task_id: str, parameters: Collection[str] | None = None
    ) -> ProvenanceGraph:
        """Return everything that used the values of a result, directly or through other results.

        Uses of the named parameters are followed, or of all if None.

        Raises
        ------
        NotFoundError
            If there is no such result, or it has no value of one of the parameters.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            result = _require_result(repositories, access.project_id, task_id)
            known = result.output_parameters
            for name in parameters or ():
                if name not in known:
                    raise NotFoundError(
                        f"result {task_id} has no value of {name}{suggest(name, known)} "
                        f"(it has {', '.join(sorted(known)) or 'none'})"
                    )
            tracer = self._make_tracer(repositories, access, MOST_AFFECTED)
            forward = select_directions("forward")
            return tracer.trace(
                result.chip_id, name_result(task_id), forward, None, parameters=parameters, with_links=False
            )

    def _make_tracer(self, repositories: Repositories, access: Access, limit: int) -> _Tracer:
        find_marks = partial(self._find_marks, repositories, access.project_id)
        return _Tracer(repositories, access.project_id, limit, find_marks)


class _Tracer:
    """Maker of one graph."""

    def __init__(
        self,
        repositories: Repositories,
        project_id: str,
        limit: int,
        find_marks: Callable[[str, Sequence[str]], Marks],
    ) -> None:
        self._repositories = repositories
        self._project_id = project_id
        self._limit = limit
        self._find_marks = find_marks

    def trace(
        self,
        chip_id: str,
        root: str,
        directions: Collection[Direction],
        depth: int | None,
        *,
        value: TracedValue | None = None,
        parameters: Collection[str] | None = None,
        with_links: bool = True,
    ) -> ProvenanceGraph:
        if not root:
            return ProvenanceGraph(chip_id, root, {}, (), value)
        followed = parameters if value is None else (value.parameter,)
        walks = {
            direction: self._walk(root, direction, depth, followed)
            for direction in BOTH
            if direction in directions
        }
        depths = {root: 0}
        for direction, found in walks.items():
            sign = -1 if direction == "back" else 1
            depths |= {node: sign * steps for node, steps in found.depths.items() if node != root}
        results = self._read_results(depths)
        edges = [edge for found in walks.values() for edge in found.edges]
        edges += self._link_imports(chip_id, results, depths)
        in_use = self._find_values_in_use(results.values())
        earlier, later = (walks[one].beyond if one in walks else {} for one in BOTH)
        # The contents of releases matter for the root only.
        released = self._find_released([edge for edge in edges if edge.object == root])
        times = {edge.subject: edge.created_at for edge in edges}
        nodes = {
            node: self._make_node(
                node, steps, results, in_use, times.get(node), (earlier.get(node, 0), later.get(node, 0))
            )
            for node, steps in depths.items()
        }
        if with_links:
            nodes = self._add_marks(nodes)
        links = [
            ProvenanceLink(edge, _find_inputs(edge, results), released.get((edge.subject, edge.object), ()))
            for edge in (edges if with_links else ())
        ]
        places = {node: place for place, node in enumerate(nodes)}
        links.sort(key=lambda link: (places[link.edge.subject], _find_first_input(link, results)))
        complete = all(found.complete for found in walks.values())
        return ProvenanceGraph(chip_id, root, nodes, links, value, complete)

    def _walk(
        self, root: str, direction: Direction, depth: int | None, parameters: Collection[str] | None
    ) -> Walk:
        edges = EdgeReader(
            self._repositories.of(ProvenanceRepository), self._project_id, later=direction == "forward"
        )
        if direction == "back" or parameters is None:
            return walk(edges, root, depth=depth, limit=self._limit)
        found = edges.read([root], ahead=False)[root]
        users = self._select_users(found, parameters)
        return walk(edges, root, depth=depth, limit=self._limit, first=lambda edge: edge.subject in users)

    def _read_results(self, nodes: Iterable[str]) -> dict[str, TracedResult]:
        task_ids = [name for kind, name in map(parse_node, nodes) if kind is NodeKind.RESULT]
        return {name_result(result.task_id): result for result in self._list_results(task_ids)}

    def _list_results(self, task_ids: Iterable[str]) -> list[TracedResult]:
        return list_traced_results(
            self._repositories.of(TaskResultHistoryRepository), self._project_id, task_ids
        )

    def _link_imports(
        self, chip_id: str, results: Mapping[str, TracedResult], depths: dict[str, int]
    ) -> list[EdgeBrief]:
        """Return an edge to the import of the chip from each earlier result that used an imported value; add its node to `depths`."""
        without_result = {
            node: [
                one
                for one in result.input_parameters.values()
                if one.target and not (one.task_id or one.from_user)
            ]
            for node, result in results.items()
            if depths[node] <= 0
        }
        header = self._repositories.of(ChipRepository).find(self._project_id, chip_id)
        if header is None or not any(without_result.values()):
            return []
        imported = _ChipImport(self._repositories, header)
        edges = []
        for node, inputs in without_result.items():
            if not imported.is_before(results[node]):
                continue
            parts = [imported.find(one.target or "", one.parameter or "", one) for one in inputs]
            part = next(filter(None, parts), None)
            if part is not None:
                event = name_event(part.number)
                depths.setdefault(event, depths[node] - 1)
                edges.append(
                    EdgeBrief(
                        subject=node,
                        object=event,
                        relation=Relation.USED,
                        chip_id=chip_id,
                        subject_qid=results[node].qid,
                        object_qid="",
                        created_at=to_stored_form(part.created_at),
                    )
                )
        return edges

    def _make_node(
        self,
        node: str,
        depth: int,
        results: Mapping[str, TracedResult],
        in_use: Mapping[str, tuple[str, ...]],
        moment: str | None,
        more: tuple[int, int],
    ) -> ProvenanceNode:
        kind, name = parse_node(node)
        event = released_at = None
        if kind is NodeKind.EVENT:
            event = find_head(self._repositories.of(ValueChangeRepository), self._project_id, int(name))
        elif kind is NodeKind.RELEASE and moment is not None:
            released_at = datetime.fromisoformat(moment)
        return ProvenanceNode(
            node,
            depth,
            results.get(node),
            event,
            released_at,
            in_use.get(node, ()),
            more_earlier=more[0],
            more_later=more[1],
        )

    def _add_marks(self, nodes: Mapping[str, ProvenanceNode]) -> dict[str, ProvenanceNode]:
        """Return the nodes with the marks of their values in use."""
        targets: dict[str, set[str]] = {}
        for node in nodes.values():
            if node.result is not None and node.in_use:
                targets.setdefault(node.result.chip_id, set()).add(node.result.qid)
        marks = {chip_id: self._find_marks(chip_id, sorted(qids)) for chip_id, qids in targets.items()}
        return {
            name: node
            if node.result is None or not node.in_use
            else replace(
                node,
                marks={
                    parameter: some
                    for parameter, some in marks[node.result.chip_id].get(node.result.qid, {}).items()
                    if parameter in node.in_use
                },
            )
            for name, node in nodes.items()
        }

    def _select_users(self, edges: Sequence[EdgeBrief], parameters: Collection[str]) -> set[str]:
        """Return the later nodes of these edges, without those that used only other parameters of the earlier one."""
        by_subject = {edge.subject: edge for edge in edges}
        followed, released = set(by_subject), self._find_released(edges)
        by_id: dict[str, EdgeBrief] = {}
        for node, edge in by_subject.items():
            kind, name = parse_node(node)
            if kind is NodeKind.RESULT:
                by_id[name] = edge
                continue
            named = (
                self._list_changed(int(name), edge.object_qid)
                if kind is NodeKind.EVENT
                else released.get((node, edge.object), ())
            )
            if not {*named}.intersection(parameters):
                followed.discard(node)
        origins = {parse_node(edge.object)[1] for edge in by_id.values()}
        outputs = {one.task_id: one.output_parameters for one in self._list_results(origins)}
        for result in self._list_results(by_id):
            edge = by_id[result.task_id]
            origin = parse_node(edge.object)[1]
            used = {
                given.parameter or match_parameter(name, outputs.get(origin, ()))
                for name, given in result.input_parameters.items()
                if given.task_id == origin
            }
            if result.refit_of != origin and used.isdisjoint(parameters):
                followed.discard(edge.subject)
        return followed

    def _list_changed(self, number: int, target: str) -> list[str]:
        """Return the parameters of a target whose values, or decisions on them, a value event changed."""
        part = self._repositories.of(ValueChangeRepository).find_part(self._project_id, number, target)
        return [] if part is None else [*part.parameters]

    def _find_released(self, edges: Iterable[EdgeBrief]) -> dict[tuple[str, str], tuple[str, ...]]:
        """Return for each edge from a release to a result, given as these nodes, the parameters whose values it contains."""
        wanted = [edge for edge in edges if parse_node(edge.subject)[0] is NodeKind.RELEASE]
        by_place: dict[tuple[str, str], list[EdgeBrief]] = {}
        for edge in wanted:
            by_place.setdefault((edge.chip_id, edge.object_qid), []).append(edge)
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for (chip_id, qid), group in by_place.items():
            names = {edge.subject.rpartition("/")[2]: edge.subject for edge in group}
            for target in self._repositories.of(ReleaseTargetRepository).list_by_name(
                self._project_id, chip_id, [*names], qid
            ):
                for parameter, value in target["state"]["data"].items():
                    key = names[target["name"]], name_result(value.task_id)
                    found[key] = (*found.get(key, ()), parameter)
        return found

    def _find_values_in_use(self, results: Iterable[TracedResult]) -> dict[str, tuple[str, ...]]:
        """Return the parameters of each result whose values its chip uses now."""
        found = [result for result in results if result.output_parameters]
        values = self._read_values({(result.chip_id, result.qid) for result in found})
        return {
            name_result(result.task_id): tuple(
                sorted(
                    name
                    for name, value in values.get((result.chip_id, result.qid), {}).items()
                    if value.get("task_id") == result.task_id
                )
            )
            for result in found
        }

    def _read_values(
        self, targets: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], Mapping[str, StoredValue]]:
        by_chip: dict[str, list[str]] = {}
        for chip_id, qid in targets:
            by_chip.setdefault(chip_id, []).append(qid)
        return {
            (chip_id, one["qid"]): one["data"]
            for chip_id, qids in by_chip.items()
            for one in list_values_in_use(self._repositories, self._project_id, chip_id, qids)
        }


class _ChipImport:
    """Import of the values with which a chip was created. No result records them."""

    def __init__(self, repositories: Repositories, header: ChipModel) -> None:
        since = Range(least=header.created_at)
        where = {"project_id": header.project_id, "chip_id": header.chip_id, "created_at": since}
        parts = repositories.of(ValueChangeRepository).select(where, order=("created_at", "number"), limit=1)
        first = parts[0] if parts else None
        is_import = first is not None and first.kind is ValueEventKind.IMPORTED and not first.task_id
        self._number = first.number if first is not None and is_import else None
        self._project_id, self._created_at = header.project_id, header.created_at
        self._changes = repositories.of(ValueChangeRepository)
        self._parts: dict[str, ValueChangeModel | None] = {}

    def is_before(self, result: TracedResult) -> bool:
        """Return whether a result was measured on this chip, and not on a former one with its id."""
        return result.start_at is not None and result.start_at >= self._created_at

    def find(
        self, target: str, parameter: str, value: ParameterModel | InputModel
    ) -> ValueChangeModel | None:
        """Return the part of the import that contains a value, or None."""
        if self._number is None:
            return None
        if target not in self._parts:
            self._parts[target] = self._changes.find_part(self._project_id, self._number, target)
        part = self._parts[target]
        known = part.values.get(parameter) if part is not None else None
        if known is None or known.after is None or known.after.value != value.value:
            return None
        return part


def _find_change(
    repositories: Repositories, header: ChipModel, target: str, parameter: str, value: ParameterModel
) -> ValueChangeModel | None:
    """Return the change by a user that put a value in use, or None if a run did."""
    changes = iter_changes_by_hand(
        repositories.of(ValueChangeRepository),
        header.project_id,
        header.chip_id,
        target,
        since=header.created_at,
    )
    last = next((change for change in changes if parameter in change.values), None)
    return last if last is not None and last.values[parameter].after == value else None


def _find_inputs(edge: EdgeBrief, results: Mapping[str, TracedResult]) -> dict[str, InputModel]:
    """Return the inputs of the later result of an edge that are values of the earlier one."""
    user = results.get(edge.subject)
    kind, name = parse_node(edge.object)
    if user is None or edge.relation != Relation.USED:
        return {}
    task_id = name if kind is NodeKind.RESULT else ""
    return {
        given_name: given
        for given_name, given in user.input_parameters.items()
        if given.task_id == task_id and (task_id or (given.target and not given.from_user))
    }


def _require_result(repositories: Repositories, project_id: str, task_id: str) -> TaskResultModel:
    result = repositories.of(TaskResultHistoryRepository).find(project_id, task_id)
    if result is None:
        raise NotFoundError(
            f"there is no result {task_id!r} in project {project_id}: `qdash task results` lists them"
        )
    return result


def _find_first_input(link: ProvenanceLink, results: Mapping[str, TracedResult]) -> int:
    """Return the place of the first input of a link among those of its result."""
    if not link.inputs:
        return 0
    return list(results[link.edge.subject].input_parameters).index(next(iter(link.inputs)))


def _require_target(repositories: Repositories, header: ChipModel, qid: str) -> QubitModel | CouplingModel:
    targets = get_target_repository(repositories, qid)
    return targets.require(header.project_id, header.chip_id, qid)
