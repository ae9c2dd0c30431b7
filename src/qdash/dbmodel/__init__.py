"""Document classes of the collections under the names of the original, for reading; they need `qdash[mongo]`.

`qdash_mongo.document_access.open_documents` opens a store for them.
"""

from typing import Any

from qdash.optional_names import import_on_use

__all__ = [
    "AssistantUsageDocument",
    "BackendDocument",
    "CalibrationNoteDocument",
    "ChipDocument",
    "ChipHistoryDocument",
    "ConversationDocument",
    "ConversationMessageDocument",
    "CooldownDocument",
    "CouplingDocument",
    "CouplingHistoryDocument",
    "CryostatDocument",
    "ExecutionCounterDocument",
    "ExecutionHistoryDocument",
    "ExecutionLockDocument",
    "FlowDocument",
    "IssueDocument",
    "IssueEventDocument",
    "MetricNoteDocument",
    "NoteEventDocument",
    "PluginRecordDocument",
    "ProjectDocument",
    "ProjectMembershipDocument",
    "QubitDocument",
    "QubitHistoryDocument",
    "TagDocument",
    "TaskDocument",
    "TaskResultHistoryDocument",
    "UserDocument",
]

AssistantUsageDocument: Any
BackendDocument: Any
CalibrationNoteDocument: Any
ChipDocument: Any
ChipHistoryDocument: Any
ConversationDocument: Any
ConversationMessageDocument: Any
CooldownDocument: Any
CouplingDocument: Any
CouplingHistoryDocument: Any
CryostatDocument: Any
PluginRecordDocument: Any
ExecutionCounterDocument: Any
ExecutionHistoryDocument: Any
ExecutionLockDocument: Any
FlowDocument: Any
IssueDocument: Any
IssueEventDocument: Any
MetricNoteDocument: Any
NoteEventDocument: Any
ProjectDocument: Any
ProjectMembershipDocument: Any
QubitDocument: Any
QubitHistoryDocument: Any
TagDocument: Any
TaskDocument: Any
TaskResultHistoryDocument: Any
UserDocument: Any

__getattr__ = import_on_use(__name__, __all__, "qdash_mongo.documents", "mongo")
