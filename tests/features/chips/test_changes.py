"""Changes of chips: their events, their conflicts, and the version of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_builtin.chips.targets import TargetService
from qdash_builtin.chips.views.chips import ChipDocument
from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.notes.metric_notes import MetricNoteService
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_builtin.notes.service import NoteService
from qdash_core.chips.chip import read_chip_version
from qdash_core.chips.record import ChipRecord
from qdash_core.errors import InvalidInputError, NotFoundError, StaleError
from qdash_core.models.chip import MuxLines, TargetStatus, WiringModel
from qdash_core.models.pages import PageRequest
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN
from ...core.chips.samples import METRICS, PAIR

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.pages import Page
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

P = "default"
WIRING = WiringModel(
    lines=[MuxLines(mux=0, ctrl=["U10B-5", "U10B-6"], read_out="S159A-8", read_in="S159A-7")]
)


class Laboratory:
    """One chip in one cool-down, and the services that change it, each change a second after the previous
    one.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

        def later() -> datetime:
            return clock.forward(seconds=1)

        self.chips = ChipService(store, ZoneInfo("UTC"), is_live=lambda lock: False, clock=later)
        self.targets = TargetService(store, ZoneInfo("UTC"), clock=later)
        self.records = ChipRecord(store, ZoneInfo("UTC"), clock=later)
        self.cryostats = EntityService(store, CRYOSTAT, clock=later)
        self.cooldowns = CooldownService(store, clock=later)
        self.notes = NoteService(store, clock=later)
        self.metric_notes = MetricNoteService(store, metrics=METRICS, clock=later)
        self.chips.create(ADMIN, "A", PAIR, backend="bench")
        self.cryostats.create(ADMIN, "K")
        self.cooldowns.create(ADMIN, "1", "K")

    def read_version(self) -> tuple[datetime, int]:
        """Return the version of the chip."""
        return read_chip_version(Repositories(self.store), P, "A")


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock)


CHANGES: dict[str, Callable[[Laboratory], object]] = {
    "layout": lambda lab: lab.chips.edit(ADMIN, "A", topology_id="linear-2"),
    "note": lambda lab: lab.notes.edit(ADMIN, NotePlace(NoteScope.CHIP, "A"), "glued"),
    "wiring": lambda lab: lab.chips.set_wiring(ADMIN, "A", WIRING),
    "design": lambda lab: lab.chips.set_design(ADMIN, "A", {"0": {"hpi_length": 20.0}}),
    "exclusion": lambda lab: lab.targets.set_aside(ADMIN, "A", "0", TargetStatus.EXCLUDED, "open line"),
    "loading": lambda lab: lab.cooldowns.assign(ADMIN, "1", "A"),
    "status": lambda lab: lab.records.set_status(P, "A", "1", TargetStatus.FAILED),
    "direction": lambda lab: lab.records.set_directions(P, "A", {"0-1": "1"}),
}


@pytest.mark.every_store
def test_whatever_changes_a_chip_changes_its_version(lab: Laboratory) -> None:
    for name, change in CHANGES.items():
        before = lab.read_version()
        assert lab.read_version() == before
        change(lab)
        assert lab.read_version() != before, name


def test_the_version_of_a_chip_that_was_made_again_is_another_one(lab: Laboratory) -> None:
    before = lab.read_version()
    lab.chips.delete(ADMIN, "A", force=True)
    with pytest.raises(NotFoundError):
        lab.read_version()
    lab.chips.create(ADMIN, "A", PAIR, backend="bench")
    assert lab.read_version() != before
    kinds = [event.kind for event in Repositories(lab.store).of(EventRepository).list_since(P, 0)]
    assert [one for one in kinds if one.startswith("chip.")] == [
        "chip.created",
        "chip.deleted",
        "chip.created",
    ]


def test_a_status_that_stays_is_no_change(lab: Laboratory) -> None:
    before = lab.read_version()
    lab.records.set_status(P, "A", "1", TargetStatus.PENDING)
    assert lab.read_version() == before


@pytest.mark.every_store
def test_what_was_changed_since_it_was_read_is_not_written_over(lab: Laboratory) -> None:
    chip = lab.chips.get_header(ADMIN, "A").changed_at
    cryostat = lab.cryostats.show(ADMIN, "K").changed_at
    cooldown = lab.cooldowns.show(ADMIN, "1").changed_at
    note = NotePlace(NoteScope.QUBIT, "0", "A")
    unwritten = lab.notes.show(ADMIN, note).note.changed_at

    def edits() -> list[Callable[[], object]]:
        return [
            lambda: lab.chips.edit(ADMIN, "A", topology_id="linear-2", as_of=chip),
            lambda: lab.cryostats.edit(ADMIN, "K", name="north", as_of=cryostat),
            lambda: lab.cooldowns.edit(ADMIN, "1", description="first", as_of=cooldown),
            lambda: lab.notes.edit(ADMIN, note, "odd", as_of=unwritten),
            lambda: lab.metric_notes.edit(ADMIN, "A", "qubit", "0", "t1", "short", as_of=unwritten),
        ]

    late = [
        *edits(),
        lambda: lab.chips.set_wiring(ADMIN, "A", WIRING, as_of=chip),
        lambda: lab.chips.set_design(ADMIN, "A", {"0": {"hpi_length": 20.0}}, as_of=chip),
        lambda: lab.cooldowns.end(ADMIN, "1", as_of=cooldown),
    ]
    for edit in edits():
        edit()
    for edit in late:
        with pytest.raises(StaleError, match="was changed since it was read"):
            edit()
    shown = lab.chips.show(ADMIN, "A")
    assert (shown.header.wiring, shown.qubits["0"].design, shown.qubits["0"].note.content) == (
        None,
        {},
        "odd",
    )
    assert lab.cooldowns.show(ADMIN, "1").ongoing


def test_a_note_and_a_chip_that_is_loaded_are_changes_of_what_they_are_on(lab: Laboratory) -> None:
    read = lab.cooldowns.show(ADMIN, "1").changed_at
    loaded = lab.cooldowns.assign(ADMIN, "1", "A").changed_at
    assert loaded > read
    lab.notes.edit(ADMIN, NotePlace(NoteScope.COOLDOWN, "1"), "warm")
    noted = lab.cooldowns.show(ADMIN, "1").changed_at
    assert noted > loaded
    assert lab.cooldowns.unassign(ADMIN, "1", "A").changed_at > noted
    lab.cooldowns.assign(ADMIN, "1", "A")
    before = lab.cooldowns.show(ADMIN, "1").changed_at
    lab.chips.delete(ADMIN, "A", force=True)
    assert lab.cooldowns.show(ADMIN, "1").changed_at > before


def test_a_wiring_that_does_not_fit_is_not_written(lab: Laboratory) -> None:
    lab.chips.set_wiring(ADMIN, "A", WIRING)
    other = WiringModel(lines=[WIRING.lines[0].model_copy(update={"mux": 7})])
    with pytest.raises(InvalidInputError, match="no such multiplexer"):
        lab.chips.set_wiring(ADMIN, "A", other)
    assert lab.chips.get_header(ADMIN, "A").wiring == WIRING
    assert lab.chips.set_wiring(ADMIN, "A", None).wiring is None


def test_a_chip_is_shown_as_it_is_stored(lab: Laboratory) -> None:
    for change in CHANGES.values():
        change(lab)
    whole, stored = lab.chips.show(ADMIN, "A"), lab.chips.get_stored(ADMIN, "A")
    shown = ChipDocument.from_stored(stored).targets
    assert {qid: one.status for qid, one in shown.items()} == {
        one.qid: one.status for one in (*whole.qubits.values(), *whole.couplings.values())
    }
    assert stored.topology == whole.topology


@pytest.mark.every_store
def test_pages_have_everything_once(lab: Laboratory) -> None:
    for number in range(4):
        lab.chips.create(ADMIN, f"B{number}", PAIR, backend="bench")
        lab.notes.edit(ADMIN, NotePlace(NoteScope.QUBIT, str(number % 2), "A"), f"word {number}")
        lab.cryostats.create(ADMIN, f"L{number}")
        lab.cooldowns.create(ADMIN, f"2{number}", f"L{number}", chip_ids=[f"B{number}"])
    lists: list[tuple[Callable[[PageRequest], Page[Any]], list[str]]] = [
        (lambda page: lab.chips.page(ADMIN, page), [*(f"B{n}" for n in (3, 2, 1, 0)), "A"]),
        (lambda page: lab.cryostats.page(ADMIN, page), ["K", "L0", "L1", "L2", "L3"]),
        (lambda page: lab.cooldowns.page(ADMIN, page), ["23", "22", "21", "20", "1"]),
        (lambda page: lab.cooldowns.page(ADMIN, page, chip_id="B2"), ["22"]),
        (lambda page: lab.cooldowns.page(ADMIN, page, cryo_id="L1"), ["21"]),
        (lambda page: lab.notes.get_events_page(ADMIN, page, chip_id="A"), ["4", "3", "2", "1"]),
        (lambda page: lab.notes.get_events_page(ADMIN, page, text="WORD 2"), ["3"]),
        (
            lambda page: lab.notes.get_events_page(ADMIN, page, chip_id="A", target=(NoteScope.QUBIT, "1")),
            ["4", "2"],
        ),
    ]
    for ask, expected in lists:
        found: list[str] = []
        request: PageRequest | None = PageRequest(2)
        while request is not None:
            page = ask(request)
            found += [_get_id(one) for one in page.items]
            request = None if page.next is None else PageRequest(2, page.next)
        assert found == expected


def _get_id(one: object) -> str:
    names = ("seq", "cooldown_id", "cryo_id", "chip_id")
    return next(str(getattr(one, name)) for name in names if hasattr(one, name))
