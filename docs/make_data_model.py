"""Generator of the page of the data model: our collections, fields and indexes beside those of the original system.

A difference needs a reason in `docs/reference_model.yaml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from qdash_builtin.home.store_integrity import map_models
from qdash_core.locks.lock import ExecutionLock
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.models.base import Record
    from qdash_core.repositories.collection import Collection

REFERENCE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("reference_model.yaml").read_text(encoding="utf-8")
)
_TIMES = {"created_at", "updated_at"}

_INTRODUCTION = f"""\
# The data model

Every collection of the original system, field by field and index by index, beside ours; where they differ, why. It is the
same on every store. The schema has version {SCHEMA_VERSION}; an older SQLite file is migrated when it is opened.

Every document has `created_at` and `updated_at`, where the original has `system_info` or, in some collections, neither.
Times are moments in UTC (the original keeps some as text), durations are seconds, and an unknown error is absent.
An index is read in both directions (`-` marks a descending field), and ends with the key of its collection.
"""


def make_page() -> str:
    """Return the text of the page."""
    parts = [_INTRODUCTION, *(_section(name) for name in REFERENCE["collections"])]
    parts += ["## Only here\n", "| collection | what it holds | fields | indexes |\n|---|---|---|---|"]
    for name in COLLECTIONS:
        if name not in REFERENCE["collections"]:
            text = " ".join((models()[name].__doc__ or "").partition("\n\n")[0].split())
            parts.append(f"| `{name}` | {text} | {_code(*fields_of(name))} | {_code(*indexes_of(name))} |")
    return "\n".join(parts) + "\n"


def models() -> dict[str, type[Record]]:
    """Return the model of the documents of each collection."""
    return map_models(COLLECTIONS)


def fields_of(name: str) -> list[str]:
    """Return the fields of a collection of ours, those that all have left out."""
    return [field for field in models()[name].model_fields if field not in _TIMES]


def shared_fields_of(name: str) -> list[str]:
    """Return the fields that a collection of the original has here, too."""
    return [ours for kind, theirs, ours, _ in compared(name) if kind == "field" and theirs and ours]


def indexes_of(name: str) -> list[str]:
    """Return the indexes of a collection of ours, as `reference_model.yaml` writes them."""
    return list(_indexes(COLLECTIONS[name]))


def _indexes(collection: Collection) -> Iterator[str]:
    yield f"unique {', '.join(collection.key)}"
    for fields in collection.unique:
        yield f"unique {', '.join(fields)}"
    for fields in (*collection.indexes, *collection.list_indexes):
        yield ", ".join(fields)
    for field, fields in collection.partial.items():
        yield f"{', '.join(fields)} (where {field} is set)"
    if collection.text:
        yield f"text {collection.text}"


def compared(name: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield for each field and index of a collection: what it is, the original's, ours, and the name of the reason."""
    reference = REFERENCE["collections"][name]
    theirs = [field for field in reference["fields"] if field not in {*_TIMES, "system_info"}]
    yield from _compared("field", theirs, fields_of(name), reference.get("reasons", {}))
    yield from _compared("index", reference["indexes"], indexes_of(name), reference.get("reasons", {}))


def _compared(
    kind: str, theirs: list[str], ours: list[str], reasons: dict[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    unmatched = {_sense(item): item for item in ours}
    for item in theirs:
        yield kind, item, unmatched.pop(_sense(item), ""), reasons.get(item, "")
    for item in unmatched.values():
        yield kind, "", item, reasons.get(item, "")


def _sense(item: str) -> object:
    """Return what two indexes have in common that do the same: directions do not matter, nor the order of a unique key."""
    if item.startswith("unique "):
        return frozenset(item.removeprefix("unique ").split(", "))
    return item.replace("-", "")


def unexplained() -> list[str]:
    """Return the differences without a reason, and the reasons without a difference."""
    faults: list[str] = []
    given: set[str] = set()
    for name, reference in REFERENCE["collections"].items():
        different = {
            theirs or ours: reason for _, theirs, ours, reason in compared(name) if not (theirs and ours)
        }
        faults += [
            f"{name}: {item} differs, and nothing says why" for item in different if not different[item]
        ]
        reasons = reference.get("reasons", {})
        faults += [f"{name}: {item} does not differ" for item in reasons if item not in different]
        given |= set(reasons.values())
    there = methods()
    for name, reference in REFERENCE["collections"].items():
        named = reference.get("methods", {}).values()
        faults += [f"{name}: there is no {method}" for method in named if method not in there]
    faults += [f"the reasons have no {why}" for why in sorted(given - REFERENCE["reasons"].keys())]
    faults += [f"nothing differs because of {why}" for why in sorted(REFERENCE["reasons"].keys() - given)]
    return faults


def methods() -> dict[str, object]:
    """Return what stands where the original has methods of its documents, by the names that `reference_model.yaml` uses."""
    classes = {type(repository) for repository in Repositories(MemoryStore.open("memory://"))}
    return {
        f"{kind.__name__}.{name}": getattr(kind, name)
        for kind in (*classes, ExecutionLock)
        for name in dir(kind)
    }


def _section(name: str) -> str:
    rows = [f"## `{name}`\n", "| | original | here | why |\n|---|---|---|---|"]
    rows.append(f"| fields | {_code(*shared_fields_of(name))} | the same | |")
    for field, when in REFERENCE["conditional"].get(name, {}).items():
        rows.append(f"| fields | `{field}` | not always written | {when} |")
    for reason, (theirs, ours) in _differences(name).items():
        rows.append(f"| fields | {_code(*theirs)} | {_code(*ours)} | {REFERENCE['reasons'][reason]} |")
    for kind, their, our, reason in compared(name):
        if kind == "index":
            rows.append(f"| index | {_code(their)} | {_code(our)} | {REFERENCE['reasons'].get(reason, '')} |")
    for their, our in REFERENCE["collections"][name].get("methods", {}).items():
        rows.append(f"| method | `{their}` | `{our}` | |")
    return "\n".join(rows) + "\n"


def _differences(name: str) -> dict[str, tuple[list[str], list[str]]]:
    """Return the fields that one side lacks, the original's and ours, by the name of their reason."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for kind, theirs, ours, reason in compared(name):
        if kind == "field" and not (theirs and ours):
            found.setdefault(reason, ([], []))[0 if theirs else 1].append(theirs or ours)
    return found


def _code(*items: str) -> str:
    return ", ".join(f"`{item}`" for item in items if item) or "none"
