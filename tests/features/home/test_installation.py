"""Installation in the doctor: distributions that do not belong together are named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.home.installation import check_installation
from qdash_core.process.build import read_build

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    InstallDistribution = Callable[..., None]


@pytest.fixture
def install_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InstallDistribution:
    """Install a distribution without files, before any other one of its name."""

    def install(
        name: str, version: str, *, record: str = "", requires: str = "", url: str | None = None
    ) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        required = f"Requires-Dist: {requires}\n" if requires else ""
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}"
        )
        (folder / "RECORD").write_text(record)
        if url is not None:
            (folder / "direct_url.json").write_text(json.dumps({"url": url, "archive_info": {}}))
        monkeypatch.syspath_prepend(tmp_path)

    return install


def test_an_installation_from_one_place_is_ok() -> None:
    found = check_installation()
    assert found.status == "ok"
    assert str(read_build()) in found.detail


@pytest.mark.parametrize(
    ("name", "version", "metadata", "told"),
    [
        ("qdash-mongo", "9.9", {}, "qdash-mongo 9.9, from wheels of an index or a folder, does not belong to QDash"),
        (
            "qdash-mongo", None, {"url": "https://a.example/w/qdash_mongo.whl"},
            "from https://a.example/w, does not belong to QDash",
        ),
        (
            "qdash-client", "1.9.20", {"record": "qdash/client/__init__.py,,\n"},
            "qdash-client 1.9.20 is not part of QDash, and puts files into qdash: uninstall it",
        ),
        ("qdash-mongo", None, {"requires": "no-such-thing>=1"}, "qdash-mongo lacks no-such-thing"),
    ],
    ids=["version", "origin", "foreign", "incomplete"],
)  # fmt: skip
def test_a_distribution_that_does_not_belong_is_named(
    install_distribution: InstallDistribution,
    name: str,
    version: str | None,
    metadata: dict[str, str],
    told: str,
) -> None:
    install_distribution(name, version or read_build().version, **metadata)
    found = check_installation()
    assert found.status == "failed"
    assert told in found.detail
    assert (
        "pip install --find-links RELEASE --constraint RELEASE/constraints.txt 'qdash[api,assistant,images,"
        in found.advice
    )


def test_a_member_that_cannot_be_imported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> object:
        if name == "qdash_mongo":
            raise ImportError("no pymongo")
        return object()

    monkeypatch.setattr("qdash_builtin.home.installation.import_module", refuse)
    found = check_installation()
    assert found.status == "failed"
    assert "qdash-mongo cannot be imported (ImportError: no pymongo)" in found.detail
