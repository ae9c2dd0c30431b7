"""Logins: single-use set-up links, limited failures, expiring login sessions."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore
from typing import TYPE_CHECKING, NoReturn

import pytest
from argon2 import PasswordHasher

from qdash_builtin.people import logins
from qdash_builtin.people.passwords import NOBODYS, hash_password, is_outdated, is_password_correct
from qdash_core.access.enrolment import ensure_default_project
from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    LoginError,
    StoreUnavailableError,
    TooManyError,
)
from qdash_core.models.token import TokenScope
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories

from .laboratory import Laboratory

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

FIRST, SECOND = "correct horse", "tin clock eleven"


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock).move_in()


def set_up(lab: Laboratory) -> str:
    """Set the administrator's password, and return the secret of the login session."""
    link = lab.logins.make_first_link()
    assert link is not None
    return lab.logins.set_up(link.code, FIRST).secret


# ----------------------------------------------------------------------------------------------------------- set-up links


@pytest.mark.every_store
def test_the_first_link_sets_the_password_of_the_administrator_once(lab: Laboratory) -> None:
    link = lab.logins.make_first_link()
    assert link is not None
    assert link.username == "admin"
    session = lab.logins.set_up(link.code, FIRST, full_name="Ada")
    caller = lab.authenticator.authenticate(session.secret)
    assert caller is not None
    assert (caller.username, caller.administers) == ("admin", True)
    assert lab.users.show("admin", by="admin").user.full_name == "Ada"
    assert lab.logins.log_in("admin", FIRST).token.username == "admin"
    with pytest.raises(LoginError, match="not the code of a set-up link"):
        lab.logins.set_up(link.code, SECOND)
    assert lab.logins.make_first_link() is None


def test_the_first_link_is_not_waited_for_when_there_is_a_password(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(lab)

    def locked(**_: object) -> NoReturn:
        raise StoreUnavailableError("another process has been writing for 90 s")

    monkeypatch.setattr(lab.store, "transaction", locked)
    assert lab.logins.make_first_link() is None


def test_a_link_ends_and_a_later_one_replaces_it(lab: Laboratory, clock: Clock) -> None:
    links = [lab.logins.make_first_link(), lab.logins.make_first_link()]
    assert all(links)
    earlier, later = (link.code for link in links if link)
    for code in (earlier, "", "nonsense", later.upper()):
        with pytest.raises(LoginError):
            lab.logins.set_up(code, FIRST)
    clock.forward(hours=24)
    with pytest.raises(LoginError):
        lab.logins.set_up(later, FIRST)
    assert lab.logins.needs_set_up()


def test_a_password_that_cannot_be_leaves_the_link_as_it_is(lab: Laboratory) -> None:
    link = lab.logins.make_first_link()
    assert link is not None
    with pytest.raises(InvalidInputError, match="a password of 5 characters"):
        lab.logins.set_up(link.code, "short")
    assert lab.logins.set_up(link.code, FIRST)


def test_an_administrator_lets_others_set_their_password(lab: Laboratory) -> None:
    with pytest.raises(ConflictError, match="first password is that of an owner of project 'default'"):
        lab.logins.make_link("ed", by="admin")
    set_up(lab)
    with pytest.raises(AccessDeniedError, match="does not administer"):
        lab.logins.make_link("ed", by="olga")
    with pytest.raises(InvalidInputError, match="'dora' is disabled"):
        lab.logins.make_link("dora", by="admin")
    old = lab.logins.set_up(lab.logins.make_link("ed", by="admin").code, FIRST)
    new = lab.logins.set_up(lab.logins.make_link("ed", by="admin").code, SECOND)
    assert lab.authenticator.authenticate(old.secret) is None, "who knew the password before is out"
    assert lab.authenticator.authenticate(new.secret) is not None


def test_neither_the_store_nor_a_value_of_ours_says_a_code_or_a_secret(lab: Laboratory) -> None:
    link = lab.logins.make_first_link()
    assert link is not None
    with lab.store.read() as snapshot:
        assert link.code not in str(snapshot.find("setup_link", {}))
    session = lab.logins.set_up(link.code, FIRST)
    assert session.secret not in str(lab.list_documents())
    assert session.secret not in repr(session)
    assert link.code not in repr(link)


# ----------------------------------------------------------------------------------------------------------------- logins


def test_a_session_holds_for_its_time_and_until_it_is_ended(lab: Laboratory, clock: Clock) -> None:
    secret = set_up(lab)
    clock.forward(hours=12, minutes=-1)
    caller = lab.authenticator.authenticate(secret)
    assert caller is not None
    assert (caller.token.kind, caller.token.scope) == ("session", "admin")
    later = lab.logins.log_in("admin", FIRST).secret
    clock.forward(minutes=1)
    assert lab.authenticator.authenticate(secret) is None
    found = lab.authenticator.authenticate(later)
    assert found is not None
    lab.tokens.end(found.token)
    assert lab.authenticator.authenticate(later) is None


def test_of_many_sessions_the_newest_hold_and_tokens_stay(lab: Laboratory, clock: Clock) -> None:
    token, _ = lab.tokens.create("admin", "laptop")
    first = set_up(lab)
    for _ in range(50):
        clock.forward(seconds=1)
        last = lab.logins.log_in("admin", FIRST).secret
    assert lab.authenticator.authenticate(first) is None
    assert lab.authenticator.authenticate(last) is not None
    assert lab.authenticator.authenticate(token) is not None
    assert len(lab.tokens.list_by_user("admin", by="admin")) == 51


def test_who_is_wrong_too_often_waits_and_nobody_else(lab: Laboratory, clock: Clock) -> None:
    secret = set_up(lab)
    for _ in range(10):
        with pytest.raises(LoginError, match="user name or password is wrong"):
            lab.logins.log_in("admin", SECOND, address="192.0.2.1")
    with pytest.raises(TooManyError, match="wait 15 min") as refused:
        lab.logins.log_in("admin", FIRST, address="192.0.2.1")
    assert refused.value.retry_after_s == pytest.approx(900)
    assert lab.authenticator.authenticate(secret) is not None, "a token holds whatever is guessed"
    assert lab.logins.log_in("admin", FIRST, address="192.0.2.2")
    clock.forward(minutes=15)
    assert lab.logins.log_in("admin", FIRST, address="192.0.2.1")


def test_guessing_from_everywhere_and_guessing_everybody_are_limited_too(clock: Clock) -> None:
    lab = Laboratory(MemoryStore.open("memory://guessed"), clock)
    ensure_default_project(lab.store, clock=lab.clock)
    lab.users.create("olga", by="admin")
    set_up(lab)

    def guess(name: str, address: str) -> None:
        with pytest.raises(LoginError):
            lab.logins.log_in(name, SECOND, address=address)

    for place in range(50):
        guess("olga", f"198.51.100.{place}")
    with pytest.raises(TooManyError):
        lab.logins.log_in("olga", FIRST, address="192.0.2.9")
    for name in range(100):
        guess(f"nobody{name}", "192.0.2.1")
    with pytest.raises(TooManyError):
        lab.logins.log_in("admin", FIRST, address="192.0.2.1")
    assert lab.logins.log_in("admin", FIRST, address="192.0.2.9")


@pytest.mark.every_store
def test_only_a_few_log_in_at_once_and_others_are_sent_away(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(lab)
    compared, go_on = Semaphore(0), Event()

    def slowly(password: str, hashed: str) -> bool:
        compared.release()
        assert go_on.wait(10)
        return is_password_correct(password, hashed)

    monkeypatch.setattr(logins, "is_password_correct", slowly)
    with ThreadPoolExecutor(8) as pool:
        inside = [pool.submit(lab.logins.log_in, "admin", FIRST) for _ in range(2)]
        assert all(compared.acquire(timeout=10) for _ in inside)
        monkeypatch.setattr(logins, "_PATIENCE_S", 0.0)
        with pytest.raises(TooManyError, match="at this moment"):
            lab.logins.log_in("admin", FIRST)
        go_on.set()
        assert all(one.result() for one in inside)
    assert lab.logins.log_in("admin", FIRST)


def test_a_right_password_takes_back_what_was_counted(lab: Laboratory) -> None:
    set_up(lab)
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(LoginError):
                lab.logins.log_in("admin", SECOND)
        lab.logins.log_in("admin", FIRST)


def test_what_is_counted_is_forgotten_and_names_nobody(lab: Laboratory, clock: Clock) -> None:
    set_up(lab)
    for name in ("admin", "a password by mistake"):
        with pytest.raises(LoginError):
            lab.logins.log_in(name, SECOND)
    with lab.store.read() as snapshot:
        assert "mistake" not in str(snapshot.find("login_attempt", {}))
    clock.forward(minutes=16)
    with pytest.raises(LoginError):
        lab.logins.log_in("admin", SECOND)
    with lab.store.read() as snapshot:
        assert snapshot.count("login_attempt", {}) == 3


def test_who_changes_their_password_stays_logged_in_here_and_nowhere_else(lab: Laboratory) -> None:
    set_up(lab)
    here, there = (lab.logins.log_in("admin", FIRST) for _ in range(2))
    with pytest.raises(LoginError):
        lab.logins.change_password(here.token, SECOND, SECOND)
    with pytest.raises(InvalidInputError):
        lab.logins.change_password(here.token, FIRST, "short")
    lab.logins.change_password(here.token, FIRST, SECOND)
    assert lab.authenticator.authenticate(here.secret) is not None
    assert lab.authenticator.authenticate(there.secret) is None
    assert lab.logins.log_in("admin", SECOND)


# -------------------------------------------------------------------------------------------------------------- passwords


def test_a_hash_of_before_is_known_and_replaced_at_the_next_login(lab: Laboratory) -> None:
    salt = b"0123456789abcdef"
    key = hashlib.scrypt(FIRST.encode(), salt=salt, n=2, r=8, p=5, dklen=32)
    older = f"scrypt$2$8$5${b64encode(salt).decode()}${b64encode(key).decode()}"
    users = Repositories(lab.store).of(UserRepository)
    users.put(users.require("admin").model_copy(update={"hashed_password": older}))
    with pytest.raises(LoginError):
        lab.logins.log_in("admin", SECOND)
    assert users.require("admin").hashed_password == older
    assert lab.logins.log_in("admin", FIRST)
    kept = users.require("admin").hashed_password
    assert kept is not None
    assert kept.startswith("$argon2id$")
    assert not is_outdated(kept)
    assert lab.logins.log_in("admin", FIRST)


def test_nobodys_hash_matches_nothing_and_costs_what_others_cost(lab: Laboratory) -> None:
    assert not PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).check_needs_rehash(NOBODYS)
    for password in ("", "password", "\ud800", "x" * 2000):
        assert not is_password_correct(password, NOBODYS)
        with pytest.raises(LoginError):
            lab.logins.log_in("vera", password)
    assert hash_password("\ud800 half a character").startswith("$argon2id$")


# ---------------------------------------------------------------------------------------------------------------- callers


@pytest.mark.parametrize(
    ("name", "scope", "role"),
    [
        ("olga", TokenScope.READ, "viewer"), ("olga", TokenScope.WRITE, "editor"), ("olga", TokenScope.ADMIN, "owner"),
        ("ed", TokenScope.READ, "viewer"), ("ed", TokenScope.ADMIN, "editor"), ("vera", TokenScope.ADMIN, "viewer"),
    ],
)  # fmt: skip
def test_a_token_gives_no_more_than_its_scope_and_its_user(
    lab: Laboratory, name: str, scope: TokenScope, role: str
) -> None:
    caller = lab.authenticator.authenticate(lab.tokens.create(name, "t", scope=scope)[0], "lab")
    assert caller is not None
    assert caller.access.role == role


def test_what_looks_the_role_up_again_heeds_the_scope(lab: Laboratory) -> None:
    caller = lab.authenticator.authenticate(lab.tokens.create("olga", "t", scope=TokenScope.WRITE)[0], "lab")
    assert caller is not None
    for change in (
        lambda: lab.members.invite(caller.access, "tom"),
        lambda: lab.projects.edit(caller.access, name="Colder"),
        lambda: lab.projects.delete(caller.access),
    ):
        with pytest.raises(AccessDeniedError, match="scope write of token 't' makes user 'olga' editor"):
            change()


def test_a_token_makes_no_token_that_does_more_or_holds_longer(lab: Laboratory, clock: Clock) -> None:
    day = clock.now + timedelta(days=1)
    _, writing = lab.tokens.create("ed", "w", scope=TokenScope.WRITE, expires_at=day)
    with pytest.raises(AccessDeniedError, match="makes no token of scope admin"):
        lab.tokens.create("ed", "x", scope=TokenScope.ADMIN, expires_at=day, under=writing)
    for end in (None, day + timedelta(seconds=1)):
        with pytest.raises(AccessDeniedError, match="makes no token that outlives it"):
            lab.tokens.create("ed", "x", expires_at=end, under=writing)
    assert lab.tokens.create("ed", "x", expires_at=day, under=writing)
