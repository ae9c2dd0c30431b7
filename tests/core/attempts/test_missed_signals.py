"""Settings that may hide a signal: a window beside the known line, other inputs than the values in use, few shots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core import OutputParameter, Parameter, RawData, RunParameter, TaskOutput
from qdash_core.errors import NoSignalError

from ..bench import make_task

if TYPE_CHECKING:
    from ..bench import Bench
    from ..conftest import MakeBench

KNOWN_GHZ = 5.0
WINDOW: dict[str, RawData] = {}


def measure(_task: object, _backend: object) -> RawData:
    return WINDOW["next"]


def analyse(_task: object, raw: RawData) -> TaskOutput:
    if raw.attributes.get("shows"):
        return TaskOutput({"qubit_frequency": Parameter(KNOWN_GHZ, 0.001, "GHz")})
    raise NoSignalError("no line above the noise")


def sweep(low: float, high: float, unit: str = "GHz", *, shows: bool = False) -> RawData:
    return RawData({"frequency": (np.linspace(low, high, 5), unit)}, {"shows": shows})


@pytest.mark.parametrize(
    ("raw", "no_signal"),
    [
        (sweep(4.9, 5.1), True),
        (sweep(4.2, 4.6), None),
        (sweep(0.0, 50.0, unit="us"), True),
    ],
    ids=["around the known line", "beside it", "another axis"],
)
def test_noise_in_a_window_without_the_known_line_is_no_absent_signal(
    make_bench: MakeBench, raw: RawData, *, no_signal: bool | None
) -> None:
    declared = {"qubit_frequency": OutputParameter(unit="GHz")}
    bench = make_bench(make_task("Search", measure=measure, analyse=analyse, output_parameters=declared))
    WINDOW["next"] = raw
    assert bench.run("Search").no_signal is True, "without a known line, any window may show one"
    WINDOW["next"] = sweep(4.9, 5.1, shows=True)
    bench.run("Search")
    WINDOW["next"] = raw
    assert bench.run("Search").no_signal is no_signal
    assert (bench.get_qubit().status == "failed") is bool(no_signal)


def test_noise_with_inputs_of_a_user_is_no_absent_signal(make_bench: MakeBench) -> None:
    bench = make_search(make_bench, needs=["qubit_frequency"])
    session = bench.start_session()
    result = session.run_task("Search", "0", inputs={"qubit_frequency": Parameter(4.5, unit="GHz")})
    assert (result.status, result.no_signal) == ("failed", None)


@pytest.mark.parametrize(("shots", "no_signal"), [(10, None), (512, True), (4096, True)])
def test_noise_of_few_shots_is_no_absent_signal(
    make_bench: MakeBench, shots: int, *, no_signal: bool | None
) -> None:
    usual = {"shots": RunParameter(value=1024, value_type="int", minimum=1)}
    bench = make_search(make_bench, run_parameters=usual)
    session = bench.start_session()
    assert session.run_task("Search", "0", parameters={"shots": shots}).no_signal is no_signal


def make_search(make_bench: MakeBench, **attributes: Any) -> Bench:
    """Return a bench whose task finds no line."""
    WINDOW["next"] = sweep(4.9, 5.1)
    declared = {"qubit_frequency": OutputParameter(unit="GHz")}
    return make_bench(
        make_task("Search", measure=measure, analyse=analyse, output_parameters=declared, **attributes)
    )
