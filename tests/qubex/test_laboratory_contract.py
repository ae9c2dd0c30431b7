"""Contract of laboratories for the laboratory of qubex: a simulated chip behind its controller meets all
recipes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_core import BackendContext
from qdash_qubex.backend import QubexBackend
from qdash_qubex.laboratory import QubexLaboratory
from qdash_tasks.laboratory.contract import LaboratoryContract
from qdash_tasks.laboratory.recipes import RECIPES
from qdash_tasks.laboratory.recipes.generators import GENERATORS

from .conftest import CHIP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.recipes import Recipe

    from .conftest import QubexBench

ROUGH = 1.1
"""Relative over-rotation of pulses."""
OFF_GHZ = 4e-4


pytestmark = pytest.mark.slow


class OnABench(LaboratoryContract):
    """A process has one session; each test has a laboratory of its own in it."""

    specification = True
    shots = 128
    # A generator of qubex has one frequency in a program.
    recipes: ClassVar[Sequence[Recipe]] = tuple(one for one in RECIPES if one is not GENERATORS)

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def on_a_bench(cls, bench: QubexBench) -> Iterator[None]:
        backend = QubexBackend()
        backend.context = BackendContext(project_id="default", chip_id=CHIP, qids=bench.qids, home=bench.home)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in bench.environment.items():
                patch.setenv(name, value)
            cls.bench, cls.backend = bench, backend
            backend.connect()
            yield
            backend.disconnect()

    bench: ClassVar[QubexBench]
    backend: ClassVar[QubexBackend]

    def laboratory(self, tmp_path: Path) -> Laboratory:
        session = self.backend.session
        laboratory = QubexLaboratory(session.experiment, session.lines, session.system.kind)
        for qid in self.bench.qids:
            truth = self.bench.truth.qubits[qid]
            amplitude = laboratory.settings[qid].control_amplitude
            laboratory.adjust(
                qid,
                {
                    "drive_frequency_ghz": truth.frequency_ghz + OFF_GHZ,
                    "rabi_frequency_mhz": amplitude * truth.drive.rabi_per_amplitude_mhz / ROUGH,
                    "readout_frequency_ghz": truth.resonator.best_probe_ghz,
                },
            )
        return laboratory

    def design(self, tmp_path: Path) -> Mapping[str, Mapping[str, float]]:
        return QubexBackend.design(self.backend.context)


class TestQubit(OnABench):
    targets = ("0",)


class TestCoupling(OnABench):
    targets = ("0-1",)
