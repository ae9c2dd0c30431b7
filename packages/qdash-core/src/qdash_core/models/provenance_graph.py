"""Graph of the provenance of a value or result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.provenance import EdgeBrief
    from qdash_core.models.task import InputModel, TracedResult
    from qdash_core.models.value_change import ValueChangeModel


@dataclass(frozen=True, slots=True)
class ProvenanceNode:
    """A result, a value event or a release in a graph, named as `models.provenance` defines it.

    `depth` is the number of steps from the root: negative for earlier nodes, positive for later ones. `result` and
    `event` are the record of the node; None if it is of another kind, or no longer there. `released_at` is None for
    another node, or if the release was deleted. `in_use` has the parameters of a result whose values the chip uses
    now. `more_earlier` and `more_later` count the nodes that the graph leaves out.
    """

    name: str
    depth: int
    result: TracedResult | None = None
    event: ValueChangeModel | None = None
    released_at: datetime | None = None
    in_use: tuple[str, ...] = ()
    marks: Mapping[str, Sequence[ValueMark]] = field(default_factory=dict)
    more_earlier: int = 0
    more_later: int = 0

    @property
    def at(self) -> datetime | None:
        """Start of the result, or time of the event or release; None if unknown."""
        if self.result is not None:
            return self.result.start_at
        return self.released_at if self.event is None else self.event.created_at


@dataclass(frozen=True, slots=True)
class ProvenanceLink:
    """Edge in a graph, from a later to an earlier node.

    `inputs` are those of the later result that are values of the earlier one, by name. `parameters` are those of the
    earlier result whose values the later release contains.
    """

    edge: EdgeBrief
    inputs: Mapping[str, InputModel] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TracedValue:
    """The value in use that a graph traces. `event` is the last change by a user that put it in use, or None if a run did."""

    target: str
    parameter: str
    value: ParameterModel
    event: ValueChangeModel | None = None
    marks: Sequence[ValueMark] = ()


@dataclass(frozen=True, slots=True)
class ProvenanceGraph:
    """Graph of the origins and uses of a value or result.

    The graph begins at the node `root`, which is empty if the origin of the value is not recorded. `nodes` has the
    root first, then the others by number of steps. `value` is the traced value, or None for the graph of a result.
    `complete` is False if the largest number of nodes was reached.
    """

    chip_id: str
    root: str
    nodes: Mapping[str, ProvenanceNode]
    links: Sequence[ProvenanceLink]
    value: TracedValue | None = None
    complete: bool = True
