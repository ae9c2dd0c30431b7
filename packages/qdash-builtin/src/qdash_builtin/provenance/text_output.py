"""Text trees of the provenance of a value or result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import describe_input
from qdash_cli.rendering.times import format_short_time
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.provenance.views.provenance import (
        ProvenanceActivity,
        ProvenanceDocument,
        ProvenanceUsage,
    )

_MOST_INPUTS = 4
_MOST_OTHERS = 3
SHORT_ID = 8
"""Number of characters of a result id that a tree or list shows; commands accept the beginning of an id."""


Line = tuple[str, str, str]
"""A line of a tree: prefix, text, and prefix of its wrapped lines and of the lines below it."""


class ProvenanceTrees:
    """Lines of the two trees of a graph: the origins of its root, and its uses.

    Each node is unfolded once, with the least number of steps.

    Parameters
    ----------
    document : ProvenanceDocument
        The graph.
    """

    def __init__(self, document: ProvenanceDocument, zone: ZoneInfo) -> None:
        self._document = document
        self._zone = zone
        self._generators = {one.entity: one.activity for one in document.wasGeneratedBy}
        self._in_use: dict[str, dict[str, None]] = {}
        """Distinct marks of the values in use of each activity that has any."""
        for one in document.wasGeneratedBy:
            if (entity := document.entity[one.entity]).in_use:
                self._in_use.setdefault(one.activity, {}).update(dict.fromkeys(entity.marks or ()))
        self._earlier: dict[str, dict[str, list[ProvenanceUsage]]] = {}
        self._later: dict[str, dict[str, list[ProvenanceUsage]]] = {}
        self._unrecorded: dict[str, list[ProvenanceUsage]] = {}
        for usage in document.used:
            origin = self._generators.get(usage.entity)
            if origin is None and document.entity[usage.entity].kind == "value":
                self._unrecorded.setdefault(usage.activity, []).append(usage)
            else:
                self._link(usage.activity, origin or usage.entity, usage)
        for communication in document.wasInformedBy:
            self._link(communication.informed, communication.informant)
        for derivation in document.wasDerivedFrom:
            if document.entity[derivation.generatedEntity].kind == "release":
                self._link(derivation.generatedEntity, self._generators[derivation.usedEntity])

    def _link(self, later: str, earlier: str, usage: ProvenanceUsage | None = None) -> None:
        usages = self._earlier.setdefault(later, {}).setdefault(earlier, [])
        self._later.setdefault(earlier, {})[later] = usages
        if usage is not None:
            usages.append(usage)

    def describe(self, node: str) -> str:
        """Return the text of an activity or a release: its name, outcome, time and id."""
        entity = self._document.entity.get(node)
        if entity is not None:
            return f"release {entity.name}"
        activity = self._document.activity[node]
        when = format_short_time(activity.startTime, self._zone)
        if activity.kind == "event":
            return f"event {activity.event}: {self._describe_event(node, activity)}, {when}"
        if activity.name is None:
            return f"result {activity.task_id}, which is not in this project"
        outcome = (
            f"REJECTED BY A USER ({summarize_names(activity.rejected)})"
            if activity.rejected
            else activity.outcome
        )
        parts = [f"{activity.name} on {activity.target}", outcome or "", when]
        parts += ["simulated"] if activity.simulated else []
        parts += [f"in scope {activity.scope}"] if activity.scope else []
        if (marks := self._in_use.get(node)) is not None:
            parts.append(f"in use ({', '.join(marks)})" if marks else "in use")
        return f"{', '.join(filter(None, parts))} [{(activity.task_id or '')[:SHORT_ID]}]"

    def list_rejected(self) -> list[str]:
        """Return the texts of the results before the root with values that a user rejected since."""
        activities = self._document.activity.items()
        return [self.describe(node) for node, one in activities if one.rejected and one.steps < 0]

    def iter_earlier(self) -> Iterator[Line]:
        """Yield the lines of the tree of origins, each as prefix, text and the prefix of wrapped lines."""
        return self._iter_lines(earlier=True)

    def iter_later(self) -> Iterator[Line]:
        """Yield the lines of the tree of uses, as `iter_earlier`."""
        return self._iter_lines(earlier=False)

    def _iter_lines(self, *, earlier: bool) -> Iterator[Line]:
        seen = {self._document.root}
        # A chain can be longer than functions may be nested.
        unfolded = [iter(self._list_rows(self._document.root, earlier=earlier, indent="", seen=seen))]
        while unfolded:
            row = next(unfolded[-1], None)
            if row is None:
                unfolded.pop()
                continue
            node, line = row
            yield line
            if node is not None:
                unfolded.append(iter(self._list_rows(node, earlier=earlier, indent=line[2], seen=seen)))

    def _list_rows(
        self, node: str, *, earlier: bool, indent: str, seen: set[str]
    ) -> list[tuple[str | None, Line]]:
        """Return the nodes below a node with their lines, and the lines of what is not unfolded."""
        branches = (self._earlier if earlier else self._later).get(node, {})
        steps = self._get_steps(node)
        own = [one for one in branches if one not in seen and self._get_steps(one) == steps + 1]
        if not earlier:
            own.sort(key=self._get_time, reverse=True)
        seen.update(own)
        rows: list[tuple[str | None, str]] = []
        for other in own:
            inputs, text = self._describe_inputs(branches[other]), self.describe(other)
            rows.append((other, f"{inputs}: {text}" if inputs else text))
        rows += [
            (None, text) for text in self._list_ends(node, set(branches).difference(own), earlier=earlier)
        ]
        if len(rows) == 1:
            # The only line below another one stays at its place: a chain does not move to the right.
            below, text = rows[0]
            return [(below, (f"{indent}└─ ", text, indent))]
        following = [indent + ("│  " if place < len(rows) else "   ") for place in range(1, len(rows) + 1)]
        return [
            (below, (f"{indent}{'├' if place < len(rows) else '└'}─ ", text, following[place - 1]))
            for place, (below, text) in enumerate(rows, 1)
        ]

    def _list_ends(self, node: str, others: Collection[str], *, earlier: bool) -> list[str]:
        """Return the texts of inputs of no result, of nodes that the graph leaves out, and of nodes elsewhere in the tree."""
        ends = []
        if earlier and node in self._unrecorded:
            ends.append(f"from no result: {self._describe_inputs(self._unrecorded[node])}")
        activity = self._document.activity.get(node)
        left_out = 0 if activity is None else activity.more_earlier if earlier else activity.more_later
        if left_out:
            ends.append(f"{left_out} more: use a larger --depth")
        elif others:
            named = sorted(others)[:_MOST_OTHERS]
            rest = len(others) - len(named)
            texts = [self._describe_briefly(one) for one in named] + ([f"{rest} more"] if rest else [])
            ends.append(f"also {', '.join(texts)} (elsewhere in this tree)")
        return ends

    def _get_steps(self, node: str) -> int:
        """Return the number of steps between a node and the root."""
        activity = self._document.activity.get(node)
        steps = self._document.entity[node].steps if activity is None else activity.steps
        return abs(steps or 0)

    def _get_time(self, node: str) -> str:
        """Return the time of an activity as text in the order of time, or an empty text for a release."""
        activity = self._document.activity.get(node)
        return "" if activity is None or activity.startTime is None else activity.startTime.isoformat()

    def _describe_briefly(self, node: str) -> str:
        activity = self._document.activity.get(node)
        if activity is None or activity.name is None or activity.kind == "event":
            return self.describe(node)
        return f"{activity.name} on {activity.target} [{(activity.task_id or '')[:SHORT_ID]}]"

    def _describe_inputs(self, usages: Sequence[ProvenanceUsage]) -> str:
        """Return the inputs with their values, such as `qubit_frequency 4.98 GHz, drag_pi_beta 0.2 ns (undeclared)`."""
        texts = []
        for usage in usages[:_MOST_INPUTS]:
            entity = self._document.entity[usage.entity]
            if usage.input is None or usage.value is None:
                continue
            quantity = format_quantity(usage.value, None, entity.unit or "")
            remarks = describe_input(
                undeclared=usage.undeclared,
                from_laboratory=usage.from_laboratory,
                from_user=usage.from_user,
            )
            texts.append(f"{usage.input} {quantity}{remarks}")
        if (rest := len(usages) - _MOST_INPUTS) > 0:
            texts.append(f"{rest} more")
        return ", ".join(texts)

    def _describe_event(self, node: str, activity: ProvenanceActivity) -> str:
        agents = [one.agent for one in self._document.wasAssociatedWith if one.activity == node]
        author = "".join(f" by {self._document.agent[agent].username}" for agent in agents)
        source = f" ({activity.source})" if activity.source else ""
        reason = f": {activity.message}" if activity.message else ""
        return f"{activity.name or 'change'}{source}{author}{reason}"
