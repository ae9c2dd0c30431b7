"""Session of qubex, one at a time in a process, as qubex keeps the data of a system in one place."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qdash_core import BackendError
from qdash_qubex.design import read_design_parameters
from qdash_qubex.files import digest_folders
from qdash_qubex.library.classifiers import ClassifierFilter
from qdash_qubex.library.experiment_factory import (
    StoragePaths,
    make_controller,
    open_experiment,
    require_driver,
    require_library,
)
from qdash_qubex.library.lines import Lines
from qdash_qubex.session_note import SessionNote
from qdash_qubex.system.links import list_links_down, query_links

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_qubex.folder import ConfigurationFolder
    from qdash_qubex.settings import QubexSettings
    from qdash_qubex.system_config import QubexSystem

logger = logging.getLogger(__name__)

_one = threading.Lock()
"""Lock held by the open session of this process."""


class Session:
    """Open session, created by `open`."""

    def __init__(
        self, experiment: Any, system: QubexSystem, storage: StoragePaths, files: Mapping[Path, str]
    ) -> None:
        self.experiment = experiment
        self.system = system
        self.storage = storage
        self.lines = Lines(experiment, system.names)
        self.note = SessionNote(experiment.calib_note, system.names)
        self._files = files
        self._down = ""
        self._classifiers = ClassifierFilter(experiment)
        self._applied: dict[str, dict[str, float]] = {}
        self._applied_to = experiment.ctx.experiment_system
        self._open = True

    @classmethod
    def open(
        cls,
        settings: QubexSettings,
        folder: ConfigurationFolder,
        system: QubexSystem,
        *,
        qids: Sequence[str],
        storage: Path,
    ) -> Session:
        """Create the session of this process, not yet connected.

        Parameters
        ----------
        qids
            Required qubits; empty for those of the configuration.
        storage
            Folder for qubex's note, classifiers and properties, which is created.

        Raises BackendError with the remedy if there is a session already, qubex or the driver of the instruments is not
        installed, qubex refuses the configuration, or it omits a qubit; InvalidInputError if the controller of the
        settings does not exist.
        """
        require_library()
        if settings.controller is None:
            require_driver(system)
        if not _one.acquire(blocking=False):
            raise BackendError(
                "this process already has an open session of qubex, which allows one per process: close it, or use another process"
            )
        try:
            session = cls._make(settings, folder, system, qids, StoragePaths(storage))
            session._require_qubits(qids)
        except BaseException:
            _one.release()
            raise
        return session

    @classmethod
    def _make(
        cls,
        settings: QubexSettings,
        folder: ConfigurationFolder,
        system: QubexSystem,
        qids: Sequence[str],
        storage: StoragePaths,
    ) -> Session:
        known = sorted(read_design_parameters(system, "qubit_frequency"), key=int)
        labels = [system.names.qubit(qid) for qid in qids or known or system.names.qubits()]
        controller = None
        if settings.controller is not None:
            controller = make_controller(settings.controller, system.system_id, labels)
        files = digest_folders(folder.config.resolve(), system.params)
        experiment = open_experiment(
            system,
            folder.config,
            labels,
            storage,
            controller=controller,
            mode=settings.configuration_mode,
        )
        return cls(experiment, system, storage, files)

    def _require_qubits(self, qids: Sequence[str]) -> None:
        """Raise `BackendError` if the session lacks one of these qubits: qubex omits those without frequency."""
        there = set(self.lines.qids)
        missing = [qid for qid in qids or self.system.names.qubits() if qid not in there]
        if not missing:
            return
        files = read_design_parameters(
            self.system, "qubit_frequency", "readout_frequency", "resonator_frequency"
        )
        driven = {qid for qid, known in files.items() if "qubit_frequency" in known}
        read = {qid for qid, known in files.items() if known.keys() - {"qubit_frequency"}}
        reasons = {
            "no control_frequency (or qubit_frequency)": set(missing) - driven,
            "no readout_frequency (or resonator_frequency)": set(missing) - read,
            "no ports in wiring.yaml, or none that reach the frequency": set(missing) & driven & read,
        }
        told = "; ".join(
            f"{why}: {', '.join(sorted(those, key=int))}" for why, those in reasons.items() if those
        )
        message = f"qubex omits qubits of system {self.system.system_id} ({self.system.params}): {told}"
        if qids or not there:
            raise BackendError(f"{message}. Add what is missing, or exclude these qubits from the run")
        logger.warning(message)

    def connect(self) -> None:
        """Connect to the boxes of the qubits. Touches hardware.

        If links are down, qubex stops. This is logged, and `require_links` continues when they are up.

        Raises BackendError with qubex's own message if the boxes do not answer.
        """
        self._connect()
        if self._down:
            logger.warning(self._down)

    def require_links(self) -> None:
        """Resume a connection that stopped at links that were down, if they are up now. Touches hardware.

        Raises BackendError with the links and the remedy if they are down.
        """
        # qubex itself, which logs every refusal at length, is asked once there is hope.
        if self._down and not self._list_links_down():
            self._connect()
        if self._down:
            raise BackendError(self._down)

    def _connect(self) -> None:
        try:
            self.experiment.connect()
        except Exception as error:
            if not (not_up := self._list_links_down()):
                boxes = ", ".join(sorted(self.experiment.ctx.box_ids)) or "none"
                raise BackendError(
                    f"qubex cannot connect to system {self.system.system_id} (boxes {boxes}): "
                    f"{type(error).__name__}: {error}"
                ) from error
            self._down = (
                f"links of system {self.system.system_id} are down: {'; '.join(not_up)}; measurements are impossible until "
                "they are up: run the task LinkUp"
            )
        else:
            self._down = ""
            self._classifiers.update()

    def _list_links_down(self) -> list[str]:
        """Return the links that are down, of boxes that answer; empty if they report none."""
        boxes = sorted(self.experiment.ctx.box_ids)
        with suppress(Exception):
            if self.experiment.is_connected() and (links := query_links(self.experiment, boxes)):
                return list_links_down(boxes, links)
        return []

    def require_folder(self) -> None:
        """Raise `BackendError` with their names if configuration files have changed since this session was opened."""
        now = digest_folders(Path(self.experiment.ctx.config_path), self.system.params)
        if other := sorted({path.name for path, _ in now.items() ^ self._files.items()}):
            raise BackendError(
                f"{', '.join(other)} in the configuration folder changed after this run began, and the run uses the former "
                "contents: nothing has been done; start a new run"
            )

    def apply(self, target: str, values: Mapping[str, float]) -> None:
        """Apply calibrated values of a qubit to qubex.

        Values without a place there, and couplings, are left to its note.
        """
        self.reapply_values()
        if target in self.lines.qids:
            self._applied.setdefault(target, {}).update(values)
            self.lines.apply_values(target, values)
            self._classifiers.update()

    def read_back(self, target: str) -> dict[str, float]:
        """Return qubex's values of a qubit under the names of QDash's parameters; missing ones are absent."""
        self.reapply_values()
        return self.lines.get_values(target) if target in self.lines.qids else {}

    def reapply_values(self) -> bool:
        """Apply all values again if qubex has reloaded its configuration; return whether it has: generators may be others."""
        current = self.experiment.ctx.experiment_system
        if current is self._applied_to:
            return False
        self._applied_to = current
        self.lines.find_generators()
        for target, values in self._applied.items():
            if target in self.lines.qids:
                self.lines.apply_values(target, values)
        return True

    def close(self) -> None:
        """Save the note and release the boxes. A second call has no effect."""
        if not self._open:
            return
        self._open = False
        try:
            self.note.write(self.storage.note)
        finally:
            try:
                self.experiment.disconnect()
            finally:
                _one.release()
