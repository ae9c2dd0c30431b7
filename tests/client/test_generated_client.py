"""OpenAPI document of the host, and a client that a library generates from it, as any language can."""

from __future__ import annotations

import json
import re
import runpy
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from .test_connection import InProcess

if TYPE_CHECKING:
    from ..api.conftest import Host

FOLDER = Path(__file__).parents[2] / "packages/qdash-remote"


def select_paths(document: dict[str, Any], start: str) -> dict[str, Any]:
    """Return a document with only the paths that begin with a text, and the schemas that these refer to."""
    paths = {path: one for path, one in document["paths"].items() if path.startswith(start)}
    schemas: dict[str, Any] = {}
    pending = list(_find_references(paths))
    while pending:
        if (name := pending.pop()) not in schemas:
            schemas[name] = document["components"]["schemas"][name]
            pending += _find_references(schemas[name])
    return document | {"paths": paths, "components": document["components"] | {"schemas": schemas}}


def _find_references(part: object) -> set[str]:
    return set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(part)))


def generate_client(document: dict[str, Any], folder: Path) -> None:
    """Generate a package of the library's own templates in a new folder."""
    source = folder.with_suffix(".json")
    source.write_text(json.dumps(document), "utf-8")
    options = ConfigFile(post_hooks=[], package_name_override=folder.name)
    problems = generate(
        config=Config.from_sources(
            options, MetaType.NONE, source, file_encoding="utf-8", overwrite=False, output_path=folder
        )
    )
    assert not [one for one in problems if one.level.name == "ERROR"]


def use_client(package: str, host: Host) -> None:
    """Create and list tags, and remove one that does not exist."""
    client_module, models = import_module(package), import_module(f"{package}.models")
    api = f"{package}.api"
    client = client_module.AuthenticatedClient("http://testserver", host.token("editor"))
    client.set_httpx_client(
        httpx.Client(
            base_url="http://testserver",
            headers={"Authorization": f"Bearer {client.token}"},
            transport=InProcess(host),
        )
    )
    made = import_module(f"{api}.tags.add_tag").sync(client=client, body=models.TagRequest(name="cold"))
    assert made.name == "cold"
    assert [one.name for one in import_module(f"{api}.tags.list_tags").sync(client=client).items] == ["cold"]
    refused = import_module(f"{api}.tags.delete_tag").sync_detailed("warm", client=client)
    assert refused.status_code == 404


def test_the_openapi_document_is_up_to_date() -> None:
    written = runpy.run_path(str(FOLDER / "generate.py"))
    text = (FOLDER / "openapi.json").read_text("utf-8")
    assert text == written["format_document"](written["make_document"]()), "run `python packages/generate.py`"


def test_a_client_generated_from_the_document_calls_a_host(
    host: Host, document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    generate_client(select_paths(document, "/tags"), tmp_path / "part_of_client")
    use_client("part_of_client", host)


@pytest.mark.slow
def test_a_client_of_all_operations_calls_a_host(
    host: Host, document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    generate_client(document, tmp_path / "whole_client")
    use_client("whole_client", host)
