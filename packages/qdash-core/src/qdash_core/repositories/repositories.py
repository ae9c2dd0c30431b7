"""All repositories over one store or transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.repositories.audit import AuditRepository
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.conversations import (
    AssistantUsageRepository,
    ConversationMessageRepository,
    ConversationRepository,
)
from qdash_core.repositories.cryostats import CooldownRepository, CryostatRepository
from qdash_core.repositories.executions import (
    CalibrationNoteRepository,
    EventRepository,
    ExecutionCounterRepository,
    ExecutionLockRepository,
    ExecutionRepository,
)
from qdash_core.repositories.file_versions import FileVersionRepository
from qdash_core.repositories.flows import FlowRepository, FlowVersionRepository
from qdash_core.repositories.idempotency import IdempotencyRepository
from qdash_core.repositories.identity import (
    AccessTokenRepository,
    BackendRepository,
    ProjectMembershipRepository,
    ProjectRepository,
    UserRepository,
)
from qdash_core.repositories.issues import IssueEventRepository, IssueRepository
from qdash_core.repositories.logins import LoginAttemptRepository, SetUpLinkRepository
from qdash_core.repositories.notes import MetricNoteRepository, NoteEventRepository
from qdash_core.repositories.plugin_records import PluginRecordRepository
from qdash_core.repositories.provenance import ProvenanceRepository
from qdash_core.repositories.queue import LogRepository, PresenceRepository, QueueRepository
from qdash_core.repositories.releases import ReleaseRepository, ReleaseTargetRepository
from qdash_core.repositories.results import (
    LatestResultRepository,
    TaskRepository,
    TaskResultHistoryRepository,
)
from qdash_core.repositories.tags import TagRepository
from qdash_core.repositories.timetables import TimetableRepository
from qdash_core.repositories.value_changes import ValueChangeRepository, ValueScopeRepository

if TYPE_CHECKING:
    from qdash_core.repositories.base import Repository
    from qdash_core.repositories.store import Snapshot, Store

O = TypeVar("O", bound="Repository[Any]")  # noqa: E741  the other repository


class Repositories:
    """The repositories by name.

    Parameters
    ----------
    scope : Store or Snapshot
        With a transaction all writes are one atomic write; with a snapshot the repositories can only read.
    """

    def __init__(self, scope: Store | Snapshot) -> None:
        self.users = UserRepository(scope)
        self.tokens = AccessTokenRepository(scope)
        self.setup_links = SetUpLinkRepository(scope)
        self.login_attempts = LoginAttemptRepository(scope)
        self.audit = AuditRepository(scope)
        self.projects = ProjectRepository(scope)
        self.memberships = ProjectMembershipRepository(scope)
        self.tags = TagRepository(scope)
        self.backends = BackendRepository(scope)
        self.chips = ChipRepository(scope)
        self.chip_history = ChipHistoryRepository(scope)
        self.qubits = QubitCalibrationRepository(scope)
        self.couplings = CouplingCalibrationRepository(scope)
        self.cryostats = CryostatRepository(scope)
        self.cooldowns = CooldownRepository(scope)
        self.issues = IssueRepository(scope)
        self.issue_events = IssueEventRepository(scope)
        self.conversations = ConversationRepository(scope)
        self.conversation_messages = ConversationMessageRepository(scope)
        self.assistant_usage = AssistantUsageRepository(scope)
        self.plugin_records = PluginRecordRepository(scope)
        self.executions = ExecutionRepository(scope)
        self.counters = ExecutionCounterRepository(scope)
        self.locks = ExecutionLockRepository(scope)
        self.calibration_notes = CalibrationNoteRepository(scope)
        self.metric_notes = MetricNoteRepository(scope)
        self.note_events = NoteEventRepository(scope)
        self.results = TaskResultHistoryRepository(scope)
        self.latest_results = LatestResultRepository(scope)
        self.provenance = ProvenanceRepository(scope)
        self.value_changes = ValueChangeRepository(scope)
        self.value_scopes = ValueScopeRepository(scope)
        self.releases = ReleaseRepository(scope)
        self.release_targets = ReleaseTargetRepository(scope)
        self.tasks = TaskRepository(scope)
        self.flows = FlowRepository(scope)
        self.flow_versions = FlowVersionRepository(scope)
        self.file_versions = FileVersionRepository(scope)
        self.events = EventRepository(scope)
        self.queue = QueueRepository(scope)
        self.timetables = TimetableRepository(scope)
        self.idempotency = IdempotencyRepository(scope)
        self.presences = PresenceRepository(scope)
        self.logs = LogRepository(scope)

    def open(self, kind: type[O]) -> O:
        """Return another repository in the same scope, such as `repositories.open(ENTITY.repository)`."""
        return self.users.make_sibling(kind)
