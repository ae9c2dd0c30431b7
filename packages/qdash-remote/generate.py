"""Generator of the client from the OpenAPI document: `python packages/qdash-remote/generate.py [--check]`.

It writes `openapi.json` in this folder and `src/qdash_remote/generated`. With `--check` it writes nothing;
the exit status is 1 if these files differ from those of the current sources.
"""

from __future__ import annotations

import filecmp
import json
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties import (
    ListProperty,
    LiteralEnumProperty,
    ModelProperty,
    UnionProperty,
)
from openapi_python_client.strings import safe_for_docstring

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openapi_python_client.parser.openapi import Endpoint
    from openapi_python_client.parser.properties import Property

HERE = Path(__file__).parent
DOCUMENT = HERE / "openapi.json"
GENERATED = HERE / "src/qdash_remote/generated"
TEMPLATES = HERE / "templates"
PROBLEM = "application/problem+json"
STREAM = "text/event-stream"
JSON, BYTES = "application/json", "application/octet-stream"
# `connection.py` handles these headers for every operation.
CONNECTION_HEADERS = ("x-project-id", "if-none-match")
PARTS = {
    "__init__.py": "package_init.py.jinja",
    "client.py": "client.py.jinja",
    "errors.py": "errors.py.jinja",
    "types.py": "types.py.jinja",
    "api/__init__.py": "api_init.py.jinja",
    "operation.py": "operation.py",
}
"""Modules that are the same for every document, and their templates: the last one is in `templates/`."""
IMPORT_RULES = {
    "select": ["F401", "I", "TC", "UP"],
    "isort.known-first-party": ["qdash_core", "qdash_remote"],
    "isort.split-on-trailing-comma": False,
    "flake8-type-checking.runtime-evaluated-base-classes": ["pydantic.BaseModel"],
}
PAGE = "PageOf"
"""Generic model of the pages of a list: the document has a schema for each list, `PageOf_TagDocument_`."""
WIDTH = 100


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
    """Generate the package of a document in a new folder: one module for each tag of the operations.

    Raises
    ------
    ValueError
        If the library would leave something out.
    """
    project = _parse(_select_client_parts(found), folder)
    write = project.env.get_template
    (folder / "api").mkdir(parents=True)
    for path, template in PARTS.items():
        (folder / path).write_text(write(template).render(), "utf-8")
    # The modules have the text of its templates.
    licence = distribution("openapi-python-client").read_text("licenses/LICENSE")
    assert licence is not None
    (folder / "LICENSE").write_text(licence, "utf-8")
    models = {model.class_info.name: model for model in project.openapi.models}
    for tag, collection in project.openapi.endpoint_collections_by_tag.items():
        names = _find_names(collection.endpoints, models)
        text = write("tag.py.jinja").render(tag=tag, operations=collection.endpoints, **names)
        (folder / "api" / f"{tag}.py").write_text(text, "utf-8")
    rules = [f"--config=lint.{name}={json.dumps(value)}" for name, value in IMPORT_RULES.items()]
    _run_ruff("check", "--fix", "--unsafe-fixes", "--exit-zero", *rules, str(folder))
    _run_ruff("format", "--line-length=110", "--config=format.skip-magic-trailing-comma=true", str(folder))


def _run_ruff(*arguments: str) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    subprocess.run([ruff, *arguments, "--quiet", "--isolated", "--no-cache"], check=True)


def _parse(document: dict[str, Any], folder: Path) -> Project:
    """Return the library's view of a document."""
    config = Config.from_sources(
        ConfigFile(literal_enums=True, content_type_overrides={"application/zip": BYTES}),
        MetaType.NONE,
        document_source=DOCUMENT,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder,
    )
    parsed = GeneratorData.from_dict(document, config=config)
    if isinstance(parsed, GeneratorError):
        errors = [parsed]
    else:
        collections = parsed.endpoint_collections_by_tag.values()
        errors = [*parsed.errors, *(error for one in collections for error in one.parse_errors)]
    if errors:
        raise ValueError("\n".join(f"{error.header} {error.detail}" for error in errors))
    project = Project(openapi=parsed, config=config, custom_template_path=TEMPLATES)
    project.env.filters |= {
        "annotation": annotate,
        "answer": _annotate_answer,
        "docstring": _format_docstring,
        "url": _format_url,
    }
    return project


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


def _find_names(operations: list[Endpoint], models: Mapping[str, ModelProperty]) -> dict[str, Any]:
    """Return what a module imports from the core or defines, besides its operations."""
    answers = _find_classes((one.responses.patterns[0].prop for one in operations), models)
    requests = _find_classes(
        (one for operation in operations for one in operation.list_all_parameters()), models
    )
    names = dict(sorted((answers | requests).items()))
    classes = {name: one for name, one in names.items() if isinstance(one, ModelProperty)}
    core = {name: module for name, one in classes.items() if (module := _find_core_module(one))}
    return {
        "core": core,
        "literals": [one for one in names.values() if isinstance(one, LiteralEnumProperty)],
        "models": [one for name, one in classes.items() if name not in core],
        "answers": answers,
    }


def _find_classes(properties: Iterable[Property], models: Mapping[str, ModelProperty]) -> dict[str, Property]:
    """Return the models and sets of literals that properties consist of, by name."""
    found: dict[str, Property] = {}
    pending = list(properties)
    while pending:
        one = pending.pop()
        if isinstance(one, ModelProperty):
            one = models[one.class_info.name]  # a reference may be older than the fields of its model
        if isinstance(one, LiteralEnumProperty) or (
            isinstance(one, ModelProperty) and not _is_page(one) and not _is_mapping(one)
        ):
            if one.class_info.name in found:
                continue
            found[one.class_info.name] = one
        pending += _find_parts(one)
    return found


def _find_parts(one: Property) -> list[Property]:
    """Return the properties that a property consists of."""
    if isinstance(one, ListProperty):
        return [one.inner_property]
    if isinstance(one, UnionProperty):
        return one.inner_properties
    if not isinstance(one, ModelProperty) or _find_core_module(one):
        return []
    values = [one.additional_properties] if one.additional_properties else []
    return [*one.required_properties, *one.optional_properties, *values]


def _find_core_module(model: ModelProperty) -> str | None:
    """Return the module of the core that defines a model, if there is one."""
    return (model.data.model_extra or {}).get("x-python-module")


def _is_page(model: ModelProperty) -> bool:
    return model.class_info.name.startswith(PAGE)


def _is_mapping(model: ModelProperty) -> bool:
    """Return whether a model has no fields of its own: a dictionary is used instead."""
    return not model.data.properties and not _find_core_module(model)


def annotate(one: Property) -> str:
    """Return the annotation of a property that is given."""
    if isinstance(one, ListProperty):
        return f"list[{annotate(one.inner_property)}]"
    if isinstance(one, UnionProperty):
        parts = dict.fromkeys(annotate(part) for part in one.inner_properties)
        return " | ".join(sorted(parts, key=lambda part: part == "None"))
    if isinstance(one, ModelProperty) and _is_page(one):
        return f"{PAGE}[{one.class_info.name.removeprefix(PAGE)}]"
    if isinstance(one, ModelProperty) and _is_mapping(one):
        return f"dict[str, {annotate(one.additional_properties)}]"
    return one.get_type_string(no_optional=True).as_unembedded_code()


def _annotate_answer(operation: Endpoint) -> str:
    """Return the annotation of a parsed response, `None` if the response is not parsed."""
    answer = annotate(operation.responses.patterns[0].prop)
    return "None" if answer == "Any" else answer


def _format_url(operation: Endpoint) -> str:
    """Return the path of an operation as code."""
    path = operation.path.get_untrusted_value()
    text = json.dumps(re.sub(r"\{(\w+)\}", r"{quote_segment(\1)}", path))
    return f"f{text}" if operation.path_parameters else text


def _format_docstring(text: object) -> str:
    """Return a text as the lines of a docstring."""
    return textwrap.fill(safe_for_docstring(text), WIDTH, subsequent_indent="    ", break_long_words=False)


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
                print(f"{path} is out of date: run packages/qdash-remote/generate.py")
            return bool(stale)
        DOCUMENT.write_text(format_document(found), "utf-8")
        shutil.rmtree(GENERATED, ignore_errors=True)
        shutil.copytree(generated, GENERATED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
