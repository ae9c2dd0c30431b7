"""`qdash token`: a secret is printed once, alone on standard output, and is invalid after its revocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.access.authenticator import AUTHENTICATOR
from qdash_core.runtime.application import open_qdash

if TYPE_CHECKING:
    from qdash_core.models.caller import Caller

    from ...cli.conftest import InProcess


def authenticate(secret: str) -> Caller | None:
    with open_qdash() as qdash:
        return qdash.get(AUTHENTICATOR).authenticate(secret)


def test_the_secret_stands_alone_and_acts_as_its_user(command: InProcess) -> None:
    secret = command.does("token", "create", "night", "--scope", "write").strip()
    found = authenticate(secret)
    assert found is not None
    assert (found.username, found.token.name, found.token.scope) == ("admin", "night", "write")
    assert found.token.expires_at is not None
    assert (found.token.expires_at - found.token.created_at).days in (29, 30)
    for shown in (command.does("token", "list"), str(command.read_json("token", "list"))):
        assert "night" in shown
        assert secret not in shown


def test_a_token_that_never_ends_is_asked_for_and_one_without_a_name_gets_one(command: InProcess) -> None:
    made = command.read_json("token", "create", "--expires", "never")
    assert made["secret"].startswith("qdash_")
    assert "expires_at" not in made["token"]
    assert (made["token"]["scope"], made["token"]["kind"]) == ("read", "token")
    assert made["token"]["name"].startswith("token-")
    assert "never" in command.does("token", "list")


def test_a_revoked_token_is_worth_nothing(command: InProcess) -> None:
    secret = command.does("token", "create", "night").strip()
    assert command.read_json("token", "revoke", "night") == {
        "name": "night",
        "username": "admin",
        "revoked": True,
    }
    assert authenticate(secret) is None
    assert "no token 'night'" in command.run_refused("token", "revoke", "night")
    assert "no tokens yet" in command.does("token", "list")


@pytest.mark.parametrize("expires", ["30", "yesterday", "0d", "-1d", "9999999d"])
def test_an_end_that_cannot_be_is_refused(command: InProcess, expires: str) -> None:
    assert "--expires" in command.run_refused("token", "create", "night", f"--expires={expires}")
