"""All repositories over one store or transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core import repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.repositories.base import Repository
    from qdash_core.repositories.store import Snapshot, Store

O = TypeVar("O", bound="Repository[Any]")  # noqa: E741  the other repository


class _Opened(Generic[O]):
    """Attribute that is created at its first use: each transaction has its own repositories, and a process uses few of them.

    Parameters
    ----------
    get_kind : callable
        Returns the class of the repository, whose module is imported then.
    """

    def __init__(self, get_kind: Callable[[], type[O]]) -> None:
        self._get_kind = get_kind

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, owner: Repositories, _type: type | None = None) -> O:
        opened = self._get_kind()(owner.scope)
        vars(owner)[self._name] = opened
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

    users = _Opened(lambda: repositories.identity.UserRepository)
    tokens = _Opened(lambda: repositories.identity.AccessTokenRepository)
    setup_links = _Opened(lambda: repositories.logins.SetUpLinkRepository)
    login_attempts = _Opened(lambda: repositories.logins.LoginAttemptRepository)
    audit = _Opened(lambda: repositories.audit.AuditRepository)
    projects = _Opened(lambda: repositories.identity.ProjectRepository)
    memberships = _Opened(lambda: repositories.identity.ProjectMembershipRepository)
    tags = _Opened(lambda: repositories.tags.TagRepository)
    backends = _Opened(lambda: repositories.identity.BackendRepository)
    chips = _Opened(lambda: repositories.chips.ChipRepository)
    chip_history = _Opened(lambda: repositories.chips.ChipHistoryRepository)
    qubits = _Opened(lambda: repositories.chips.QubitCalibrationRepository)
    couplings = _Opened(lambda: repositories.chips.CouplingCalibrationRepository)
    evidence_changes = _Opened(lambda: repositories.chips.EvidenceChangeRepository)
    cryostats = _Opened(lambda: repositories.cryostats.CryostatRepository)
    cooldowns = _Opened(lambda: repositories.cryostats.CooldownRepository)
    issues = _Opened(lambda: repositories.issues.IssueRepository)
    issue_events = _Opened(lambda: repositories.issues.IssueEventRepository)
    conversations = _Opened(lambda: repositories.conversations.ConversationRepository)
    conversation_messages = _Opened(lambda: repositories.conversations.ConversationMessageRepository)
    assistant_usage = _Opened(lambda: repositories.conversations.AssistantUsageRepository)
    plugin_records = _Opened(lambda: repositories.plugin_records.PluginRecordRepository)
    executions = _Opened(lambda: repositories.executions.ExecutionRepository)
    counters = _Opened(lambda: repositories.executions.ExecutionCounterRepository)
    locks = _Opened(lambda: repositories.executions.ExecutionLockRepository)
    calibration_notes = _Opened(lambda: repositories.executions.CalibrationNoteRepository)
    metric_notes = _Opened(lambda: repositories.notes.MetricNoteRepository)
    note_events = _Opened(lambda: repositories.notes.NoteEventRepository)
    results = _Opened(lambda: repositories.results.TaskResultHistoryRepository)
    latest_results = _Opened(lambda: repositories.results.LatestResultRepository)
    provenance = _Opened(lambda: repositories.provenance.ProvenanceRepository)
    value_changes = _Opened(lambda: repositories.value_changes.ValueChangeRepository)
    value_scopes = _Opened(lambda: repositories.value_changes.ValueScopeRepository)
    releases = _Opened(lambda: repositories.releases.ReleaseRepository)
    release_targets = _Opened(lambda: repositories.releases.ReleaseTargetRepository)
    tasks = _Opened(lambda: repositories.results.TaskRepository)
    flows = _Opened(lambda: repositories.flows.FlowRepository)
    flow_versions = _Opened(lambda: repositories.flows.FlowVersionRepository)
    file_versions = _Opened(lambda: repositories.file_versions.FileVersionRepository)
    events = _Opened(lambda: repositories.executions.EventRepository)
    queue = _Opened(lambda: repositories.queue.QueueRepository)
    timetables = _Opened(lambda: repositories.timetables.TimetableRepository)
    idempotency = _Opened(lambda: repositories.idempotency.IdempotencyRepository)
    presences = _Opened(lambda: repositories.queue.PresenceRepository)
    logs = _Opened(lambda: repositories.queue.LogRepository)

    def __iter__(self) -> Iterator[Repository[Any]]:
        """Yield all of them."""
        return (getattr(self, name) for name, one in vars(type(self)).items() if isinstance(one, _Opened))

    def open(self, kind: type[O]) -> O:
        """Return another repository in the same scope, such as `repositories.open(ENTITY.repository)`."""
        return kind(self.scope)
