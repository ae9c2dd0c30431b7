"""Library of the editor: packaged unchanged, with its licences, and without addresses of other hosts."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from qdash_ui_streamlit.components import editor
from qdash_ui_streamlit.routes.scripts import EDITOR_LIBRARY, make_script_routes

LIBRARY = Path(editor.__file__).with_name("library")
LOCK = Path(__file__).parents[2] / "packages/qdash-ui-streamlit/editor_library/package-lock.json"


def read_sums() -> dict[str, str]:
    lines = (LIBRARY / "SHA256SUMS").read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_the_files_are_those_of_the_bundling() -> None:
    found = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in LIBRARY.iterdir()}
    del found["SHA256SUMS"]
    assert found == read_sums()


def test_each_bundled_package_has_its_licence_in_the_locked_version() -> None:
    known = json.loads(LOCK.read_text("utf-8"))["packages"]
    parts = re.split(r"\n-{80}\n\n", (LIBRARY / "LICENSE").read_text("utf-8"))
    named = {one.partition("\n")[0] for one in parts}
    locked = {f"{path.removeprefix('node_modules/')} {one['version']}" for path, one in known.items() if path}
    assert named <= locked
    assert {"style-mod", "@codemirror/view", "@lezer/common"} <= {one.split()[0] for one in named}
    assert all(
        "Permission is hereby granted, free of charge" in one and "Copyright (C)" in one for one in parts
    )


def test_the_library_has_no_address_of_another_host_and_makes_no_code_of_texts() -> None:
    text = (LIBRARY / "codemirror.js").read_text("utf-8")
    assert set(re.findall(r"https?://[^\"'`\s)]+", text)) == {"http://www.w3.org/2000/svg"}  # a name
    assert not re.search(
        r"\beval\(|new Function|\bfetch\(|XMLHttpRequest|WebSocket|importScripts|import\(", text
    )


@pytest.mark.parametrize(
    ("query", "cached"), [("?v=1", "public, max-age=31536000, immutable"), ("", "no-cache")]
)
def test_the_library_is_cached_under_the_digest_of_its_contents(query: str, cached: str) -> None:
    client = TestClient(Starlette(routes=make_script_routes()))
    answer = client.get(EDITOR_LIBRARY + query)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, cached)
    assert answer.headers["content-type"].startswith("text/javascript")
    assert hashlib.sha256(answer.content).hexdigest() == read_sums()["codemirror.js"]
