"""Rejected results: the library does not play them, although it wrote them to the note long before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import CALIBRATION_NOTES
from qdash_core.models.task import Verdict
from qdash_core.validation.verdicts import Finding
from qdash_qubex.native.plain_pulses import CreateHPIPulse

from ...access import ADMIN
from ...core.bench import CHIP, Bench, make_backend
from .stand_in import calibrating_half_pi

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from qdash_core.validation.verdicts import Candidate

pytestmark = pytest.mark.slow  # qubex is imported for its result classes

BEFORE = {"target": "Q0", "duration": 32, "amplitude": 0.15, "tau": 16, "timestamp": "2026-01-01 00:00:00"}


class Says:
    """A validator with a fixed verdict."""

    name = "says"

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        return [] if self._verdict is Verdict.ACCEPTED else [Finding(self._verdict, candidate.qid)]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_library_plays_what_was_accepted(tmp_path: Path, verdict: Verdict) -> None:
    library = calibrating_half_pi(tmp_path)
    library.calib_note.put_property("hpi_params", "Q0", dict(BEFORE))
    hardware = make_backend(
        name="qubex-native",
        get_instance=lambda _: library,
        save_note=lambda _: {"amplitude": library.calib_note.get_hpi_param("Q0")["amplitude"]},
    )
    bench = Bench.open(
        tmp_path,
        f"sqlite:///{tmp_path}/qdash.db",
        CreateHPIPulse,
        backends=[make_backend(), hardware],
        validators=[Says(verdict)],
    )
    session = bench.start_session(backend_name="qubex-native")

    result = session.run_task("CreateHPIPulse", "0")
    session.complete()

    assert result.verdict is verdict
    amplitude = 0.2 if verdict is Verdict.ACCEPTED else 0.15
    assert library.calib_note.get_hpi_param("Q0")["amplitude"] == amplitude
    assert bench.qdash.get(CALIBRATION_NOTES).get_latest(ADMIN, CHIP).note == {"amplitude": amplitude}
    bench.qdash.close()
