"""Contract tests that every request is answered in its shape and order, for its own target."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.contract.base import LaboratoryContractBase
from qdash_tasks.laboratory.contract.samples import make_samples, replace_sweep
from qdash_tasks.laboratory.trace import ShotRecord, Trace

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.request import Request

    Floats = NDArray[np.float64]


class AnswerContract(LaboratoryContractBase):
    """Contract tests of the answers."""

    specification = True

    def test_every_request_is_answered_as_it_was_asked(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                for request in make_samples(laboratory, target):
                    (answer,) = self._measure_answers(laboratory, {target: [request]})[target]
                    require_answer(target, request, answer)

    def test_answers_are_in_the_order_of_the_sweep_and_of_the_batch(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                for request in (one for one in make_samples(laboratory, target) if one.swept):
                    batch = [
                        request,
                        replace_sweep(request, request.x[::-1]),
                        replace_sweep(request, request.x[:2]),
                    ]
                    answers = self._measure_answers(laboratory, {target: batch})[target]
                    for asked, answer in zip(batch[:2], answers, strict=False):
                        require_answer(target, asked, answer)

    def test_all_targets_are_measured_in_one_call(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            asked = {target: make_samples(laboratory, target)[:1] for target in self.targets}
            for target, (answer,) in self._measure_answers(laboratory, asked).items():
                require_answer(target, asked[target][0], answer)

    def test_the_failure_of_one_target_is_its_own(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            bad, *others = self.targets
            good = {target: make_samples(laboratory, target)[:1] for target in others}
            try:
                answers = laboratory.measure(
                    {bad: [self.failing(laboratory, bad)], **good}, self._make_shots(laboratory)
                )
            except Exception as error:
                raise AssertionError(
                    f"{bad} failed, and `measure` raised {error!r}: return the exception as the answer of {bad}, otherwise all other answers are lost"
                ) from error
            assert isinstance(answers[bad], Exception), (
                f"{bad} failed, and its answer is {answers[bad]!r}: return the exception"
            )
            lost = [target for target in others if isinstance(answers[target], Exception)]
            assert not lost, f"{bad} failed, and also {', '.join(lost)}"

    def test_a_measurement_does_not_begin_before_an_earlier_one(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                asked = {target: make_samples(laboratory, target)[:1]}
                began = [self._measure_answers(laboratory, asked)[target][0].began_s for _ in range(2)]
                known = [one for one in began if one is not None]
                assert len(known) != 1, f"{target}: began_s is {began}: set it in all answers or in none"
                assert known == sorted(known), (
                    f"{target}: began_s is {began}, but must be seconds of an increasing clock"
                )
                assert all(map(math.isfinite, known)), f"{target}: began_s is {began}"


def require_answer(target: str, request: Request, answer: Answer) -> None:
    """Assert that the sweep and final states are right and that shots differ, which tasks do not validate."""
    at = f"{type(request).__name__} of {target}"
    if isinstance(answer, ShotRecord):
        assert np.unique(answer.iq).size > 1, (
            f"{at}: all shots are equal: the mean may have been repeated for each shot"
        )
        return
    _require_sweep(at, request, answer)
    if answer.ends is not None:
        assert answer.ends.dtype == np.bool_, (
            f"{at}: ends has the type {answer.ends.dtype}, but must be bool: True for a sequence closed to end in |1>"
        )
        assert answer.ends.any(), f"{at}: no sequence is closed to end in |1>; about half of them should be"
        assert not answer.ends.all(), f"{at}: all sequences are closed to end in |1>; about half should be"


def _require_sweep(at: str, request: Request, trace: Trace) -> None:
    _require_played(at, "x", request.axis, request.x, trace.x)
    if request.rows is not None and request.rows_axis is not None and trace.rows is not None:
        _require_played(at, "rows", request.rows_axis, request.rows, trace.rows)


def _require_played(at: str, field: str, axis: tuple[str, str], asked: Floats, played: Floats) -> None:
    name, unit = axis
    assert np.allclose(played, asked, rtol=1e-6, atol=1e-9), (
        f"{at}: {field} is {played}, but the request has {asked} ({name}{' in ' if unit else ''}{unit}, in the order of the request)"
    )
