"""Subject of a note on the command line: a chip, or a part of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from qdash_cli.period_options import PeriodOptions, period_options
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.notes.model import NoteScope
    from qdash_builtin.notes.requests import Period
    from qdash_builtin.notes.views import NoteDocument
    from qdash_core.operations.transport import Transport


@dataclass(frozen=True, slots=True)
class NoteTarget:
    """Subject of a note: a chip, or one of its qubits, couplings, task results or metrics.

    `named` has at most one of "qubit", "coupling" and "task_result", with its id; the metric is one of the qubit or
    coupling, and the period that of a note on a metric.
    """

    chip_id: str
    named: dict[Literal["qubit", "coupling", "task_result"], str]
    metric_key: str | None
    period: PeriodOptions

    def __post_init__(self) -> None:
        """Raise InvalidInputError if the options contradict each other."""
        if len(self.named) > 1:
            raise InvalidInputError("use one of --qid, --coupling and --task, or none for the chip itself")
        if self.metric_key is not None and not self.named.keys() & {"qubit", "coupling"}:
            raise InvalidInputError("--metric requires --qid or --coupling")
        if self.metric_key is None and self.period:
            raise InvalidInputError("--cooldown, --from and --to require --metric")

    def show(self, home: Transport) -> NoteDocument:
        """Return the current note."""
        from qdash_builtin.notes.operations import metric_notes, notes

        kind, target_id = self._get_part()
        if self.metric_key is not None:
            place = self.chip_id, target_id, self.metric_key, self._make_period(home)
            return home.ask(metric_notes.show_metric_note_of_target, *place)
        match kind:
            case "qubit" | "coupling":
                return home.ask(notes.show_note_of_target, self.chip_id, target_id)
            case "task_result":
                return home.ask(notes.show_note_of_result, target_id, self.chip_id)
        return home.ask(notes.show_note_of_chip, self.chip_id)

    def write(self, home: Transport, content: str) -> NoteDocument:
        """Write the note, and return it; an empty one clears it."""
        from qdash_builtin.notes.operations import metric_notes, notes
        from qdash_builtin.notes.requests import NoteRequest

        body = NoteRequest(content=content)
        kind, target_id = self._get_part()
        if self.metric_key is not None:
            written = self.chip_id, target_id, self.metric_key, body, self._make_period(home)
            return home.ask(metric_notes.note_metric_of_target, *written)
        match kind:
            case "qubit" | "coupling":
                return home.ask(notes.note_target, self.chip_id, target_id, body)
            case "task_result":
                return home.ask(notes.note_result, target_id, body, self.chip_id)
        return home.ask(notes.note_chip, self.chip_id, body)

    @property
    def noted_object(self) -> tuple[NoteScope, str, str, str]:
        """Kind, id, chip and metric of the object, as the operations of files take them."""
        from qdash_builtin.notes.model import NoteScope

        kind, target_id = self._get_part()
        scope = NoteScope(f"{kind}_metric" if self.metric_key else kind)
        return scope, target_id, self.chip_id, self.metric_key or ""

    def _get_part(self) -> tuple[str, str]:
        """Return the kind and id of the part of the chip, or "chip" and its id."""
        return next(iter(self.named.items()), ("chip", self.chip_id))

    def _make_period(self, home: Transport) -> Period:
        from qdash_builtin.notes.requests import Period

        when = self.period.parse_period(home.zone)
        since, until = when["time_range"] or (None, None)
        return Period(cooldown_id=when["cooldown_id"], since=since, until=until)


def note_target(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument CHIP and the options for parts of a chip to a command, passed as `target`."""

    @wraps(command)
    def on_target(
        *args: Any,
        chip_id: str,
        qid: str | None,
        coupling: str | None,
        task: str | None,
        metric: str | None,
        period: PeriodOptions,
        **rest: Any,
    ) -> Any:
        given = {"qubit": qid, "coupling": coupling, "task_result": task}
        named: Any = {kind: target_id for kind, target_id in given.items() if target_id is not None}
        return command(*args, target=NoteTarget(chip_id, named, metric, period), **rest)

    chip = click.argument("chip_id", metavar="CHIP")
    options = (
        click.option("--qid", metavar="Q", help="Note on this qubit."),
        click.option("--coupling", metavar="A-B", help="Note on this coupling."),
        click.option("--task", metavar="TASK_ID", help="Note on the task result with this id."),
        click.option(
            "--metric", metavar="KEY", help="Note on this metric of the qubit or coupling, such as t1."
        ),
    )
    taking = period_options(on_target)
    for option in reversed(options):
        taking = option(taking)
    return chip(taking)
