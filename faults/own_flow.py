"""A user's own flow with a watcher that writes lines of JSON: `python -m faults.own_flow FILE`."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

from qdash_core import CalibService
from qdash_core.flows.steps import BringUp, FilterByStatus, OneQubitCheck
from qdash_core.flows.targets import QubitTargets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.task import TaskResultModel


class ProgressFile:
    """Watcher that writes its progress to a file."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def began(self, execution_id: str) -> None:
        """Write that the execution exists."""
        self._write({"began": execution_id})

    def planned(self, tasks: Sequence[str], groups: Sequence[Sequence[str]]) -> None:
        """Write that a plan starts."""

    def finished(self, result: TaskResultModel) -> None:
        """Write that a result has been recorded."""
        self._write({"finished": result.model_dump(mode="json")})

    def _write(self, news: dict[str, Any]) -> None:
        os.write(self._file, (json.dumps({"at": time.time(), **news}) + "\n").encode())


def main(path: str) -> None:
    """Bring up two qubits, and check the good ones."""
    calibration = CalibService("admin", "bench", flow_name="own", progress=ProgressFile(path))
    calibration.run(QubitTargets(["0", "1"]), [BringUp()])
    calibration.run(QubitTargets(["0", "1"]), [FilterByStatus(), OneQubitCheck()])
    calibration.finish_calibration()


if __name__ == "__main__":
    main(sys.argv[1])
