"""View models of value events, decisions on results, and reversions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import AliasPath, Field

from qdash_builtin.values.views.shown_values import ShownValue
from qdash_core.documents.base import CitedPart, Document, OmitEmpty
from qdash_core.models.chip import SettingChange, TargetStatus, TrustOverride
from qdash_core.models.chip_judgement import FitnessChange
from qdash_core.models.decision import Decision
from qdash_core.models.judgement import Fitness
from qdash_core.models.value_change import ChangedStatus, ValueEventKind

if TYPE_CHECKING:
    from qdash_builtin.values.service import DecidedResult
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.values.writer import ValueEvent


class ChangedValueDocument(Document):
    """Value of a parameter before and after a change; absent where there was none."""

    target: str = Field(validation_alias=AliasPath("qid"))
    parameter: str = Field(validation_alias=AliasPath("name"))
    before: ShownValue | None = None
    after: ShownValue | None = None

    @classmethod
    def from_part(cls, part: ValueChangeModel) -> list[Self]:
        """Return the view models of the changed values of a part of an event."""
        return [
            cls.from_record(change, target=part.qid, parameter=name) for name, change in part.values.items()
        ]


class FitnessChangeDocument(Document):
    """Change of the fitness of a qubit or coupling."""

    before: Fitness
    after: Fitness
    reasons: OmitEmpty[list[str]] = None
    """Reasons if it is unfit or degraded after the change."""

    def describe(self) -> str:
        """Return the fitness after the change with its first reason: `unfit: no signal`, `fit again`."""
        return str(FitnessChange(self.before, self.after, tuple(self.reasons or ())))


class ValueEventHeader(Document):
    """Value event, a change of values of a chip, without the values."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (CitedPart("value-change", "{chip_id}/{number}"),)

    number: int
    """Number of the event in the project; an undo names it."""
    kind: ValueEventKind
    chip_id: str
    username: str
    reason: OmitEmpty[str] = None
    created_at: dt.datetime
    execution_id: OmitEmpty[str] = None
    task_id: OmitEmpty[str] = None
    """The result that was recorded, decided on or used; absent if there are several."""
    source: OmitEmpty[str] = None
    """Point in time or release of a reversion, or the imported file; the undo of an event has the source of that event."""
    scope: OmitEmpty[str] = None
    """The value scope of a commit or of its undo."""
    undoes: int | None = None
    """Number of the undone event."""
    undone_by: int | None = None
    """Number of the event that undid this one, unless that is undone, too."""
    targets: list[str]
    parameters: list[str]

    @classmethod
    def from_event(cls, event: ValueEvent, **further: Any) -> Self:
        """Return the view model of an event."""
        parts = event.parts
        names = {name for part in parts for name in part.parameters}
        return cls.from_record(
            event.head,
            undone_by=event.undone_by,
            targets=[part.qid for part in parts],
            parameters=sorted(names),
            **further,
        )


class ValueEventDocument(ValueEventHeader):
    """Value event, a change of values of a chip, with the values before and after it."""

    changes: list[ChangedValueDocument]
    directions: dict[str, str]
    """New control qubit by coupling; an empty text if none is chosen."""
    statuses: dict[str, TargetStatus]
    """New status by qubit or coupling."""
    status_changes: OmitEmpty[dict[str, ChangedStatus]] = None
    """The same with the former status and the times."""
    settings: OmitEmpty[dict[str, SettingChange]] = None
    """Recorded change of a setting, by connected qubit; absent in its undo."""
    trusted: OmitEmpty[dict[str, TrustOverride]] = None
    """Statement of a user that a value may be trusted until a time, by parameter; absent in its undo."""
    ended_settings: OmitEmpty[dict[str, SettingChange]] = None
    """Record of a changed setting that an undo takes back, by connected qubit."""
    ended_trust: OmitEmpty[list[str]] = None
    """Parameters of which an undo takes back that a user trusts them."""
    decided: OmitEmpty[list[str]] = None
    """Parameters on which the event decided, in order."""
    warnings: OmitEmpty[list[str]] = None
    """Contradictions of values set by hand with others of their target."""
    fitness: OmitEmpty[dict[str, FitnessChangeDocument]] = None
    """Changes of fitness by qubit or coupling; only in the answer to the change itself, and absent if there are none."""

    @classmethod
    def from_event(cls, event: ValueEvent, **further: Any) -> Self:
        """Return the view model of an event with its values."""
        return super().from_event(
            event,
            changes=[one for part in event.parts for one in ChangedValueDocument.from_part(part)],
            directions={
                part.qid: part.control.after or "" for part in event.parts if part.control is not None
            },
            statuses={part.qid: part.status.after for part in event.parts if part.status is not None},
            status_changes={part.qid: part.status for part in event.parts if part.status is not None},
            settings={
                part.qid: part.setting.after
                for part in event.parts
                if part.setting is not None and part.setting.after is not None
            },
            trusted={
                name: change.after
                for part in event.parts
                for name, change in part.overrides.items()
                if change.after is not None
            },
            ended_settings={
                part.qid: part.setting.before
                for part in event.parts
                if part.setting is not None and part.setting.after is None
            },
            ended_trust=[
                name
                for part in event.parts
                for name, change in part.overrides.items()
                if change.after is None
            ],
            decided=[name for part in event.parts for name in part.decisions],
            warnings=list(event.warnings),
            fitness={qid: FitnessChangeDocument.from_record(one) for qid, one in event.fitness.items()},
            **further,
        )


class UsingResult(Document):
    """Result that used a value as an input."""

    task_id: str
    execution_id: str
    name: str
    target: str = Field(validation_alias=AliasPath("qid"))
    start_at: dt.datetime | None = None


class DecisionDocument(Document):
    """Decision of a user on a result: the event, the decisions, and the results that had used the values."""

    task_id: str
    event: ValueEventDocument
    decisions: dict[str, Decision]
    """Decisions on the result by parameter."""
    used_by: list[UsingResult]
    """Results that used a rejected value as an input, last started first."""

    @classmethod
    def from_decision(cls, decided: DecidedResult) -> Self:
        """Return the view model of a decided result."""
        return cls(
            task_id=decided.result.task_id,
            event=ValueEventDocument.from_event(decided.event),
            decisions=decided.result.decisions,
            used_by=[UsingResult.from_record(one) for one in decided.used_by],
        )


class UnitConversionDocument(Document):
    """Values converted to the units in which tasks declare them, or a preview."""

    event: int | None = Field(default=None, validation_alias=AliasPath("event", "number"))
    """Number of the event; absent for a preview, or if nothing changed."""
    changes: list[ChangedValueDocument] = Field(validation_alias=AliasPath("values"))
    kept: list[ChangedValueDocument]
    """Values that stay because their unit is of another dimension; `before` and `after` are equal."""


class ReversionDocument(Document):
    """Values restored by a reversion, or a preview of it."""

    to: str = Field(validation_alias=AliasPath("source"))
    """The point in time, as the user wrote it; a duration before now as the time."""
    event: int | None = Field(default=None, validation_alias=AliasPath("event", "number"))
    """Number of the event; absent for a preview, or if nothing changed."""
    changes: list[ChangedValueDocument] = Field(validation_alias=AliasPath("values"))
    kept: list[ChangedValueDocument]
    """Values that stay because their parameter had no value at that time; `before` and `after` are equal."""
    withdrawn: list[ChangedValueDocument]
    """Former values (`after`) that are not restored because they were withdrawn since; the present ones (`before`) stay."""
    directions: dict[str, str]
    """Restored control qubit by coupling."""
