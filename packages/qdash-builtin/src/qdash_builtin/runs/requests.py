"""Request bodies for runs, other than `RunRequest`, and filters of lists by user, tag and cool-down."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from qdash_builtin.request_parts.option_forms import COOLDOWN
from qdash_builtin.runs.views.queue import QueueChangeKind
from qdash_core.models.fault_limit import ENTRY
from qdash_core.operations.bodies import Body
from qdash_core.operations.command import OnCommandLine

_HIDDEN = OnCommandLine(is_hidden=True)
_MOST_CHANGED = 1_000
"""Maximum number of queue entries that a request changes."""
VISIBLE = r"^[^\x00-\x1f\x7f]+$"
"""Pattern of a text without control characters."""
UserFilter = Annotated[
    str | None,
    Field(min_length=1, max_length=128, pattern=VISIBLE, description="Only those that this user started."),
    OnCommandLine(name="by", metavar="NAME"),
]
CooldownFilter = Annotated[
    str | None,
    Field(min_length=1, max_length=128, pattern=VISIBLE, description="Only those of this cool-down."),
    COOLDOWN,
]
TagFilter = Annotated[
    tuple[Annotated[str, Field(max_length=64)], ...],
    Field(max_length=20, description="Only those with all of these tags."),
]


class QueueChange(Body):
    """Change of a queue entry: exactly one of these fields."""

    first: bool = False
    """True: move to the front of the queue."""
    last: bool = False
    """True: move to the end of the queue."""
    before: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    """Move in front of this execution."""
    held: bool | None = None
    """True: hold the run until it is released; false: release it."""

    @model_validator(mode="after")
    def _require_one_field(self) -> Self:
        if self.first + self.last + (self.before is not None) + (self.held is not None) != 1:
            raise ValueError("give exactly one of first, last, before and held")
        return self


class QueueChanges(Body):
    """Change of several queue entries at once: exactly one of the fields other than `execution_ids`."""

    execution_ids: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=128), ENTRY]],
        Field(min_length=1, max_length=_MOST_CHANGED),
        OnCommandLine(metavar="ID|last", is_argument=True),
    ]
    """Waiting runs. A move keeps this order."""
    first: bool = False
    """True: move to the front of the queue."""
    last: bool = False
    """True: move to the end of the queue."""
    before: Annotated[
        Annotated[str, Field(min_length=1, max_length=128)] | None, OnCommandLine(metavar="ID|last")
    ] = None
    """Move in front of this execution."""
    held: Annotated[bool | None, _HIDDEN] = None
    """True: hold the runs until they are released; false: release them."""
    removed: Annotated[bool, _HIDDEN] = False
    """True: remove them; a new run is cancelled, a resumed one keeps its earlier status."""

    @model_validator(mode="after")
    def _require_one_change(self) -> Self:
        given = (self.first, self.last, self.before is not None, self.held is not None, self.removed)
        if sum(given) != 1:
            raise ValueError("give exactly one of first, last, before, held and removed")
        return self

    @property
    def kind(self) -> QueueChangeKind:
        """Return the kind of the change."""
        if self.removed:
            return "removed"
        if self.held is None:
            return "moved"
        return "held" if self.held else "released"
