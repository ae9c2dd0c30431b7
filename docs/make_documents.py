"""Generator of the page of the JSON documents of commands, from the OpenAPI document of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docs.docstrings import make_cell
from docs.make_http import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping

_INTRODUCTION = """\
# JSON documents

With `--json` a command prints one of these documents; the [routes](http.md#routes) of the host answer with the same ones. A field that is absent
is unknown, errors are one standard deviation, and times are UTC in ISO 8601. A map is an object with ids or names as keys.

## Commands

| command | document |
|---|---|
"""
COMMANDS = {
    "chip list": "list of `ChipHeader`, newest first",
    "chip create": "`ChipDocument`",
    "chip show": "`ChipDocument`; with `--on` `ChipDayDocument`",
    "chip days": "list of `ChipDayHeader`, newest first",
    "chip compare": "`PointComparisonDocument`",
    "chip edit": "`ChipHeader`",
    "chip delete": "`DeletionDocument`",
    "chip design": "`ChipDesignDocument`: the values as tasks see them, from the backend if the chip has none",
    "chip specification": "`SpecificationDocument`",
    "chip exclude": "`TargetStatusesDocument`",
    "chip include": "`TargetStatusesDocument`",
    "chip annotations": "`ChipAnnotationsDocument`",
    "chip picture": '`{"chip_id", "metric", "targets", "file"}`; `targets` are those with a value',
    "metrics": "`ChipValuesDocument`, values as stored; with `--summary` `ChipSummaryDocument`, with `--trend` `ChipTrendsDocument`",
    "values statistics": "`MetricStatisticsDocument`; `sets` has two entries if a chip or a cool-down is compared, `series` is filled with `--series`",
    "values history": "`MetricHistoryDocument`",
    "values log": "list of `ValueEventHeader`, newest first",
    "values set": "`ValueEventDocument`",
    "values trust": "`ValueEventDocument`",
    "values setting": "`ValueEventDocument`",
    "values undo": "`ValueEventDocument`",
    "values show": "`ValueEventDocument`",
    "values accept": "`DecisionDocument`",
    "values reject": "`DecisionDocument`",
    "values use": "`DecisionDocument`",
    "values revert": "`ReversionDocument`",
    "values convert": "`UnitConversionDocument`",
    "scope list": "list of `ValueScopeHeader`",
    "scope show": "`ValueScopeDocument`",
    "scope commit": "`ValueScopeDocument`",
    "scope discard": "`ValueScopeHeader`",
    "calibrate": (
        "`RunOutcomeDocument`, its fields up to `scope`; with `--detach` `SubmittedDocument`, with `--dry-run` `PreviewDocument`; with `--only` and no such target "
        '`{"execution_id": null, "status": "nothing to do", "tasks": {}, "message"}`'
    ),
    "executions resume": "`RunOutcomeDocument`, its fields up to `scope`; with `--detach` `SubmittedDocument`; with `--all` a list, with `error` for an execution that did not run",
    "executions follow": "`RunOutcomeDocument`, its fields up to `scope`, when the run has ended",
    "executions list": "list of `ExecutionHeader`, newest first",
    "executions cancel": "`ExecutionHeader`",
    "executions show": "`ExecutionDocument`",
    "executions logs": '`{"execution_id", "text"}`',
    "executions timeline": "list of `SpanDocument`, in order of start",
    "queue list": "list of `QueueEntryDocument`, in order",
    "queue move": "`QueueChangesDocument`",
    "queue hold": "`QueueChangesDocument`",
    "queue release": "`QueueChangesDocument`",
    "queue remove": "`QueueChangesDocument`",
    "event list": "list of `EventDocument`, newest first",
    "task list": "list of `TaskDocument`; with `--chip` of `TaskOnChip`",
    "task show": "`TaskDocument`; with `--chip` `TaskOnChip`",
    "task results": "list of `ResultDocument`, newest first",
    "task run": "`RecordedResult`",
    "task refit": "`RecordedResult`; with `--dry-run` `RefitPreviewDocument`",
    "task record-analysis": "`RecordedResult`",
    "task rerun": "`ResultComparisonDocument`: `first` is the original, `second` the rerun",
    "task data": "`RawDataDocument`",
    "lock status": "`LocksDocument`",
    "lock release": "`ReleasedDocument`",
    "review": "list of `ReviewItemDocument`",
    "provenance show": "`ProvenanceDocument`",
    "provenance impact": "`ImpactDocument`",
}
"""The document of each command, with the names of schemas as code."""


def make_page() -> str:
    """Return the text of the page."""
    schemas: dict[str, Any] = read_document()["components"]["schemas"]
    shown = _find_schemas(schemas)
    rows = [f"| `qdash {command}` | {_link(text, shown)} |" for command, text in COMMANDS.items()]
    sections = [_section(name, schema) for name, schema in shown.items()]
    return _INTRODUCTION + "\n".join([*rows, "", "## Fields", "", *sections])


def list_named_schemas() -> set[str]:
    """Return the names of the schemas that the table of commands names."""
    words = " ".join(COMMANDS.values()).split("`")
    return {word for word in words[1::2] if word.isidentifier() and word[0].isupper()}


def _find_schemas(schemas: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas of the commands and those that they refer to, in the order of their names."""
    found: dict[str, Any] = {}
    open_names = sorted(list_named_schemas())
    while open_names:
        name = open_names.pop()
        if name not in found:
            found[name] = schemas[name]
            open_names += _list_references(schemas[name])
    return dict(sorted(found.items()))


def _list_references(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for one in schema for name in _list_references(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema["$ref"].rpartition("/")[2]] if "$ref" in schema else []
    return own + [name for one in schema.values() for name in _list_references(one)]


def _section(name: str, schema: Mapping[str, Any]) -> str:
    lines = [f"### {name}", "", make_cell(schema.get("description", "")), ""]
    if "enum" in schema:
        lines += [", ".join(f"`{value}`" for value in schema["enum"]), ""]
    if fields := schema.get("properties"):
        lines += ["| field | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{field}` | {_type(one)} | {make_cell(one.get('description', ''))} |"
            for field, one in fields.items()
        ]
        lines.append("")
    return "\n".join(lines)


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a field in words, with links to other documents."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if options := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(_type(one) for one in options))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("type") == "object":
        inner = schema.get("additionalProperties")
        return f"map of {_type(inner)}" if isinstance(inner, dict) else "object"
    if schema.get("format") == "date-time":
        return "time"
    return str(schema.get("type", "any"))


def _link(text: str, shown: Mapping[str, Any]) -> str:
    for name in shown:
        text = text.replace(f"`{name}`", f"[`{name}`](#{name.lower()})")
    return text
