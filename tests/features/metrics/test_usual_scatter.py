"""A value has moved if it differs by more than an unchanged value does after that time."""

from __future__ import annotations

import math
from random import Random

import pytest

from qdash_builtin.metrics.judgement.samples import Sample
from qdash_builtin.metrics.judgement.usual_scatter import FALSE_ALARMS, UsualScatter, compute_limit

DAY_S = 86400.0
QUBITS = [str(number) for number in range(64)]
T1_US, T1_SCATTER, T1_ERROR = 60.0, 0.15, 0.03
"""T1 scatters by 15 % from night to night, of which its error explains a fifth."""
FREQUENCY_GHZ, FREQUENCY_STEP_GHZ, FREQUENCY_ERROR_GHZ = 5.0, 4e-6, 2e-7
"""A frequency wanders randomly by 4 kHz a day, twenty times its error."""
READOUT, READOUT_SCATTER = 0.985, 0.004

History = dict[tuple[str, str], list[Sample]]


def make_history(*, nights: int, seed: int = 0, tasks: int = 1) -> History:
    """Return the values of 64 qubits in several nights: T1, a frequency and a readout fidelity."""
    random = Random(seed)
    history: History = {}
    for qid in QUBITS:
        t1, frequency = T1_US * math.exp(random.gauss(0, 0.5)), FREQUENCY_GHZ + random.gauss(0, 0.2)
        for night in range(nights):
            at_s, task = night * DAY_S + random.uniform(0, 600), f"Task{night % tasks}"
            measured = t1 * math.exp(random.gauss(0, T1_SCATTER))
            values = {
                "t1": (measured, T1_ERROR * measured),
                "qubit_frequency": (frequency, FREQUENCY_ERROR_GHZ),
                "readout": (READOUT + random.gauss(0, READOUT_SCATTER), 0.001),
            }
            frequency += random.gauss(0, FREQUENCY_STEP_GHZ)
            for name, (value, error) in values.items():
                history.setdefault((qid, name), []).append(Sample(at_s, value, error, task, f"{qid}-{night}"))
    return history


def make_scatter(history: History, **jumps: float) -> UsualScatter:
    units = {"t1": "us", "qubit_frequency": "GHz", "readout": ""}
    return UsualScatter(history, units=units, jumps=jumps)


def list_moved(history: History) -> list[tuple[str, str]]:
    """Return the values of the last night that moved since the night before."""
    scatter = make_scatter(history)
    return [
        place
        for place, samples in history.items()
        if scatter.compare(*place, *samples[-2:], watched=len(history)).is_move
    ]


@pytest.mark.parametrize("nights", [2, 3, 8])
def test_a_healthy_night_keeps_the_alarm_budget(nights: int) -> None:
    counts = [len(list_moved(make_history(nights=nights, seed=seed))) for seed in range(3)]
    # Three nights: the number of false alarms is a Poisson variable of mean 9 or less, which exceeds 18 in 1 of 300 cases.
    assert sum(counts) <= 3 * FALSE_ALARMS + 9


@pytest.mark.parametrize("nights", [2, 3, 8])
@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("t1", lambda value: value / 6),
        ("qubit_frequency", lambda value: value - 3e-3),
        ("readout", lambda _: 0.61),
    ],
)
def test_a_real_jump_of_four_qubits_is_found(nights: int, name: str, changed: object) -> None:
    assert callable(changed)
    history = make_history(nights=nights)
    wrong = QUBITS[3:7]
    for qid in wrong:
        samples = history[qid, name]
        samples[-1] = samples[-1]._replace(value=changed(samples[-2].value))
    found = {qid for qid, parameter in list_moved(history) if parameter == name}
    # One of four may have differed by chance in the night before, so that its own scatter is large.
    assert len(found & {*wrong}) >= 3


def test_a_fall_of_t1_by_four_and_a_half_is_found_with_a_week_of_history() -> None:
    found = 0
    for seed in range(2):
        history = make_history(nights=7, seed=seed)
        last = history["5", "t1"][-1]
        history["5", "t1"][-1] = last._replace(value=last.value / 4.4, error=last.error / 4.4)
        found += ("5", "t1") in list_moved(history)
    assert found == 2


def test_the_scatter_grows_with_the_elapsed_time() -> None:
    scatter = make_scatter(make_history(nights=8))
    before = Sample(7 * DAY_S, FREQUENCY_GHZ, FREQUENCY_ERROR_GHZ, "Task0")

    def measure(days: float) -> float:
        after = before._replace(at_s=before.at_s + days * DAY_S, value=FREQUENCY_GHZ + 20e-6)
        return scatter.compare("new", "qubit_frequency", before, after, watched=100).size

    # A random walk: the difference of 20 kHz is 5 steps of a day, and half as many standard deviations after four days.
    assert measure(1) == pytest.approx(5, rel=0.2)
    assert measure(4) == pytest.approx(2.5, rel=0.25)
    assert measure(36) == pytest.approx(5 / 6, rel=0.3)


def test_a_change_of_the_whole_chip_is_no_scatter_of_its_qubits() -> None:
    history = make_history(nights=2)
    for qid in QUBITS:
        history[qid, "readout"][-1] = history[qid, "readout"][-1]._replace(value=0.9 - 0.0001 * int(qid))
    assert sum(name == "readout" for _, name in list_moved(history)) > 60


def test_a_restless_qubit_has_a_scatter_of_its_own() -> None:
    random = Random(1)
    history = make_history(nights=14)
    history["9", "readout"] = [
        one._replace(value=READOUT + random.gauss(0, 5 * READOUT_SCATTER)) for one in history["9", "readout"]
    ]
    first, last = history["9", "readout"][-2:]
    scatter, changed = make_scatter(history), last._replace(value=first.value - 6 * READOUT_SCATTER)
    restless, quiet = (
        scatter.compare(qid, "readout", first._replace(task_id=""), changed, watched=200)
        for qid in ("9", "10")
    )
    assert quiet.size > 2 * restless.size


def test_a_metric_without_history_uses_its_declared_jump() -> None:
    scatter = make_scatter({}, t1=0.6)
    before = Sample(0.0, 60.0, 0.5, "CheckT1")
    fallen, scattered = (before._replace(at_s=DAY_S, value=value) for value in (13.6, 45.0))
    assert scatter.compare("0", "t1", before, fallen, watched=200).is_move
    assert not scatter.compare("0", "t1", before, scattered, watched=200).is_move


def test_without_history_and_jump_three_combined_errors_decide() -> None:
    before = Sample(0.0, 5.0, 0.01)
    sizes = {5.0425: True, 5.042: False}
    for value, moved in sizes.items():
        difference = UsualScatter().compare("0", "x", before, Sample(DAY_S, value, 0.01), watched=10)
        assert difference.is_move is moved


def move_by(history: History, change_ghz: float, task: str, **jumps: float) -> bool:
    """Return whether a frequency of another task, so far from the last one, has moved."""
    before = history["0", "qubit_frequency"][-1]
    after = Sample(before.at_s + DAY_S, before.value + change_ghz, 6e-6, task, "newest")
    return make_scatter(history, **jumps).compare("0", "qubit_frequency", before, after, watched=200).is_move


def test_a_move_is_found_by_another_task_although_the_jump_is_large() -> None:
    history = make_history(nights=4)
    assert move_by(history, 3e-3, "Spectroscopy", qubit_frequency=0.002)
    assert not move_by(history, 2e-4, "Spectroscopy", qubit_frequency=0.002)


def test_without_a_history_another_task_may_differ_by_more_than_errors_and_less_than_the_jump() -> None:
    history = {("0", "qubit_frequency"): make_history(nights=1)["0", "qubit_frequency"]}
    assert move_by(history, 3e-3, "Spectroscopy", qubit_frequency=0.002)
    assert not move_by(history, 2e-4, "Spectroscopy", qubit_frequency=0.002)


def test_two_tasks_without_errors_and_history_have_the_jump_alone() -> None:
    scatter = make_scatter({}, readout=0.3)
    sizes = [
        scatter.compare(
            "0", "readout", Sample(0.0, 0.98, 0.0, "One"), Sample(60.0, value, 0.0, "Two"), watched=10
        )
        for value in (0.9, 0.61)
    ]
    assert [one.is_move for one in sizes] == [False, True]


def add_spectroscopy(history: History, qids: list[str]) -> None:
    """Add a spectroscopy an hour before the first night: 1 MHz above, and scattered by 50 kHz."""
    random = Random(5)
    for qid in qids:
        first = history[qid, "qubit_frequency"][0]
        value = first.value + 1e-3 + random.gauss(0, 5e-5)
        before = Sample(first.at_s - 3600, value, 6e-6, "Spectroscopy", f"{qid}-spectroscopy")
        history[qid, "qubit_frequency"].insert(0, before)


def test_the_usual_difference_between_two_tasks_follows_from_their_pairs_on_the_chip() -> None:
    history = make_history(nights=4)
    add_spectroscopy(history, QUBITS)
    assert not move_by(history, 1e-3, "Spectroscopy", qubit_frequency=0.002)
    assert move_by(history, 0.0, "Spectroscopy", qubit_frequency=0.002)
    assert move_by(history, -2e-3, "Spectroscopy", qubit_frequency=0.002)


@pytest.mark.parametrize("seed", range(3))
def test_a_healthy_chip_measured_by_another_task_keeps_the_alarm_budget(seed: int) -> None:
    history, random = make_history(nights=4, seed=seed), Random(seed)
    add_spectroscopy(history, QUBITS)
    scatter = make_scatter(history, qubit_frequency=0.002)
    moved = 0
    for qid in QUBITS:
        before = history[qid, "qubit_frequency"][-1]
        value = before.value + 1e-3 + random.gauss(0, 5e-5)
        after = Sample(before.at_s + DAY_S, value, 6e-6, "Spectroscopy", "newest")
        moved += scatter.compare(qid, "qubit_frequency", before, after, watched=200).is_move
    assert moved <= FALSE_ALARMS


def test_a_pair_that_is_compared_is_no_evidence_of_the_difference_of_its_tasks() -> None:
    history = make_history(nights=4)
    add_spectroscopy(history, QUBITS[:6])
    for qid in QUBITS[:6]:  # measured 3 MHz apart now: the pairs of before say 1 MHz
        last = history[qid, "qubit_frequency"][-1]
        history[qid, "qubit_frequency"].append(
            Sample(last.at_s + DAY_S, last.value - 3e-3, 6e-6, "Spectroscopy", f"{qid}-newest")
        )
    scatter = make_scatter(history, qubit_frequency=0.002)
    assert all(
        scatter.compare(qid, "qubit_frequency", *history[qid, "qubit_frequency"][-2:], watched=200).is_move
        for qid in QUBITS[:6]
    )


def make_switching(newest: float) -> tuple[History, Sample, Sample]:
    """Return a history in which T1 of qubit 5 is 60 or 20 µs, its last value of 60 µs, and a newest one."""
    history = make_history(nights=9)
    levels = [60.0, 20.0, 20.0, 60.0, 61.0, 19.5, 20.5, 20.0, 60.5]
    series = [
        one._replace(value=level, error=1.0) for one, level in zip(history["5", "t1"], levels, strict=True)
    ]
    history["5", "t1"] = series
    return history, series[-1], series[-1]._replace(at_s=9 * DAY_S, value=newest, task_id="newest")


def test_a_switch_between_two_known_levels_is_no_move_and_named() -> None:
    history, before, after = make_switching(20.2)
    found = make_scatter(history).compare("5", "t1", before, after, watched=200)
    assert not found.is_move
    assert found.switches is not None
    assert (found.switches.lower, found.switches.upper) == pytest.approx((20, 60.4), abs=0.2)
    assert found.switches.switches == 4
    assert found.switches.dwell_lower_s == pytest.approx(2.5 * DAY_S, rel=0.02)


def test_a_new_level_of_an_unstable_value_is_a_move() -> None:
    history, before, after = make_switching(4.0)
    found = make_scatter(history).compare("5", "t1", before, after, watched=200)
    assert found.switches is None
    assert found.size > 2


@pytest.mark.parametrize(
    ("watched", "tails", "limit"), [(1, 1e6, 3.0), (2000, 30.0, 3.51), (2000, 4.0, 7.76)]
)
def test_the_limit_follows_from_the_alarm_budget(watched: int, tails: float, limit: float) -> None:
    # Student's t: the quantiles of 1 - 0.0027 / 2 and 1 - 0.0015 / 2 (scipy.stats.t.ppf).
    assert compute_limit(watched, tails) == pytest.approx(limit, rel=0.1)
