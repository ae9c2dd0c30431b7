"""Budget of CPU time: a test above it fails with advice."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest

from .. import cpu_budget
from ..cpu_budget import EXCEPTIONS, CpuBudget, measure_slowness

ROOT = Path(__file__).parents[2]

TESTS = """
import subprocess, sys, time, pytest

WORK = "import time\\nwhile time.process_time() < {seconds}: pass"

def work():
    end = time.process_time() + 0.12
    while time.process_time() < end:
        pass

@pytest.fixture(scope="module")
def shared():
    work()

@pytest.fixture
def own():
    work()

def test_that_calls(): work()
def test_that_sets_up(own): pass
def test_of_a_child(): subprocess.run([sys.executable, "-S", "-c", WORK.format(seconds=0.12)])
def test_of_a_shared_fixture(shared): pass
def test_that_waits(): time.sleep(0.3)
"""


class Outcomes:
    """Plugin that keeps the messages of the failed tests, and the names of the others."""

    def __init__(self) -> None:
        self.failed: dict[str, str] = {}
        self.passed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("::")[2]
        if report.when == "call" and report.passed:
            self.passed.append(name)
        elif report.failed:
            self.failed[name] = report.longreprtext


def test_a_test_above_the_limit_fails_for_its_own_work_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_costs.py").write_text(TESTS)
    (tmp_path / "pytest.ini").touch()
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.chdir(tmp_path)
    outcomes = Outcomes()
    # A busy processor makes the limit larger, not the times: it is small against them, but not against a collection of
    # all objects of this process.
    gc.disable()
    try:
        pytest.main(["-p", "no:cacheprovider", "-p", "no:terminal"], plugins=[outcomes, CpuBudget(0.01)])
    finally:
        gc.enable()
    assert outcomes.failed.keys() == {"test_that_calls", "test_that_sets_up", "test_of_a_child"}
    assert outcomes.passed == ["test_of_a_shared_fixture", "test_that_waits"]
    for message in outcomes.failed.values():
        assert re.search(
            r"took 0\.\d+ s of CPU time on a processor .*: the limit is 0\.01 s on an idle one", message
        )
        assert "the budget of a quick test is 1.5 s: give it a cheaper fixture" in message


@pytest.mark.parametrize(("workers", "least"), [("1", 1.0), ("2", 1.75)])
def test_the_limit_is_that_of_the_processor_now(
    monkeypatch: pytest.MonkeyPatch, workers: str, least: float
) -> None:
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", workers)
    monkeypatch.setattr(cpu_budget, "_SAMPLE_S", 1e9)
    assert measure_slowness() == least
    monkeypatch.setattr(cpu_budget, "_SAMPLE_S", 1e-9)
    assert measure_slowness() > 1000


def test_every_exception_is_a_test_with_a_reason() -> None:
    assert [name for name in EXCEPTIONS if not is_test(name)] == []
    assert not is_test("tests/enforcement/test_cpu_budget.py::test_that_was_renamed[1]")
    assert not is_test("tests/enforcement/test_that_was_moved.py::test_x")
    assert all(EXCEPTIONS.values())
    assert len(EXCEPTIONS) <= 5


def is_test(nodeid: str) -> bool:
    """Return whether there is a test of this name, whatever its parameters."""
    path, _, name = nodeid.partition("[")[0].partition("::")
    return (ROOT / path).is_file() and f"\ndef {name}(" in (ROOT / path).read_text("utf-8")
