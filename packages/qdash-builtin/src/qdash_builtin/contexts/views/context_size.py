"""Reduction of a context to a size: the least important parts first, with a statement of each reduced part."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from qdash_builtin.contexts.figure_data import choose_points
from qdash_builtin.contexts.views.context import ContextDocument, OmittedPart
from qdash_core.documents.base import Document
from qdash_core.models.quantities import format_count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qdash_builtin.contexts.context import Context
    from qdash_builtin.contexts.views.context_parts import ContextFigure, ContextHistory

USUAL_SIZE = 40_000
"""Size of a context unless another one is requested, in characters."""
SIZE_RANGE = (5_000, 1_000_000)
"""Smallest and largest possible size of a context."""

_STEPS = (
    *(("texts", 4000), ("values", 100), ("texts", 1500), ("results", 15), ("executions", 8), ("changes", 10)),
    *(("points", 5), ("numbers", 50), ("facts", 30), ("failures", 15)),
    *(("peers", 10), ("texts", 500), ("numbers", 20), ("figures", 1)),
    *(("results", 0), ("executions", 0), ("changes", 0)),
    *(
        ("points", 1),
        ("points", 0),
        ("facts", 12),
        ("texts", 200),
        ("figures", 0),
    ),
    *(("facts", 5), ("statistics", 0)),
    *(
        ("peers", 0),
        ("typical_failures", 0),
        ("details", 6),
        ("facts", 0),
        ("values", 20),
        ("failures", 5),
        ("failed_targets", 20),
        ("texts", 100),
    ),
    *(("details", 0), ("values", 0), ("failures", 0), ("failed_targets", 0)),
)
"""Limits in the order in which they are lowered, each to a number: of items of a list, of characters of each text, of values of each
history (`points`), of points of each array of a figure (`numbers`), of entries of each table of a result or target (`details`)."""
_LISTS = (
    "typical_failures",
    "peers",
    "failed_targets",
    "failures",
    "values",
    "statistics",
    "facts",
    "figures",
    "changes",
    "executions",
    "results",
)
_TABLES = ("estimates", "reasons", "decisions", "quality", "inputs", "run_parameters", "design")
_TEXTS = frozenset({"text", "title", "message", "reason", "measures", "seen", "do", "heading", "details"})
_NOUNS = {
    "typical_failures": "typical failures of the task",
    "peers": "results of the task on other targets in the execution",
    "failed_targets": "failed and dead targets",
    "failures": "failed results",
    "values": "values in use",
    "statistics": "metrics",
    "facts": "facts of features",
    "figures": "results with figures",
    "changes": "changes by users",
    "executions": "executions",
    "results": "results",
}
_ELLIPSIS = "…"


def fit_context(context: Context, max_size: int, write: Callable[[ContextDocument], str]) -> ContextDocument:
    """Return the view model of a context whose text has at most `max_size` characters, a number in `SIZE_RANGE`."""
    parts = _Parts(context, ContextDocument.from_context(context))

    def fits(limits: Mapping[str, int]) -> bool:
        return len(write(parts.reduce(limits))) <= max_size

    largest = parts.measure()
    limits: dict[str, int] = {}
    if fits(limits):
        return parts.reduce(limits)
    for name, floor in _STEPS:
        above = limits.get(name, largest[name])
        if above <= floor:
            continue
        limits[name] = floor
        if fits(limits):
            return parts.reduce(_raise_limit(limits, name, above, fits))
    return parts.reduce(limits)


def _raise_limit(
    limits: Mapping[str, int], name: str, above: int, fits: Callable[[Mapping[str, int]], bool]
) -> dict[str, int]:
    """Return limits that fit with the largest number for one of them, which is below `above`."""
    least, most = limits[name], above
    while most - least > 1:
        middle = (least + most) // 2
        if fits({**limits, name: middle}):
            least = middle
        else:
            most = middle
    return {**limits, name: least}


@dataclass
class _Shortened:
    """Texts that were shortened to a number of characters."""

    most: int
    number: int = 0

    def shorten(self, value: Any, name: str = "") -> Any:
        """Return a value with its long texts shortened; the same object if there are none."""
        if isinstance(value, str):
            if name not in _TEXTS or len(value) <= self.most:
                return value
            self.number += 1
            return value[: self.most] + _ELLIPSIS
        if isinstance(value, Document):
            changes = {key: new for key, old in value if (new := self.shorten(old, key)) is not old}
            return value.model_copy(update=changes) if changes else value
        if isinstance(value, list) and value and isinstance(value[0], Document):
            return self._keep(value, [self.shorten(one) for one in value])
        if isinstance(value, dict) and value and isinstance(next(iter(value.values())), Document):
            return self._keep(value, {key: self.shorten(one) for key, one in value.items()})
        return value

    @staticmethod
    def _keep(old: Any, new: Any) -> Any:
        pairs = (
            zip(old.values(), new.values(), strict=True)
            if isinstance(old, dict)
            else zip(old, new, strict=True)
        )
        return new if any(before is not after for before, after in pairs) else old


@dataclass(frozen=True)
class _Parts:
    """Parts of a context that can be reduced; `full` is its view model with all items."""

    context: Context
    full: ContextDocument
    _totals: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Collect the numbers of all items."""
        lists = {name: getattr(self.context, name).total for name in _LISTS if name != "statistics"}
        object.__setattr__(self, "_totals", {**lists, "statistics": len(self.context.summaries)})

    def measure(self) -> dict[str, int]:
        """Return the smallest limits that reduce nothing."""
        histories, figures = self.full.histories or [], self.full.figures or []
        return {
            **{name: len(getattr(self.full, name) or ()) for name in _LISTS},
            "points": max((len(one.points) for one in histories), default=0),
            "numbers": max((_count(array.values) for one in figures for array in one.arrays), default=0),
            "details": max((len(table) for table in _iter_tables(self.full)), default=0),
            "texts": max(_iter_lengths(self.full), default=0),
        }

    def reduce(self, limits: Mapping[str, int]) -> ContextDocument:
        """Return the view model within limits, with a statement of each reduced part."""
        changes: dict[str, Any] = {
            name: getattr(self.full, name)[: limits[name]] or None
            for name in _LISTS
            if name in limits and getattr(self.full, name)
        }
        if "points" in limits and self.full.histories:
            changes["histories"] = _reduce_histories(self.full.histories, limits["points"])
        figures = changes.get("figures", self.full.figures)
        if "numbers" in limits and figures:
            changes["figures"] = [_thin_figure(one, limits["numbers"]) for one in figures]
        if "details" in limits:
            for name in ("result", "target"):
                changes[name] = _reduce_tables(getattr(self.full, name), limits["details"])
        reduced = self.full.model_copy(update=changes)
        shortened = _Shortened(limits.get("texts", 10**9))
        if "texts" in limits:
            reduced = shortened.shorten(reduced)
        return reduced.model_copy(update={"omitted": [*self._state_omitted(reduced, shortened)] or None})

    def _state_omitted(self, reduced: ContextDocument, shortened: _Shortened) -> Iterator[OmittedPart]:
        """Yield a statement of each reduced part, in the order of the view model."""
        commands = _make_commands(self.full)
        for name in _LISTS:
            shown, total = len(getattr(reduced, name) or ()), self._totals[name]
            if shown < total:
                noun = "flagged results" if (name, reduced.kind) == ("results", "chip") else _NOUNS[name]
                yield _state(name, shown, total, noun, commands.get(name))
        figures = reduced.figures or ()
        arrays = [array for one in figures for array in one.arrays]
        for name, shown, total, noun, command in (
            (
                "histories",
                sum(len(one.points) for one in reduced.histories or ()),
                sum(len(one.points) for one in self.context.histories),
                "values of histories",
                commands["histories"],
            ),
            (
                "arrays",
                len(arrays),
                sum(one.n_arrays for one in figures),
                "arrays of figures",
                commands["figures"],
            ),
            (
                "points",
                sum(_count(one.values) for one in arrays),
                sum(prod(one.shape) for one in arrays),
                "points of arrays",
                commands["figures"],
            ),
            (
                "details",
                sum(map(len, _iter_tables(reduced))),
                sum(map(len, _iter_tables(self.full))),
                "inputs, parameters and other entries",
                commands["details"],
            ),
        ):
            if shown < total:
                yield _state(name, shown, total, noun, command)
        if shortened.number:
            text = f"{format_count(shortened.number, 'text')} shortened to {shortened.most} characters"
            yield OmittedPart(section="texts", shown=0, total=shortened.number, text=text)


def _state(section: str, shown: int, total: int, noun: str, command: str | None) -> OmittedPart:
    text = f"{shown:,} of {total:,} {noun}"
    return OmittedPart(section=section, shown=shown, total=total, text=text, command=command)


def _make_commands(document: ContextDocument) -> dict[str, str]:
    """Return the command that shows all of each part."""
    chip, target = shlex.quote(document.chip_id), shlex.quote(document.target_id or "")
    of_target = f" --target {target}" if document.target_id else ""
    option = "couplings" if "-" in target else "qids"
    selected = f" --{option} {target}" if document.target_id else ""
    results = f"qdash task results --chip {chip}{of_target}"
    of_kind = {"chip": " --verdict flagged", "target": "", "result": ""}[document.kind]
    task = execution = ""
    if document.result is not None:
        task = shlex.quote(document.result.task)
        execution = shlex.quote((document.result.execution or "").removeprefix("/executions/"))
        of_kind = f" --task {task}"
    shown = shlex.quote(document.task_id) if document.task_id else "TASK_ID"
    return {
        "typical_failures": f"qdash task show {task}",
        "peers": f"qdash executions show {execution} --task {task}",
        "failed_targets": f"qdash chip show {chip}",
        "failures": f"{results} --status failed",
        "values": f"qdash metrics {chip}{selected}",
        "statistics": f"qdash metrics {chip} --summary",
        "figures": f"qdash task data {shown}",
        "changes": f"qdash values log {chip} --by-hand{selected}",
        "executions": f"qdash executions list --chip {chip}",
        "results": f"{results}{of_kind}",
        "histories": f"qdash values history {chip} {target} METRIC",
        "details": f"qdash context {shown if document.task_id else f'{chip} {target}'} --max-size {SIZE_RANGE[1]}",
    }


def _iter_tables(document: ContextDocument) -> Iterator[Any]:
    for header in (document.result, document.target):
        yield from (getattr(header, name, None) or () for name in _TABLES)


def _reduce_tables(header: Any, most: int) -> Any:
    """Return the header of a result or target with the first entries of each table."""
    tables = {name: table for name in _TABLES if (table := getattr(header, name, None))}
    cut = {
        name: (table[:most] if isinstance(table, list) else dict([*table.items()][:most])) or None
        for name, table in tables.items()
        if len(table) > most
    }
    return header.model_copy(update=cut) if cut else header


def _reduce_histories(histories: list[ContextHistory], most: int) -> list[ContextHistory] | None:
    if not most:
        return None
    return [one.model_copy(update={"points": one.points[:most]}) for one in histories]


def _thin_figure(figure: ContextFigure, most: int) -> ContextFigure:
    """Return a figure with at most `most` points of each array."""
    points = choose_points((_get_shape(one.values) for one in figure.arrays if one.values is not None), most)
    arrays = [one.model_copy(update={"values": _select(one.values, points)}) for one in figure.arrays]
    return figure.model_copy(update={"arrays": arrays})


def _get_shape(values: Any) -> tuple[int, ...]:
    return (len(values), *_get_shape(values[0])) if isinstance(values, list) else ()


def _select(values: Any, points: Mapping[int, list[int]]) -> Any:
    if not isinstance(values, list):
        return values
    return [_select(values[place], points) for place in points[len(values)]]


def _count(values: Any) -> int:
    return 0 if values is None else prod(_get_shape(values))


def _iter_lengths(value: Any, name: str = "") -> Iterator[int]:
    """Yield the lengths of the texts that may be shortened."""
    if isinstance(value, str):
        if name in _TEXTS:
            yield len(value)
    elif isinstance(value, Document):
        for key, part in value:
            yield from _iter_lengths(part, key)
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _iter_lengths(part)
