"""Contract tests of `PulseLaboratory.play`: grids, readouts, single shots, units, and all recipes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from qdash_tasks.laboratory.contract.base import LaboratoryContractBase
from qdash_tasks.laboratory.contract.play_samples import (
    make_equal_area_pulses,
    make_longer_readouts,
    make_off_grid_programs,
    read_before_and_after,
)
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.recipes import RECIPES, run_recipes
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_populations
from qdash_tasks.laboratory.recipes.recipe_finding import NotClear

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.program import IQ, Program, ProgramAnswer
    from qdash_tasks.laboratory.recipes import Recipe
    from qdash_tasks.laboratory.recipes.populations import Populations
    from qdash_tasks.laboratory.shots import Keep, Shots

_FAR = 6.0
"""Distance, in standard errors, that equal means never reach."""
_RING_UP = 1.5
"""Allowed change of the signal for a readout of twice the length, as its resonator has to ring up; a sum
would double.
"""
_ANGLE = 0.12
"""Allowed difference in the population of |1> after X90 pulses of equal area: their spectra differ."""


class PlayContract(LaboratoryContractBase):
    """Contract tests of `PulseLaboratory.play`, skipped for a laboratory that plays no pulses.

    Qubits among the targets need settings in use with a frequency within 1 MHz and pulses within 20 % of
    their angle.

    Attributes
    ----------
    recipes : sequence of Recipe
        Recipes that must be met; a recipe that the limits do not allow is skipped.
    """

    specification = True

    recipes: ClassVar[Sequence[Recipe]] = RECIPES
    shots_of_recipes: ClassVar[int] = 2000

    def test_programs_beside_the_grid_are_refused(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for player, qid in self._list_players(laboratory):
                for what, program in make_off_grid_programs(player, qid):
                    assert _is_rejected(player, program, self._make_few_shots(player)), (
                        f"qubit {qid}: `play` accepts {what}, which violates the grids of `limits`: refuse it, otherwise a trace describes a program that was not played"
                    )

    def test_an_answer_for_every_program_has_the_shapes_of_its_readouts(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for player, qid in self._list_players(laboratory):
                programs = [make_timeline(player).read(qid)]
                if player.limits.readout.can_read(2):
                    programs.append(read_before_and_after(player, qid))
                for keep in _list_keeps(player):
                    shots = replace(self._make_few_shots(player), keep=keep)
                    answers = player.perform(programs, shots)
                    assert len(answers) == len(programs), (
                        f"{len(answers)} answers to {len(programs)} programs"
                    )
                    for program, answer in zip(programs, answers, strict=True):
                        _require_shapes(qid, _get_iq(qid, answer), len(program.readouts), shots)

    def test_several_readouts_come_in_the_order_of_time(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for player, qid in self._list_players(laboratory):
                if not player.limits.readout.can_read(2):
                    continue
                flipped = make_timeline(player)
                flipped.pulse(qid, player.settings[qid].x180)
                programs = [
                    make_timeline(player).read(qid),
                    flipped.read(qid),
                    read_before_and_after(player, qid),
                ]
                zero, one, both = self._read(player, qid, programs, _list_keeps(player)[0])
                first, second = both.mean - zero.mean[0]
                distance = one.mean[0] - zero.mean[0]
                assert (first / distance).real < 0.5 < (second / distance).real, (
                    f"qubit {qid} is read, flipped and read again, and the two readouts are "
                    f"{(first / distance).real:.2f} and {(second / distance).real:.2f} of the way from |0> to |1>: return them in the order of time"
                )

    def test_the_mean_of_every_shot_is_the_mean(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for player, qid in self._list_players(laboratory):
                if len(player.limits.keeps) < 2 or player.limits.plane_turns:
                    continue
                program = make_timeline(player).read(qid)
                (mean,), (each,) = (self._read(player, qid, [program], keep) for keep in ("mean", "each"))
                assert each.each is not None
                off = each.each[:, 0].mean() - mean.mean[0]
                error = np.abs(each.each[:, 0].std()) * np.sqrt(2 / len(each.each))
                assert abs(off) < _FAR * error, (
                    f"qubit {qid} in |0>: its shots have the mean {each.each[:, 0].mean():.4g}, and `mean` is "
                    f"{mean.mean[0]:.4g}: check that neither is a sum and that both have the same IQ plane"
                )

    def test_a_readout_of_twice_the_length_gives_the_same_signal(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for player, qid in self._list_players(laboratory):
                usual, longer = self._read(
                    player, qid, make_longer_readouts(player, qid), _list_keeps(player)[0]
                )
                ratio = abs(longer.mean[0]) / abs(usual.mean[0])
                assert 1 / _RING_UP < ratio < _RING_UP, (
                    f"qubit {qid}: a readout of twice the length has {ratio:.2f} times the signal: IQ is per unit of time, so divide a sum over samples by their number"
                )

    def test_an_amplitude_stands_for_a_rabi_frequency(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for player, qid in self._list_players(laboratory):
                pairs = make_equal_area_pulses(player, qid)
                programs = [program for _, one, _, other in pairs for program in (one, other)]
                found = self._measure_populations(player, qid, programs)
                values, errors = found.value.reshape(-1, 2), np.hypot(*found.error.reshape(-1, 2).T)
                for (what, _, other, _), (value, usual), error in zip(pairs, values, errors, strict=True):
                    assert abs(value - usual) < _ANGLE + _FAR * error, (
                        f"qubit {qid}: {what} gives a population of {value:.2f}, and {other} of the same area to "
                        f"{usual:.2f}: a Rabi frequency is proportional to `Play.amplitude` times the waveform, whose peak is 1"
                    )

    def test_recipes_are_met(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            if not isinstance(laboratory, PulseLaboratory):
                return
            shots = self._make_many_shots(laboratory)
            found = [
                one for target in self.targets for one in run_recipes(laboratory, target, shots, self.recipes)
            ]
            wrong = [one for one in found if not one.passed]
            said = "\n".join(f"{one.recipe} of {one.target}: {one.outcome}: {one.reading}" for one in wrong)
            assert not wrong, f"\n{said}"

    def _list_players(self, laboratory: Laboratory) -> Iterator[tuple[PulseLaboratory, str]]:
        """Yield the laboratory and each qubit among the targets, if it plays pulses."""
        if isinstance(laboratory, PulseLaboratory):
            yield from ((laboratory, target) for target in self.targets if target in laboratory.settings)

    def _make_few_shots(self, player: PulseLaboratory) -> Shots:
        return replace(self._make_shots(player), keep=_list_keeps(player)[0])

    def _make_many_shots(self, player: PulseLaboratory) -> Shots:
        most = player.limits.shots_a_call
        count = self.shots_of_recipes if most is None else min(self.shots_of_recipes, most)
        return replace(self._make_few_shots(player), count=count)

    def _measure_populations(
        self, player: PulseLaboratory, qid: str, programs: Sequence[Program]
    ) -> Populations:
        try:
            return measure_populations(player, qid, programs, self._make_many_shots(player))
        except NotClear as reason:
            raise AssertionError(str(reason)) from reason

    def _read(self, player: PulseLaboratory, qid: str, programs: Sequence[Program], keep: Keep) -> list[IQ]:
        """Play programs with many shots and return the IQ data of a qubit."""
        answers = player.perform(programs, replace(self._make_many_shots(player), keep=keep))
        return [_get_iq(qid, answer) for answer in answers]


def _list_keeps(player: PulseLaboratory) -> list[Keep]:
    """Return the supported ways to keep shots, means first."""
    return [keep for keep in ("mean", "each") if keep in player.limits.keeps]


def _get_iq(qid: str, answer: ProgramAnswer) -> IQ:
    """Return the IQ data of a qubit, and assert that it is present."""
    assert qid not in answer.failed, f"qubit {qid} could not be measured: {answer.failed[qid]}"
    assert qid in answer.iq, f"qubit {qid} was read, but is neither in `iq` nor in `failed`"
    return answer.iq[qid]


def _is_rejected(player: PulseLaboratory, program: Program, shots: Shots) -> bool:
    try:
        (answer,) = player.play([program], shots)
    except Exception:  # noqa: BLE001  however it says so
        return True
    return any(readout.qid in answer.failed for readout in program.readouts)


def _require_shapes(qid: str, iq: IQ, readouts: int, shots: Shots) -> None:
    assert iq.mean.shape == (readouts,), f"qubit {qid}: mean has shape {iq.mean.shape}, not ({readouts},)"
    if iq.covariance is not None:
        assert iq.covariance.shape == (readouts, 2, 2), (
            f"qubit {qid}: covariance has shape {iq.covariance.shape}, not ({readouts}, 2, 2)"
        )
    if shots.keep == "each":
        found = None if iq.each is None else iq.each.shape
        wanted = (shots.count, readouts)
        assert found == wanted, f"qubit {qid}: each has shape {found}, not {wanted} (shots, readouts)"
