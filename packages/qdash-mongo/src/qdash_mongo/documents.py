"""Beanie documents of the collections, with which other programs find and aggregate.

They are built from the stored models, and only read: the services of QDash write. `document_access` opens them.
"""

from __future__ import annotations

from qdash_core.models.audit import AuditModel
from qdash_core.models.chip import (
    ChipHistoryModel,
    ChipModel,
    CouplingHistoryModel,
    CouplingModel,
    EvidenceChangeModel,
    QubitHistoryModel,
    QubitModel,
)
from qdash_core.models.conversation import AssistantUsageModel, ConversationMessageModel, ConversationModel
from qdash_core.models.cryostat import CooldownModel, CryostatModel
from qdash_core.models.execution import (
    CalibrationNoteModel,
    EventModel,
    ExecutionCounterModel,
    ExecutionLockModel,
    ExecutionModel,
    LogModel,
)
from qdash_core.models.file_version import FileVersionModel
from qdash_core.models.flow import FlowModel, FlowVersionModel
from qdash_core.models.idempotency import IdempotencyModel
from qdash_core.models.issue import IssueEventModel, IssueModel
from qdash_core.models.login import LoginAttemptModel, SetUpLinkModel
from qdash_core.models.note import MetricNoteModel, NoteEventModel
from qdash_core.models.plugin_record import AnyPluginRecord
from qdash_core.models.project import BackendModel, ProjectMembershipModel, ProjectModel, TagModel, UserModel
from qdash_core.models.provenance import ProvenanceEdge
from qdash_core.models.queue import PresenceModel, QueueEntryModel
from qdash_core.models.release import ReleaseModel, ReleaseTargetModel
from qdash_core.models.task import LatestResultModel, TaskModel, TaskResultModel
from qdash_core.models.timetable import TimetableModel
from qdash_core.models.token import AccessTokenModel
from qdash_core.models.value_change import ValueChangeModel, ValueScopeModel
from qdash_mongo.stored_document import StoredDocument


class ProjectDocument(StoredDocument, ProjectModel, collection="project"):
    """Projects."""


class ProjectMembershipDocument(StoredDocument, ProjectMembershipModel, collection="project_membership"):
    """Members of projects, with their roles."""


class UserDocument(StoredDocument, UserModel, collection="user"):  # type: ignore[misc]  # `create` is refused, too
    """Users: people and programs."""


class AccessTokenDocument(StoredDocument, AccessTokenModel, collection="access_token"):
    """Tokens of users, without their secrets."""


class SetUpLinkDocument(StoredDocument, SetUpLinkModel, collection="setup_link"):
    """Links with which users set their password."""


class LoginAttemptDocument(StoredDocument, LoginAttemptModel, collection="login_attempt"):  # type: ignore[misc]  # `create` is refused, too
    """Numbers of recent failed logins."""


class AuditDocument(StoredDocument, AuditModel, collection="audit"):
    """Requests that may have changed something."""


class ChipDocument(StoredDocument, ChipModel, collection="chip"):
    """Chips, without their qubits and couplings."""


class QubitDocument(StoredDocument, QubitModel, collection="qubit"):
    """Qubits with their latest accepted values."""


class CouplingDocument(StoredDocument, CouplingModel, collection="coupling"):
    """Couplings with their latest accepted values."""


class QubitHistoryDocument(StoredDocument, QubitHistoryModel, collection="qubit_history"):
    """Daily copies of qubits."""


class CouplingHistoryDocument(StoredDocument, CouplingHistoryModel, collection="coupling_history"):
    """Daily copies of couplings."""


class ChipHistoryDocument(StoredDocument, ChipHistoryModel, collection="chip_history"):
    """Daily copies of chips, without their qubits and couplings."""


class ExecutionHistoryDocument(StoredDocument, ExecutionModel, collection="execution_history"):
    """Executions, without their task results."""


class TaskResultHistoryDocument(StoredDocument, TaskResultModel, collection="task_result_history"):
    """Task results, one for each task attempt on each target."""


class LatestResultDocument(StoredDocument, LatestResultModel, collection="latest_result"):
    """The newest finished result of each task on each target."""


class ExecutionCounterDocument(StoredDocument, ExecutionCounterModel, collection="execution_counter"):
    """Numbers of the last execution of each project and date."""


class ExecutionLockDocument(StoredDocument, ExecutionLockModel, collection="execution_lock"):
    """Instrument locks."""


class CalibrationNoteDocument(StoredDocument, CalibrationNoteModel, collection="calibration_note"):
    """Calibration notes of laboratory libraries."""


class EvidenceChangeDocument(StoredDocument, EvidenceChangeModel, collection="evidence_change"):
    """States of qubits and couplings before each change of their status or newest outcomes."""


class ValueChangeDocument(StoredDocument, ValueChangeModel, collection="value_change"):
    """Changes of the values of qubits and couplings."""


class ProvenanceDocument(StoredDocument, ProvenanceEdge, collection="provenance"):
    """Edges between results, value events and releases."""


class ValueScopeDocument(StoredDocument, ValueScopeModel, collection="value_scope"):
    """Value scopes."""


class ReleaseDocument(StoredDocument, ReleaseModel, collection="release"):
    """Releases of chips."""


class ReleaseTargetDocument(StoredDocument, ReleaseTargetModel, collection="release_target"):
    """Qubits and couplings of releases."""


class TaskDocument(StoredDocument, TaskModel, collection="task"):
    """Task definitions, as of their last run."""


class BackendDocument(StoredDocument, BackendModel, collection="backend"):
    """Backends of projects."""


class TagDocument(StoredDocument, TagModel, collection="tag"):
    """Tags for executions."""


class MetricNoteDocument(StoredDocument, MetricNoteModel, collection="metric_note"):
    """Notes on metrics."""


class NoteEventDocument(StoredDocument, NoteEventModel, collection="note_event"):
    """Edits of notes."""


class CryostatDocument(StoredDocument, CryostatModel, collection="cryostat"):
    """Cryostats."""


class CooldownDocument(StoredDocument, CooldownModel, collection="cooldown"):
    """Cool-downs."""


class IssueDocument(StoredDocument, IssueModel, collection="issue"):
    """Laboratory issues. Their comments are events."""


class IssueEventDocument(StoredDocument, IssueEventModel, collection="issue_event"):
    """Events of laboratory issues, among them comments."""


class PluginRecordDocument(StoredDocument, AnyPluginRecord, collection="plugin_record"):
    """Records that plugins declare."""


class ConversationDocument(StoredDocument, ConversationModel, collection="conversation"):
    """Conversations with assistants."""


class ConversationMessageDocument(
    StoredDocument, ConversationMessageModel, collection="conversation_message"
):
    """Questions of conversations, and their answers."""


class AssistantUsageDocument(StoredDocument, AssistantUsageModel, collection="assistant_usage"):
    """Tokens that the questions of each user used on each day."""


class FlowDocument(StoredDocument, FlowModel, collection="flows"):
    """Flows, in their current version."""


class FlowVersionDocument(StoredDocument, FlowVersionModel, collection="flow_version"):
    """Versions of flows."""


class EventDocument(StoredDocument, EventModel, collection="event"):
    """Events, with the numbers that the store assigns."""


class QueueEntryDocument(StoredDocument, QueueEntryModel, collection="queue"):
    """Runs that wait or are being performed."""


class IdempotencyDocument(StoredDocument, IdempotencyModel, collection="idempotency"):
    """Idempotency keys of requests for runs, changes of values, and releases."""


class FileVersionDocument(StoredDocument, FileVersionModel, collection="file_version"):
    """Versions of files below roots."""


class TimetableDocument(StoredDocument, TimetableModel, collection="timetable"):
    """Runs that start automatically."""


class PresenceDocument(StoredDocument, PresenceModel, collection="presence"):
    """Live workers, and commands that wait for their run."""


class LogDocument(StoredDocument, LogModel, collection="execution_log"):
    """Lines of the logs of runs."""


DOCUMENTS = tuple(
    one
    for one in [*vars().values()]
    if isinstance(one, type) and issubclass(one, StoredDocument) and one is not StoredDocument
)
"""Classes of all collections."""
