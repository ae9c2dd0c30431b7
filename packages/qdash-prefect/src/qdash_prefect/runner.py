"""The Prefect runner: what performs an execution in a worker of a Prefect work pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import FlowError

if TYPE_CHECKING:
    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.progress import Progress
    from qdash_core.settings import Settings


class PrefectRunner:
    """Performs executions where Prefect starts them."""

    name = "prefect"

    def perform(
        self, execution: ExecutionModel, *, settings: Settings, progress: Progress, stop: Stop
    ) -> None:
        """Perform an execution, see `Runner`."""
        raise FlowError("runs of Prefect are performed by `qdash worker`")
