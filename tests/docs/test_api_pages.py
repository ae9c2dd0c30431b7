"""API reference: an entry for each stable name, and links that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from posixpath import dirname, join, normpath

import griffe
import pytest

from docs import make_api, make_stability
from docs.api_names import find_source, list_packages
from docs.api_signatures import make_call
from docs.docstrings import make_cell, parse_docstring

from .pages import ROOT


@cache
def make_pages() -> dict[str, str]:
    return {path: make() for path, make in make_api.list_pages().items()}


def list_entries(page: str) -> list[str]:
    return re.findall(r"^## (\w+)$", page, re.MULTILINE)


def test_every_stable_name_has_one_entry_on_the_page_of_its_package() -> None:
    table = make_stability.read_table()
    stable = {package: sorted(words["stable"]) for package, words in table.items() if words.get("stable")}
    assert list_packages().keys() == stable.keys()
    for package, names in stable.items():
        page = make_pages()[f"api/{package}.md"]
        assert sorted(list_entries(page)) == names
        assert [name for name in names if f"(#{name.lower()}) | |" in page] == [], f"{package}: no docstring"


def test_every_link_leads_to_an_entry_or_a_page() -> None:
    from docs.site_sources import list_generators

    anchors = {
        path: Counter(name.lower() for name in list_entries(text)) for path, text in make_pages().items()
    }
    assert [path for path, found in anchors.items() if found and max(found.values()) > 1] == []
    missing = []
    for path, text in make_pages().items():
        for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            file, _, anchor = target.partition("#")
            linked = normpath(join(dirname(path), file)) if file else path
            known = f"docs/{linked}" in list_generators() or (ROOT / "docs" / linked).is_file()
            if not known or (anchor and anchor not in anchors.get(linked, ())):
                missing.append(f"{path}: {target}")
    assert missing == []


def test_names_in_texts_are_links_across_pages_and_not_to_other_names() -> None:
    core, laboratory = (make_pages()[f"api/{one}.md"] for one in ("qdash_core", "qdash_tasks.laboratory"))
    assert "[`RawData.options`](#rawdata)" in core
    assert "[`InvalidInputError`](qdash_core.md#invalidinputerror)" in laboratory
    assert "qdash_tasks.laboratory.md#settings" not in core  # its own `Settings` is provisional


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RawData", "RawData(\n    arrays: Mapping[str, tuple[npt.ArrayLike, str]],\n"),
        ("RawData", "    options: Mapping[str, Any] = {},\n"),
        ("Finding", "Finding(verdict: Verdict, reason: str)"),
        ("CalibConfig", "CalibConfig(\n    *,\n"),
        ("BaseTask", "| `timeout_s` | `float` | `3600.0` | Time limit"),
        ("BaseTask", "**postprocess**\n\n```python\npostprocess("),
        ("ProjectRole", "| `EDITOR` |  | `'editor'` |"),
        ("Validator", "**validate**"),
        ("TaskOutput", "| `parameters` |"),
        ("QubitTargets", "Extends [`Targets`](#targets)."),
        ("BaseBackend", "**Returns** `instrument`, `chip`, `box`"),
    ],
)
def test_an_entry_has_signature_and_docstring(name: str, expected: str) -> None:
    page = make_pages()["api/qdash_core.md"]
    entry = re.search(rf"^## {name}\n.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert entry
    assert expected in entry[0]


def test_a_service_lists_the_methods_of_its_class() -> None:
    page = make_pages()["api/qdash_builtin.chips.md"]
    assert "CHIPS: Service[ChipService]" in page
    assert "| `show(access, chip_id)` | Return a chip with its qubits and couplings" in page


def test_a_signature_is_written_as_in_the_source() -> None:
    found = find_source("qdash_core.open_qdash")
    assert isinstance(found, griffe.Function)
    call = make_call("open_qdash", found)
    assert "settings: Settings | None = None" in call
    assert "\n    *,\n" in call
    assert find_source("numpy.ndarray") is None


def test_a_docstring_is_parsed_into_markdown() -> None:
    parsed = parse_docstring(
        """Measure ``a
        + b``.

        - one
        - two

        Parameters
        ----------
        x, y : float
            Numbers a|b,
            in µs.

        Returns
        -------
        Result
            With `x`.

        Raises
        ------
        ValueError
            If not.

        Notes
        -----
        Slow.
        """
    )
    assert parsed.text == "Measure `a + b`.\n\n- one\n- two"
    assert parsed.sections["parameters"] == [(("x", "y"), "float", "Numbers a|b, in µs.")]
    assert parsed.get_text("returns") == "With `x`."
    assert [entry.type for entry in parsed.sections["raises"]] == ["ValueError"]
    assert parsed.notes == "Slow."


def test_a_cell_has_escaped_bars_outside_code() -> None:
    assert make_cell("The state |0>,\nor `str | None`; \\|1>") == r"The state \|0>, or `str | None`; \|1>"
