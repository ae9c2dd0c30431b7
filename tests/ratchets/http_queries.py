"""Calls of the store by the operations of the host that pages of the dashboard use most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.null_laboratory import session
from qdash_core import load_plugins
from qdash_core.settings import Settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device
from qdash_tasks.flows import ROUGH
from tests.api.conftest import run_host

from .recorded_values import Measured, add_smallest
from .store_calls import count_store_calls

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from fastapi.testclient import TestClient

    from qdash_core.runtime.application import QDash

_WARM_UPS, _BLOCKS, _REQUESTS = 2, 2, 10


def measure_http_queries(folder: Path) -> Iterator[Measured]:
    """Count for each operation, with warm caches, on a chip of seven qubits; two have results."""
    settings = Settings(home=folder, store_url="memory://", artifacts_url=(folder / "artifacts").as_uri())
    with run_host(settings, load_plugins()) as host:
        result = _fill(host.qdash)
        client = host.connect_as("viewer")
        # In the order of the number of their uses in the pages.
        for operation in (
            "/chips",
            "/task-results?chip_id=twin",
            "/metrics/definitions",
            f"/task-results/{result}",
            "/chips/twin",
            "/chips/twin/topology",
            "/issues",
            f"/task-results/{result}/figure",
            "/projects/default/members",
            "/executions",
        ):
            name = operation.partition("?")[0].replace(result, "{task_id}").replace("twin", "{chip_id}")
            yield Measured(
                f"store calls of {_REQUESTS} x GET {name}",
                "store calls",
                _count(host.qdash, client, operation),
            )


def _fill(qdash: QDash) -> str:
    """Create a chip with results, and return the id of one."""
    create_twin_chip(qdash, qdash.access("admin"), "twin", load_device("jakarta"), seed=0)
    orchestrator = session(qdash, "twin")
    results = [orchestrator.run_task(task, qid) for qid in ("0", "1") for task in ROUGH]
    orchestrator.complete()
    return results[-1].task_id


def _count(qdash: QDash, client: TestClient, path: str) -> Counter[str]:
    """Return the counts of ten requests; the time of a token's last use may be stored beside one."""

    def request() -> Counter[str]:
        with count_store_calls(qdash.store) as counted:
            response = client.get(path)
        assert response.is_success, f"{path}: {response.text}"
        return counted

    for _ in range(_WARM_UPS):
        request()
    return add_smallest([[request() for _ in range(_REQUESTS)] for _ in range(_BLOCKS)])
