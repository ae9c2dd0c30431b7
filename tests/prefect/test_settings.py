"""Settings of Prefect from the environment; errors name the variable."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import certifi
import pytest

from qdash_core.errors import InvalidInputError
from qdash_prefect.client import PrefectClient
from qdash_prefect.settings import load_prefect_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "QDASH_PREFECT_", "SSL_"))]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("url", ["http://ann:secret@host/api", "https://ann@host/api"])
def test_a_url_with_a_password_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(InvalidInputError, match=r"PREFECT_API_URL.*PREFECT_API_AUTH_STRING") as refused:
        load_prefect_settings()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["host:4200", "ftp://host/api", "http://", "http://host:0/api"])
def test_an_invalid_url_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_URL", url)
    with pytest.raises(InvalidInputError, match=r"PREFECT_API_URL.*http://host:4200/api"):
        load_prefect_settings()


@pytest.mark.parametrize("name", ["PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"])
def test_a_private_certificate_authority_is_accepted(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, certifi.where())
    settings = load_prefect_settings()
    assert str(settings.certificates) == certifi.where()
    PrefectClient(settings).close()
    for odd in (tmp_path / "nowhere.pem", tmp_path / "empty.pem"):
        monkeypatch.setenv(name, str(odd))
        with pytest.raises(
            InvalidInputError, match=f"SSL_CERT_FILE.*{odd.name} cannot be read as a file of certificates"
        ):
            load_prefect_settings()
        (tmp_path / "empty.pem").write_text("")
