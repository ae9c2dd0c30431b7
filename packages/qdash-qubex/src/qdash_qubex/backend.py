"""The `qubex` backend: standard tasks through the laboratory's library."""

from __future__ import annotations

import logging
from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar

from qdash_core import BackendError, InvalidInputError, NotFoundError
from qdash_qubex.design import read_design
from qdash_qubex.errors import ConnectionLostError
from qdash_qubex.folder import ConfigurationFolder
from qdash_qubex.limits import LIMITS
from qdash_qubex.note_entries import CalibratedValue
from qdash_qubex.session import Session
from qdash_qubex.settings import load_qubex_settings
from qdash_qubex.system.task import BOXES, SESSION
from qdash_tasks.laboratory import (
    PAIR_REQUESTS,
    STANDARD_REQUESTS,
    LaboratoryBackend,
    is_playable,
    offered,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_core import BackendContext, Parameter
    from qdash_qubex.laboratory import QubexLaboratory
    from qdash_qubex.system_config import QubexSystem
    from qdash_tasks.laboratory import Request

logger = logging.getLogger(__name__)

SIMULATED = "simulated"
"""Tag of simulated results."""
_LIBRARY_NOTE = "qubex"
"""Key of qubex's own calibration note in the note of the backend."""
_INSTRUMENT = "qubex"
"""Instrument name shared by all backends on qubex."""


class QubexBackend(LaboratoryBackend):
    """Backend that opens qubex on the system of the chip, with its note below the home.

    A process has one open session at a time.
    """

    name = "qubex"
    config_format = "qubex-params"
    transient_errors = (ConnectionLostError,)

    notes_pulses: ClassVar[bool] = True
    """True if pulses in use are written into qubex's note; False if qubex's own procedures write them."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._laboratory: QubexLaboratory | None = None
        self._of_others: dict[str, dict[str, Any]] = {}
        self._calibrated: dict[str, dict[str, CalibratedValue]] = {}

    @classmethod
    def instrument(cls, context: BackendContext) -> str:
        """Return a name for all systems that share boxes, so that their runs exclude each other."""
        try:
            folder, system = _load_configuration(context)
            boxes = _find_shared_boxes(system, folder.list_systems().values())
        except InvalidInputError:
            # A system that cannot be found cannot be connected to either; until then it is one instrument.
            return _INSTRUMENT
        return f"{_INSTRUMENT}/{min(boxes, default=system.system_id)}"

    @classmethod
    def offers(cls, context: BackendContext) -> frozenset[str]:  # noqa: ARG003  the same for all chips
        """Return the supported requests, and `BOXES` unless the settings name a controller. Does not need qubex."""
        there = {SESSION} if load_qubex_settings().controller else {SESSION, BOXES}
        return offered(STANDARD_REQUESTS, LIMITS) | there

    @classmethod
    def supports_request(cls, context: BackendContext, request: type[Request]) -> bool:  # noqa: ARG003  the same for all chips
        """Return whether a kind of a plugin is supported: those that define their programs. It does not need qubex."""
        return is_playable(request, PAIR_REQUESTS, LIMITS)

    @classmethod
    def tags(cls, context: BackendContext) -> tuple[str, ...]:  # noqa: ARG003  the same for all chips
        """Return the tag of simulated results if a given controller replaces the instruments."""
        return (SIMULATED,) if load_qubex_settings().controller else ()

    @classmethod
    def design(cls, context: BackendContext) -> Mapping[str, Mapping[str, float]]:
        """Return the design values of the parameter files; empty for a chip without a system. Does not need qubex.

        Raises InvalidInputError if a file cannot be read.
        """
        try:
            _, system = _load_configuration(context)
        except NotFoundError:
            return {}
        return read_design(system)

    def connect(self) -> None:
        """Open the session of this process and connect to the boxes. Touches hardware.

        Raises BackendError if the configuration is missing or wrong, something has to be installed, or the boxes do not
        answer.
        """
        context = self.context
        try:
            settings = load_qubex_settings()
            folder, system = _load_configuration(context)
            session = Session.open(
                settings, folder, system, qids=context.qids, storage=get_storage_folder(context)
            )
        except InvalidInputError as error:
            raise BackendError(str(error)) from error
        self._session = session
        if settings.controller is not None:
            logger.warning(
                "no instruments: %s replaces qubex's controller (QDASH_QUBEX_CONTROLLER); results are tagged %s",
                settings.controller,
                SIMULATED,
            )
        try:
            session.connect()
            from qdash_qubex.laboratory import QubexLaboratory  # only a measurement needs qubex

            self._laboratory = QubexLaboratory(
                session.experiment, session.lines, system.kind, ready=session.require_links
            )
        except BaseException:
            self.disconnect()
            raise

    @property
    def session(self) -> Session:
        """The open session. Raises `BackendError` before `connect`."""
        if self._session is None:
            raise BackendError(f"the backend {self.name} is not connected: call connect() first")
        return self._session

    @property
    def laboratory(self) -> QubexLaboratory:
        """Laboratory of the open session. Raises `BackendError` before `connect`."""
        if self._laboratory is None:
            raise BackendError(f"the backend {self.name} is not connected: call connect() first")
        return self._laboratory

    def get_instance(self) -> Any:
        """Return qubex's own session object, a `qubex.Experiment`; raise BackendError while links are down."""
        self.session.require_links()
        return self.session.experiment

    def on_boxes(self) -> Any:
        """Return the session object even while links are down, for tasks that check or bring up links."""
        return self.session.experiment

    def require_folder(self) -> None:
        """Raise `BackendError` if the configuration folder has changed since the session was opened."""
        self.session.require_folder()

    def apply(self, parameters: Mapping[str, Mapping[str, Parameter]]) -> None:
        """Apply calibrated values to the settings in use, and to qubex and its note for tasks that play through it."""
        super().apply(parameters)
        self._reapply_values()
        for target, found in parameters.items():
            self.session.apply(target, {name: one.value for name, one in found.items()})
            known = {name: CalibratedValue(one.value, one.calibrated_at) for name, one in found.items()}
            self._calibrated.setdefault(target, {}).update(known)
        if self.notes_pulses:
            self.session.note.apply_pulses(self.laboratory.settings, self._calibrated)

    def read_back(self, target: str) -> Mapping[str, float]:
        """Return the settings in use, with qubex's values where it has any."""
        self._reapply_values()
        return {**super().read_back(target), **self.session.read_back(target)}

    def _reapply_values(self) -> None:
        """Apply all values again if boxes were configured, and take over the ranges of the generators."""
        if self.session.reapply_values():
            self.laboratory.refresh_limits()

    def save_note(self) -> dict[str, Any]:
        """Return the settings in use, also of qubits outside this session, and qubex's calibration note."""
        note = super().save_note()
        for part, others in self._of_others.items():
            note[part] = {**others, **note[part]}
        return {**note, _LIBRARY_NOTE: self.session.note.to_document()}

    def update_note(self, note: dict[str, Any]) -> None:
        """Restore settings and qubex's calibration note from a note.

        Entries of qubits outside this session are kept for the next note.

        Raises InvalidInputError if it names an unknown setting or holds an impossible value.
        """
        laboratory = self.laboratory
        there = {"settings": laboratory.settings, "couplings": laboratory.couplings}
        self._of_others = {
            part: {target: values for target, values in note.get(part, {}).items() if target not in known}
            for part, known in there.items()
        }
        own = {
            part: {target: values for target, values in note.get(part, {}).items() if target in known}
            for part, known in there.items()
        }
        super().update_note(own)
        self.session.note.update(note.get(_LIBRARY_NOTE, {}))

    def disconnect(self) -> None:
        """Save qubex's note and release the boxes."""
        session, self._session, self._laboratory = self._session, None, None
        if session is not None:
            session.close()


def get_storage_folder(context: BackendContext) -> Path:
    """Return the folder below the home for qubex's data of a chip; an earlier one of the same name has another."""
    of_name = context.home / "qubex" / context.project_id / context.chip_id
    made_at = context.chip_made_at
    if made_at is None:
        return of_name
    return of_name / f"{made_at.astimezone(UTC):%Y%m%dT%H%M%S}.{made_at.microsecond // 1000:03d}Z"


def _load_configuration(context: BackendContext) -> tuple[ConfigurationFolder, QubexSystem]:
    settings = load_qubex_settings()
    folder = ConfigurationFolder.find(settings, settings.system or "", context.chip_id)
    return folder, folder.get_system(context.chip_id, settings.system)


def _find_shared_boxes(system: QubexSystem, systems: Iterable[QubexSystem]) -> set[str]:
    """Return the boxes of a system and of all systems that share a box with it, directly or indirectly."""
    found, others = set(system.boxes), [set(one.boxes) for one in systems]
    while grown := [boxes for boxes in others if boxes & found and not boxes <= found]:
        found = found.union(*grown)
    return found
