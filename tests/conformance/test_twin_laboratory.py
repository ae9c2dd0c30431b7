"""The simulated laboratory keeps the contract of laboratories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.backend import FakeBackend
from qdash_tasks.laboratory.contract import LaboratoryContract

from .test_fake import connected, twin_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory


class TestTwinLaboratory(LaboratoryContract):
    targets = ("0", "2", "3-5")

    def laboratory(self, tmp_path: Path) -> Laboratory:
        return connected(tmp_path).laboratory

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return FakeBackend.design(twin_context(tmp_path / "another"))
