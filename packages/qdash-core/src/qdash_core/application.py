"""Composition root for the command line, the host and notebooks."""

from __future__ import annotations

import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self, TypeVar

from qdash_core.models.base import Record
from qdash_core.models.simulated_time import describe_simulated_time, get_simulated_time
from qdash_core.runtime import Runtime

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.assistants.answers import AnswerService
    from qdash_core.assistants.citation_resolver import CitationResolver
    from qdash_core.assistants.proposals import ProposalService
    from qdash_core.assistants.running_answers import RunningAnswers
    from qdash_core.assistants.service import ConversationService
    from qdash_core.chips.calibration_notes import CalibrationNoteService
    from qdash_core.chips.days import ChipDayService
    from qdash_core.chips.service import ChipService
    from qdash_core.chips.targets import TargetService
    from qdash_core.comparisons.service import ComparisonService
    from qdash_core.configuration.service import ConfigurationService
    from qdash_core.contexts.service import ContextService
    from qdash_core.cooldowns.service import CooldownService
    from qdash_core.digests.delivery import DigestDelivery
    from qdash_core.digests.service import DigestService
    from qdash_core.entities.entity import Entity
    from qdash_core.entities.service import EntityService
    from qdash_core.exchange.releases import ReleaseService
    from qdash_core.exchange.service import ExchangeService
    from qdash_core.explanations.service import ExplanationService
    from qdash_core.files.service import FileService
    from qdash_core.health.home_state import MonitoringService
    from qdash_core.hooks.manager import Registry
    from qdash_core.issues.service import IssueService
    from qdash_core.metrics.service import MetricsService
    from qdash_core.metrics.specification_service import SpecificationService
    from qdash_core.models.cryostat import CryostatModel
    from qdash_core.notes.metric_notes import MetricNoteService
    from qdash_core.notes.service import NoteService
    from qdash_core.notifiers.announcements import Announcer
    from qdash_core.projects.audit import AuditService
    from qdash_core.projects.authentication import TokenAuthenticator
    from qdash_core.projects.backends import BackendService
    from qdash_core.projects.logins import LoginService
    from qdash_core.projects.saved_flows import SavedFlows
    from qdash_core.projects.tags import TagService
    from qdash_core.projects.tokens import TokenService
    from qdash_core.projects.users import UserService
    from qdash_core.provenance.service import ProvenanceService
    from qdash_core.pruning.pruner import Pruner
    from qdash_core.record.adoption import AdoptionService
    from qdash_core.record.events import EventService
    from qdash_core.record.lock_release import LockReleaseService
    from qdash_core.record.queries import ExecutionService
    from qdash_core.record.value_scopes import ValueScopeService
    from qdash_core.reports.service import ReportService
    from qdash_core.results.service import ResultService
    from qdash_core.review.service import ReviewService
    from qdash_core.runs.logs import LogService
    from qdash_core.runs.queue_service import QueueService
    from qdash_core.runs.service import RunService
    from qdash_core.settings import Settings
    from qdash_core.timetables.clock import TimetableClock
    from qdash_core.timetables.service import TimetableService
    from qdash_core.timetables.simulated_time import SimulatedTimeService
    from qdash_core.values.service import ValueService


M = TypeVar("M", bound=Record)
logger = logging.getLogger(__name__)


class QDash(Runtime):
    """Runtime with all services, each imported on first use, since a command needs only a few."""

    @classmethod
    def from_runtime(cls, runtime: Runtime) -> Self:
        """Return the services of an open runtime, which stays open after them."""
        return cls(
            runtime.settings,
            runtime.registry,
            runtime.store,
            runtime.artifacts,
            runtime.home_zone,
            runtime.clock,
        )

    @cached_property
    def answers(self) -> AnswerService:
        """Service for the answers of assistants."""
        from qdash_core.assistants.answer_slots import AnswerSlots
        from qdash_core.assistants.answers import AnswerService
        from qdash_core.assistants.budgets import TokenBudgets
        from qdash_core.assistants.selection import AssistantSelection

        settings = self.settings
        return AnswerService(
            self.store,
            self.zone,
            AssistantSelection(self.registry.assistants, settings.assistant),
            budgets=TokenBudgets(
                settings.assistant_tokens_per_question,
                settings.assistant_tokens_per_user_day,
                settings.assistant_tokens_per_day,
            ),
            slots=AnswerSlots(settings.assistant_answers, settings.assistant_answers_per_user),
            running=self._running_answers,
            most_tool_calls=settings.assistant_tool_calls,
            longest_s=settings.assistant_answer_s,
        )

    @cached_property
    def _running_answers(self) -> RunningAnswers:
        from qdash_core.assistants.running_answers import RunningAnswers

        return RunningAnswers()

    def stop_answers(self, *, wait_s: float = 2.0) -> None:
        """Cancel the running answers of this process, and wait for their ends to be stored, at most for a time in seconds."""
        if "answers" in vars(self):
            self.answers.stop(wait_s=wait_s)

    @cached_property
    def citations(self) -> CitationResolver:
        """Resolver of the citations in answers of assistants."""
        from qdash_core.assistants.citation_resolver import CitationResolver

        return CitationResolver(
            chips=self.chips,
            results=self.results,
            executions=self.executions,
            targets=self.targets,
            values=self.values,
            notes=self.notes,
            issues=self.issues,
            registry=self.registry,
        )

    @cached_property
    def proposals(self) -> ProposalService:
        """Service for the proposals of assistants, which users confirm."""
        from qdash_core.assistants.proposal_actions.all_actions import make_actions
        from qdash_core.assistants.proposals import ProposalService

        actions = make_actions(
            results=self.results,
            runs=self.runs,
            registry=self.registry,
            targets=self.targets,
            values=self.values,
            issues=self.issues,
            chips=self.chips,
        )
        return ProposalService(self.store, self.zone, actions)

    @cached_property
    def comparisons(self) -> ComparisonService:
        """Service that compares a chip at two points in time, or two chips."""
        from qdash_core.comparisons.service import ComparisonService

        return ComparisonService(self.store, self.zone, self.metrics, self.judgement_reader)

    @cached_property
    def configuration(self) -> ConfigurationService:
        """Service for the configuration folder of the laboratory and its git remote."""
        from qdash_core.configuration.service import ConfigurationService

        return ConfigurationService(
            self.settings,
            self.registry,
            chips=self.chips,
            exchange=self.exchange,
            notes=self.calibration_notes,
        )

    @cached_property
    def contexts(self) -> ContextService:
        """Service that collects contexts of chips, targets and results."""
        from qdash_core.contexts.service import ContextService

        return ContextService(
            self.store,
            metrics=self.metrics,
            targets=self.targets,
            notes=self.notes,
            executions=self.executions,
            results=self.results,
            issues=self.issues,
            registry=self.registry,
        )

    @cached_property
    def conversations(self) -> ConversationService:
        """Service for conversations with assistants."""
        from qdash_core.assistants.service import ConversationService

        return ConversationService(self.store, running=self._running_answers)

    @cached_property
    def explanations(self) -> ExplanationService:
        """Service that explains the failures of results, targets and executions."""
        from qdash_core.explanations.service import ExplanationService

        return ExplanationService(
            self.store,
            self.registry,
            results=self.results,
            executions=self.executions,
            targets=self.targets,
            notes=self.notes,
            issues=self.issues,
            get_design=self.get_design,
            judgements=self.judgement_reader,
        )

    @cached_property
    def files(self) -> FileService:
        """Service for files below the configured roots, and those of executions."""
        from qdash_core.files.execution_files import ExecutionFiles
        from qdash_core.files.service import FileService

        def open_execution_files() -> ExecutionFiles:
            return ExecutionFiles(
                executions=self.executions,
                results=self.results,
                comparisons=self.comparisons,
                reports=self.reports,
            )

        return FileService(self.settings, self.store, executions=open_execution_files, registry=self.registry)

    @cached_property
    def digests(self) -> DigestService:
        """Service for digests of chips."""
        from qdash_core.digests.adviser import Adviser
        from qdash_core.digests.run_choice import list_measuring_runs
        from qdash_core.digests.service import DigestService

        return DigestService(
            self.store,
            self.zone,
            metrics=self.metrics,
            judgements=self.judgement_reader,
            adviser=Adviser(
                find_runs=lambda access, chip_id: list_measuring_runs(
                    self.runs.get_catalogue(access, chip_id), self.registry.flows()
                ),
                find_seconds=self.runs.estimate_s,
                find_cause=lambda *failure: self.explanations.find_likely_cause(*failure),  # noqa: PLW0108  opened when it is asked
            ),
        )

    @cached_property
    def digest_delivery(self) -> DigestDelivery:
        """Service that sends digests by the configured notifiers."""
        from qdash_core.digests.delivery import DigestDelivery

        return DigestDelivery(self.store, self.digests, self.zone, notifiers=lambda: self.notifiers)

    @cached_property
    def calibration_notes(self) -> CalibrationNoteService:
        """Service for the calibration notes of laboratory libraries."""
        from qdash_core.chips.calibration_notes import CalibrationNoteService

        return CalibrationNoteService(self.store)

    @cached_property
    def chips(self) -> ChipService:
        """Service for chips."""
        from qdash_core.chips.service import ChipService
        from qdash_core.locks.liveness import is_live

        return ChipService(
            self.store,
            self.zone,
            is_live=is_live,
            known_to_backend=self.get_backend_design,
            require_backend=self.require_backend,
            quantities=self.registry.quantities,
        )

    @cached_property
    def chip_days(self) -> ChipDayService:
        """Service for the daily copies of chips."""
        from qdash_core.chips.days import ChipDayService

        return ChipDayService(self.store, self.zone, judge=self.judgement_reader.judge_past)

    @cached_property
    def targets(self) -> TargetService:
        """Service for qubits and couplings of chips."""
        from qdash_core.chips.targets import TargetService

        return TargetService(
            self.store,
            self.zone,
            read_judgement=self.judgement_reader.read,
            status_rules=lambda: self.status_rules,
        )

    @cached_property
    def values(self) -> ValueService:
        """Service for the values of chips."""
        from qdash_core.chips.connected_qubits import find_connected_qubits
        from qdash_core.chips.deletion import refuse_while_measured
        from qdash_core.chips.design import DESIGN_UNITS
        from qdash_core.locks.liveness import is_live
        from qdash_core.values.service import ValueService

        return ValueService(
            self.store,
            self.zone,
            definitions=self.registry.output_parameters,
            units=self.registry.units,
            find_connected_qubits=find_connected_qubits,
            design_units=DESIGN_UNITS,
            value_sets=self.registry.value_sets,
            refuse_while_measured=lambda repositories, project_id, chip_id: refuse_while_measured(
                repositories, project_id, chip_id, is_live
            ),
            read_judgement=self.judgement_reader.read,
            status_rules=lambda: self.status_rules,
        )

    @cached_property
    def provenance(self) -> ProvenanceService:
        """Service for the provenance of values."""
        from qdash_core.provenance.service import ProvenanceService

        return ProvenanceService(
            self.store, find_marks=lambda *where: self.judgement_reader.read(*where).marks
        )

    @cached_property
    def releases(self) -> ReleaseService:
        """Service for the releases of chips."""
        from qdash_core.exchange.releases import ReleaseService

        return ReleaseService(self.store, self.zone, self.registry, metrics_file=self.settings.metrics_file)

    @cached_property
    def executions(self) -> ExecutionService:
        """Service for queries of executions."""
        from qdash_core.record.queries import ExecutionService

        return ExecutionService(self.store, task_name=self.registry.task_name)

    @cached_property
    def adoptions(self) -> AdoptionService:
        """Service for the adoption of simulated values."""
        from qdash_core.record.adoption import AdoptionService

        return AdoptionService(self.store, self.zone, status_rules=lambda: self.status_rules)

    @cached_property
    def value_scopes(self) -> ValueScopeService:
        """Service for value scopes."""
        from qdash_core.record.value_scopes import ValueScopeService

        return ValueScopeService(self.store, self.zone, status_rules=lambda: self.status_rules)

    @cached_property
    def events(self) -> EventService:
        """Service for events, in the order of their numbers."""
        from qdash_core.record.events import EventService

        return EventService(self.store)

    @cached_property
    def queue(self) -> QueueService:
        """Service for the queue of waiting and running runs."""
        from qdash_core.runs.queue_service import QueueService

        return QueueService(self, self.runs.queue)

    @cached_property
    def lock_release(self) -> LockReleaseService:
        """Service for the release of instrument locks."""
        from qdash_core.record.lock_release import LockReleaseService

        return LockReleaseService(self.store, self.artifacts, self.locks, zone=self.zone)

    @cached_property
    def logs(self) -> LogService:
        """Service for the logs of runs."""
        from qdash_core.runs.logs import LogService

        return LogService(self.store)

    @cached_property
    def backends(self) -> BackendService:
        """Service for installed backends and the backends of projects."""
        from qdash_core.projects.backends import BackendService

        return BackendService(self.store, installed=self.registry.backends)

    @cached_property
    def notes(self) -> NoteService:
        """Service for notes by users."""
        from qdash_core.notes.service import NoteService

        return NoteService(self.store)

    @cached_property
    def metric_notes(self) -> MetricNoteService:
        """Service for notes on metrics."""
        from qdash_core.notes.metric_notes import MetricNoteService

        # The metrics file is read where it is needed.
        return MetricNoteService(self.store, metrics=lambda kind: self.metrics.file.get_metrics(kind))  # noqa: PLW0108

    @cached_property
    def monitoring(self) -> MonitoringService:
        """Service that reads the state of the home for programs that watch it."""
        from qdash_core.health.home_state import MonitoringService

        return MonitoringService(self.store, self.settings, self.judgement_reader)

    @cached_property
    def cryostats(self) -> EntityService[CryostatModel]:
        """Service for cryostats."""
        from qdash_core.cooldowns.cryostats import CRYOSTAT

        return self.open_entity(CRYOSTAT)

    def open_entity(self, entity: Entity[M]) -> EntityService[M]:
        """Return the service of an entity."""
        from qdash_core.entities.service import EntityService

        return EntityService(self.store, entity)

    @cached_property
    def cooldowns(self) -> CooldownService:
        """Service for cool-downs and the chips in them."""
        from qdash_core.cooldowns.service import CooldownService

        return CooldownService(self.store)

    @cached_property
    def issues(self) -> IssueService:
        """Service for laboratory issues."""
        from qdash_core.issues.fields import IssueNames
        from qdash_core.issues.service import IssueService

        def list_parameters() -> set[str]:
            return {*self.registry.output_parameters("qubit"), *self.registry.output_parameters("coupling")}

        names = IssueNames(self.registry.task_name, list_parameters)
        return IssueService(self.store, self.zone, names, announce=self._announcer.announce)

    @cached_property
    def _announcer(self) -> Announcer:
        from qdash_core.notifiers.announcements import Announcer

        return Announcer(lambda: self.notifiers, self.settings, self.zone)

    def close(self) -> None:
        """End answers, deliver the last notices, and close the store."""
        self.stop_answers()
        if "_announcer" in vars(self):
            self._announcer.finish()
        super().close()

    @cached_property
    def flows(self) -> SavedFlows:
        """Service for saved flows."""
        from qdash_core.flows.catalogue import is_installed
        from qdash_core.projects.saved_flows import SavedFlows

        installed = partial(is_installed, registry=self.registry)
        return SavedFlows(
            self.store,
            is_installed=installed,
            list_tasks=self.registry.list_task_names,
            authors=self.settings.flow_authors,
        )

    @cached_property
    def tags(self) -> TagService:
        """Service for the tags of projects."""
        from qdash_core.projects.tags import TagService

        return TagService(self.store)

    @cached_property
    def tokens(self) -> TokenService:
        """Service for access tokens."""
        from qdash_core.projects.tokens import TokenService

        return TokenService(self.store)

    @cached_property
    def users(self) -> UserService:
        """Service for users."""
        from qdash_core.projects.users import UserService
        from qdash_core.runs.cancellation import end_runs_of_user

        return UserService(self.store, end_runs=partial(end_runs_of_user, self))

    @cached_property
    def logins(self) -> LoginService:
        """Service for set-up links, logins and passwords."""
        from datetime import timedelta

        from qdash_core.projects.logins import LoginService

        return LoginService(
            self.store,
            session_life=timedelta(hours=self.settings.session_h),
            identify=self.participants.authenticate,
        )

    @cached_property
    def authenticator(self) -> TokenAuthenticator:
        """Authentication of callers by tokens."""
        from qdash_core.projects.authentication import TokenAuthenticator

        return TokenAuthenticator(self.store, identify=self.participants.authenticate)

    @cached_property
    def audit(self) -> AuditService:
        """Service for the audit log of the host."""
        from qdash_core.projects.audit import AuditService

        return AuditService(self.store)

    @cached_property
    def metrics(self) -> MetricsService:
        """Service for the metrics of chips."""
        from qdash_core.metrics.service import MetricsService

        return MetricsService(self.store, self.settings.metrics_file, judgement_reader=self.judgement_reader)

    @cached_property
    def specifications(self) -> SpecificationService:
        """Service for the specifications of chips."""
        from qdash_core.metrics.specification_service import SpecificationService

        return SpecificationService(self.store, self.metrics, quantities=self.registry.quantities)

    @cached_property
    def results(self) -> ResultService:
        """Service for stored results, refits and figures."""
        from qdash_core.results.service import ResultService

        return ResultService(self)

    @cached_property
    def review(self) -> ReviewService:
        """Service for the review of flagged results."""
        from qdash_core.review.query import KnownNames
        from qdash_core.review.service import ReviewService

        registry = self.registry
        return ReviewService(
            self.store, KnownNames(registry.task_name, registry.any_task, registry.output_parameters)
        )

    @cached_property
    def reports(self) -> ReportService:
        """Service that makes reports on chips, executions and releases."""
        from qdash_core.reports.service import ReportService

        return ReportService(self, self.metrics, self.comparisons, self.executions)

    @cached_property
    def exchange(self) -> ExchangeService:
        """Service for the import and export of laboratory files."""
        from qdash_core.exchange.service import ExchangeService

        return ExchangeService(self, self.chips, self.metrics)

    @cached_property
    def runs(self) -> RunService:
        """Service that submits, performs, follows and cancels runs."""
        from qdash_core.runs.service import RunService

        return RunService(self)

    @cached_property
    def pruner(self) -> Pruner:
        """Service that removes old data to which nothing refers."""
        from qdash_core.pruning.pruner import Pruner

        return Pruner(self.store, self.artifacts)

    @cached_property
    def timetable_clock(self) -> TimetableClock:
        """Clock that performs the timetables that are due."""
        from qdash_core.timetables.clock import TimetableClock

        return TimetableClock(
            self, self.runs.submissions, digests=self.digest_delivery, get_pruner=lambda: self.pruner
        )

    @cached_property
    def simulated_time(self) -> SimulatedTimeService:
        """Service that lets time pass in a home with a simulated clock."""
        from qdash_core.timetables.simulated_time import SimulatedTimeService

        return SimulatedTimeService(self, self.runs.queue)

    @cached_property
    def timetables(self) -> TimetableService:
        """Service for timetables."""
        from qdash_core.timetables.service import TimetableService

        return TimetableService(self, self.runs.submissions)


def open_qdash(
    settings: Settings | None = None,
    registry: Registry | None = None,
    *,
    new: bool = False,
    simulated_clock: datetime | None = None,
) -> QDash:
    """Open the application, as `Runtime.open` does. If the home has a simulated clock, the log says so."""
    qdash = QDash.open(settings, registry, new=new, simulated_clock=simulated_clock)
    if (moment := get_simulated_time()) is not None:
        logger.warning("%s", describe_simulated_time(moment, qdash.zone))
    return qdash
