"""Chips to calibrate with qubex: a configuration folder, its twin, and the environment that selects both."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qdash_fake.devices import load_device
from qdash_fake.truth import compute_true_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.truth import TrueParameters

SOURCES = Path(__file__).resolve().parents[2] / "examples" / "qubex-on-a-twin" / "src"
CHIP = "SIM"
"""Common name of the chip in QDash, chip and system of the library, and the twin."""


@dataclass(frozen=True)
class QubexBench:
    """A chip for qubex: qubits of one multiplexer, coupled to qubit 0.

    Attributes
    ----------
    config
        Root of the configuration folder.
    environment
        Environment variables for a process that uses it, PYTHONPATH included.
    """

    home: Path
    config: Path
    qids: tuple[str, ...]
    truth: ChipTruth
    environment: Mapping[str, str]

    @property
    def labels(self) -> list[str]:
        """Labels of the qubits in the library."""
        return [f"Q{qid}" for qid in self.qids]

    @property
    def true(self) -> TrueParameters:
        """True values by target and parameter, at ideal settings."""
        return compute_true_parameters(self.truth)


def _made(home: Path, *qids: str) -> QubexBench:
    from qubex_on_a_twin.making import make, part_of

    table = part_of(load_device("square-lattice-mux-4"), qids)
    made = make(CHIP, table, home=home, config=home / "qubex-config", seed=3)
    path = os.pathsep.join([str(SOURCES), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**made.environment(home), "PYTHONPATH": path}
    return QubexBench(home, made.config, qids, made.twin.truth(), environment)


@pytest.fixture(scope="session", autouse=True)
def qubex_on_a_twin() -> Iterator[None]:
    """Importable simulated controller, as in a laboratory with its installation."""
    sys.path.insert(0, str(SOURCES))
    yield
    sys.path.remove(str(SOURCES))


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> QubexBench:
    """Two coupled qubits, 0 and 1."""
    return _made(tmp_path_factory.mktemp("qubex"), "0", "1")


@pytest.fixture(scope="session")
def bench_of_three(tmp_path_factory: pytest.TempPathFactory) -> QubexBench:
    """Three qubits, 1 and 2 coupled to 0."""
    return _made(tmp_path_factory.mktemp("qubex-of-three"), "0", "1", "2")
