"""A home that people have used: every collection of the original has documents of a real run or a person's edit."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.feature import COOLDOWNS, CRYOSTATS
from qdash_builtin.flows.feature import SAVED_FLOWS
from qdash_builtin.notes.feature import METRIC_NOTES, NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.people.feature import MEMBERS, PROJECTS, USERS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.tags.feature import TAGS
from qdash_core import CalibService, load_plugins, open_qdash
from qdash_core.flows.steps import BringUp, CustomTwoQubit
from qdash_core.flows.targets import CouplingTargets, QubitTargets
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.settings import Settings
from qdash_fake.chips import create_twin_chip
from qdash_fake.devices import load_device

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

CHIP = "night"
FLOW = '''"""A flow with a default."""


def coherence(chip_id: str, depth: int = 3):
    """Measure T1 of every qubit."""
'''


def use_home(home: Path) -> QDash:
    """Return an open home in which a chip was calibrated, noted, cooled and recorded like in a laboratory."""
    settings = Settings(home=home, store_url="memory://", artifacts_url=(home / "artifacts").as_uri())
    qdash = open_qdash(settings, load_plugins())
    access = qdash.access(DEFAULT_USER)
    _welcome(qdash)
    create_twin_chip(qdash, access, CHIP, load_device("jakarta"), seed=3)
    _cool_down(qdash, access)
    _calibrate(qdash)
    _write_notes(qdash, access)
    qdash.get(SAVED_FLOWS).save(access, "coherence", FLOW, chip_id=CHIP, tags=["weekly"])
    return qdash


def _welcome(qdash: QDash) -> None:
    """Make a second user and a shared project, and give both users a password."""
    qdash.get(USERS).create("bob", by=DEFAULT_USER, full_name="Bob")
    for username in (DEFAULT_USER, "bob"):
        qdash.get(USERS).set_password(username, f"a long password of {username}", by=username)
    qdash.get(PROJECTS).create("shared", username=DEFAULT_USER, description="Of two groups.", tags=["two"])
    qdash.get(MEMBERS).invite(qdash.access(DEFAULT_USER, "shared"), "bob", ProjectRole.EDITOR)
    qdash.get(MEMBERS).accept("bob", "shared")
    qdash.get(TAGS).add(qdash.access(DEFAULT_USER), "weekly")


def _cool_down(qdash: QDash, access: Access) -> None:
    """Start a cool-down of the chip."""
    cryostat = {"name": "Blue", "manufacturer": "Bluefors", "model": "LD400", "location": "room 2"}
    times = {
        "commissioned_at": utc_now() - timedelta(days=900),
        "decommissioned_at": utc_now(),
        "status": "decommissioned",
    }
    qdash.get(CRYOSTATS).create(access, "blue", **cryostat)
    qdash.get(CRYOSTATS).create(access, "old", **cryostat, **times)
    qdash.get(COOLDOWNS).create(access, "cd1", "blue", description="first")
    qdash.get(COOLDOWNS).assign(access, "cd1", CHIP)


def _calibrate(qdash: QDash) -> None:
    """Calibrate two qubits and their coupling."""
    cal = CalibService(DEFAULT_USER, CHIP, tags=["weekly"], qdash=qdash)
    cal.run(QubitTargets(["0", "1"]), [BringUp()])
    cal.run(CouplingTargets(["0-1"]), [CustomTwoQubit(["CheckCrossResonance"])])
    cal.finish_calibration()


def _write_notes(qdash: QDash, access: Access) -> None:
    (last,) = qdash.get(EXECUTIONS).newest(access)
    result = qdash.get(EXECUTIONS).show(access, last.execution_id)[1][0]
    places = [
        NotePlace(NoteScope.CHIP, CHIP),
        NotePlace(NoteScope.QUBIT, "0", CHIP),
        NotePlace(NoteScope.COUPLING, "0-1", CHIP),
        NotePlace(NoteScope.TASK_RESULT, result.task_id),
        NotePlace(NoteScope.CRYOSTAT, "blue"),
        NotePlace(NoteScope.COOLDOWN, "cd1"),
    ]
    for place in places:
        qdash.get(NOTES).edit(access, place, "looks good")
    qdash.get(METRIC_NOTES).edit(access, CHIP, "qubit", "0", "t1", "stable", cooldown_id="cd1")
    qdash.get(COOLDOWNS).end(access, "cd1")
    qdash.get(COOLDOWNS).create(access, "cd2", "blue", chip_ids=[CHIP])
