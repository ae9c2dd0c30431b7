"""View model of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AliasPath, Field

from qdash_core.documents.base import Column, Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.event_kinds import MOST_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection

_LONGEST_TEXT = 200

MOST_SEQ = 2**63 - 1
ChipFilter = Annotated[str | None, Field(max_length=128, description="Only events of this chip.")]
ExecutionFilter = Annotated[str | None, Field(max_length=128, description="Only events of this execution.")]
Kinds = Annotated[
    list[Annotated[str, Field(max_length=64)]] | None,
    Field(
        max_length=MOST_KINDS, description="Only events of these kinds; `*` matches any text, as in `task.*`."
    ),
]
AfterSeq = Annotated[
    int | None,
    Field(
        ge=0, le=MOST_SEQ, description="Number of the event after which to start; absent: only new events."
    ),
]


class EventDocument(Document):
    """An event of a project."""

    text_columns: ClassVar[tuple[Column, ...]] = (
        Column("when", "at"),
        Column("kind", "kind"),
        Column("chip", "chip_id"),
        Column("execution", "execution_id"),
        Column("details", "details", wraps=True),
    )
    seq: int
    """Sequence number; it rises in the order in which the events of a project became visible."""
    at: UtcDatetime = Field(validation_alias=AliasPath("created_at"))
    kind: str
    """Subject and new state: `execution.running`, `task.completed`, ..."""
    project_id: str
    chip_id: OmitEmpty[str] = None
    execution_id: OmitEmpty[str] = None
    task_id: OmitEmpty[str] = None
    data: dict[str, Any]
    """Further details, which depend on the kind."""

    @property
    def details(self) -> str:
        """Further details as a short text."""
        return self.describe()

    def describe(self, left_out: Collection[str] = ()) -> str:
        """Return the user and the further details as a short text, without those of some names."""
        user = self.data.get("username")
        parts = [f"by {user}"] if user else []
        parts += [
            f"{name}: {text}"
            for name, value in self.data.items()
            if name not in ("username", *left_out) and (text := _to_text(value))
        ]
        text = "; ".join(parts)
        return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _to_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_to_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {_to_text(one)}" for name, one in value.items())
    return "" if value is None else str(value)
