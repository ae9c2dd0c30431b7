"""qubex as backends of QDash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    from qdash_core import BaseBackend


@hookimpl
def qdash_backends() -> list[type[BaseBackend]]:
    from qdash_qubex.backend import QubexBackend

    return [QubexBackend]
