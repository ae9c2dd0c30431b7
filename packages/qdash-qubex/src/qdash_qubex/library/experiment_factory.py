"""Construction of qubex's session object, with all arguments explicit."""

from __future__ import annotations

import gc
import importlib
import logging
import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from importlib_metadata import PackageNotFoundError, version

from qdash_core import BackendError, InvalidInputError
from qdash_core.process.file_modes import make_folder
from qdash_qubex.library.notes import let_last_entry_win

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_qubex.settings import ConfigurationMode
    from qdash_qubex.system_config import QubexSystem

SUPPORTED = "1.5.0rc4"
"""Supported release of qubex, the same as in pyproject.toml."""

_DRIVERS = {"quel1": ("qxdriver_quel1", "qubecalib"), "quel3": ("quelware_client",)}
"""Alternative driver modules of the instruments, which qubex imports late or not at all."""


@dataclass(frozen=True, slots=True)
class StoragePaths:
    """Files and folders of qubex's data of a chip."""

    folder: Path

    @property
    def note(self) -> Path:
        """Path of the calibration note."""
        return self.folder / "calib_note.json"

    @property
    def classifiers(self) -> Path:
        """Folder of the state classifiers."""
        return self.folder / "classifiers"

    @property
    def properties(self) -> Path:
        """Folder of the properties."""
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
            f"qubex {installed} is installed, but this release of qdash-qubex supports {SUPPORTED}: install matching releases"
        )


def require_driver(system: QubexSystem) -> None:
    """Raise `BackendError` with install advice unless a driver of the system's instruments is installed."""
    if not any(find_spec(module) for module in _DRIVERS[system.kind]):
        raise BackendError(
            f"system {system.system_id} has {system.kind} instruments, whose driver is not installed: "
            f"`pip install 'qubex[{system.kind}]=={version('qubex')}'` into {sys.prefix}, where QDash runs"
        )


def make_controller(factory: str, system_id: str, labels: Sequence[str]) -> object:
    """Return the controller made by a factory, used by qubex in place of its own.

    A factory `module:name` is called with the id of the system and the labels. Raises InvalidInputError if there is no
    such module or name.
    """
    module, _, name = factory.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise InvalidInputError(
            f"QDASH_QUBEX_CONTROLLER names {factory!r}, which does not exist: {error}"
        ) from error
    return found(system_id, tuple(labels))


def silence_library() -> None:
    """Limit qubex's log to warnings and errors, through the usual handlers instead of its own terminal handler.

    Connection errors are also raised, and reported once by the caller.
    """
    importlib.import_module("qubex")
    logger = logging.getLogger("qubex")
    logger.setLevel(logging.WARNING)
    logging.getLogger("qubex.experiment.services.session_service").addFilter(_has_no_exception)
    for handler in [one for one in logger.handlers if isinstance(one, logging.StreamHandler)]:
        logger.removeHandler(handler)


@cache
def _spare_garbage_collections() -> None:
    """Exempt what this process has loaded, and scan all else a tenth as often: calibrations make a million pulses.

    Scanning takes a quarter of their time otherwise; pulses need none, since they refer to nothing that refers to them.
    """
    gc.freeze()
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, 10 * old)


def _has_no_exception(record: logging.LogRecord) -> bool:
    return record.exc_info is None


def open_experiment(
    system: QubexSystem,
    config: Path,
    labels: Sequence[str],
    storage: StoragePaths,
    *,
    controller: object | None,
    mode: ConfigurationMode,
) -> Any:
    """Return a `qubex.Experiment` that is not yet connected, in place of an earlier one in this process.

    `config` is the folder of the configuration files; without a controller qubex has its own. Raises BackendError with
    its message if qubex refuses the configuration.
    """
    silence_library()
    from qubex import Experiment

    _spare_garbage_collections()
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
            f"qubex cannot open system {system.system_id} of {config}: {type(error).__name__}: {error}"
        ) from error
    let_last_entry_win(experiment.calib_note)
    return experiment
