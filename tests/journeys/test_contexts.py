"""Context of a calibrated twin on the command line: complete, bounded, and without the truth."""

from __future__ import annotations

import json
from math import isclose
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import open_qdash
from qdash_core.settings import Settings
from qdash_fake.chips import compute_truth

from ..access import ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .command_line import CommandLine

KINDS = ("chip", "target", "result")


@pytest.fixture(scope="module")
def subjects(calibrated: CommandLine) -> dict[str, tuple[str, ...]]:
    """Arguments of the command for each kind of subject."""
    (result,) = calibrated.read_json(
        "task", "results", "--chip", "bench", "--task", "CheckT1", "--target", "0"
    )
    return {"chip": ("bench",), "target": ("bench", "Q00"), "result": (result["task_id"][:8],)}


def iter_numbers(value: Any) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, (list, dict)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from iter_numbers(one)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "size", [5_000, *(pytest.param(n, marks=pytest.mark.slow) for n in (20_000, 40_000))]
)
def test_a_context_is_one_bounded_text(
    calibrated: CommandLine, subjects: dict[str, tuple[str, ...]], kind: str, size: int
) -> None:
    page = calibrated("context", *subjects[kind], "--max-size", str(size))
    plain = calibrated("context", *subjects[kind], "--max-size", str(size), "--json")
    assert page.status == plain.status == 0
    assert len(page.out) <= size
    assert len(plain.out) <= size
    assert plain.document["kind"] == kind
    found = plain.document
    assert {one["metric"] for one in found["values"]} > {"qubit_frequency", "t1", "t2_echo"}
    assert page.out.startswith("# Result of `CheckT1` on `0`" if kind == "result" else "# Chip `bench`")


def test_the_context_of_a_result_has_its_curve_and_its_fit(
    calibrated: CommandLine, subjects: dict[str, tuple[str, ...]]
) -> None:
    found = calibrated.read_json("context", *subjects["result"])
    estimate = found["result"]["estimates"]["t1"]
    assert estimate["unit"] == "us"
    assert 0 < estimate["error"] < estimate["value"]
    assert found["result"]["inputs"]["pi_amplitude"]["result"].startswith("/task-results/")
    (figure,) = found["figures"]
    delays = next(one for one in figure["arrays"] if one["name"].endswith("delay"))
    assert delays["unit"] == "us"
    assert delays["values"] == sorted(delays["values"])
    assert len(delays["values"]) > 10


def test_a_context_never_has_the_truth_of_a_twin(
    calibrated: CommandLine, subjects: dict[str, tuple[str, ...]], subtests: pytest.Subtests
) -> None:
    assert calibrated.home is not None
    with open_qdash(
        Settings(home=calibrated.home)
    ) as opened:  # without the best gates, which take a second each
        truth = compute_truth(opened, ADMIN, "bench")["qubits"]
    values = calibrated.read_json("metrics", "bench")["qubits"]
    hidden = [
        truth[target][metric][0]
        for target, metrics in values.items()
        for metric, one in metrics.items()
        if one.get("error") and metric in truth[target]  # others are chosen, such as a pulse length
    ]
    hidden = [one for one in hidden if one != float(f"{one:.6g}")]  # others occur by chance
    assert len(hidden) > 20
    for kind in KINDS:
        with subtests.test(kind):
            found = calibrated.read_json("context", *subjects[kind], "--max-size", "1000000")
            shown = {*iter_numbers(found)}
            assert shown
            assert not [one for one in hidden for number in shown if isclose(one, number, rel_tol=1e-9)]
            assert "truth" not in json.dumps(found)
