"""Digests that timetables send: at most once, without delaying runs, and with every outcome recorded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.people.feature import MEMBERS
from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.digests import resolve_start
from qdash_builtin.timetables.models.digest_request import DigestRequest
from qdash_builtin.timetables.models.timetable import Moment, TimetableModel
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core import InvalidInputError
from qdash_core.models.project import ProjectRole

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT
from .conftest import MIDNIGHT, NIGHTLY, make_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.timetables.models.timetable import MomentOutcome
    from qdash_core.hooks.notice import Notice

    from .conftest import Night

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
SOON_S = 20.0


class Listener:
    """Notifier that records its notices and then calls a function."""

    name = "listener"

    def __init__(self, does: Callable[[], object] = lambda: None) -> None:
        self.heard: list[Notice] = []
        self._does = does

    def notify(self, event: Notice) -> None:
        if event.kind == "digest.sent":
            self.heard.append(event)
            self._does()


def listen(night: Night, does: Callable[[], object] = lambda: None) -> Listener:
    """Make a listener the only notifier."""
    listener = Listener(does)
    night.bench.qdash.__dict__["notifiers"] = [listener]
    return listener


def look_at(night: Night, now: datetime) -> MomentOutcome | None:
    """Process due occurrences, wait for the digest, and return its recorded outcome."""
    night.look_at(now)
    night.timetable_clock.wait_for_activities(SOON_S)
    return night.timetables.show(ADMIN, "morning").timetable.last


@pytest.mark.every_store
def test_at_its_time_a_digest_is_sent_once(night: Night) -> None:
    listener = listen(night)
    night.add_digest(since="18:00")
    (begun,) = night.look_at(MIDNIGHT + SECOND)
    assert (begun.outcome.became, begun.outcome.at) == ("sending", MIDNIGHT)
    sent = look_at(night, MIDNIGHT + 2 * SECOND)
    assert sent is not None
    assert (sent.became, sent.at, sent.why, sent.execution_id) == ("sent", MIDNIGHT, "", "")
    (notice,) = listener.heard
    assert notice.title.startswith(f"Digest of {CHIP} since 2026-04-01 18:00")
    assert [one.kind for one in night.bench.list_events()][-2:] == ["digest.sent", "timetable.sent"]
    assert night.executions == []
    assert night.timetables.show(ADMIN, "morning").next_starts[0] == MIDNIGHT + DAY


@pytest.mark.every_store
def test_of_many_who_look_at_once_one_sends(night: Night) -> None:
    listener = listen(night)
    night.add_digest()
    night.clock.now = MIDNIGHT
    with ThreadPoolExecutor(8) as threads:
        found = [one.result() for one in [threads.submit(night.timetable_clock.handle_due) for _ in range(8)]]
    night.timetable_clock.wait_for_activities(SOON_S)
    assert len([one for some in found for one in some]) == 1
    assert len(listener.heard) == 1
    assert night.list_kinds() == ["sent"]


def test_a_slow_notifier_does_not_delay_the_start_of_runs(night: Night) -> None:
    delivered = threading.Event()
    listen(night, lambda: delivered.wait(SOON_S))
    night.add_digest()
    night.add()
    found = {one.name: one.outcome.became for one in night.look_at(MIDNIGHT)}
    assert found == {"morning": "sending", "nightly": "started"}
    delivered.set()
    night.timetable_clock.wait_for_activities(SOON_S)
    assert set(night.list_kinds()) == {"started", "sent"}


@pytest.mark.parametrize(("missed", "became", "n"), [("skip", "missed", 0), ("once", "sent", 1)])
def test_missed_digests_are_skipped_or_sent_as_one(night: Night, missed: str, became: str, n: int) -> None:
    listener = listen(night)
    night.add_digest(missed=missed)
    last = look_at(night, MIDNIGHT + 2 * DAY + HOUR)
    assert last is not None
    assert (last.became, len(listener.heard)) == (became, n)
    assert "were missed" in last.why
    assert night.list_kinds() == ["missed", "sent"][: n + 1]


@pytest.mark.parametrize("since", [None, "18:00", "6h"])
def test_a_digest_that_is_handled_late_starts_where_its_occurrence_says(
    night: Night, since: str | None
) -> None:
    listener = listen(night)
    night.add_digest(since=since, missed="once")
    last = look_at(night, MIDNIGHT + 18.5 * HOUR)
    assert last is not None
    assert (last.became, last.at) == ("sent", MIDNIGHT)
    (notice,) = listener.heard
    assert notice.title.startswith(f"Digest of {CHIP} since 2026-04-01 18:00:")


def test_without_a_notifier_it_fails_with_the_settings_to_use(night: Night) -> None:
    night.bench.qdash.__dict__["notifiers"] = []
    night.add_digest()
    last = look_at(night, MIDNIGHT)
    assert last is not None
    assert last.became == "failed"
    assert "QDASH_NOTIFY_MAIL_URL" in last.why
    assert [(one.kind, one.data["message"]) for one in night.list_events()] == [
        ("timetable.failed", last.why)
    ]


def test_a_notifier_that_fails_is_named_in_the_outcome(night: Night) -> None:
    def refuse() -> None:
        raise ValueError("no room")

    listen(night, refuse)
    night.add_digest()
    last = look_at(night, MIDNIGHT)
    assert last is not None
    assert (last.became, last.why) == ("failed", "listener did not deliver it: ValueError: no room")


def test_of_a_deleted_chip_it_fails_and_the_next_one_is_tried_again(night: Night) -> None:
    listener = listen(night)
    night.bench.add_chip("other")
    night.add_digest("other")
    night.bench.qdash.get(CHIPS).delete(ADMIN, "other", force=True)
    last = look_at(night, MIDNIGHT)
    assert last is not None
    assert (last.became, listener.heard) == ("failed", [])
    assert "no chip 'other'" in last.why
    night.bench.add_chip("other")
    last = look_at(night, MIDNIGHT + DAY)
    assert last is not None
    assert last.became == "sent"


def test_for_a_user_who_lost_the_role_nothing_is_sent(night: Night) -> None:
    listener = listen(night)
    night.bench.qdash.enroll("bob", PROJECT)
    digest = DigestRequest(chip_id=CHIP)
    night.timetables.add(access_of("bob"), "morning", None, NIGHTLY, digest=digest, timezone="UTC")
    night.bench.qdash.get(MEMBERS).change_role(ADMIN, "bob", ProjectRole.VIEWER)
    last = look_at(night, MIDNIGHT)
    assert last is not None
    assert (last.became, listener.heard) == ("failed", [])
    assert "user 'bob' is viewer" in last.why


def lose_digest(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin to send the digest of midnight in a process that dies, and continue in another one."""
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", lambda _thread: None)
        night.look_at(MIDNIGHT)
    night.timetable_clock = night.make_clock()


@pytest.mark.every_store
def test_a_single_digest_whose_process_died_fails_once_after_two_minutes(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = listen(night)
    night.add_digest(when=Moment(at=MIDNIGHT))
    lose_digest(night, monkeypatch)
    last = look_at(night, MIDNIGHT + 60 * SECOND)
    assert last is not None
    assert (last.became, night.list_kinds()) == ("sending", [])
    clocks = [night.make_clock() for _ in range(4)]
    night.clock.now = MIDNIGHT + 121 * SECOND
    with ThreadPoolExecutor(4) as threads:
        assert [*threads.map(lambda clock: clock.handle_due(), clocks)] == [[]] * 4
    last = night.timetables.show(ADMIN, "morning").timetable.last
    assert last is not None
    assert (last.became, last.at) == ("failed", MIDNIGHT)
    assert "ended before it was delivered" in last.why
    assert (night.list_kinds(), listener.heard) == (["failed"], [])


def test_a_delivery_that_ends_after_it_counted_as_lost_is_recorded(night: Night) -> None:
    delivered = threading.Event()
    listen(night, lambda: delivered.wait(SOON_S))
    night.add_digest(when=Moment(at=MIDNIGHT))
    night.look_at(MIDNIGHT)
    night.look_at(MIDNIGHT + HOUR)
    assert night.list_kinds() == ["failed"]
    delivered.set()
    last = look_at(night, MIDNIGHT + HOUR)
    assert last is not None
    assert (last.became, night.list_kinds()) == ("sent", ["failed", "sent"])


@pytest.mark.every_store
def test_a_digest_whose_process_died_is_reported_at_the_next_occurrence(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = listen(night)
    night.add_digest()
    lose_digest(night, monkeypatch)
    assert night.list_kinds() == []
    last = look_at(night, MIDNIGHT + DAY)
    assert last is not None
    assert last.became == "sent"
    assert len(listener.heard) == 1
    failed, _ = night.list_events()
    assert (failed.kind, failed.data["at"]) == ("timetable.failed", MIDNIGHT.isoformat())
    assert "ended before it was delivered" in failed.data["message"]


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_a_timetable_may_be_changed_while_its_digest_is_sent(night: Night, change: str) -> None:
    reached, changed = threading.Event(), threading.Event()

    def wait() -> None:
        reached.set()
        changed.wait(SOON_S)

    listen(night, wait)
    night.add_digest()
    night.look_at(MIDNIGHT)
    assert reached.wait(SOON_S)
    if change == "edit":
        night.timetables.edit(ADMIN, "morning", digest=DigestRequest(chip_id=CHIP, since="12h"))
    else:
        night.timetables.remove(ADMIN, "morning")
    changed.set()
    night.timetable_clock.wait_for_activities(SOON_S)
    shown = night.timetables.list_by_project(ADMIN)
    assert night.list_kinds() == (["sent"] if change == "edit" else [])
    assert [one.timetable.last and one.timetable.last.became for one in shown] == (
        ["sent"] if change == "edit" else []
    )
    assert all(one.timetable.digest == DigestRequest(chip_id=CHIP, since="12h") for one in shown)


@pytest.mark.every_store
def test_a_digest_is_stored_and_edited(night: Night) -> None:
    night.add_digest(since="18:00")
    stored = night.bench.repositories.of(TimetableRepository).require(PROJECT, "morning")
    assert (stored.digest, stored.request) == (DigestRequest(chip_id=CHIP, since="18:00"), None)
    assert (get_activity(stored).label, stored.chip_id) == ("digest", CHIP)
    edited = night.timetables.edit(ADMIN, "morning", digest=DigestRequest(chip_id=CHIP)).timetable
    assert edited.digest == DigestRequest(chip_id=CHIP)


def test_a_record_from_before_digests_is_a_run(night: Night) -> None:
    document = night.add().timetable.to_document()
    del document["digest"]
    read = TimetableModel.model_validate(document)
    assert (get_activity(read).label, read.chip_id, read.digest) == ("Measure", CHIP, None)


@pytest.mark.parametrize(
    ("chip_id", "since", "message"),
    [
        ("nowhere", None, "no chip 'nowhere'"),
        (CHIP, "yesterday", "'yesterday' is not a point in time"),
        (CHIP, "20260101-000", "no execution '20260101-000'"),
        (CHIP, "release:friday", "friday"),
        (CHIP, "2999-01-01", "in the future"),
    ],
)
def test_a_digest_that_cannot_be_made_is_refused(
    night: Night, chip_id: str, since: str | None, message: str
) -> None:
    night.clock.now = datetime.now(UTC)
    with pytest.raises(InvalidInputError, match=message):
        night.add_digest(chip_id, since=since)
    night.add_digest()
    with pytest.raises(InvalidInputError, match=message):
        night.timetables.edit(ADMIN, "morning", digest=DigestRequest(chip_id=chip_id, since=since))


def test_a_timetable_has_a_run_or_a_digest(night: Night) -> None:
    digest = DigestRequest(chip_id=CHIP)
    when = Moment(at=MIDNIGHT)
    for request, wanted in ((None, None), (make_request(), digest)):
        with pytest.raises(
            InvalidInputError, match="a timetable does one thing: give one of request, digest"
        ):
            night.timetables.add(ADMIN, "both", request, when, digest=wanted)
    night.add()
    night.add_digest()
    with pytest.raises(InvalidInputError, match="'nightly' starts runs and cannot be given a digest"):
        night.timetables.edit(ADMIN, "nightly", digest=digest)
    with pytest.raises(InvalidInputError, match="'morning' sends digests and cannot be given a request"):
        night.timetables.edit(ADMIN, "morning", request=make_request())
    with pytest.raises(InvalidInputError, match="qdash digest chip --send"):
        night.timetables.start_now(ADMIN, "morning")


@pytest.mark.parametrize(
    ("since", "resolved"),
    [
        (None, "2026-04-01 18:00+09:00"),
        ("18:00", "2026-04-01 18:00+09:00"),
        ("07:30", "2026-04-02 07:30+09:00"),
        ("12h", "2026-04-01 20:00+09:00"),
        ("2026-03-01", "2026-03-01 00:00+09:00"),
        ("20260401-000", "20260401-000"),
        ("release:friday", "release:friday"),
    ],
)
def test_the_start_is_that_of_each_occurrence_in_its_zone(since: str | None, resolved: str) -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    eight = datetime(2026, 4, 2, 8, tzinfo=tokyo)
    assert resolve_start(DigestRequest(chip_id=CHIP, since=since), tokyo, now=eight) == resolved
