"""Specification of the plugin: discovery by QDash, a run, and its stored result."""

import json

import numpy as np
import pytest
from qdash_builtin.chips import CHIPS
from qdash_builtin.metrics import METRICS
from qdash_builtin.results import RESULTS
from qdash_builtin.runs import EXECUTIONS
from qdash_core import (
    AnalysisError,
    BackendContext,
    BackendError,
    CalibConfig,
    CalibOrchestrator,
    RawData,
    TaskOutput,
    get_builtin_topology,
    load_plugins,
    load_settings,
    open_qdash,
)
from qdash_testing import BackendContract, TaskContract

from my_lab.backend import BenchBackend
from my_lab.check_my_t1 import CheckMyT1

CONTEXT = {"project_id": "default", "chip_id": "bench", "qids": ()}


class TestBenchBackend(BackendContract):
    backend_class = BenchBackend

    def context(self, tmp_path):
        return BackendContext(**CONTEXT, home=tmp_path)


class TestCheckMyT1(TaskContract):
    task = CheckMyT1
    targets = ("0", "3")

    def backend(self, tmp_path):
        backend = BenchBackend()
        backend.context = BackendContext(**CONTEXT, home=tmp_path)
        backend.connect()
        return backend


@pytest.fixture
def qdash(tmp_path):
    """QDash with an in-memory store and a chip at the bench."""
    with open_qdash(load_settings(home=tmp_path, store_url="memory://")) as qdash:
        qdash.get(CHIPS).create(
            qdash.access("admin"), "bench", get_builtin_topology("linear-16"), backend="my-lab"
        )
        yield qdash


def run(qdash, qid, **parameters):
    orchestrator = CalibOrchestrator(CalibConfig(username="admin", chip_id="bench"), qdash)
    orchestrator.initialize()
    result = orchestrator.run_task("CheckMyT1", qid, parameters=parameters)
    orchestrator.complete()
    return result


def test_the_plugin_is_found_and_gives_a_backend_and_a_task():
    registry = load_plugins()
    registry.collect_all()
    (record,) = [plugin for plugin in registry.plugins if plugin.name == "my-lab"]
    assert record.error is None
    assert record.provides == {"qdash_backends": ["my-lab"], "qdash_tasks": ["CheckMyT1"]}


@pytest.mark.parametrize("qid", ["0", "3", "15"])
def test_the_task_finds_the_lifetime(qdash, qid):
    result = run(qdash, qid, shots=4000)
    t1 = result.output_parameters["t1"]
    assert (result.status, result.verdict) == ("completed", "accepted")
    # Three traces: a pull above 4 would be seen once in 5,000 runs.
    assert abs(t1.value - (40 + 5 * int(qid))) < 4 * t1.error
    assert qdash.get(METRICS).values(qdash.access("admin"), "bench").qubits[qid]["t1"].parameter == t1


def test_raw_data_are_kept_and_can_be_analysed_and_drawn_again(qdash):
    result = run(qdash, "2")
    assert set(qdash.artifacts.load_raw_data(result.raw_data_path[0]).arrays) == {"delay", "excited"}
    again = qdash.get(RESULTS).refit(qdash.access("admin"), result.task_id)
    assert again.output_parameters["t1"].value == result.output_parameters["t1"].value
    figure = qdash.get(RESULTS).figure(qdash.access("admin"), result.task_id)
    assert json.dumps(figure)
    assert [trace["name"] for trace in figure["data"]] == ["measured", "fit"]


def test_a_flat_trace_is_refused_and_drawn_all_the_same():
    delay = np.linspace(0, 200, 41)
    flat = RawData({"delay": (delay, "us"), "excited": (np.full(41, 0.5), "")}, {"shots": 1000})
    with pytest.raises(AnalysisError):
        CheckMyT1().postprocess(None, flat)
    assert [trace["name"] for trace in CheckMyT1.figure(flat, TaskOutput())["data"]] == ["measured"]


def test_a_bench_that_does_not_answer_is_a_backend_error(qdash, monkeypatch):
    monkeypatch.setenv("MY_LAB_ADDRESS", "nowhere")
    with pytest.raises(BackendError, match="switched on"):
        run(qdash, "0")
    assert qdash.get(EXECUTIONS).newest(qdash.access("admin"))[0].status == "failed"
