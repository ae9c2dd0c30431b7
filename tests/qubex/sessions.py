"""Open backends of qubex with the recording controller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core import BackendContext
from qdash_qubex.backend import QubexBackend

from .configurations import CHIP, configuration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

HERE = __file__.rpartition("/")[0]


def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, kind: str = "quel3") -> BackendContext:
    """Write a configuration, select it and the recording controller in the settings, and return a context of
    qubits 0 and 1.
    """
    monkeypatch.syspath_prepend(HERE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QDASH_QUBEX_SYSTEM", raising=False)
    monkeypatch.setenv("QDASH_QUBEX_CONFIG", str(configuration(tmp_path / "configuration", kind=kind)))
    monkeypatch.setenv("QDASH_QUBEX_CONTROLLER", "recording_controllers:made")
    return context(tmp_path)


def context(tmp_path: Path, qids: Sequence[str] = ("0", "1")) -> BackendContext:
    return BackendContext(project_id="default", chip_id=CHIP, qids=tuple(qids), home=tmp_path / "home")


def opened(run: BackendContext) -> QubexBackend:
    backend = QubexBackend()
    backend.context = run
    backend.connect()
    return backend


def controller_of(backend: QubexBackend) -> Any:
    """Return the controller of qubex."""
    return backend.get_instance().ctx.backend_controller
