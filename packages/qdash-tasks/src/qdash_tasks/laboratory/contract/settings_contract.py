"""Contract tests that settings in use can be changed, read back and played."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.contract.base import LaboratoryContractBase
from qdash_tasks.laboratory.requests import ReadoutScan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.settings import Settings

_CLEAR = 10.0
"""Standard errors by which two signals must differ, so that a third can be assigned to one of them."""
_POINTS = 16
"""Points of each signal, all equal."""


class SettingsContract(LaboratoryContractBase):
    """Contract tests of the settings in use."""

    specification = True

    def test_settings_are_changed_by_name_and_read_back(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                field, parameter, value = _choose_setting(laboratory, target)
                laboratory.adjust(target, {field: value})
                found = getattr(get_settings(laboratory, target), field)
                assert found == value, f"{target}: {field} was set to {value}, but {found} is in use"
                laboratory.apply(target, {parameter: value / 2, "a_parameter_of_somebody_else": 1.0})
                found = get_settings(laboratory, target).as_parameters().get(parameter)
                assert found == value / 2, (
                    f"{target}: {parameter} = {value / 2} was applied, but {found} is in use"
                )

    def test_a_setting_that_is_impossible_changes_nothing(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                field, _, value = _choose_setting(laboratory, target)
                before = get_settings(laboratory, target)
                for values in ({field: value, "no such setting": 1.0}, {field: math.nan}):
                    assert _is_rejected(laboratory, target, values), f"{target}: adjust accepts {values}"
                    assert get_settings(laboratory, target) == before, (
                        f"{target}: adjust refuses {values}, but changes settings"
                    )
            assert _is_rejected(laboratory, "no such qubit", {}), "adjust accepts an unknown qubit"

    def test_settings_are_as_they_were_after_their_note(self, tmp_path: Path) -> None:
        with self._open_laboratory(tmp_path) as laboratory:
            for target in self.targets:
                before = get_settings(laboratory, target)
                laboratory.adjust(target, before.as_note())
                assert get_settings(laboratory, target) == before, (
                    f"{target}: restoring its calibration note changes its settings"
                )

    def test_settings_in_use_are_what_is_played(self, tmp_path: Path) -> None:
        """Check that half the readout amplitude gives the same signal from the request and from the settings."""
        with self._open_laboratory(tmp_path) as laboratory:
            if not laboratory.supports(ReadoutScan):
                return
            for qid in (one for one in self.targets if one in laboratory.settings):
                before = laboratory.settings[qid]
                x, whole = np.full(_POINTS, before.readout_frequency_ghz), before.readout_amplitude
                named = [ReadoutScan(x, amplitude=one) for one in (whole, whole / 2)]
                # Magnitudes, because the IQ plane may rotate from one call to the next.
                at_whole, at_half = (
                    abs(trace.iq.mean()) for trace in self._measure_traces(laboratory, qid, *named)
                )
                laboratory.adjust(qid, {"readout_amplitude": whole / 2})
                (trace,) = self._measure_traces(laboratory, qid, ReadoutScan(x))
                found, error = abs(trace.iq.mean()), abs(trace.sigma.mean()) / _POINTS**0.5
                unclear = abs(at_whole - at_half) < _CLEAR * error
                assert unclear or abs(found - at_half) < abs(found - at_whole), (
                    f"qubit {qid}: readout_amplitude was adjusted, but the previous amplitude is played"
                )


def get_settings(laboratory: Laboratory, target: str) -> Settings | CouplingSettings:
    """Return the settings in use of a qubit or coupling."""
    if target in laboratory.couplings:
        return laboratory.couplings[target]
    return laboratory.settings[target]


def _choose_setting(laboratory: Laboratory, target: str) -> tuple[str, str, float]:
    """Return a settings field of a target, the parameter that sets it, and a new value."""
    if target in laboratory.couplings:
        return "cr_amplitude", "cr_amplitude", 0.125
    return "drive_frequency_ghz", "qubit_frequency", laboratory.settings[target].drive_frequency_ghz + 0.001


def _is_rejected(laboratory: Laboratory, target: str, values: Mapping[str, float | None]) -> bool:
    try:
        laboratory.adjust(target, values)
    except InvalidInputError:
        return True
    return False
