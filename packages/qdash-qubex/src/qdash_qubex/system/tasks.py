"""Tasks on the instruments, in the usual order in a laboratory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_qubex.system.check_noise import CheckNoise
from qdash_qubex.system.check_status import CheckStatus
from qdash_qubex.system.configure import Configure
from qdash_qubex.system.configure_all import ConfigureAll
from qdash_qubex.system.dump_box import DumpBox
from qdash_qubex.system.link_up import LinkUp
from qdash_qubex.system.readout_configure import ReadoutConfigure

if TYPE_CHECKING:
    from qdash_core import BaseTask

SYSTEM_TASKS: tuple[type[BaseTask], ...] = (
    LinkUp,
    ConfigureAll,
    Configure,
    ReadoutConfigure,
    CheckStatus,
    DumpBox,
    CheckNoise,
)
