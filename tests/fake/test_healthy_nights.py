"""A healthy twin with the usual drift has quiet mornings: few lines, no value out of specification, and nothing to measure again."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.digests.feature import DIGESTS
from qdash_builtin.digests.formats import write_digest
from qdash_builtin.metrics.feature import SPECIFICATIONS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core.flows.service import CalibService
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.project import DEFAULT_USER
from qdash_core.runs.performance import run_to_end
from qdash_core.runtime.application import open_qdash
from qdash_core.settings import load_settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.folders import twin_folder
from qdash_fake.twin import load_twin

from .conftest import make_table

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_builtin.digests.digest import Digest
    from qdash_core.runtime.application import QDash

CHIP = "healthy"
QUBITS = ["0", "1", "2", "3"]


def run(qdash: QDash, flow: str) -> None:
    service = CalibService(DEFAULT_USER, CHIP, qdash=qdash)
    run_to_end(service, QubitTargets(QUBITS), qdash.registry.flow(flow).steps)


def make_digest(qdash: QDash) -> Digest:
    """Return the digest since the end of the run before the newest one."""
    access = qdash.access(DEFAULT_USER)
    newest = [one.execution.execution_id for one in qdash.get(EXECUTIONS).list_executions(access, limit=2)]
    return qdash.get(DIGESTS).make(access, CHIP, newest[1] if len(newest) > 1 else "1h")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_healthy_twin_has_quiet_mornings_with_and_without_a_specification(tmp_path: Path) -> None:
    with open_qdash(load_settings(home=tmp_path)) as qdash:
        access = qdash.access(DEFAULT_USER)
        create_twin_chip(qdash, access, CHIP, make_table(*[{}] * len(QUBITS)), seed=1, options={"drift": "1"})
        run(qdash, "bring-up")
        digests = [make_digest(qdash)]
        for is_asked in (False, True, True):
            if is_asked:
                qdash.get(SPECIFICATIONS).accept(access, CHIP)
            load_twin(twin_folder(tmp_path, project_id=access.project_id, chip_id=CHIP)).wait(24 * 3600.0)
            run(qdash, "check")
            digests.append(make_digest(qdash))
        for digest in digests:
            assert (digest.left_specification, digest.met_specification, digest.unfit) == ([], [], [])
            assert "measure" not in [str(one.kind) for one in digest.advice]
        for digest in digests[1:]:
            assert len(write_digest(digest, ZoneInfo("UTC"), "text").splitlines()) <= 10
            assert sum(len(one.values) for one in digest.moved) <= 5
