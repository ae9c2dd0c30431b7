"""Construction of qubex's session object with all arguments explicit: nothing in the working folder, nothing
random.
"""

from __future__ import annotations

import importlib
import logging
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from qdash_core.errors import BackendError, InvalidInputError
from qdash_core.file_modes import make_folder
from qdash_qubex.library.notes import let_the_last_win

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_qubex.settings import ConfigurationMode
    from qdash_qubex.system_config import QubexSystem

SUPPORTED = "1.5.0rc4"
"""Release of qubex whose internals this package uses; its pyproject.toml names the same."""

_DRIVERS = {"quel1": ("qxdriver_quel1", "qubecalib"), "quel3": ("quelware_client",)}
"""Modules of which one drives the instruments, and which qubex imports late or not at all."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Storage of qubex's data of a chip."""

    folder: Path

    @property
    def note(self) -> Path:
        """Its calibration note."""
        return self.folder / "calib_note.json"

    @property
    def classifiers(self) -> Path:
        """Its classifiers of states."""
        return self.folder / "classifiers"

    @property
    def properties(self) -> Path:
        """Its properties."""
        return self.folder / "properties"


def require_library() -> None:
    """Raise `BackendError` unless a supported release of qubex is installed."""
    try:
        installed = version("qubex")
    except PackageNotFoundError as error:
        raise BackendError(
            f"qubex is not installed: `pip install qubex=={SUPPORTED}` into {sys.prefix}, where QDash runs"
        ) from error
    if installed != SUPPORTED:
        raise BackendError(
            f"qubex {installed} is installed, and this release of qdash-qubex knows {SUPPORTED}: install one that fits the other"
        )


def require_driver(system: QubexSystem) -> None:
    """Raise `BackendError` with install advice unless a driver of the system's instruments is installed."""
    if not any(find_spec(module) for module in _DRIVERS[system.kind]):
        raise BackendError(
            f"system {system.system_id} is on {system.kind} instruments, and no driver of theirs is installed: "
            f"`pip install 'qubex[{system.kind}]=={version('qubex')}'` into {sys.prefix}, where QDash runs"
        )


def make_controller(factory: str, system_id: str, labels: Sequence[str]) -> object:
    """Return the controller made by a factory, which qubex uses in place of its own.

    Parameters
    ----------
    factory
        `module:name`, called with the id of the system and the labels of the qubits.

    Raises
    ------
    InvalidInputError
        If there is no such module or name.
    """
    module, _, name = factory.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InvalidInputError(
            f"QDASH_QUBEX_CONTROLLER names {factory!r}, which is not there: {error}"
        ) from error
    return found(system_id, tuple(labels))


def silence_library() -> None:
    """Restrict qubex's log to problems, through the usual handlers. By default it logs everything to its own
    terminal handler.

    Connection errors that it logs with a traceback are also raised, and are reported once by the caller.
    """
    importlib.import_module("qubex")
    logger = logging.getLogger("qubex")
    logger.setLevel(logging.WARNING)
    logging.getLogger("qubex.experiment.services.session_service").addFilter(_is_not_raised_as_well)
    for handler in [one for one in logger.handlers if isinstance(one, logging.StreamHandler)]:
        logger.removeHandler(handler)


def _is_not_raised_as_well(record: logging.LogRecord) -> bool:
    return record.exc_info is None


def open_experiment(
    system: QubexSystem,
    config: Path,
    labels: Sequence[str],
    storage: Storage,
    *,
    controller: object | None,
    mode: ConfigurationMode,
) -> Any:
    """Return a `qubex.Experiment` that is not yet connected; it replaces an earlier setup in this process.

    Parameters
    ----------
    config
        Folder of the configuration files.
    controller
        Controller to use, or None for qubex' own.

    Raises
    ------
    BackendError
        If qubex refuses the configuration; the message is its own.
    """
    silence_library()
    from qubex import Experiment

    make_folder(storage.folder)
    try:
        experiment = Experiment(
            system_id=system.system_id,
            qubits=list(labels),
            config_dir=config,
            params_dir=system.params,
            calib_note_path=storage.note,
            classifier_dir=storage.classifiers,
            property_dir=storage.properties,
            configuration_mode=mode,
            backend_controller=controller,  # type: ignore[arg-type]  # qubex checks its class, and says what it wants
        )
    except Exception as error:
        raise BackendError(
            f"qubex does not open system {system.system_id} of {config}: {type(error).__name__}: {error}"
        ) from error
    let_the_last_win(experiment.calib_note)
    return experiment
