"""Settings passed to a process with another folder and an empty environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from qdash_core import make_environment
from qdash_core.settings import load_settings


@pytest.mark.usefixtures("no_settings")
def test_the_home_is_told_absolute_however_it_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Path(make_environment(load_settings())["QDASH_HOME"]).is_absolute()
    monkeypatch.setenv("QDASH_HOME", "here")
    assert make_environment(load_settings())["QDASH_HOME"] == str(Path.cwd() / "here")
    monkeypatch.delenv("QDASH_HOME")
    Path("qdash.toml").write_text('home = "there"\nlease_ttl_s = 5')
    told = make_environment(load_settings())
    assert (told["QDASH_HOME"], told["QDASH_LEASE_TTL_S"]) == (str(Path.cwd() / "there"), "5.0")


@pytest.mark.usefixtures("no_settings")
def test_what_is_set_is_told_and_what_has_its_default_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_STORE_URL", "mongodb://localhost/night")
    told = make_environment(load_settings(cancel_grace_s=3.0))
    assert told["QDASH_STORE_URL"] == "mongodb://localhost/night"
    assert told["QDASH_CANCEL_GRACE_S"] == "3.0"
    assert "QDASH_LEASE_TTL_S" not in told
