"""Tokens: the secret is shown once, and is valid until it expires, is revoked, or its user is disabled."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from qdash_core.errors import (
    AccessDeniedError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StoreUnavailableError,
)
from qdash_core.models.token import TokenScope
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories

from .laboratory import Laboratory

if TYPE_CHECKING:
    from qdash_builtin.people.tokens import TokenService
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Laboratory:
    return Laboratory(prepared_store, clock)


@pytest.fixture
def tokens(lab: Laboratory) -> TokenService:
    return lab.tokens


@pytest.mark.every_store
def test_a_secret_proves_whose_it_is_and_is_not_kept(
    lab: Laboratory, prepared_store: Store, tokens: TokenService
) -> None:
    secret, made = tokens.create("admin", "laptop", scope=TokenScope.WRITE)
    found = lab.authenticator.authenticate(secret)
    assert found is not None
    assert (found.username, found.token.name, found.token.scope) == ("admin", "laptop", "write")
    with prepared_store.read() as snapshot:
        [document] = snapshot.find("access_token", {})
    assert secret not in json.dumps(document)
    assert document["token_hash"] == made.token_hash
    for wrong in (secret[:-1], "", made.token_hash, secret.upper()):
        assert lab.authenticator.authenticate(wrong) is None


def test_a_store_that_fails_between_two_queries_refuses_nobody(
    lab: Laboratory, tokens: TokenService, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = tokens.create("admin", "laptop")
    failure = Mock(side_effect=StoreUnavailableError("the connection to the server was lost"))
    monkeypatch.setattr("qdash_builtin.people.authentication.get_membership", failure)
    with pytest.raises(StoreUnavailableError):
        lab.authenticator.authenticate(secret)


def test_a_token_holds_until_it_expires(lab: Laboratory, tokens: TokenService, clock: Clock) -> None:
    secret, _ = tokens.create("admin", "laptop", expires_at=clock.now + timedelta(days=30))
    clock.forward(days=30, minutes=-1)
    assert lab.authenticator.authenticate(secret) is not None
    clock.forward(minutes=1)
    assert lab.authenticator.authenticate(secret) is None


def test_a_user_has_several_tokens_each_with_a_name(lab: Laboratory, tokens: TokenService) -> None:
    secrets = {name: tokens.create("admin", name)[0] for name in ("laptop", "fridge", "night")}
    assert [token.name for token in tokens.list_by_user("admin", by="admin")] == ["fridge", "laptop", "night"]
    with pytest.raises(ConflictError, match="user admin has a token 'night' already"):
        tokens.create("admin", "night")
    tokens.revoke("admin", "laptop", by="admin")
    assert lab.authenticator.authenticate(secrets["laptop"]) is None
    assert lab.authenticator.authenticate(secrets["night"]) is not None
    with pytest.raises(NotFoundError, match=r"no token 'laptop' \(known: fridge, night\)"):
        tokens.revoke("admin", "laptop", by="admin")
    assert tokens.create("admin", "laptop")[0] != secrets["laptop"]


def test_the_last_use_is_kept_to_the_minute(lab: Laboratory, tokens: TokenService, clock: Clock) -> None:
    secret, made = tokens.create("admin", "laptop")
    assert made.last_used_at is None
    begin = clock.now
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (119, 60), (121, 121)):
        clock.now = begin + timedelta(seconds=seconds)
        caller = lab.authenticator.authenticate(secret)
        assert caller is not None
        tokens.record_use(caller.token)
        [token] = tokens.list_by_user("admin", by="admin")
        assert token.last_used_at == begin + timedelta(seconds=noted)


def test_the_token_of_a_disabled_user_is_worth_nothing(
    lab: Laboratory, prepared_store: Store, tokens: TokenService
) -> None:
    secret, _ = tokens.create("admin", "laptop")
    users = Repositories(prepared_store).of(UserRepository)
    users.put(users.require("admin").model_copy(update={"disabled": True}))
    assert lab.authenticator.authenticate(secret) is None
    users.put(users.require("admin").model_copy(update={"disabled": False, "user_id": "somebody else"}))
    assert lab.authenticator.authenticate(secret) is None


def test_what_cannot_be_a_token_is_refused(tokens: TokenService, clock: Clock) -> None:
    for name in (" ", "a/b", "..", "session-00ff00ff", "x" * 65, "night\n"):
        with pytest.raises(InvalidInputError, match="of a token"):
            tokens.create("admin", name)
    with pytest.raises(InvalidInputError, match="would be of no use"):
        tokens.create("admin", "laptop", expires_at=clock.now)
    with pytest.raises(AccessDeniedError, match="no user 'eve'"):
        tokens.create("eve", "laptop")
    with pytest.raises(NotFoundError, match="no user 'eve'"):
        tokens.list_by_user("eve", by="admin")
    assert not tokens.list_by_user("admin", by="admin")
