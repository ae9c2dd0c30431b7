"""Generator of the client from the OpenAPI document: `python packages/qdash-client/generate.py [--check]`.

It writes `openapi.json` in this folder and `src/qdash_client/generated`. With `--check` it writes nothing;
the exit status is 1 if these files differ from those of the current sources.
"""

from __future__ import annotations

import ast
import filecmp
import json
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE / "openapi.json"
GENERATED = HERE / "src/qdash_client/generated"
TEMPLATES = HERE / "templates"
PROBLEM = "application/problem+json"
STREAM = "text/event-stream"
JSON, BYTES = "application/json", "application/octet-stream"
# `connection.py` handles these headers for every operation.
CONNECTION_HEADERS = ("x-project-id", "if-none-match")


def make_document() -> dict[str, Any]:
    """Return the OpenAPI document of a host with only the plugins of this repository."""
    import qdash_api.plugin
    import qdash_fake.plugin
    from qdash_api import create_app
    from qdash_api.openapi import describe_app
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import Settings

    plugins = {"api": qdash_api.plugin, "fake": qdash_fake.plugin}
    registry = load_plugins(blocked=(), extra=plugins, installed_too=False)
    found: dict[str, Any] = json.loads(json.dumps(describe_app(create_app(Settings(home=HERE), registry))))
    return found


def format_document(found: dict[str, Any]) -> str:
    """Return the text of an OpenAPI document as it is stored."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def generate(found: dict[str, Any], folder: Path) -> None:
    """Generate the package of a document in a new folder.

    Raises
    ------
    subprocess.CalledProcessError
        If the generator fails, or warns that it leaves something out.
    """
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        templates = work / "templates"
        shutil.copytree(TEMPLATES, templates)
        # Our template imports a class from its module in the core; for other classes the
        # generator's own is used.
        own = resources.files("openapi_python_client") / "templates/model.py.jinja"
        (templates / "plain_model.py.jinja").write_text(own.read_text("utf-8"))
        (work / "openapi.json").write_text(json.dumps(_select_client_parts(found)))
        _run(
            "openapi-python-client generate --meta none --fail-on-warning --overwrite",
            f"--path={work / 'openapi.json'}",
            f"--config={TEMPLATES / 'config.yaml'}",
            f"--custom-template-path={templates}",
            f"--output-path={folder}",
        )
    _prune(folder)
    _run("ruff check --quiet --isolated --fix --exit-zero --select=F401,I,UP", str(folder))
    _run("ruff format --quiet --isolated --line-length=110", str(folder))


def _run(command: str, *arguments: str) -> None:
    program, *options = command.split()
    subprocess.run([Path(sys.executable).parent / program, *options, *arguments], check=True)


def _select_client_parts(found: dict[str, Any]) -> dict[str, Any]:
    """Return the document without what the connection handles: problems, 304, streams and the project."""
    found = json.loads(json.dumps(found))
    for path, methods in list(found["paths"].items()):
        for method, operation in list(methods.items()):
            answers = operation["responses"]
            operation["responses"] = {
                status: answer
                for status, answer in answers.items()
                if status != "304" and PROBLEM not in answer.get("content", {})
            }
            operation["parameters"] = [
                one
                for one in operation.get("parameters", ())
                if one["name"].lower() not in CONNECTION_HEADERS
            ]
            if any(STREAM in answer.get("content", {}) for answer in answers.values()):
                del methods[method]
            body = operation.get("requestBody", {}).get("content", {})
            if body.keys() - {JSON}:  # a file, sent as it is
                operation["requestBody"]["content"] = {
                    BYTES: {"schema": {"type": "string", "format": "binary"}}
                }
        if not methods:
            del found["paths"][path]
    return found


def _prune(folder: Path) -> None:
    """Delete the models that no operation uses: parts of documents that the core defines completely."""
    models = folder / "models"
    used: set[str] = set()
    pending = {model for path in (folder / "api").rglob("*.py") for model in _find_models(path)}
    while pending:
        name = pending.pop()
        used.add(name)
        pending |= _find_models(models / f"{name}.py") - used
    for path in models.glob("*.py"):
        if path.stem not in used:
            path.unlink()
    (models / "__init__.py").write_text(
        '"""Models of the host, and models of the core under the same names."""\n'
    )


def _find_models(path: Path) -> set[str]:
    """Return the modules of the models that a module imports."""
    return {
        node.module.removeprefix("models.")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level and (node.module or "").startswith("models.")
    }


def find_differences(folder: Path) -> list[str]:
    """Return the paths of the generated files that differ from those of a folder."""
    generated, existing = (
        {path.relative_to(root) for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"}
        for root in (folder, GENERATED)
    )
    other = {
        path
        for path in generated & existing
        if not filecmp.cmp(folder / path, GENERATED / path, shallow=False)
    }
    return sorted(str(path) for path in other | (generated ^ existing))


def main() -> int:
    """Generate the client, or check whether it is up to date."""
    found = make_document()
    with tempfile.TemporaryDirectory() as name:
        generated = Path(name) / "generated"
        generate(found, generated)
        if "--check" in sys.argv[1:]:
            stale = find_differences(generated)
            if not DOCUMENT.exists() or DOCUMENT.read_text("utf-8") != format_document(found):
                stale.append(DOCUMENT.name)
            for path in stale:
                print(f"{path} is out of date: run packages/qdash-client/generate.py")
            return bool(stale)
        DOCUMENT.write_text(format_document(found), "utf-8")
        shutil.rmtree(GENERATED, ignore_errors=True)
        shutil.copytree(generated, GENERATED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
