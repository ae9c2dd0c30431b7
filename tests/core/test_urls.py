"""Display of URLs, and the folder that one names."""

from pathlib import Path

import pytest

from qdash_core.parsing.urls import find_folder, is_loopback, redact_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongodb://ann:hunter2@db:27017/qdash?w=majority", "mongodb://ann:***@db:27017/qdash"),
        ("mongodb://db/qdash?tlsCertificateKeyFilePassword=hunter2", "mongodb://db/qdash"),
        ("mongodb://ann@db/qdash", "mongodb://ann@db/qdash"),
        ("mongodb://ann:hunter2@db/qdash?w=1&replicaSet=lab", "mongodb://ann:***@db/qdash?replicaSet=lab"),
        ("mongodb://db/qdash?replicaSet=hun%20ter2", "mongodb://db/qdash"),
        ("sqlite:////home/ann/qdash.db", "sqlite:////home/ann/qdash.db"),
        ("mongodb://ann:hunter2@[db/qdash", "mongodb://..."),
        ("mongodb://ann:hun/ter2@db/qdash", "mongodb://..."),
        ("mongodb://ann:hun?ter2@db/qdash", "mongodb://..."),
        ("sqlite:////home/ann@lab/qdash.db", "sqlite:////home/ann@lab/qdash.db"),
    ],
)
def test_a_url_is_shown_without_its_password_and_with_harmless_options_only(url: str, shown: str) -> None:
    assert redact_password(url) == shown


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:///srv/qdash/raw%20data", Path("/srv/qdash/raw data")),
        ("file://server/raw", None),
        ("file://", None),
        ("s3://bucket/raw", None),
    ],
)
def test_the_folder_of_a_url_is_that_of_a_file_url_on_this_machine(url: str, folder: Path | None) -> None:
    assert find_folder(url) == folder


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("localhost.example.org", False),
        ("192.168.0.4", False),
        ("lab", False),
        ("", False),
    ],
)
def test_loopback_is_an_address_that_no_network_sees(host: str, here: bool) -> None:
    assert is_loopback(host) == here
