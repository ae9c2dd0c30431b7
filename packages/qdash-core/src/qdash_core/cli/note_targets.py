"""Subject of a note on the command line: a chip, or a part of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from qdash_core.cli.period_options import PeriodOptions, period_options
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.application import QDash
    from qdash_core.documents.notes import NoteDocument
    from qdash_core.models.access import Access
    from qdash_core.models.targets import TargetKind
    from qdash_core.notes.note_places import NotePlace


@dataclass(frozen=True, slots=True)
class NoteTarget:
    """Subject of a note: a chip, or one of its qubits, couplings, task results or metrics.

    Parameters
    ----------
    chip_id : str
        The chip.
    named : mapping
        At most one of "qubit", "coupling" and "task_result", with its id.
    metric_key : str or None
        The metric of the qubit or coupling.
    period : PeriodOptions
        Period of validity of a note on a metric.
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

    def show(self, qdash: QDash, access: Access) -> NoteDocument:
        """Return the current note."""
        from qdash_core.documents.notes import NoteDocument

        if self.metric_key is None:
            return NoteDocument.from_placed_note(qdash.notes.show(access, self._place(qdash, access)))
        when = self.period.parse_period(qdash.zone)
        return NoteDocument.from_metric_note(qdash.metric_notes.show(access, *self._metric(), **when))

    def write(self, qdash: QDash, access: Access, content: str) -> NoteDocument:
        """Write the note, and return it; an empty one clears it."""
        from qdash_core.documents.notes import NoteDocument

        if self.metric_key is None:
            edited = qdash.notes.edit(access, self._place(qdash, access), content)
            return NoteDocument.from_placed_note(edited)
        when = self.period.parse_period(qdash.zone)
        on = self._metric()
        return NoteDocument.from_metric_note(qdash.metric_notes.edit(access, *on, content, **when))

    def _place(self, qdash: QDash, access: Access) -> NotePlace:
        from qdash_core.models.note import NoteScope
        from qdash_core.notes.note_places import NotePlace

        for kind, named in self.named.items():
            of_result = kind == "task_result"
            target_id = qdash.results.resolve_id(access, named) if of_result else named
            return NotePlace(NoteScope(kind), target_id, self.chip_id)
        return NotePlace(NoteScope.CHIP, self.chip_id, self.chip_id)

    def _metric(self) -> tuple[str, TargetKind, str, str]:
        assert self.metric_key is not None
        kind: TargetKind = "qubit" if "qubit" in self.named else "coupling"
        return self.chip_id, kind, self.named[kind], self.metric_key


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
        click.option("--task", metavar="ID", help="Note on the task result with this id."),
        click.option(
            "--metric", metavar="KEY", help="Note on this metric of the qubit or coupling, such as t1."
        ),
    )
    taking = period_options(on_target)
    for option in reversed(options):
        taking = option(taking)
    return chip(taking)
