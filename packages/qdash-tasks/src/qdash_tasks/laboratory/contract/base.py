"""Shared base of the contract tests: the laboratory under test, and measurements on it."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.contract.samples import make_samples
from qdash_tasks.laboratory.contract.unreadable import make_unreadable
from qdash_tasks.laboratory.shots import USUAL_INTERVAL_US, Shots
from qdash_tasks.laboratory.trace import Trace
from qdash_testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.request import Request


class LaboratoryContractBase(Contract):
    """Base class of contract tests: fixtures for an author to define, and shared measurements."""

    specification = True

    targets: ClassVar[Sequence[str]] = ("0",)
    shots: ClassVar[int] = 256

    @abstractmethod
    def laboratory(self, tmp_path: Path) -> Laboratory:
        """Return the open laboratory. Called once per test, which closes it."""

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:  # noqa: ARG002  for those that have files
        """Return the design values of its backend (`BaseBackend.design`) by qubit; empty by default."""
        return {}

    def failing(self, laboratory: Laboratory, target: str) -> Request:
        """Return a request that fails when it is measured; by default one with an unreadable sweep."""
        return make_unreadable(next(one for one in make_samples(laboratory, target) if one.swept))

    def _open_laboratory(self, tmp_path: Path) -> closing[Laboratory]:
        return closing(self.laboratory(tmp_path))

    def _make_shots(self, laboratory: Laboratory) -> Shots:
        limits = laboratory.limits
        return Shots(
            count=self.shots if limits.shots_a_call is None else min(self.shots, limits.shots_a_call),
            reset="active" if "active" in limits.resets else "passive",
            interval_us=max(USUAL_INTERVAL_US, limits.shortest_interval_us),
        )

    def _measure_answers(
        self, laboratory: Laboratory, requests: Mapping[str, Sequence[Request]]
    ) -> dict[str, Sequence[Answer]]:
        """Measure requests in one call and assert that all are answered."""
        found: dict[str, Sequence[Answer]] = {}
        for target, answers in measure_targets(laboratory, requests, self._make_shots(laboratory)).items():
            asked = ", ".join(sorted({type(one).__name__ for one in requests[target]}))
            assert not isinstance(answers, Exception), f"{asked} of {target}: {answers!r}"
            found[target] = answers
        return found

    def _measure_traces(self, laboratory: Laboratory, target: str, *requests: Request) -> list[Trace]:
        answers = self._measure_answers(laboratory, {target: requests})[target]
        return [one for one in answers if isinstance(one, Trace)]
