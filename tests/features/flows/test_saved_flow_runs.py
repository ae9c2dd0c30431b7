"""Saved flows: requested by name, and imported only in the process that performs them."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.flows.catalogue import find_flow
from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.flows.model import FlowModel, FlowVersionModel
from qdash_builtin.flows.repository import FlowRepository
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_core import InvalidInputError, NotFoundError
from qdash_core.errors import FlowError
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.progress import SilentProgress
from qdash_core.models.request import TargetSelection

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, Bench, make_task
from ...core.runs.crew import make_request

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.execution import ExecutionModel

    from ...core.conftest import MakeBench

NIGHT = """\
from pathlib import Path
from qdash_core import CalibConfig, CalibOrchestrator

with Path("imported").open("a") as file:
    file.write("x")

def night(username, chip_id, qids=(), shots: int = 1, flow_name=""):
    with Path("called").open("a") as file:
        file.write(f"{flow_name} {','.join(qids)} {shots}\\n")
    raise ValueError("VERSION")
"""


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    bench = make_bench(make_task())
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "night", NIGHT)
    return bench


def perform_run(bench: Bench, execution_id: str) -> ExecutionModel:
    with pytest.raises(FlowError):
        bench.qdash.get(RUNS).perform(PROJECT, execution_id, SilentProgress(), alone=False)
    return bench.get_execution(execution_id)


@pytest.mark.every_store
def test_it_is_run_where_it_is_performed_and_nowhere_else(bench: Bench, tmp_path: Path) -> None:
    before = set(sys.modules)
    run = bench.qdash.get(RUNS).submissions.submit(
        ADMIN, make_request("night", parameters={"shots": 7}), trusted_files=False
    )
    assert run.execution.request is not None
    assert run.execution.request.flow_version == 1
    assert not (tmp_path / "imported").exists(), "asking for it imports nothing of it"
    assert not any(name.startswith("flow_") for name in set(sys.modules) - before)

    ended = perform_run(bench, run.execution_id)
    assert (ended.status, ended.name) == (ExecutionStatus.FAILED, "night")
    assert "night (version 1) raised ValueError: VERSION" in ended.message
    assert (tmp_path / "called").read_text() == "night 0 7\n"
    (file,) = (tmp_path / "flows" / PROJECT / "night").glob("*.py")
    assert file.read_text() == NIGHT
    assert file.name.startswith("1-")


def test_a_run_is_one_of_the_version_that_there_was_when_it_was_asked_for(bench: Bench) -> None:
    old = bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night")).execution_id
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "night", NIGHT.replace("VERSION", "another"))
    bench.qdash.get(SAVED_FLOWS).delete(ADMIN, "night")
    assert "night (version 1) raised ValueError: VERSION" in perform_run(bench, old).message
    new = bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night", flow_version=2)).execution_id
    assert "night (version 2) raised ValueError: another" in perform_run(bench, new).message


def test_a_file_that_was_changed_where_it_lies_is_written_anew(bench: Bench, tmp_path: Path) -> None:
    perform_run(bench, bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night")).execution_id)
    (file,) = (tmp_path / "flows" / PROJECT / "night").glob("*.py")
    file.write_text("def night(): raise ValueError('somebody else')")
    again = bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night")).execution_id
    assert "VERSION" in perform_run(bench, again).message


def test_its_chip_is_that_of_the_request_or_else_its_own(bench: Bench) -> None:
    with pytest.raises(InvalidInputError, match=r"night \(version 1\) needs 'chip_id'"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night", chip_id=None))
    bench.qdash.get(SAVED_FLOWS).save(ADMIN, "night", NIGHT, chip_id=CHIP)
    assert (
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night", chip_id=None)).execution.chip_id
        == CHIP
    )
    assert not bench.qdash.get(EXECUTIONS).newest(ADMIN)[1:]


def test_what_it_could_not_be_called_with_is_refused_before_anything_is_written(bench: Bench) -> None:
    for wrong, why in (({"shots": "many"}, "shots cannot be 'many'"), ({"x": 1}, "has no argument 'x'")):
        with pytest.raises(InvalidInputError, match=why):
            bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night", parameters=wrong))
    with pytest.raises(NotFoundError, match="no flow 'night' of version 9"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("night", flow_version=9))
    assert not bench.qdash.get(EXECUTIONS).newest(ADMIN)


def test_who_asks_over_a_network_names_no_file(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text(NIGHT)
    request = make_request(f"{file}:night", chip_id=None, targets=TargetSelection())
    for ask in (bench.qdash.get(RUNS).submissions.submit, bench.qdash.get(RUNS).preview):
        with pytest.raises(InvalidInputError, match="names a file of the host's machine: save the flow"):
            ask(ADMIN, request, trusted_files=False)


def test_what_only_lies_in_a_file_is_not_found_by_name(bench: Bench) -> None:
    """Stores of earlier versions have such flows."""
    about = {"project_id": PROJECT, "username": "ann", "chip_id": CHIP}
    old = FlowModel(**about, name="old", flow_function_name="old", file_path="ann/old.py")
    bench.repositories.of(FlowRepository).put(old)
    with pytest.raises(NotFoundError, match="no flow or task 'old'"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("old"))
    with pytest.raises(InvalidInputError, match="was kept without its source"):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request("old", flow_version=1))


def test_a_name_means_the_flow_of_a_plugin_before_a_saved_one(make_bench: MakeBench) -> None:
    """The plugin may have been installed later."""
    installed = FlowTemplate("night", "What every laboratory runs.", ())
    bench = make_bench(make_task(), flows=[installed])
    about = {"project_id": PROJECT, "username": "ann", "chip_id": CHIP, "file_path": ""}
    for name in ("night", "mine"):
        bench.repositories.of(FlowRepository).put(
            FlowModel(**about, name=name, flow_function_name="night", sha256="1")
        )
    find = partial(find_flow, registry=bench.qdash.registry, saved=bench.qdash.get(SAVED_FLOWS))
    assert find(ADMIN, "night") is installed
    found = find(ADMIN, "mine")
    assert isinstance(found, FlowVersionModel)
    with pytest.raises(NotFoundError, match=r"no flow 'day' .*known: .*mine"):
        find(ADMIN, "day")
