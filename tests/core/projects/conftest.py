"""Passwords that cost little to check: how much they cost is not what these tests are about."""

import pytest

from qdash_core.projects import passwords


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 8)
