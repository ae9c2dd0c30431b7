"""The twin that plays pulses keeps the contract of laboratories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.devices import load_device
from qdash_fake.twin import create_twin
from qdash_tasks.laboratory.contract import LaboratoryContract

from .playing import with_perfect_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory


class TestPulseTwin(LaboratoryContract):
    targets = ("0", "2", "3-5")

    def laboratory(self, tmp_path: Path) -> Laboratory:
        twin = create_twin(tmp_path / "twin", load_device("jakarta"), 1, {"pulse_level": True})
        return with_perfect_settings(twin.open(), twin.truth())

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return create_twin(tmp_path / "another", load_device("jakarta"), 1).design()
