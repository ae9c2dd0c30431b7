"""Plugin of the qubex backends, their tasks and file formats; nothing here imports qubex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core import BaseBackend, BaseTask, Format


@hookimpl
def qdash_backends() -> list[type[BaseBackend]]:
    from qdash_qubex.backend import QubexBackend
    from qdash_qubex.native.backend import QubexNativeBackend

    return [QubexBackend, QubexNativeBackend]


@hookimpl
def qdash_tasks() -> list[type[BaseTask]]:
    from qdash_qubex.native.tasks import TASKS
    from qdash_qubex.system.tasks import SYSTEM_TASKS

    return [*SYSTEM_TASKS, *TASKS]


@hookimpl
def qdash_formats() -> list[Format]:
    from qdash_qubex.formats.calibration_note import QubexNote
    from qdash_qubex.formats.parameter_folder import QubexParameters

    return [QubexParameters(), QubexNote()]
