"""Tasks on a laboratory with a mistake give a right value, fail, or are flagged; `benchmarks.mistakes_table`
measures every task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_tasks.tasks import TASKS

from .mistaken_tasks import BenchRig, MyBenchRig, MyRackRig, TwinRig
from .mistakes import Mistakes

if TYPE_CHECKING:
    from .mistaken_tasks import Rig

BY_NAME = {task.name: task for task in TASKS}
PHASE, ENVELOPE, TONE = Mistakes(phase=-1), Mistakes(envelope=-1), Mistakes(tone=-1)
BOTH, OF_CONTROL = Mistakes(phase=-1, envelope=-1), Mistakes(of_control=True)
BACKWARDS = Mistakes(answers="backwards")
RESTARTS = Mistakes(carrier_ghz=5.013)
TURNING = Mistakes(readout_mhz=83.0)


@pytest.fixture(scope="module")
def rigs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rig]:
    return {
        "twin": TwinRig(tmp_path_factory.mktemp("twin")),
        "bench": BenchRig(),
        "my-bench": MyBenchRig(),
        "my-rack": MyRackRig(),
    }


@pytest.mark.parametrize(
    ("laboratory", "task", "wrong", "verdict"),
    [
        pytest.param(
            "twin", "CheckCrossResonance", TONE, "failed", id="mirrored tone", marks=pytest.mark.release
        ),
        pytest.param(
            "twin",
            "CheckZZInteraction",
            PHASE,
            "failed",
            id="ZZ, phase mirrored",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "twin", "CheckZZInteraction", BOTH, "failed", id="ZZ, both mirrored", marks=pytest.mark.release
        ),
        pytest.param(
            "twin",
            "CheckZZInteraction",
            BACKWARDS,
            "failed",
            id="ZZ, answers backwards",
            marks=pytest.mark.slow,
        ),
        ("twin", "CheckQubitFrequency", PHASE, "failed"),
        pytest.param("twin", "CheckQubitFrequency", BACKWARDS, "failed", marks=pytest.mark.slow),
        pytest.param("twin", "CheckQubitFrequency", RESTARTS, "failed", marks=pytest.mark.slow),
        pytest.param("twin", "CheckRamsey", RESTARTS, "failed", marks=pytest.mark.slow),
        pytest.param("my-bench", "CheckQubitFrequency", PHASE, "failed", marks=pytest.mark.slow),
        pytest.param("my-rack", "CheckRamsey", PHASE, "failed", marks=pytest.mark.slow),
        pytest.param("bench", "CheckRamsey", PHASE, "failed", marks=pytest.mark.release),
        pytest.param("twin", "CheckQubitSpectroscopy", BACKWARDS, "failed", marks=pytest.mark.release),
        ("twin", "CheckOptimalReadoutAmplitude", BACKWARDS, "failed"),
        pytest.param("my-rack", "CreateDRAGPIPulse", ENVELOPE, "flagged", marks=pytest.mark.slow),
        pytest.param("my-bench", "CreateDRAGHPIPulse", ENVELOPE, "flagged", marks=pytest.mark.release),
        ("twin", "CreateDRAGPIPulse", ENVELOPE, "flagged"),
        pytest.param("bench", "CreateDRAGPIPulse", ENVELOPE, "flagged", marks=pytest.mark.release),
    ],
)
def test_no_wrong_value_is_accepted(
    rigs: dict[str, Rig], laboratory: str, task: str, wrong: Mistakes, verdict: str
) -> None:
    found = rigs[laboratory].run(BY_NAME[task], wrong)
    assert found.verdict == verdict, found


@pytest.mark.slow
def test_a_tone_in_the_frame_of_the_control_is_refused_with_the_check_that_names_it(
    rigs: dict[str, Rig],
) -> None:
    found = rigs["twin"].run(BY_NAME["CheckCrossResonance"], OF_CONTROL)
    assert found.verdict == "failed", found
    assert "starts later" in found.said
    assert "`qdash lab check CHIP --all --only cross_resonance`" in found.said


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(OF_CONTROL, id="of the control", marks=pytest.mark.release),
        pytest.param(TONE, id="mirrored", marks=pytest.mark.slow),
        pytest.param(RESTARTS, id="restarts", marks=pytest.mark.release),
        pytest.param(Mistakes(incoherent=True), id="by chance", marks=pytest.mark.release),
    ],
)
def test_no_gate_is_made_of_a_tone_with_a_wrong_phase(rigs: dict[str, Rig], wrong: Mistakes) -> None:
    found = rigs["twin"].run(BY_NAME["CreateZX90"], wrong)
    assert found.verdict == "failed", found
    assert "`qdash lab check CHIP --all --only cross_resonance`" in found.said


@pytest.mark.parametrize(
    ("wrong", "task"),
    [
        pytest.param(wrong, task, id=f"{name}-{task}", marks=mark)
        for name, wrong, mark in (
            ("tone", TONE, pytest.mark.slow),
            ("phase", PHASE, pytest.mark.release),
            ("readout", TURNING, pytest.mark.release),
        )
        for task in ("CheckBellState", "CheckBellStateTomography")
    ],
)
def test_another_bell_state_and_another_plane_are_refused(
    rigs: dict[str, Rig], task: str, wrong: Mistakes
) -> None:
    assert rigs["twin"].run(BY_NAME[task], wrong).verdict == "failed"


@pytest.mark.parametrize(
    "task",
    [
        "CheckQubitFrequency",
        pytest.param("CheckRamsey", marks=pytest.mark.slow),
        "CreateDRAGPIPulse",
        pytest.param("CheckCrossResonance", marks=pytest.mark.release),
        pytest.param("CheckZZInteraction", marks=pytest.mark.slow),
        pytest.param("CheckBellState", marks=pytest.mark.slow),
        pytest.param("CheckOptimalReadoutAmplitude", marks=pytest.mark.slow),
    ],
)
def test_a_right_laboratory_passes(rigs: dict[str, Rig], task: str) -> None:
    found = rigs["twin"].run(BY_NAME[task], None)
    assert found.verdict == "accepted", found
    assert not found.wrong, found


BY_LENGTH = Mistakes(answers="by length")
EXCHANGED = Mistakes(answers="second for third")


@pytest.mark.parametrize("laboratory", [pytest.param("my-bench", marks=pytest.mark.slow), "bench"])
def test_a_readout_whose_reference_turns_is_judged_right(rigs: dict[str, Rig], laboratory: str) -> None:
    found = rigs[laboratory].run(BY_NAME["ReadoutClassification"], TURNING)
    assert found.verdict == "accepted", found
    assert found.pull is not None
    assert not found.wrong, found


@pytest.mark.parametrize(
    ("laboratory", "task", "verdict"),
    [
        pytest.param("twin", "CheckBellStateTomography", "failed", marks=pytest.mark.slow),
        ("bench", "CheckBellState", "flagged"),
        pytest.param("bench", "CheckBellStateTomography", "failed", marks=pytest.mark.slow),
    ],
)
def test_a_fidelity_that_shows_no_entanglement_is_not_used(
    rigs: dict[str, Rig], laboratory: str, task: str, verdict: str
) -> None:
    assert rigs[laboratory].run(BY_NAME[task], BY_LENGTH).verdict == verdict


@pytest.mark.parametrize(
    ("task", "wrong", "name", "true"),
    [
        ("CheckT1Average", EXCHANGED, "t1_average", 20.0),
        *(
            pytest.param(*one, marks=pytest.mark.slow)
            for one in (
                ("CheckT2EchoAverage", ENVELOPE, "t2_echo_average", 25.0),
                ("CheckT2EchoAverage", Mistakes(envelope=-1, phase=-1), "t2_echo_average", 25.0),
                ("CheckT1Average", Mistakes(), "t1_average", 20.0),
                ("CheckT2EchoAverage", Mistakes(), "t2_echo_average", 25.0),
            )
        ),
    ],
)
def test_averages_of_decays_are_honest_with_imperfect_pulses_and_exchanged_points(
    rigs: dict[str, Rig], task: str, wrong: Mistakes, name: str, true: float
) -> None:
    pulls = []
    for seed in range(3):
        laboratory = rigs["my-rack"].laboratory(BY_NAME[task], seed=seed)
        rigs["my-rack"].with_mistakes(laboratory, wrong)
        found = rigs["my-rack"].measured(BY_NAME[task], laboratory).parameters[name]
        assert found.error is not None
        pulls.append((found.value - true) / found.error)
    # The mean of three scatters by 0.58, which reveals a common bias.
    assert abs(sum(pulls) / 3) < 4 * 0.58
    assert max(map(abs, pulls)) < 4


@pytest.mark.parametrize(
    "wrong",
    [
        ENVELOPE,
        Mistakes(gap_ns=4.0),
        pytest.param(TONE, marks=pytest.mark.slow),
        pytest.param(Mistakes(pad_ns=40.0), marks=pytest.mark.slow),
    ],
    ids=["envelope", "gap", "tone", "pad"],
)
def test_mistakes_that_do_not_matter_to_a_task_leave_its_value_right(
    rigs: dict[str, Rig], wrong: Mistakes
) -> None:
    found = rigs["twin"].run(BY_NAME["CheckQubitFrequency"], wrong)
    assert found.verdict == "accepted", found
    assert not found.wrong, found
