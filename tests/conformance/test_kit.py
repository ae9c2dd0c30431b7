"""The kit catches what breaks a contract, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from qdash_core import testing

from . import broken, broken_formats, broken_laboratories

MODULES = (broken, broken_formats, broken_laboratories)
FAULTS = {
    name: (found.__doc__ or "").split()
    for module in MODULES
    for name, found in vars(module).items()
    if name.startswith("Test")
}


@pytest.fixture(scope="module")
def caught(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Run the broken classes and return the names of the failed tests of each."""
    report = tmp_path_factory.mktemp("kit") / "report.xml"
    files = [str(module.__file__) for module in MODULES]
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", f"--junitxml={report}", *files],
        cwd=Path(__file__).parents[2], check=False, capture_output=True, timeout=120,
    )  # fmt: skip
    failures: dict[str, set[str]] = {name: set() for name in FAULTS}
    cases = list(ET.parse(report).iter("testcase"))
    assert {case.get("classname", "").rpartition(".")[2] for case in cases} == set(FAULTS)
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            failures[case.get("classname", "").rpartition(".")[2]].add(case.get("name", ""))
    return failures


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_caught_by_the_test_that_is_meant_for_it(caught: dict[str, set[str]], name: str) -> None:
    wanted = [word for word in FAULTS[name] if word.startswith("test_")]
    missed = [test for test in wanted if not any(found.startswith(test) for found in caught[name])]
    assert not missed, f"caught by {sorted(caught[name])}"
    if not wanted:
        assert not caught[name]


def test_the_classes_are_found_where_the_documentation_says() -> None:
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name
    contracts = {"Backend", "Format", "Perform", "Runner", "Scheduler", "Storage", "Store", "Task"}
    assert set(dir(testing)) == {f"{name}Contract" for name in contracts}
    with pytest.raises(AttributeError, match="NoContract"):
        _ = testing.NoContract


def test_the_core_does_not_need_pytest() -> None:
    """Only who asks for a contract imports it."""
    code = "import qdash_core.testing, qdash_core, sys; qdash_core.CalibService; assert 'pytest' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
