"""Page of licences, from the installed distributions."""

from __future__ import annotations

from importlib.metadata import version

from docs.make_licences import make_page
from release.licences import read_list


def test_the_page_has_each_distribution_with_its_licence_and_the_extras_that_install_it() -> None:
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in make_page().splitlines()}
    assert rows["numpy"].endswith(" | none |")
    assert rows["streamlit"] == f"| streamlit | {version('streamlit')} | Apache-2.0 | `ui` |"
    assert rows["starlette"].endswith(" | BSD-3-Clause | `api`, `mcp`, `prefect`, `ui` |")
    assert "qdash-core" not in rows


def test_the_page_has_the_reason_of_each_exception_and_the_files_of_others() -> None:
    page, known = make_page(), read_list()
    for name, one in known.exceptions.items():
        assert f"| {name} | {one.licence} | {one.reason} |" in page
        assert f"| [exception](#exceptions): {one.licence} |" in page
    assert all(f"| `{one.folder}` | {one.of} | {one.licence} |" in page for one in known.files)
