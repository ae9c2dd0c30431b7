"""HTML page of every route, made from the OpenAPI document, without scripts or external requests."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from qdash_api.openapi import iter_operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h2 { border-bottom: 1px solid #8886; margin-top: 3rem; }
h3 code { font-size: 1rem; }
.method { display: inline-block; font-weight: 700; min-width: 4rem; }
.needs { color: #777; float: right; font-size: .85rem; font-weight: 400; }
table { border-collapse: collapse; }
td { border-top: 1px solid #8884; padding: .2rem 1rem .2rem 0; vertical-align: top; }
pre { background: #8881; overflow-x: auto; padding: .7rem; }
:root { color-scheme: light dark; }
"""


def render_page(document: dict[str, Any]) -> str:
    """Return the HTML page of an OpenAPI document."""
    by_tag: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, method, operation in iter_operations(document):
        by_tag.setdefault(operation["tags"][0], []).append((path, method, operation))
    schemas = document["components"]["schemas"]
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    return "".join(
        (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
            f"<style>{_STYLE}</style></head><body><h1>{title}</h1>",
            f"<p>{escape(document['info']['description'])}</p>",
            '<p>For programs: <a href="openapi.json">openapi.json</a>.</p><p>',
            " · ".join(f'<a href="#of-{escape(tag)}">{escape(tag)}</a>' for tag in by_tag),
            "</p>",
            *(part for tag, found in by_tag.items() for part in _render_section(tag, found, schemas)),
            "</body></html>",
        )
    )


def _render_section(
    tag: str, found: list[tuple[str, str, dict[str, Any]]], schemas: Mapping[str, Any]
) -> Iterator[str]:
    yield f'<h2 id="of-{escape(tag)}">{escape(tag)}</h2>'
    for path, method, operation in found:
        yield (
            f'<h3 id="{escape(operation["operationId"])}"><span class="needs">{escape(operation["x-needs"])}</span>'
            f'<code><span class="method">{method}</span> {escape(path)}</code></h3>'
        )
        yield "".join(f"<p>{escape(part)}</p>" for part in _operation_text(operation).split("\n\n"))
        yield from _render_parameters(operation)
        body = operation.get("requestBody")
        if body is not None:
            yield from _render_content("Body", body, schemas)
            yield from _render_fields(body, schemas)
        for status, answer in operation["responses"].items():
            if status[0] in "23":
                yield from _render_content(f"{status} {answer['description']}", answer, schemas)


def _operation_text(operation: Mapping[str, Any]) -> str:
    return str(operation.get("description") or operation["summary"])


def _render_parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    rows = [
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    ]
    if rows:
        yield f"<table>{''.join(rows)}</table>"


def _render_fields(body: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    """Yield a table of the fields of a body, and of those nested in them."""
    rows = [
        row for one in body["content"].values() for row in _render_rows(one["schema"], schemas, before="")
    ]
    if rows:
        yield f"<table>{''.join(rows)}</table>"


def _render_rows(schema: Mapping[str, Any], schemas: Mapping[str, Any], *, before: str) -> Iterator[str]:
    found = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
    for name, field in found.get("properties", {}).items():
        required = "required" if name in found.get("required", ()) else ""
        yield (
            f"<tr><td><code>{escape(before + name)}</code></td><td>{required}</td>"
            f"<td>{escape(field.get('description', ''))}</td></tr>"
        )
        if not before:
            yield from _render_rows(field, schemas, before=f"{name}.")


def _render_content(heading: str, part: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[str]:
    """Yield the description of a body or a response, with an example if its schema has one."""
    if not part.get("content"):
        yield f"<p>{escape(heading)}</p>"
    for media_type, content in part.get("content", {}).items():
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        title = f"{heading}: {name or media_type}"
        examples = schemas.get(name, {}).get("examples")
        if examples:
            text = escape(json.dumps(examples[0], indent=2, ensure_ascii=False))
            yield f"<details><summary>{escape(title)}</summary><pre>{text}</pre></details>"
        else:
            yield f"<p>{escape(title)}</p>"
