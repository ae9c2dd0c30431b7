"""Sources of the site: the committed pages and the generated ones, with links between them, in one folder."""

from __future__ import annotations

import re
import shutil
from os.path import relpath
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[1]
COMMITTED = (
    *(
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "docs/*.md",
        "docs/features/*.md",
        "docs/plugins/*.md",
        "docs/recipes/*.md",
        "docs/releases/*.md",
        "docs/tutorials/*.md",
    ),
    *("examples/*/README.md", "benchmarks/*.md", "faults/*.md"),
)
NOT_SEARCHED = (
    "CHANGELOG.md",
    "benchmarks/",
    "faults/",
    "docs/decisions.md",
    "docs/documents.md",
    "docs/original-items.md",
    "docs/releases/",
)
"""Beginnings of the paths of pages that neither the search nor assistants read: history, reasons, tables of results and lists of fields."""
_UNSEARCHED = "---\nsearch:\n  exclude: true\n---\n"
_PICTURES = (".png", ".svg", ".webp")
_COPY = re.compile(r"^<!-- copy of (?P<path>\S+): (?P<name>\S+) -->$", re.MULTILINE)
_LINK_OR_CODE = re.compile(
    r"^```.*?^```$|(?P<shows>!?)\[(?P<words>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s]+)\)|`(?:[^`\n]|\n(?!\n))+`",
    re.MULTILINE | re.DOTALL,
)


def write_sources(folder: Path) -> None:
    """Write every page, and every picture that a page shows, into an empty folder."""
    pages = read_pages() | {path: make() for path, make in list_generators().items()}
    for path, text in pages.items():
        target = folder / get_site_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        head = _UNSEARCHED if path.startswith(NOT_SEARCHED) else ""
        target.write_text(
            head + (_link(path, text, pages, folder) if path.endswith(".md") else text), "utf-8"
        )


def read_pages() -> dict[str, str]:
    """Return the text of each committed page by its path in the repository."""
    found = (path for pattern in COMMITTED for path in sorted(ROOT.glob(pattern)))
    return {path.relative_to(ROOT).as_posix(): insert_copies(path.read_text("utf-8")) for path in found}


def insert_copies(text: str) -> str:
    """Return the text of a page with the files of the repository that it names as folded code."""

    def copy(found: re.Match[str]) -> str:
        code = f"<!-- file: {found['name']} -->\n```python\n{(ROOT / found['path']).read_text('utf-8')}```"
        return f"<details>\n<summary><code>{found['name']}</code></summary>\n\n{code}\n\n</details>"

    return _COPY.sub(copy, text)


def list_generators() -> Mapping[str, Callable[[], str]]:
    """Return the generator of each page and picture by the path that links give it in the repository."""
    from docs import (
        make_analysis,
        make_api,
        make_authorisation,
        make_commands,
        make_data_model,
        make_documents,
        make_evidence,
        make_hooks,
        make_http,
        make_input_limits,
        make_licences,
        make_metrics,
        make_original,
        make_settings,
        make_stability,
        make_tasks,
        make_traces,
        make_twin_faults,
    )  # fmt: skip

    generators = {
        "analysis.md": make_analysis.make_page,
        "authorisation.md": make_authorisation.make_page,
        "built-in-metrics.md": make_metrics.make_page,
        "commands.md": make_commands.make_page,
        "data-model.md": make_data_model.make_page,
        "documents.md": make_documents.make_page,
        "evidence-features.md": make_evidence.make_page,
        "hooks.md": make_hooks.make_page,
        "http.md": make_http.make_page,
        "input-limits.md": make_input_limits.make_page,
        "licences.md": make_licences.make_page,
        "original-items.md": make_original.make_page,
        "settings.md": make_settings.make_page,
        "stability.md": make_stability.make_page,
        "traces.md": make_traces.make_page,
        "twin-faults.md": make_twin_faults.make_page,
        **make_analysis.list_pictures(),
        **make_api.list_pages(),
        **make_tasks.list_pages(),
    }
    return {f"docs/{path}": generator for path, generator in generators.items()}


def get_site_path(path: str) -> str:
    """Return the path in the site of a file of the repository."""
    return re.sub(r"(^|/)README\.md$", r"\1index.md", path.removeprefix("docs/"))


def _link(page: str, text: str, pages: Mapping[str, str], folder: Path) -> str:
    """Return the text of a page with links as the site needs them; of links to sources only their texts stay."""

    def change(found: re.Match[str]) -> str:
        shows, words, target = found["shows"], found["words"], found["target"]
        path, _, anchor = (target or "").partition("#")
        if not path or ":" in path:
            return found[0]
        path = normpath(join(dirname(page), path))
        if path not in pages and f"{path}/README.md" in pages:
            path = f"{path}/README.md"
        if path not in pages and not (ROOT / path).exists():
            raise SystemExit(f"{page}: {target} does not exist")
        if path not in pages and not path.endswith(_PICTURES):
            return words
        if path not in pages:
            picture = folder / get_site_path(path)
            picture.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / path, picture)
        target = relpath(get_site_path(path), dirname(get_site_path(page)) or ".")
        return f"{shows}[{words}]({target}{'#' if anchor else ''}{anchor})"

    return _LINK_OR_CODE.sub(change, text)
