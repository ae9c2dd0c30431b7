"""Fast password hashes, since their cost is not tested here."""

import pytest
from argon2 import PasswordHasher

from qdash_builtin.people import logins, passwords

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_make_hasher", lambda: CHEAP)
    monkeypatch.setattr(logins, "NOBODYS", CHEAP.hash("of nobody"))
