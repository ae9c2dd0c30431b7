"""Task contract of the native tasks, with a stand-in for the library that returns immediately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_qubex.native.t1 import CheckT1
from qdash_testing import TaskContract

from .stand_in import Backend, StandIn, result_of, t1_data

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.backends.base import BaseBackend


@pytest.mark.slow  # qubex is imported for its result classes
class TestCheckT1(TaskContract):
    task = CheckT1
    targets = ("0", "2")

    def backend(self, tmp_path: Path) -> BaseBackend:
        def measured(labels: list[str], **_: Any) -> Any:
            return result_of({label: t1_data(label, t1=30e3 + 5e3 * int(label[1:])) for label in labels})

        return Backend(StandIn(tmp_path, t1_experiment=measured))  # type: ignore[return-value]
