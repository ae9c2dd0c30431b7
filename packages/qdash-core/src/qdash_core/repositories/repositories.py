"""All repositories over one store or transaction."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.audit import AuditRepository
    from qdash_core.repositories.base import Repository
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
    from qdash_core.repositories.store import Snapshot, Store
    from qdash_core.repositories.tags import TagRepository
    from qdash_core.repositories.timetables import TimetableRepository
    from qdash_core.repositories.value_changes import ValueChangeRepository, ValueScopeRepository

O = TypeVar("O", bound="Repository[Any]")  # noqa: E741  the other repository


class _Opened(Generic[O]):
    """Attribute that is created at its first use: each transaction has its own repositories, and a process uses few of them.

    Parameters
    ----------
    module : str
        Module of the repository, which is imported then; the annotation of the attribute names its class.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._class = owner.__annotations__[name].removeprefix("_Opened[").removesuffix("]")

    @cached_property
    def _kind(self) -> type[O]:
        kind: type[O] = getattr(import_module(f"qdash_core.repositories.{self._module}"), self._class)
        return kind

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

    users: _Opened[UserRepository] = _Opened("identity")
    tokens: _Opened[AccessTokenRepository] = _Opened("identity")
    setup_links: _Opened[SetUpLinkRepository] = _Opened("logins")
    login_attempts: _Opened[LoginAttemptRepository] = _Opened("logins")
    audit: _Opened[AuditRepository] = _Opened("audit")
    projects: _Opened[ProjectRepository] = _Opened("identity")
    memberships: _Opened[ProjectMembershipRepository] = _Opened("identity")
    tags: _Opened[TagRepository] = _Opened("tags")
    backends: _Opened[BackendRepository] = _Opened("identity")
    chips: _Opened[ChipRepository] = _Opened("chips")
    chip_history: _Opened[ChipHistoryRepository] = _Opened("chips")
    qubits: _Opened[QubitCalibrationRepository] = _Opened("chips")
    couplings: _Opened[CouplingCalibrationRepository] = _Opened("chips")
    evidence_changes: _Opened[EvidenceChangeRepository] = _Opened("chips")
    cryostats: _Opened[CryostatRepository] = _Opened("cryostats")
    cooldowns: _Opened[CooldownRepository] = _Opened("cryostats")
    issues: _Opened[IssueRepository] = _Opened("issues")
    issue_events: _Opened[IssueEventRepository] = _Opened("issues")
    conversations: _Opened[ConversationRepository] = _Opened("conversations")
    conversation_messages: _Opened[ConversationMessageRepository] = _Opened("conversations")
    assistant_usage: _Opened[AssistantUsageRepository] = _Opened("conversations")
    plugin_records: _Opened[PluginRecordRepository] = _Opened("plugin_records")
    executions: _Opened[ExecutionRepository] = _Opened("executions")
    counters: _Opened[ExecutionCounterRepository] = _Opened("executions")
    locks: _Opened[ExecutionLockRepository] = _Opened("executions")
    calibration_notes: _Opened[CalibrationNoteRepository] = _Opened("executions")
    metric_notes: _Opened[MetricNoteRepository] = _Opened("notes")
    note_events: _Opened[NoteEventRepository] = _Opened("notes")
    results: _Opened[TaskResultHistoryRepository] = _Opened("results")
    latest_results: _Opened[LatestResultRepository] = _Opened("results")
    provenance: _Opened[ProvenanceRepository] = _Opened("provenance")
    value_changes: _Opened[ValueChangeRepository] = _Opened("value_changes")
    value_scopes: _Opened[ValueScopeRepository] = _Opened("value_changes")
    releases: _Opened[ReleaseRepository] = _Opened("releases")
    release_targets: _Opened[ReleaseTargetRepository] = _Opened("releases")
    tasks: _Opened[TaskRepository] = _Opened("results")
    flows: _Opened[FlowRepository] = _Opened("flows")
    flow_versions: _Opened[FlowVersionRepository] = _Opened("flows")
    file_versions: _Opened[FileVersionRepository] = _Opened("file_versions")
    events: _Opened[EventRepository] = _Opened("executions")
    queue: _Opened[QueueRepository] = _Opened("queue")
    timetables: _Opened[TimetableRepository] = _Opened("timetables")
    idempotency: _Opened[IdempotencyRepository] = _Opened("idempotency")
    presences: _Opened[PresenceRepository] = _Opened("queue")
    logs: _Opened[LogRepository] = _Opened("queue")

    def __iter__(self) -> Iterator[Repository[Any]]:
        """Yield all of them."""
        return (getattr(self, name) for name, one in vars(type(self)).items() if isinstance(one, _Opened))

    def open(self, kind: type[O]) -> O:
        """Return another repository in the same scope, such as `repositories.open(ENTITY.repository)`."""
        return kind(self.scope)
