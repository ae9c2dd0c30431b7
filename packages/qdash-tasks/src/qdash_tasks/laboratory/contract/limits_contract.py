"""Contract tests of the properties that a laboratory states: requests, limits, initial settings, design."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import split_coupling
from qdash_tasks.laboratory.calls import measure_targets
from qdash_tasks.laboratory.contract.base import LaboratoryContractBase
from qdash_tasks.laboratory.contract.limit_samples import make_requests_at_limits, make_requests_beyond_limits
from qdash_tasks.laboratory.contract.samples import make_samples
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.limits import Limits, is_within
from qdash_tasks.laboratory.pair_requests import PAIR_REQUESTS
from qdash_tasks.laboratory.request import Request
from qdash_tasks.laboratory.requests import QUBIT_REQUESTS
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory


class LimitsContract(LaboratoryContractBase):
    """Contract tests of requests and limits."""

    specification = True

    def test_it_says_which_requests_it_answers(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            kinds = laboratory.requests
            assert isinstance(kinds, frozenset), "requests is not a frozenset of request classes"
            assert kinds, "requests is empty, so no task is available"
            for kind in kinds | QUBIT_REQUESTS | PAIR_REQUESTS:
                assert issubclass(kind, Request), f"requests: {kind!r} is not a request class"
                possible = kind in kinds and (laboratory.limits.single_shots or not kind.single_shots)
                assert laboratory.supports(kind) == possible, (
                    f"`requests`, `limits` and `supports` disagree about {kind.__name__}"
                )

    def test_it_has_settings_and_limits_of_what_it_measures(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            limits = laboratory.limits
            assert isinstance(limits, Limits), f"limits is {limits!r}"
            for qid, settings in laboratory.settings.items():
                assert isinstance(settings, Settings), f"settings of qubit {qid}: {settings!r}"
            for name, of_pair in laboratory.couplings.items():
                assert isinstance(of_pair, CouplingSettings), f"settings of coupling {name}: {of_pair!r}"
                unknown = sorted(set(split_coupling(name)) - laboratory.settings.keys())
                assert not unknown, f"coupling {name}: settings are missing for {', '.join(unknown)}"
            unknown = sorted(set(self.targets) - laboratory.settings.keys() - laboratory.couplings.keys())
            assert not unknown, f"targets: settings are missing for {', '.join(unknown)}"
            for target in self.targets:
                assert make_samples(laboratory, target), (
                    f"targets: the laboratory supports no request on {target}"
                )

    def test_what_is_in_use_at_first_is_within_its_limits(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for qid, settings in laboratory.settings.items():
                line = laboratory.limits.line(qid)
                _require_frequencies(
                    laboratory,
                    qid,
                    drive_frequency_ghz=settings.drive_frequency_ghz,
                    readout_frequency_ghz=settings.readout_frequency_ghz,
                )
                for pulse in (settings.x90, settings.x180):
                    assert pulse.amplitude <= line.largest_amplitude, (
                        f"qubit {qid}: the line cannot play {pulse}"
                    )
                    assert pulse.length_ns >= line.shortest_ns, f"qubit {qid}: the line cannot play {pulse}"
                assert settings.control_amplitude <= line.largest_amplitude, (
                    f"qubit {qid}: control_amplitude is {settings.control_amplitude}, the line plays at most {line.largest_amplitude}"
                )

    def test_its_design_is_within_its_limits(self, tmp_path: Path) -> None:
        """Check that the design, around which tasks search, is within the limits."""
        with self._open_laboratory(tmp_path) as laboratory:
            for qid, values in self.design(tmp_path).items():
                assert qid in laboratory.settings, f"design: {qid!r} is not a qubit of the laboratory"
                _require_frequencies(
                    laboratory,
                    qid,
                    qubit_frequency=values.get("qubit_frequency"),
                    readout_frequency=values.get("readout_frequency"),
                    resonator_frequency=values.get("resonator_frequency"),
                )

    def test_what_its_limits_allow_is_measured(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                for limit, request, changes in make_requests_at_limits(laboratory, target):
                    shots = replace(self._make_shots(laboratory), **changes)
                    found = measure_targets(laboratory, {target: [request]}, shots)[target]
                    assert not isinstance(found, Exception), f"{target}, at {limit}: {found!r}"

    def test_what_is_beyond_its_limits_is_refused(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                for limit, request, changes in make_requests_beyond_limits(laboratory, target):
                    shots = replace(self._make_shots(laboratory), **changes)
                    found = measure_targets(laboratory, {target: [request]}, shots)[target]
                    assert isinstance(found, InvalidInputError), (
                        f"{target}, beyond {limit}: {found!r} instead of a refusal"
                    )

    def test_what_it_does_not_have_is_refused_and_the_rest_is_measured(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            target = self.targets[0]
            asked = make_samples(laboratory, target)[:1]
            found = measure_targets(
                laboratory, {"no such qubit": asked, target: asked}, self._make_shots(laboratory)
            )
            assert isinstance(found["no such qubit"], InvalidInputError), (
                "an unknown qubit was measured: `settings` and `couplings` list the existing targets"
            )
            assert not isinstance(found[target], Exception), f"{target}: {found[target]!r}"


def _require_frequencies(laboratory: Laboratory, qid: str, **frequencies_ghz: float | None) -> None:
    limits = laboratory.limits
    for name, value in frequencies_ghz.items():
        drive = name.startswith(("drive", "qubit"))
        ranges = limits.line(qid).frequencies_ghz if drive else limits.readout_frequencies_ghz(qid)
        assert value is None or is_within(ranges, value), (
            f"qubit {qid}: {name} is {value}, outside the range of the line, {ranges}\N{NO-BREAK SPACE}GHz"
        )
