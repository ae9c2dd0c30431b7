"""Last use of tokens and projects: recorded asynchronously, once a minute, and dropped on failure."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.people import use_recorder
from qdash_builtin.people.use_recorder import UseRecorder
from qdash_core.access.enrolment import record_access
from qdash_core.errors import StoreUnavailableError

from .laboratory import LAB, Laboratory

if TYPE_CHECKING:
    from qdash_core.models.caller import Caller
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock


pytestmark = pytest.mark.every_store


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock).move_in()


def make_recorder(lab: Laboratory) -> UseRecorder:
    return UseRecorder(lab.tokens, partial(record_access, lab.store, clock=lab.clock), clock=lab.clock)


def authenticate(lab: Laboratory, name: str = "vera") -> Caller:
    found = lab.authenticator.authenticate(lab.tokens.create(name, "laptop")[0], LAB)
    assert found is not None
    return found


def test_the_use_of_a_token_and_of_its_project_is_written(lab: Laboratory, clock: Clock) -> None:
    uses = make_recorder(lab)
    uses.record(authenticate(lab))
    uses.close()
    [token] = lab.tokens.list_by_user("vera", by="vera")
    assert token.last_used_at == clock.now
    assert lab.get_member("vera").last_accessed_at == clock.now


def test_to_find_a_caller_writes_nothing(lab: Laboratory) -> None:
    secret, _ = lab.tokens.create("vera", "laptop")
    before = lab.list_documents()
    assert lab.authenticator.authenticate(secret, LAB) is not None
    assert lab.list_documents() == before


class Blocked:
    """Services whose writes block until released."""

    def __init__(self) -> None:
        self.begun, self.let = threading.Event(), threading.Event()
        self.written: list[str] = []

    def record_use(self, token: object) -> None:
        self.begun.set()
        self.let.wait()
        self.written.append(token.username)  # type: ignore[attr-defined]

    def record_access(self, username: str, project_id: str) -> None:
        pass


def test_who_notes_a_use_never_waits_and_uses_of_one_token_are_one_write(
    lab: Laboratory, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_recorder, "MAX_PENDING", 2)
    blocked = Blocked()
    uses = UseRecorder(blocked, blocked.record_access, clock=clock)  # type: ignore[arg-type]
    uses.record(authenticate(lab, "olga"))
    assert blocked.begun.wait(30)
    vera, ed, fred = authenticate(lab, "vera"), authenticate(lab, "ed"), authenticate(lab, "fred")
    for _ in range(3):
        for one in (vera, ed, fred):
            uses.record(one)
    clock.now += timedelta(minutes=1)
    uses.record(vera)  # already pending
    blocked.let.set()
    uses.close()
    assert blocked.written == ["olga", "vera", "ed"], "more than two wait for none"


def test_a_use_that_cannot_be_written_is_lost_and_the_next_one_is_not(lab: Laboratory) -> None:
    class Locked(Blocked):
        def record_use(self, token: object) -> None:
            if token.username == "vera":  # type: ignore[attr-defined]
                raise StoreUnavailableError("another process has been writing")
            self.begun.set()

    locked = Locked()
    uses = UseRecorder(locked, locked.record_access)  # type: ignore[arg-type]
    uses.record(authenticate(lab, "vera"))
    uses.record(authenticate(lab, "ed"))
    assert locked.begun.wait(30)
    uses.close()


def test_closing_does_not_wait_for_a_store_that_is_locked(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(use_recorder, "_CLOSING_S", 0.01)
    blocked = Blocked()
    uses = UseRecorder(blocked, blocked.record_access)  # type: ignore[arg-type]
    uses.record(authenticate(lab))
    assert blocked.begun.wait(30)
    uses.close()
    assert not blocked.written
    blocked.let.set()
