"""Generator of the page of the original's items, from `original_items.yaml`, the importer and the modules below `qdash`."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

import qdash
from qdash_original.collections import DESTINATIONS

ITEMS = Path(__file__).with_name("original_items.yaml")
STATES = ("works", "differs", "not yet built", "not planned")
WITHOUT_LIST = {
    "qdash.workflow.calibtasks": "`BaseTask`, its parameters and output, in `base`",
    "qdash.workflow.calibtasks.active_protocols": "your own tasks",
    "qdash.workflow.calibtasks.qubex": "the tasks of installed plugins, also under an alias",
    "qdash.workflow.engine.backend.factory": "`create_backend`",
    "qdash.workflow.engine.execution.service": "`ExecutionService`",
    "qdash.workflow.engine.execution.state_manager": "`ExecutionStateManager`",
    "qdash.workflow.engine.params_updater": "`get_params_updater`",
    "qdash.workflow.engine.scheduler.cr_scheduler": "`CRScheduler`",
    "qdash.workflow.engine.scheduler.one_qubit_scheduler": "`OneQubitScheduler`",
    "qdash.workflow.engine.task.state_manager": "`TaskStateManager`",
}
"""Names of the modules without `__all__`."""

_HEAD = """# Items of the original QDash

Every item of the original's documentation (architecture, quickstart, engine, database) and of the declared design of this project, with the
tests that show it. [Coming from the original QDash](original.md) lists the differences.
"""
_COLLECTIONS = """## Collections of the database

A database that the document classes of the original wrote at revision c0c021cd was imported into SQLite and MongoDB, with the same result.
*Merged*: the contents are part of other records. [How values are converted](stores.md).
"""
_PATHS = """## Import paths

Modules of the original that code imports, with the names of QDash that they contain.
"""


@dataclass(frozen=True)
class Item:
    """An item of the original.

    Parameters
    ----------
    decision : str
        Anchor of the decision of `decisions.md` behind a difference; empty if there is none.
    where : str
        Place in QDash, in Markdown.
    tests : sequence of str
        Paths of its tests from the root.
    """

    section: str
    number: int
    item: str
    state: str
    where: str
    tests: tuple[str, ...]
    decision: str = ""


def read_items() -> list[Item]:
    """Return all items in order."""
    document = yaml.safe_load(ITEMS.read_text("utf-8"))
    return [
        Item(section=section, **{**row, "tests": tuple(row["tests"])})
        for section, rows in document.items()
        for row in rows
    ]


def make_page() -> str:
    """Return the text of the page."""
    items = read_items()
    counted = Counter(one.state for one in items)
    lines = [_HEAD, "| state | items |", "|---|---|"]
    lines += [f"| {state} | {counted[state]} |" for state in STATES]
    for section in dict.fromkeys(one.section for one in items):
        lines += ["", f"## {section}", "", "| # | item | state | where | test |", "|---|---|---|---|---|"]
        lines += [_make_row(one) for one in items if one.section == section]
    lines += ["", _COLLECTIONS, "| collection | outcome | where, or why not |", "|---|---|---|"]
    lines += [f"| `{name}` | {one.outcome} | {one.where} |" for name, one in DESTINATIONS.items()]
    lines += ["", _PATHS, "| module | names |", "|---|---|"]
    lines += [f"| `{module}` | {names} |" for module, names in sorted(list_modules().items())]
    return "\n".join([*lines, ""])


def list_modules() -> dict[str, str]:
    """Return the names that each module below `qdash` gives, in Markdown, by module."""
    modules = [one.name for one in pkgutil.walk_packages(qdash.__path__, "qdash.")]
    named = {one: sorted(getattr(importlib.import_module(one), "__all__", ())) for one in modules}
    listed = {module: ", ".join(f"`{one}`" for one in names) for module, names in named.items() if names}
    return listed | WITHOUT_LIST


def _make_row(item: Item) -> str:
    state = f"[{item.state}](decisions.md#{item.decision})" if item.decision else item.state
    tests = ", ".join(f"[{_shorten(path)}](../{path})" for path in item.tests)
    return f"| {item.number} | {item.item} | {state} | {item.where} | {tests} |"


def _shorten(path: str) -> str:
    return path.removeprefix("tests/").removesuffix(".py")
