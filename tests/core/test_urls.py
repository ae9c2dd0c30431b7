"""Display of URLs."""

import pytest

from qdash_core.urls import redact_password


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
