"""Notes by users on metrics, and the log of all edits."""

from enum import StrEnum
from typing import Literal

from qdash_builtin.attachments.model import Attachment
from qdash_core.models.base import Note, Record, UtcDatetime, Value
from qdash_core.models.targets import TargetKind

GLOBAL_SCOPE = "global"


class NoteScope(StrEnum):
    """Kind of object to which a note is attached."""

    CHIP = "chip"
    QUBIT = "qubit"
    QUBIT_METRIC = "qubit_metric"
    COUPLING = "coupling"
    COUPLING_METRIC = "coupling_metric"
    TASK_RESULT = "task_result"
    CRYOSTAT = "cryostat"
    COOLDOWN = "cooldown"


class ScopeSource(StrEnum):
    """Origin of the scope of a metric's note; `legacy_global` is imported from the original."""

    EXPLICIT_COOLDOWN = "explicit_cooldown"
    CURRENT_COOLDOWN = "current_cooldown"
    INFERRED_FROM_RANGE = "inferred_from_range"
    MANUAL_TIME_RANGE = "manual_time_range"
    GLOBAL = "global"
    LEGACY_GLOBAL = "legacy_global"


class MetricScope(Value):
    """Period for which a note on a metric is valid: a cool-down, a time range, or all time.

    A time range includes `scope_started_at` and excludes `scope_ended_at`.
    """

    scope_type: Literal["cooldown", "time_range", "global"] = "global"
    scope_key: str = GLOBAL_SCOPE
    """`cooldown:<id>`, `time_range:<start>:<end>` or `global`."""
    cooldown_id: str | None = None
    scope_started_at: UtcDatetime | None = None
    scope_ended_at: UtcDatetime | None = None
    """None for a cool-down that is in progress."""
    scope_source: ScopeSource = ScopeSource.GLOBAL


class MetricNoteModel(Record, MetricScope):
    """The current note on one metric of one qubit or coupling in one scope."""

    project_id: str
    chip_id: str
    target_type: TargetKind
    target_id: str
    metric_key: str
    note: Note = Note.model_construct()

    @property
    def subject(self) -> tuple[str, str, str]:
        """Subject of the note: target type, target id and metric key."""
        return self.target_type, self.target_id, self.metric_key


class NoteEventModel(Record):
    """One edit of one note, at `created_at`. Immutable."""

    seq: int = 0
    """Assigned by the store."""
    project_id: str
    chip_id: str = ""
    """Empty for cryostats and cool-downs."""
    scope: NoteScope
    target_id: str
    metric_key: str = ""
    action: Literal["upsert", "delete"]
    actor: str
    content: str = ""
    extra: dict[str, str] = {}


class NoteFilesModel(Record):
    """Files of the present and former notes on one object; for a metric, of its notes for all periods."""

    project_id: str
    scope: NoteScope
    chip_id: str = ""
    """Empty for results, cryostats and cool-downs."""
    target_id: str
    metric_key: str = ""
    attachments: list[Attachment] = []
    """By name."""
