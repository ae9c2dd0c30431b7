"""Sensitivity and specificity of the kit: each breach of a contract is caught, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import qdash_testing as testing

from ..case_tables import each_case
from . import broken, broken_formats, broken_laboratories

MODULES = (broken, broken_formats, broken_laboratories)
FAULTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": found
    for module in MODULES
    for name, found in vars(module).items()
    if name.startswith("Test")
}


def wanted_of(broken_class: type) -> list[str]:
    """Return the names, or the prefixes of the names, of the tests that must catch a class, from its
    docstring.
    """
    return [word for word in (broken_class.__doc__ or "").split() if word.startswith("test_")]


def nodes_of(broken_class: type) -> list[str]:
    """Return the tests that must catch a class, or all tests if nothing is to be caught."""
    node = f"{sys.modules[broken_class.__module__].__file__}::{broken_class.__name__}"
    wanted = tuple(wanted_of(broken_class))
    return [f"{node}::{name}" for name in dir(broken_class) if name.startswith(wanted)] if wanted else [node]


def run_forked(arguments: list[str]) -> None:
    """Run tests in a fork of this process, which has imported all modules."""
    child = os.fork()
    if child == 0:
        try:
            os.chdir(Path(__file__).parents[2])
            for stream in range(3):
                os.dup2(os.open(os.devnull, os.O_RDWR), stream)
            pytest.main(arguments)
        finally:
            os._exit(0)
    os.waitpid(child, 0)


@pytest.fixture(scope="module")
def caught(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Names of the failed tests of each broken class."""
    report = tmp_path_factory.mktemp("kit") / "report.xml"
    nodes = [node for found in FAULTS.values() for node in nodes_of(found)]
    run_forked(["-q", "--tb=no", "-p", "no:cacheprovider", "-n0", f"--junitxml={report}", *nodes])
    failures: dict[str, set[str]] = {name: set() for name in FAULTS}

    def name_of(case: ET.Element) -> str:
        return ".".join(case.get("classname", "").split(".")[-2:])

    cases = list(ET.parse(report).iter("testcase"))
    assert set(map(name_of, cases)) == set(FAULTS)
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            failures[name_of(case)].add(case.get("name", ""))
    return failures


@each_case("name", FAULTS)
def test_a_fault_is_caught_by_the_test_that_is_meant_for_it(caught: dict[str, set[str]], name: str) -> None:
    wanted = wanted_of(FAULTS[name])
    missed = [test for test in wanted if not any(found.startswith(test) for found in caught[name])]
    assert not missed, f"caught by {sorted(caught[name])}"
    if not wanted:
        assert not caught[name]


def test_the_classes_are_found_where_the_documentation_says() -> None:
    for name in {*dir(testing)} - {"run_command"}:
        assert getattr(testing, name).__name__ == name
    contracts = {
        "Assistant",
        "Backend",
        "Format",
        "Operation",
        "Perform",
        "Runner",
        "Scheduler",
        "Storage",
        "Store",
        "Task",
    }
    assert set(dir(testing)) == {f"{name}Contract" for name in contracts} | {"OperationCall", "run_command"}
    with pytest.raises(AttributeError, match="NoContract"):
        _ = testing.NoContract  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_core_does_not_need_pytest() -> None:
    """Only users of a contract import it."""
    code = (
        "import qdash_testing, qdash_core, sys; qdash_core.CalibService; assert 'pytest' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
