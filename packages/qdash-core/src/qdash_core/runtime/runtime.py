"""Runtime: settings, plugins, store and artifacts, opened together."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from qdash_core.access.checks import get_access
from qdash_core.access.enrolment import enroll, ensure_default_project, find_default_project
from qdash_core.errors import BackendError, InvalidInputError, NotFoundError, QDashError, StoreError
from qdash_core.hooks.manager import Registry, load_plugins
from qdash_core.models.project import ZONE_OF_OLDER_HOMES, ProjectRole
from qdash_core.process.clock import (
    CLOCK_FILE,
    Clock,
    MachineClock,
    SimulatedClock,
    close_clock,
    count_microseconds,
    open_clock,
)
from qdash_core.process.file_modes import make_folder
from qdash_core.repositories.chips import (
    ChipRepository,
)
from qdash_core.repositories.repositories import Repositories
from qdash_core.runtime.home_opening import (
    catch_up,
    create_simulated_clock,
    is_empty,
    refuse_foreign_raw_data,
    refuse_incomplete_store,
    refuse_other_clock,
    refuse_pool_runner,
)
from qdash_core.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.backends.base import BackendContext, BaseBackend
    from qdash_core.backends.constraints import InstrumentConstraints
    from qdash_core.chips.chip import Chip
    from qdash_core.chips.design import Design
    from qdash_core.chips.record import ChipRecord
    from qdash_core.hooks.announcers import Announcers
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.participants import Participants
    from qdash_core.hooks.protocols import Notifier
    from qdash_core.judgement.judge import Judge
    from qdash_core.locks.service import LockService
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, DesignValues
    from qdash_core.models.claims import ClaimUnit
    from qdash_core.record.external_transitions import ExternalTransitions
    from qdash_core.record.service import ExecutionRecord
    from qdash_core.repositories.store import Store
    from qdash_core.values.target_status import StatusRules

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Observers:
    """Plugins that observe a home, made for the first change; a store that outlives its runtime keeps these, not the runtime."""

    registry: Registry
    home: Path

    @cached_property
    def participants(self) -> Participants:
        from qdash_core.hooks.participants import Participants

        return Participants(self.registry.list_participants, self.home)

    def tell_change(self, event: object) -> None:
        self.participants.tell("qdash_value_changed", "event", event)


@dataclass(frozen=True)
class Runtime:
    """Settings, plugins, store and artifacts, with the services that a run needs; a context manager.

    `home_zone` is the time zone of the machine that created the home. `clock` is the clock of the home, by default
    that of the machine.
    """

    settings: Settings
    registry: Registry
    store: Store
    artifacts: CalibDataSaver
    home_zone: str
    clock: Clock = field(default_factory=MachineClock)

    def __post_init__(self) -> None:
        """Let plugins observe committed changes of values."""
        self.store.on_commit = self._observers.tell_change

    @cached_property
    def _observers(self) -> _Observers:
        return _Observers(self.registry, self.settings.home)

    @property
    def participants(self) -> Participants:
        """Plugins that observe or take part in what happens."""
        return self._observers.participants

    @cached_property
    def zone(self) -> ZoneInfo:
        """Time zone of displayed times and days: that of the settings, else that of the home."""
        return ZoneInfo(self.settings.timezone or self.home_zone)

    @cached_property
    def status_rules(self) -> StatusRules:
        """Rules of the status of targets."""
        from qdash_core.values.target_status import StatusRules

        essential = self.judge.list_essential()

        def list_measured(chip: ChipModel) -> Collection[str]:
            try:
                return self.registry.catalogue(*self._get_backend(chip, None)).makers()
            except QDashError:
                return essential["qubit"] | essential["coupling"]  # a chip whose backend is not installed

        return StatusRules(essential, list_measured)

    @cached_property
    def judge(self) -> Judge:
        """Judge of values and targets, from the feature that provides one."""
        from qdash_core.judgement.judge import JUDGE, NoJudge

        opener = self.registry.find_opener(JUDGE)
        judge: Judge = resolve_name(opener)(self) if opener else NoJudge()
        return judge

    def read_chip_version(self, project_id: str, chip_id: str) -> tuple[datetime, int]:
        """Return the version of a chip, see `qdash_core.chips.chip.read_chip_version`."""
        from qdash_core.chips.chip import read_chip_version

        with self.store.read() as snapshot:
            return read_chip_version(Repositories(snapshot), project_id, chip_id)

    def access(
        self, username: str, project_id: str | None = None, role: ProjectRole = ProjectRole.VIEWER
    ) -> Access:
        """Return the access of a user to a project, by default the default project; raises as `get_access`."""
        return get_access(self.store, username, project_id, role)

    def enroll(self, username: str, project_id: str | None = None) -> None:
        """Make an unknown user an editor of a project while no password has been set in the store."""
        enroll(self.store, username, project_id)

    @cached_property
    def chip_record(self) -> ChipRecord:
        """Chip data for runs to read and write."""
        from qdash_core.chips.record import ChipRecord

        return ChipRecord(self.store, self.zone, read_judgement=self.judge.read)

    @cached_property
    def record(self) -> ExecutionRecord:
        """Record of executions, written by their own runs."""
        from qdash_core.record.service import ExecutionRecord

        return ExecutionRecord(self.store, self.zone)

    @cached_property
    def external_transitions(self) -> ExternalTransitions:
        """Transitions of executions that other processes may make."""
        from qdash_core.record.external_transitions import ExternalTransitions

        return ExternalTransitions(self.store, self.artifacts)

    @cached_property
    def locks(self) -> LockService:
        """Service for instrument locks."""
        from qdash_core.locks.service import LockService

        return LockService(self.store)

    def get_instrument(self, project_id: str, chip_id: str, *, backend_name: str | None = None) -> str:
        """Return the instrument that measures a chip. Chips of one instrument share a lock.

        Without `backend_name`, it is that of the chip's own backend.

        Raises
        ------
        NotFoundError
            If there is no such chip, or the backend is not installed.
        BackendError
            If the backend cannot tell.
        """
        return self.get_chip_instrument(
            self.repositories.of(ChipRepository).require(project_id, chip_id), backend_name
        )

    def get_claim_unit(self, chip: ChipModel, *, backend_name: str | None = None) -> ClaimUnit:
        """Return the smallest part of its instrument that a run on a chip claims, with errors as in `get_instrument`."""
        from qdash_core.backends.instruments import get_claim_unit

        return get_claim_unit(*self._get_backend(chip, backend_name))

    def get_catalogue(self, project_id: str, chip_id: str, *, backend_name: str | None = None) -> Catalogue:
        """Return the catalogue of tasks on a chip, with parameters and errors as in `get_instrument`."""
        chip = self.repositories.of(ChipRepository).require(project_id, chip_id)
        return self.registry.catalogue(*self._get_backend(chip, backend_name))

    def get_constraints(
        self, project_id: str, chip_id: str, *, backend_name: str | None = None
    ) -> InstrumentConstraints:
        """Return what the instruments of a chip cannot measure together, with parameters and errors as in `get_instrument`."""
        from qdash_core.backends.instruments import get_constraints

        chip = self.repositories.of(ChipRepository).require(project_id, chip_id)
        return get_constraints(*self._get_backend(chip, backend_name))

    def get_chip_instrument(self, chip: ChipModel, backend_name: str | None = None) -> str:
        """Return the instrument that measures a chip with this header, with errors as in `get_instrument`."""
        from qdash_core.backends.instruments import get_instrument

        return get_instrument(*self._get_backend(chip, backend_name))

    def require_backend(self, name: str) -> type[BaseBackend]:
        """Return a backend that may measure in this home.

        Raises
        ------
        NotFoundError
            If it is not installed.
        InvalidInputError
            If the home has a simulated clock, and the backend measures in real time.
        """
        backend = self.registry.backend(name)
        if self.clock.simulated and not backend.simulated:
            raise InvalidInputError(
                f"backend {name} measures in real time, and home {self.settings.home} has a simulated clock: use a simulated backend, "
                "or let QDASH_HOME name another home"
            )
        return backend

    def _get_backend(
        self, chip: ChipModel, backend_name: str | None
    ) -> tuple[type[BaseBackend], BackendContext]:
        from qdash_core.backends.base import BackendContext

        context = BackendContext(chip.project_id, chip.chip_id, (), self.settings.home, chip.created_at)
        return self.registry.backend(backend_name or chip.backend), context

    def get_backend_design(
        self, chip: ChipModel, *, backend_name: str | None = None
    ) -> Mapping[str, DesignValues]:
        """Return a backend's design values of a chip, by qubit and coupling.

        Without `backend_name`, the chip's own backend is asked.

        Raises
        ------
        NotFoundError
            If the backend is not installed.
        BackendError
            If it cannot provide them, or they are not valid.
        """
        from qdash_core.backends.instruments import get_design
        from qdash_core.chips.design import validate_design

        backend, context = self._get_backend(chip, backend_name)
        known = get_design(backend, context)
        try:
            return validate_design(known, known)
        except (InvalidInputError, NotFoundError) as error:
            raise BackendError(
                f"backend {backend.name} provides invalid design values for chip {chip.chip_id}: {error}"
            ) from error

    def get_design(self, chip: Chip, *, backend_name: str | None = None) -> Design:
        """Return the design values for tasks; only those of the chip if the backend is not installed."""
        from qdash_core.chips.design import complete_design

        try:
            known = self.get_backend_design(chip.header, backend_name=backend_name)
        except NotFoundError:
            known = {}
        return complete_design(chip, known)

    @cached_property
    def notifiers(self) -> list[Notifier]:
        """Configured notifiers."""
        from qdash_core.hooks.announcers import configure_notifiers

        return configure_notifiers(self.registry.notifiers(), self.settings)

    @cached_property
    def announcers(self) -> Announcers:
        """Announcers of features, which tell people of recorded events."""
        from qdash_core.hooks.announcers import Announcers

        return Announcers(self.registry, self)

    @property
    def shared(self) -> bool:
        """True if another process with the same settings has the same store and plugins."""
        return self.store.shared and self.registry.found_anywhere

    @property
    def repositories(self) -> Repositories:
        """Every repository; each call is a separate transaction."""
        return Repositories(self.store)

    def close(self) -> None:
        """Wait for observers and announcers, close the store, and let this process open homes with another clock."""
        if "participants" in vars(self._observers):
            self.participants.finish()
        if "announcers" in vars(self):
            self.announcers.finish()
        self.store.close()
        close_clock(self.clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @classmethod
    def open(
        cls,
        settings: Settings | None = None,
        registry: Registry | None = None,
        *,
        new: bool = False,
        simulated_clock: datetime | None = None,
    ) -> Self:
        """Open the store and artifacts of the settings; create the home and its defaults if missing.

        `settings` is None to read the environment and `qdash.toml`, and `registry` is None for all installed plugins.
        With `new`, a new store is created even if there is raw data of another one. `simulated_clock` is the time at
        which the simulated clock of a new home starts, or None for the clock that the home has.

        Raises
        ------
        InvalidInputError, NotFoundError
            If a setting is wrong, or no plugin opens its URL; if a simulated clock is wanted for a home that exists, or a home with
            another clock is open in this process.
        StoreError
            If the home, its clock or the store cannot be opened, the store is empty and there are raw data already, or belongs to a
            home with another kind of clock.
        """
        if simulated_clock is not None:
            count_microseconds(simulated_clock)  # an impossible time is refused before anything is created
        settings = settings or load_settings()
        registry = registry or load_plugins()
        store_class = registry.store_class(urlsplit(settings.store_url).scheme)
        storage = registry.storage(urlsplit(settings.artifacts_url).scheme)
        artifacts: CalibDataSaver = storage.open(settings.artifacts_url)
        try:
            make_folder(settings.home, shared=False)
        except OSError as error:
            raise StoreError(
                f"home {settings.home} cannot be created: {error.strerror}; set QDASH_HOME to another folder"
            ) from error
        if simulated_clock is not None or (settings.home / CLOCK_FILE).exists():
            refuse_pool_runner(registry.runner(settings.runner))
        if not new and not urlsplit(settings.store_url).netloc:  # a file; a server is asked once it is open
            refuse_foreign_raw_data(settings, artifacts, lambda: not store_class.exists(settings.store_url))
        store = store_class.open(settings.store_url)
        clock: Clock | None = None
        try:
            default = find_default_project(store)
            if default is None and store.shared and not new:
                refuse_incomplete_store(store, settings.store_url)
                refuse_foreign_raw_data(settings, artifacts, lambda: is_empty(store))
            if simulated_clock is not None:
                create_simulated_clock(settings, simulated_clock, store, default)
            clock = open_clock(settings.home)
            default = default or ensure_default_project(store, simulated_clock=clock.simulated)
            refuse_other_clock(settings, simulated=clock.simulated, expected=default.simulated_clock)
            if isinstance(clock, SimulatedClock):
                catch_up(clock, store, default)
        except BaseException:
            store.close()
            if clock is not None:
                close_clock(clock)
            raise
        return cls(settings, registry, store, artifacts, default.time_zone or ZONE_OF_OLDER_HOMES, clock)

    @classmethod
    def open_for(cls, username: str, project_id: str | None = None) -> Self:
        """Open the store of the settings for a user's own program, and enroll an unknown user. Raise as `open`."""
        runtime = cls.open()
        try:
            runtime.enroll(username, project_id)
        except BaseException:
            runtime.close()
            raise
        return runtime
