"""Budget of CPU time of each quick test."""

from __future__ import annotations

import ast
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from .prepared import shared_process

if TYPE_CHECKING:
    from collections.abc import Generator

BUDGET_S = 1.5
"""CPU time that a quick test may take."""
LIMIT_S = 2.5
"""CPU time that fails a test: measurements vary."""
EXCEPTIONS = {
    "tests/enforcement/test_checkers.py::test_the_tree_passes[quick]": "the checkers read the whole tree",
    "tests/enforcement/test_vocabulary.py::test_names_and_docstrings_follow_the_vocabulary[product and pages]": "it reads all sources",
    "tests/journeys/test_worker.py::test_a_detached_run_waits_for_a_worker_and_is_performed_by_it": "a worker and two runs are processes",
    "tests/client/test_generated_client.py::test_the_openapi_document_is_up_to_date": "it builds the whole document",
    "tests/journeys/test_queue.py::test_a_second_run_waits_says_who_runs_and_begins_by_itself": "two runs are processes",
}
"""Tests without a budget, with the reasons."""
_SAMPLE = "value = [convert(one, unit='us') + 1 for one in found.items() if one]\n" * 500
_SAMPLE_S = 0.019
"""CPU time for parsing the sample on the processor for which the budget was set, when nothing else runs on it."""
_BESIDE_OTHERS = 1.75
ADVICE = (
    "give it a cheaper fixture (recorded data, a copy of a prepared home, fewer qubits or shots), "
    "or mark it slow and keep a small test of the same behaviour here"
)


def count_processors() -> int:
    """Return the number of processors for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_cpu_s() -> float:
    """Return the CPU time of this process, its ended children, and its commands in the prepared process."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system + shared_process.CPU_S[0]


def measure_slowness() -> float:
    """Return how much more CPU time a fixed piece of work takes now than on an idle processor.

    Other processes share the cores and evict the data of this one from the caches. The load by other workers varies from
    second to second: the slowest of three measurements counts, and beside them the result is at least 1.75, otherwise 1.
    """
    beside_others = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1
    took_s = []
    for _ in range(3):
        began_s = time.process_time()
        ast.parse(_SAMPLE)
        took_s.append(time.process_time() - began_s)
    return max(_BESIDE_OTHERS if beside_others else 1.0, max(took_s) / _SAMPLE_S)


class CpuBudget:
    """Plugin that fails a test above the limit: its set-up and call, without fixtures that others share."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._began_s = 0.0
        self._shared_depth = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, Any, Any]:
        """Note the time before the set-up."""
        self._began_s = read_cpu_s()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Leave out the time of fixtures that other tests use, too."""
        if fixturedef.scope == "function":
            return (yield)
        before_s, self._shared_depth = read_cpu_s(), self._shared_depth + 1
        try:
            return (yield)
        finally:
            self._shared_depth -= 1
            if not self._shared_depth:
                self._began_s += read_cpu_s() - before_s

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Fail the test if it has used too much."""
        result = yield
        used_s = read_cpu_s() - self._began_s
        if used_s > self._limit_s and item.nodeid not in EXCEPTIONS:
            slowness = measure_slowness()
            if used_s > self._limit_s * slowness:
                pytest.fail(
                    f"this test took {used_s:.1f} s of CPU time on a processor that takes up to {slowness:.2f} times that of an idle one: "
                    f"the limit is {self._limit_s} s on an idle one, and the budget of a quick test is {BUDGET_S} s: {ADVICE}",
                    pytrace=False,
                )
        return result
