"""All repositories over one store or transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.repositories.audit import AuditRepository
from qdash_core.repositories.chips import (
    ChipHistoryRepository,
    ChipRepository,
    CouplingCalibrationRepository,
    EvidenceChangeRepository,
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
    from collections.abc import Iterator

    from qdash_core.repositories.base import Repository
    from qdash_core.repositories.store import Snapshot, Store

O = TypeVar("O", bound="Repository[Any]")  # noqa: E741  the other repository


class _Opened(Generic[O]):
    """Attribute that is created at its first use: each transaction has its own repositories, and uses few of them."""

    def __init__(self, kind: type[O]) -> None:
        self._kind = kind

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, repositories: Repositories, _owner: type | None = None) -> O:
        opened = self._kind(repositories.scope)
        vars(repositories)[self._name] = opened
        return opened


class Repositories:
    """The repositories by name; iteration creates all of them.

    Parameters
    ----------
    scope : Store or Snapshot
        With a transaction all writes are one atomic write; with a snapshot the repositories can only read.
    """

    def __init__(self, scope: Store | Snapshot) -> None:
        self.scope = scope

    users = _Opened(UserRepository)
    tokens = _Opened(AccessTokenRepository)
    setup_links = _Opened(SetUpLinkRepository)
    login_attempts = _Opened(LoginAttemptRepository)
    audit = _Opened(AuditRepository)
    projects = _Opened(ProjectRepository)
    memberships = _Opened(ProjectMembershipRepository)
    tags = _Opened(TagRepository)
    backends = _Opened(BackendRepository)
    chips = _Opened(ChipRepository)
    chip_history = _Opened(ChipHistoryRepository)
    qubits = _Opened(QubitCalibrationRepository)
    couplings = _Opened(CouplingCalibrationRepository)
    evidence_changes = _Opened(EvidenceChangeRepository)
    cryostats = _Opened(CryostatRepository)
    cooldowns = _Opened(CooldownRepository)
    issues = _Opened(IssueRepository)
    issue_events = _Opened(IssueEventRepository)
    conversations = _Opened(ConversationRepository)
    conversation_messages = _Opened(ConversationMessageRepository)
    assistant_usage = _Opened(AssistantUsageRepository)
    plugin_records = _Opened(PluginRecordRepository)
    executions = _Opened(ExecutionRepository)
    counters = _Opened(ExecutionCounterRepository)
    locks = _Opened(ExecutionLockRepository)
    calibration_notes = _Opened(CalibrationNoteRepository)
    metric_notes = _Opened(MetricNoteRepository)
    note_events = _Opened(NoteEventRepository)
    results = _Opened(TaskResultHistoryRepository)
    latest_results = _Opened(LatestResultRepository)
    provenance = _Opened(ProvenanceRepository)
    value_changes = _Opened(ValueChangeRepository)
    value_scopes = _Opened(ValueScopeRepository)
    releases = _Opened(ReleaseRepository)
    release_targets = _Opened(ReleaseTargetRepository)
    tasks = _Opened(TaskRepository)
    flows = _Opened(FlowRepository)
    flow_versions = _Opened(FlowVersionRepository)
    file_versions = _Opened(FileVersionRepository)
    events = _Opened(EventRepository)
    queue = _Opened(QueueRepository)
    timetables = _Opened(TimetableRepository)
    idempotency = _Opened(IdempotencyRepository)
    presences = _Opened(PresenceRepository)
    logs = _Opened(LogRepository)

    def __iter__(self) -> Iterator[Repository[Any]]:
        """Yield all of them."""
        return (getattr(self, name) for name, one in vars(type(self)).items() if isinstance(one, _Opened))

    def open(self, kind: type[O]) -> O:
        """Return another repository in the same scope, such as `repositories.open(ENTITY.repository)`."""
        return kind(self.scope)
