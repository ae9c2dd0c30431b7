"""Composition root for the command line, the host and notebooks."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from qdash_core.runtime import Runtime

if TYPE_CHECKING:
    from qdash_core.chips.calibration_notes import CalibrationNoteService
    from qdash_core.chips.service import ChipService
    from qdash_core.chips.targets import TargetService
    from qdash_core.cooldowns.cryostats import CryostatService
    from qdash_core.cooldowns.service import CooldownService
    from qdash_core.exchange.service import ExchangeService
    from qdash_core.hooks.manager import Registry
    from qdash_core.metrics.service import MetricsService
    from qdash_core.notes.metric_notes import MetricNoteService
    from qdash_core.notes.service import NoteService
    from qdash_core.projects.audit import AuditService
    from qdash_core.projects.authentication import TokenAuthenticator
    from qdash_core.projects.backends import BackendService
    from qdash_core.projects.logins import LoginService
    from qdash_core.projects.saved_flows import SavedFlows
    from qdash_core.projects.tags import TagService
    from qdash_core.projects.tokens import TokenService
    from qdash_core.projects.users import UserService
    from qdash_core.record.events import EventService
    from qdash_core.record.queries import ExecutionService
    from qdash_core.results.service import ResultService
    from qdash_core.runs.logs import LogService
    from qdash_core.runs.queue_service import QueueService
    from qdash_core.runs.service import RunService
    from qdash_core.settings import Settings
    from qdash_core.timetables.clock import TimetableClock
    from qdash_core.timetables.service import TimetableService


class QDash(Runtime):
    """The runtime with all services, each imported on first use, since a command needs only a few."""

    @cached_property
    def calibration_notes(self) -> CalibrationNoteService:
        """Calibration notes of laboratory libraries."""
        from qdash_core.chips.calibration_notes import CalibrationNoteService

        return CalibrationNoteService(self.store)

    @cached_property
    def chips(self) -> ChipService:
        """Chips."""
        from qdash_core.chips.service import ChipService
        from qdash_core.locks.liveness import is_live

        return ChipService(
            self.store,
            self.zone,
            is_live=is_live,
            known_to_backend=self.get_backend_design,
            require_backend=self.registry.backend,
        )

    @cached_property
    def targets(self) -> TargetService:
        """Qubits and couplings of chips."""
        from qdash_core.chips.targets import TargetService

        return TargetService(self.store, self.zone)

    @cached_property
    def executions(self) -> ExecutionService:
        """Queries of executions."""
        from qdash_core.record.queries import ExecutionService

        return ExecutionService(self.store, task_name=self.registry.task_name)

    @cached_property
    def events(self) -> EventService:
        """Events, in order."""
        from qdash_core.record.events import EventService

        return EventService(self.store)

    @cached_property
    def queue(self) -> QueueService:
        """Queue of waiting and running runs."""
        from qdash_core.runs.queue_service import QueueService

        return QueueService(self, self.runs.queue)

    @cached_property
    def logs(self) -> LogService:
        """Logs of runs."""
        from qdash_core.runs.logs import LogService

        return LogService(self.store)

    @cached_property
    def backends(self) -> BackendService:
        """Backends that are installed, and those that projects use."""
        from qdash_core.projects.backends import BackendService

        return BackendService(self.store, installed=self.registry.backends)

    @cached_property
    def notes(self) -> NoteService:
        """Notes by users."""
        from qdash_core.notes.service import NoteService

        return NoteService(self.store)

    @cached_property
    def metric_notes(self) -> MetricNoteService:
        """Notes on metrics."""
        from qdash_core.notes.metric_notes import MetricNoteService

        # The metrics file is read where it is needed.
        return MetricNoteService(self.store, metrics=lambda kind: self.metrics.file.get_metrics(kind))  # noqa: PLW0108

    @cached_property
    def cryostats(self) -> CryostatService:
        """Cryostats."""
        from qdash_core.cooldowns.cryostats import CryostatService

        return CryostatService(self.store)

    @cached_property
    def cooldowns(self) -> CooldownService:
        """Cool-downs, and the chips in them."""
        from qdash_core.cooldowns.service import CooldownService

        return CooldownService(self.store)

    @cached_property
    def flows(self) -> SavedFlows:
        """Saved flows."""
        from qdash_core.flows.catalogue import is_installed
        from qdash_core.projects.saved_flows import SavedFlows

        installed = partial(is_installed, registry=self.registry)
        return SavedFlows(self.store, is_installed=installed, authors=self.settings.flow_authors)

    @cached_property
    def tags(self) -> TagService:
        """Tags of projects."""
        from qdash_core.projects.tags import TagService

        return TagService(self.store)

    @cached_property
    def tokens(self) -> TokenService:
        """Tokens of users."""
        from qdash_core.projects.tokens import TokenService

        return TokenService(self.store)

    @cached_property
    def users(self) -> UserService:
        """Users."""
        from qdash_core.projects.users import UserService
        from qdash_core.runs.cancellation import end_runs_of_user

        return UserService(self.store, end_runs=partial(end_runs_of_user, self))

    @cached_property
    def logins(self) -> LoginService:
        """Set-up links, logins and passwords."""
        from datetime import timedelta

        from qdash_core.projects.logins import LoginService

        return LoginService(self.store, session_life=timedelta(hours=self.settings.session_h))

    @cached_property
    def authenticator(self) -> TokenAuthenticator:
        """Authentication of callers by tokens."""
        from qdash_core.projects.authentication import TokenAuthenticator

        return TokenAuthenticator(self.store)

    @cached_property
    def audit(self) -> AuditService:
        """Audit log of the host."""
        from qdash_core.projects.audit import AuditService

        return AuditService(self.store)

    @cached_property
    def metrics(self) -> MetricsService:
        """Metrics of chips."""
        from qdash_core.metrics.service import MetricsService

        return MetricsService(self.store, self.settings.metrics_file)

    @cached_property
    def results(self) -> ResultService:
        """Stored results, with refits and figures."""
        from qdash_core.results.service import ResultService

        return ResultService(self)

    @cached_property
    def exchange(self) -> ExchangeService:
        """Import and export of laboratory files."""
        from qdash_core.exchange.service import ExchangeService

        return ExchangeService(self, self.chips, self.metrics)

    @cached_property
    def runs(self) -> RunService:
        """Service that submits, performs, follows and cancels runs."""
        from qdash_core.runs.service import RunService

        return RunService(self)

    @cached_property
    def timetable_clock(self) -> TimetableClock:
        """Clock that starts the runs of timetables that are due."""
        from qdash_core.timetables.clock import TimetableClock

        return TimetableClock(self, self.runs.submissions)

    @cached_property
    def timetables(self) -> TimetableService:
        """Timetables."""
        from qdash_core.timetables.service import TimetableService

        return TimetableService(self, self.runs.submissions)


def open_qdash(
    settings: Settings | None = None, registry: Registry | None = None, *, new: bool = False
) -> QDash:
    """Open the application, as `Runtime.open` does."""
    return QDash.open(settings, registry, new=new)
