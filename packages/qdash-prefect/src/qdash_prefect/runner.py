"""The Prefect runner: what performs an execution in a worker of a Prefect work pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import FlowError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

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

    def call(self, function: Callable[..., object], arguments: Mapping[str, Any], flow_run_id: str) -> object:
        """Have Prefect's engine run a Prefect flow here, see `CallsFlows`; any other function is called."""
        from qdash_prefect.calling import called

        return called(function, arguments, flow_run_id)
