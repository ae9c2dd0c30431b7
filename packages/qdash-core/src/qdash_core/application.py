"""The composition root: one object that command line, host and notebooks hold."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from qdash_core.runtime import Runtime

if TYPE_CHECKING:
    from qdash_core.chips.calibration_notes import CalibrationNoteService
    from qdash_core.chips.service import ChipService
    from qdash_core.cooldowns.cryostats import CryostatService
    from qdash_core.cooldowns.service import CooldownService
    from qdash_core.exchange.service import ExchangeService
    from qdash_core.flows.offered import OfferedFlows
    from qdash_core.hooks.manager import Registry
    from qdash_core.metrics.service import MetricsService
    from qdash_core.notes.service import NoteService
    from qdash_core.projects.audit import AuditService
    from qdash_core.projects.backends import BackendService
    from qdash_core.projects.callers import CallerService
    from qdash_core.projects.logins import LoginService
    from qdash_core.projects.tags import TagService
    from qdash_core.projects.tokens import TokenService
    from qdash_core.projects.users import UserService
    from qdash_core.record.events import EventService
    from qdash_core.record.looking import ExecutionService
    from qdash_core.results.service import ResultService
    from qdash_core.runs.log_service import LogService
    from qdash_core.runs.service import RunService
    from qdash_core.runs.waiting import QueueService
    from qdash_core.settings import Settings
    from qdash_core.timetables.service import TimetableService


class QDash(Runtime):
    """The runtime, with every service over it. Each is imported when it is first asked for: a command needs a few of them."""

    @cached_property
    def calibration_notes(self) -> CalibrationNoteService:
        """Calibration notes of laboratory libraries."""
        from qdash_core.chips.calibration_notes import CalibrationNoteService

        return CalibrationNoteService(self.store)

    @cached_property
    def chips(self) -> ChipService:
        """Chips."""
        from qdash_core.chips.service import ChipService
        from qdash_core.lease.liveness import is_live

        return ChipService(
            self.store,
            self.zone,
            is_live=is_live,
            known_to_backend=self.known_to_backend,
            require_backend=self.registry.backend,
        )

    @cached_property
    def executions(self) -> ExecutionService:
        """Executions, looked at."""
        from qdash_core.record.looking import ExecutionService

        return ExecutionService(self.store, task_name=self.registry.task_name)

    @cached_property
    def events(self) -> EventService:
        """What has happened, in order."""
        from qdash_core.record.events import EventService

        return EventService(self.store)

    @cached_property
    def queue(self) -> QueueService:
        """Runs that wait for their chip, and those that are performed."""
        from qdash_core.runs.waiting import QueueService

        return QueueService(self)

    @cached_property
    def logs(self) -> LogService:
        """What runs have said."""
        from qdash_core.runs.log_service import LogService

        return LogService(self.store)

    @cached_property
    def backends(self) -> BackendService:
        """Backends that are installed, and those that projects use."""
        from qdash_core.projects.backends import BackendService

        return BackendService(self.store, installed=self.registry.backends)

    @cached_property
    def notes(self) -> NoteService:
        """Notes that people write."""
        from qdash_core.notes.service import NoteService

        # The metrics file is read where it is needed.
        return NoteService(self.store, metrics=lambda kind: self.metrics.file.of(kind))  # noqa: PLW0108

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
    def flows(self) -> OfferedFlows:
        """Flows: those of plugins, and those that users wrote."""
        from qdash_core.flows.offered import OfferedFlows

        return OfferedFlows(self.store, self.registry, authors=self.settings.flow_authors)

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
        from qdash_core.runs.cancelling import end_runs_of

        return UserService(self.store, end_runs=partial(end_runs_of, self))

    @cached_property
    def logins(self) -> LoginService:
        """Set-up links, logins and passwords."""
        from datetime import timedelta

        from qdash_core.projects.logins import LoginService

        return LoginService(self.store, session_life=timedelta(hours=self.settings.session_h))

    @cached_property
    def callers(self) -> CallerService:
        """Who asks, by the secret of a token."""
        from qdash_core.projects.callers import CallerService

        return CallerService(self.store)

    @cached_property
    def audit(self) -> AuditService:
        """What was asked for through the host."""
        from qdash_core.projects.audit import AuditService

        return AuditService(self.store)

    @cached_property
    def metrics(self) -> MetricsService:
        """What state a chip is in."""
        from qdash_core.metrics.service import MetricsService

        return MetricsService(self.store, self.settings.metrics_file)

    @cached_property
    def results(self) -> ResultService:
        """Stored results, analysed again or drawn."""
        from qdash_core.results.service import ResultService

        return ResultService(self)

    @cached_property
    def exchange(self) -> ExchangeService:
        """Files of laboratories, brought into chips and made of them."""
        from qdash_core.exchange.service import ExchangeService

        return ExchangeService(self, self.chips, self.metrics)

    @cached_property
    def runs(self) -> RunService:
        """Runs: asked for, queued, performed, followed and cancelled."""
        from qdash_core.runs.service import RunService

        return RunService(self)

    @cached_property
    def timetables(self) -> TimetableService:
        """Runs that begin by themselves."""
        from qdash_core.timetables.service import TimetableService

        return TimetableService(self, self.runs)


def open_qdash(
    settings: Settings | None = None, registry: Registry | None = None, *, new: bool = False
) -> QDash:
    """Open everything, as `Runtime.open` does."""
    return QDash.open(settings, registry, new=new)
