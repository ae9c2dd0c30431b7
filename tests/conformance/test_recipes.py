"""Recipes: a correct laboratory meets all of them, and each names its mistake; `pytest -s` prints which
recipe detects which mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.limits import Limits, LineLimits, ReadoutLimits
from qdash_tasks.laboratory.program import Signs
from qdash_tasks.laboratory.recipes import RECIPES, Outcome, run_recipes
from qdash_tasks.laboratory.recipes.clock import CLOCK
from qdash_tasks.laboratory.recipes.envelope_sign import ENVELOPE_SIGN
from qdash_tasks.laboratory.recipes.generators import GENERATORS
from qdash_tasks.laboratory.recipes.long_delays import LONG_DELAYS
from qdash_tasks.laboratory.recipes.phase_sign import PHASE_SIGN
from qdash_tasks.laboratory.shots import Shots

from ..case_tables import each_case
from .mistakes import Mistakes
from .three_level_bench import Qubits, ThreeLevelBench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.program import Play, Program, ProgramAnswer
    from qdash_tasks.laboratory.recipes import Finding, Recipe

SHOTS = Shots(count=2000, reset="passive", interval_us=200.0)
ROUGH = Qubits(off_mhz=0.6, rough=0.85)
TARGETS = ("0", "0-1")


@dataclass(frozen=True)
class Case:
    """A laboratory, and part of the required message by recipe; all other recipes pass or, after the failure
    of `after`, are skipped.
    """

    mistakes: Mistakes
    said: Mapping[str, str] = field(default_factory=dict)
    signs: Signs = field(default_factory=Signs)


ONE_SIGN = "exactly one sign is mirrored"
PHASE = "phase mirrored: for the line of qubit 0 `signs` must return phase=-1 instead of phase=1"
ENVELOPE = "envelope mirrored: for the line of qubit 0 `signs` must return envelope=-1 instead of envelope=1"
RESTARTS = "restarts with each pulse"
OTHER_START = "the phase of the tone depends on its start"

LONGEST = {"long_delays": "a wait has a maximum", "shot_interval": "or see long_delays"}
WRONG_ORDER = {"answer_order": "answers are not in the order of the programs"}

CASES = {
    "right": Case(Mistakes()),
    "envelope mirrored": Case(
        Mistakes(envelope=-1), {"handedness": ONE_SIGN, "envelope_against_frequency": ENVELOPE}
    ),
    "phase mirrored": Case(
        Mistakes(phase=-1), {"phase_against_frequency": PHASE, "handedness": ONE_SIGN}
    ),
    "both mirrored": Case(
        Mistakes(envelope=-1, phase=-1),
        {
            "phase_against_frequency": PHASE,
            "envelope_against_frequency": ENVELOPE,
        },
    ),
    "both mirrored, and said so": Case(
        Mistakes(envelope=-1, phase=-1), signs=Signs(envelope=-1, phase=-1)
    ),
    "right, declared as mirrored": Case(
        Mistakes(),
        {"phase_against_frequency": "`signs` must return phase=1 instead", "handedness": ONE_SIGN},
        Signs(phase=-1),
    ),
    "phase mirrored, declared for the envelope": Case(
        Mistakes(phase=-1),
        {
            "phase_against_frequency": "`signs` must return phase=-1 instead",
            "envelope_against_frequency": "`signs` must return envelope=1 instead",
        },
        Signs(envelope=-1),
    ),
    "gaps 4 ns too long": Case(Mistakes(gap_ns=4.0), {"clock": "ns too long: send gaps"}),
    "gaps 4 ns too short": Case(Mistakes(gap_ns=-4.0), {"clock": "ns too short: send gaps"}),
    "gaps rounded to 16 ns": Case(Mistakes(step_ns=16.0), {"clock": "`LineLimits.start_ns`"}),
    "left pad": Case(Mistakes(pad_ns=40.0)),
    "time zero elsewhere": Case(Mistakes(pad_ns=13.0)),
    "phase restarts": Case(
        Mistakes(carrier_ghz=5.1), {"phase_against_frequency": RESTARTS, "cross_resonance": OTHER_START}
    ),
    "phase restarts, carrier far": Case(
        Mistakes(carrier_ghz=5.013), {"phase_against_frequency": RESTARTS, "cross_resonance": OTHER_START}
    ),
    "random phases": Case(
        Mistakes(incoherent=True),
        {
            "phase_against_frequency": "no fixed phase",
            "handedness": "no fringe",
            "virtual_z": "throughout the program",
            "cross_resonance": "hardly rotates",
        },
    ),
    "generators independent": Case(Mistakes(independent=True)),
    "adds frames": Case(Mistakes(adds=1), {"virtual_z": "is added to those after it"}),
    "subtracts frames": Case(Mistakes(adds=-1), {"virtual_z": "is taken from those after it"}),
    "readout reference turns": Case(
        Mistakes(readout_mhz=83.0),
        {"readout_reference": "rotate with the start of the readout", "answer_order": "see readout_reference"},
    ),
    "answers backwards": Case(
        Mistakes(answers="backwards"), {**WRONG_ORDER, "cross_resonance": "more shots"}
    ),
    "answers by length": Case(Mistakes(answers="by length"), WRONG_ORDER),
    "answers by pulses": Case(Mistakes(answers="by pulses"), WRONG_ORDER),
    "two answers exchanged": Case(Mistakes(answers="second for third"), WRONG_ORDER),
    "plane turns, undeclared": Case(
        Mistakes(plane_rad=0.35), {"plane": "set `Limits(plane_turns=True)`"}
    ),
    "tone mirrored": Case(Mistakes(tone=-1), {"cross_resonance": "the tone is mirrored"}),
    "tone of the control": Case(Mistakes(of_control=True), {"cross_resonance": OTHER_START}),
    "tone at the control's frequency": Case(Mistakes(deaf=True), {"cross_resonance": "`Play.toward`"}),
}  # fmt: skip

WAITS = {
    "waits of at most 32.768 us": Case(Mistakes(longest_us=32.768), LONGEST),
    "waits of at most 65.536 us": Case(Mistakes(longest_us=65.536), LONGEST),
    "waits 1.2 times as long": Case(Mistakes(stretch=1.2), {"long_delays": "µs of waiting takes 1."}),
    "waits 0.8 times as long": Case(Mistakes(stretch=0.8), {"long_delays": "µs of waiting takes 0."}),
    "frequencies rounded to 10 kHz": Case(Mistakes(step_mhz=0.01), {"long_delays": "a generator that rounds its frequency"}),
}  # fmt: skip
"""Cases that only long delays reveal."""
SHOT_BY_SHOT = {
    "shots every 20 us": Case(Mistakes(interval_us=20.0), {"shot_interval": "wait for `shots.interval_us`"}),
    "no active reset, undeclared": Case(Mistakes(resets=False), {"shot_interval": "or remove `active`"}),
    "each shot given nine times": Case(Mistakes(copies=9), {"shot_noise": "all errors are too small"}),
}  # fmt: skip
"""Cases of mistakes that vary from shot to shot."""
EVERY = CASES | WAITS | SHOT_BY_SHOT


QUICK = {
    "right",
    "envelope mirrored",
    "phase mirrored",
    "gaps 4 ns too long",
    "adds frames",
    "answers backwards",
    "readout reference turns",
    "plane turns, undeclared",
    "tone mirrored",
    "waits of at most 32.768 us",
    "each shot given nine times",
}
"""Cases among the quick tests: at least one for each recipe."""


def test_each_recipe_is_for_a_mistake_among_the_quick_tests() -> None:
    """The mistake on generators alone is an exception, with tests of its own."""
    said = {recipe for name in QUICK for recipe in EVERY[name].said}
    assert said == {recipe.name for recipe in RECIPES} - {GENERATORS.name}


@cache
def found(name: str) -> Mapping[str, Finding]:
    """Return the findings of a case, by recipe."""
    case = EVERY[name]
    bench = ThreeLevelBench(ROUGH, case.mistakes, signs=case.signs)
    return {one.recipe: one for target in TARGETS for one in run_recipes(bench, target, SHOTS)}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in EVERY]
)
def test_a_mistake_is_named_by_the_recipes_that_are_for_it_and_by_no_other(name: str) -> None:
    said = EVERY[name].said
    for recipe in RECIPES:
        one = found(name)[recipe.name]
        if recipe.name in said:
            assert not one.met, one
            assert said[recipe.name] in one.reading, one.reading
        elif _is_pointless(recipe, found(name)):
            assert one.reading == f"skipped: it has no meaning until {recipe.after} is met"
        else:
            assert one.met, one


def _is_pointless(recipe: Recipe, said: Mapping[str, Finding]) -> bool:
    """Return whether a prerequisite of this recipe fails."""
    by_name = {one.name: one for one in RECIPES}
    before = recipe.after
    while before is not None and said[before].outcome is not Outcome.NOT_MET:
        before = by_name[before].after
    return before is not None


@pytest.mark.slow
def test_the_table_of_recipes_and_mistakes() -> None:
    table = {name: found(name) for name in EVERY}
    names = [recipe.name for recipe in RECIPES]
    lines = [f"{'':32}" + " ".join(f"{name[:16]:16}" for name in names)]
    lines += [
        f"{case:32}" + " ".join(f"{of_case[name].outcome.value:16}" for name in names)
        for case, of_case in table.items()
    ]
    print("\n" + "\n".join(lines))  # noqa: T201  who asks for it with -s
    noticed = {name for of_case in table.values() for name in names if not of_case[name].met}
    assert noticed == set(names)


EVERY_SIGNS = [Signs(envelope=envelope, phase=phase) for envelope in (1, -1) for phase in (1, -1)]


@each_case("true", EVERY_SIGNS)
@each_case("returned", EVERY_SIGNS)
def test_signs_are_right_when_all_that_is_named_is_followed(true: Signs, returned: Signs) -> None:
    mirrors = Mistakes(envelope=true.envelope, phase=true.phase)
    bench = ThreeLevelBench(ROUGH, mirrors, signs=returned)

    said = " ".join(one.reading for one in run_recipes(bench, "0", SHOTS, [PHASE_SIGN, ENVELOPE_SIGN]))

    named = {name: int(sign) for name, sign in re.findall(r"return (\w+)=(-?1) ", said)}
    assert {"envelope": returned.envelope, "phase": returned.phase} | named == {
        "envelope": true.envelope,
        "phase": true.phase,
    }


@pytest.mark.parametrize(
    "qubits",
    [
        Qubits(rough=0.8, off_mhz=1.0),
        pytest.param(Qubits(rough=1.2, off_mhz=-1.0, pulse_ns=20.0), marks=pytest.mark.slow),
        pytest.param(Qubits(t1_us=5.0, t2_us=5.0), marks=pytest.mark.slow),
        pytest.param(Qubits(t1_us=300.0, t2_us=100.0, rough=1.2), marks=pytest.mark.slow),
        Qubits(distance=-3e-5 + 1e-5j, zero=-7e-4j, noise=2e-5),
    ],
    ids=["rough", "rough the other way", "short T1", "long T1", "far off in the plane"],
)
def test_rough_settings_and_any_qubit_and_plane_suffice(qubits: Qubits) -> None:
    bench = ThreeLevelBench(qubits, signs=Signs())

    wrong = [one for target in TARGETS for one in run_recipes(bench, target, SHOTS) if not one.met]

    assert not wrong


@pytest.mark.parametrize(
    "limits",
    [
        Limits(
            usual_line=LineLimits(start_ns=4.0, shortest_gap_ns=16.0, amplitude_step=2e-4),
            readout=ReadoutLimits(start_ns=4.0),
        ),
        Limits(keeps=frozenset({"each"})),
        pytest.param(
            Limits(programs_a_call=24, keeps=frozenset({"mean"}), plane_turns=True), marks=pytest.mark.slow
        ),
        pytest.param(Limits(frequencies_change=False, plane_turns=True), marks=pytest.mark.slow),
    ],
    ids=["coarse grid", "single shots only", "few programs a call", "one frequency a call"],
)
def test_limits_are_obeyed(limits: Limits) -> None:
    bench = ThreeLevelBench(ROUGH, limits=limits)
    mirrored = ThreeLevelBench(ROUGH, Mistakes(phase=-1, gap_ns=4.0), limits=limits)

    wrong = [
        one
        for one in run_recipes(bench, "0", SHOTS)
        if not one.met and one.outcome is not Outcome.NOT_POSSIBLE
    ]

    assert not wrong
    assert max(bench.calls) <= (limits.programs_a_call or 1000)
    assert "phase mirrored" in PHASE_SIGN(mirrored, "0", SHOTS).reading


def test_what_limits_do_not_allow_is_not_possible_and_says_why() -> None:
    line = LineLimits(frequencies_ghz=((5.09, 5.101),), longest_pulse_ns=100.0)
    bench = ThreeLevelBench(limits=Limits(usual_line=line))

    said = {
        one.recipe: one.reading
        for one in run_recipes(bench, "0", SHOTS)
        if one.outcome is Outcome.NOT_POSSIBLE
    }

    assert "outside the range of the line of qubit 0" in said["phase_against_frequency"]
    assert "the line of qubit 0 plays 100\N{NO-BREAK SPACE}ns" in said["envelope_against_frequency"]
    assert "handedness" not in said


def test_few_shots_are_not_clear_and_never_wrong() -> None:
    few = Shots(count=20, reset="passive", interval_us=200.0)
    found = [one for seed in range(2) for one in run_recipes(ThreeLevelBench(ROUGH, seed=seed), "0", few)]

    assert not [one for one in found if one.outcome is Outcome.NOT_MET]
    assert any("more shots" in one.reading for one in found if one.outcome is Outcome.NOT_CLEAR)


@pytest.mark.parametrize(
    ("mistakes", "said"),
    [
        (Mistakes(phase=-1), "the phase is mirrored"),
        (Mistakes(carrier_ghz=5.1), RESTARTS),
    ],
    ids=["mirrored", "restarts"],
)
def test_generators_alone_are_asked_for_the_same_mistakes(mistakes: Mistakes, said: str) -> None:
    (found,) = run_recipes(ThreeLevelBench(ROUGH, mistakes), "0", SHOTS, [GENERATORS])

    assert found.outcome is Outcome.NOT_MET
    assert said in found.reading


class DeadLine(ThreeLevelBench):
    """Fails to measure qubit 0, and reports this for each program."""

    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        return [
            replace(
                one,
                iq={qid: iq for qid, iq in one.iq.items() if qid != "0"},
                failed={"0": "the amplifier is off"} if "0" in one.iq else {},
            )
            for one in super().play(programs, shots)
        ]


def test_a_qubit_that_cannot_be_measured_is_not_clear_and_the_others_are_asked() -> None:
    bench = DeadLine(ROUGH)

    found = [one for target in ("0", "1") for one in run_recipes(bench, target, SHOTS)]

    of_dead = [one for one in found if one.target == "0"]
    assert {one.outcome for one in of_dead} == {Outcome.NOT_CLEAR}
    assert all("the amplifier is off" in one.reading for one in of_dead)
    assert {one.outcome for one in found if one.target == "1"} == {Outcome.MET}


def test_programs_that_are_refused_are_not_clear() -> None:
    class Refusing(ThreeLevelBench):
        def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
            raise InvalidInputError("no such pulse")

    (found,) = run_recipes(Refusing(ROUGH), "0", SHOTS, [PHASE_SIGN])

    assert found.outcome is Outcome.NOT_CLEAR
    assert "no such pulse" in found.reading


def test_what_play_raises_is_told_of_the_recipe_and_the_qubit() -> None:
    class Underrun(ThreeLevelBench):
        def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
            raise RuntimeError("sequencer 3: underrun")

    found = list(run_recipes(Underrun(ROUGH), "0", SHOTS))

    assert {(one.target, one.outcome) for one in found} == {("0", Outcome.NOT_CLEAR)}
    (reading,) = {one.reading for one in found}
    assert reading.startswith("Underrun.play raised RuntimeError: sequencer 3: underrun (test_recipes.py:")


@pytest.mark.slow
def test_the_error_of_the_clock_is_what_it_scatters_by() -> None:
    extra = [
        CLOCK(ThreeLevelBench(ROUGH, Mistakes(gap_ns=2.5), seed=seed), "0", SHOTS).values[0]
        for seed in range(16)
    ]

    pulls = np.array([(one.value - 2.5) / one.error for one in extra])

    # The mean of 16 has an error of 0.25, and their width of 0.18; references enter every point.
    assert abs(pulls.mean()) < 0.8
    assert 0.5 < pulls.std() < 1.5


def test_without_coherence_the_decay_of_the_excited_state_tells_that_waits_end() -> None:
    qubits = Qubits(t1_us=60.0, t2_us=3.0, rough=0.85)

    found = LONG_DELAYS(ThreeLevelBench(qubits, Mistakes(longest_us=32.768)), "0", SHOTS)

    assert found.outcome is Outcome.NOT_MET
    assert "|1> stops decaying during a wait" in found.reading


def test_where_a_wait_that_ends_can_hardly_be_seen_long_delays_are_not_said_to_be_right() -> None:
    qubits = Qubits(t1_us=300.0, t2_us=10.0)

    found = [
        LONG_DELAYS(ThreeLevelBench(qubits, Mistakes(longest_us=65.536), seed=seed), "0", SHOTS)
        for seed in range(3)
    ]

    assert not [one for one in found if one.met]
    assert [one for one in found if one.outcome is Outcome.NOT_CLEAR and "more shots" in one.reading]


def test_programs_that_last_less_than_a_microsecond_leave_nothing_to_ask() -> None:
    bench = ThreeLevelBench(ROUGH, limits=Limits(covariances=True, longest_program_ns=900.0))

    assert LONG_DELAYS(bench, "0", SHOTS).outcome is Outcome.NOT_POSSIBLE


def test_a_decay_that_only_becomes_slower_is_none_that_stops() -> None:
    """Quasiparticles let |1> decay fast at first, and slowly later."""

    class Quasiparticles(ThreeLevelBench):
        def _shares(self, qid: str, plays: Sequence[Play], rest_ns: float, shots: Shots) -> Any:
            shares = super()._shares(qid, plays, rest_ns, shots)
            lost = shares[1] * (1 - np.exp(np.expm1(-rest_ns / 1e4)))
            return shares + np.array([lost, -lost, 0.0])

    found = [LONG_DELAYS(Quasiparticles(Qubits(t1_us=200.0), seed=seed), "0", SHOTS) for seed in range(4)]

    assert not [one for one in found if one.outcome is Outcome.NOT_MET]
