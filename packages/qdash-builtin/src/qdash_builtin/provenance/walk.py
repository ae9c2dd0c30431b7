"""Walk along the edges of provenance, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.record_lookup.provenance_edges import list_after, list_before, list_earlier, list_later

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qdash_core.models.provenance import EdgeBrief
    from qdash_core.repositories.provenance import ProvenanceRepository

_LONG = 3
"""Number of steps after which a narrow walk reads ahead."""
_NARROW = 8
"""Largest number of nodes of a step for which it reads ahead."""
_PAGE = 1000
_MOST_PAGES = 20
"""Largest number of pages that a walk to earlier nodes reads ahead; where a step has more edges than a page, reading ahead does not help."""
_MOST_LATER = 5000
"""Largest number of edges that a walk to later nodes reads ahead: it must read all edges of a target."""


class EdgeReader:
    """Reader of the edges at given nodes to later nodes, or to earlier ones if not `later`.

    A walk along a chain of a thousand results would need a thousand queries. So after a few narrow steps it also reads the other
    edges of the qubits and couplings that it has reached.
    """

    def __init__(self, repository: ProvenanceRepository, project_id: str, *, later: bool) -> None:
        self._repository = repository
        self._project_id = project_id
        self._later = later
        self._known: dict[str, list[EdgeBrief]] = {}
        self._begun: str | None = None
        self._pages = 0
        self._read_targets: set[str] = set()

    def get_far_end(self, edge: EdgeBrief) -> str:
        """Return the node to which an edge leads."""
        return edge.subject if self._later else edge.object

    def read(self, nodes: Collection[str], *, ahead: bool) -> Mapping[str, Sequence[EdgeBrief]]:
        """Return the edges at each of these nodes; with `ahead`, also read edges that may follow."""
        missing = [node for node in nodes if node not in self._known]
        if missing:
            listed = list_later if self._later else list_earlier
            found = listed(self._repository, self._project_id, missing)
            self._known |= {node: [] for node in missing}
            for edge in found:
                self._known[self._get_near_end(edge)].append(edge)
            if self._begun is None:
                self._begun = min((edge.created_at for edge in found), default=None)
            if ahead and len(missing) <= _NARROW:
                self._read_ahead(found)
        return {node: self._known[node] for node in nodes}

    def _get_near_end(self, edge: EdgeBrief) -> str:
        return edge.object if self._later else edge.subject

    def _read_ahead(self, found: Sequence[EdgeBrief]) -> None:
        places: dict[tuple[str, str], str] = {}
        for edge in found:
            place = edge.chip_id, edge.subject_qid if self._later else edge.object_qid
            places[place] = max(edge.created_at, places.get(place, edge.created_at))
        for (chip_id, qid), moment in places.items():
            if not qid:
                continue
            read = self._list_all_later(qid) if self._later else self._list_page(chip_id, qid, moment)
            for node, edges in read.items():
                self._known.setdefault(node, edges)

    def _list_all_later(self, qid: str) -> Mapping[str, list[EdgeBrief]]:
        """Return all edges to the results on a target since the first step, by result; none if there are too many.

        No node of the walk is earlier than that step, so no edge is missing.
        """
        if qid in self._read_targets or self._begun is None:
            return {}
        self._read_targets.add(qid)
        found = list_after(self._repository, self._project_id, qid, self._begun, limit=_MOST_LATER + 1)
        return _group(found, self._get_near_end) if len(found) <= _MOST_LATER else {}

    def _list_page(self, chip_id: str, qid: str, moment: str) -> Mapping[str, list[EdgeBrief]]:
        """Return the last edges from the results on a target up to a time, by result."""
        if self._pages == _MOST_PAGES:
            return {}
        self._pages += 1
        found = list_before(self._repository, self._project_id, chip_id, qid, moment, limit=_PAGE)
        grouped = _group(found, self._get_near_end)
        if len(found) == _PAGE:
            grouped.popitem()  # the page may have cut its edges
        return grouped


def _group(edges: Sequence[EdgeBrief], get_end: Callable[[EdgeBrief], str]) -> dict[str, list[EdgeBrief]]:
    grouped: dict[str, list[EdgeBrief]] = {}
    for edge in edges:
        grouped.setdefault(get_end(edge), []).append(edge)
    return grouped


class Walk(NamedTuple):
    """Nodes and edges that a walk found.

    Attributes
    ----------
    depths
        Number of steps to each node; the root has 0.
    beyond
        Number of neighbours that the walk left out, by node, where there are any.
    complete
        False if the largest number of nodes was reached.
    """

    depths: Mapping[str, int]
    edges: Sequence[EdgeBrief]
    beyond: Mapping[str, int]
    complete: bool


def walk(
    edges: EdgeReader,
    root: str,
    *,
    depth: int | None,
    limit: int,
    first: Callable[[EdgeBrief], bool] = lambda _: True,
) -> Walk:
    """Follow the edges from a node in the direction of their reader.

    Parameters
    ----------
    depth : int or None
        Largest number of steps, or None for all.
    limit : int
        Largest number of nodes besides the root.
    first : callable
        Returns whether to follow an edge of the root.
    """
    depths, found, beyond = {root: 0}, [], {}
    frontier, complete, step = [root], True, 0
    while frontier:
        following: list[str] = []
        by_node = edges.read(frontier, ahead=step >= _LONG)
        for node in frontier:
            near = [edge for edge in by_node[node] if step > 0 or first(edge)]
            if step == depth:
                found += [edge for edge in near if edges.get_far_end(edge) in depths]
                if cut := {edges.get_far_end(edge) for edge in near} - depths.keys():
                    beyond[node] = len(cut)
                continue
            for edge in near:
                far = edges.get_far_end(edge)
                if far not in depths:
                    if len(depths) > limit:
                        complete = False
                        beyond[node] = beyond.get(node, 0) + 1
                        continue
                    depths[far] = step + 1
                    following.append(far)
                found.append(edge)
        frontier, step = following, step + 1
    return Walk(depths, found, beyond, complete)
