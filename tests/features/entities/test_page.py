"""Page of an entity of a plugin: table, and forms to add, edit and delete a record."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from qdash_builtin.entities.composition import open_entity
from qdash_builtin.entities.pages import entity_records
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import ProjectRole
from qdash_core.models.token import TokenScope
from qdash_ui_streamlit import process_cache

from ...helium_fills import FILLS, Purity, declare_fills, make_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry

    from ...helium_fills import HeliumFill
    from ...ui.conftest import DashboardPages

PLACE = "helium-fills"
DRAW = partial(entity_records.render, entity=FILLS)


@pytest.fixture
def registry() -> Registry:
    return load_plugins(extra={"gas": make_plugin(FILLS)})


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process with a plugin of two entities, one with the path of a page."""
    chip = declare_fills(name="chip-fill", plural="chip")
    loaded = load_plugins(extra={"gas": make_plugin(FILLS, chip)})
    monkeypatch.setattr(process_cache, "_load_registry", lambda: loaded)
    process_cache.get_installed_pages.cache_clear()
    yield
    process_cache.get_installed_pages.cache_clear()


def create_fill(pages: DashboardPages, **fields: Any) -> HeliumFill:
    return open_entity(pages.qdash, FILLS).create(pages.qdash.access("editor"), **{"litres": 50.0, **fields})


def edit_fill(pages: DashboardPages, fill: HeliumFill, **fields: Any) -> None:
    open_entity(pages.qdash, FILLS).edit(pages.qdash.access("owner"), fill.record_id, **fields)


def list_fills(pages: DashboardPages) -> list[HeliumFill]:
    return open_entity(pages.qdash, FILLS).list_by_project(pages.qdash.access("viewer"))


def submit(drawn: AppTest, label: str, **fields: Any) -> AppTest:
    """Return the page after these fields of the form with a button of this label were set, and it was pressed."""
    (button,) = (one for one in drawn.button if one.label == label)
    widgets = [*drawn.number_input, *drawn.text_input, *drawn.selectbox, *drawn.get("date_time_input")]
    for name, value in fields.items():
        (widget,) = (one for one in widgets if one.label == name and one.form_id == button.form_id)
        widget.set_value(value)
    return button.click().run()


def read_inputs(drawn: AppTest, form: str) -> dict[str, Any]:
    """Return the values of a form by the label of the input."""
    widgets = [*drawn.number_input, *drawn.text_input, *drawn.selectbox, *drawn.get("date_time_input")]
    return {one.label: one.value for one in widgets if one.form_id == f"{PLACE}.{form}"}


def read_rows(drawn: AppTest) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read_table(drawn)["rows"]
    return rows


def read_components(drawn: AppTest) -> list[dict[str, Any]]:
    return [json.loads(one.proto.json) for one in drawn.get("bidi_component")]


def read_table(drawn: AppTest) -> dict[str, Any]:
    (table,) = (one for one in read_components(drawn) if "rows" in one)
    return table


def list_problems(drawn: AppTest) -> list[str]:
    return [one.value for one in (*drawn.error, *drawn.warning)]


def test_an_entity_has_a_page_unless_its_path_is_taken(installed: None) -> None:
    pages = process_cache.get_installed_pages()
    (page,) = (one for one in pages.placed if one.path == PLACE)
    assert (page.title, page.group, page.hidden) == ("Helium fills", "Plugins", False)
    assert pages.set_aside["Chip"] == "its path 'chip' is already used by page 'Chip': choose another one"


@pytest.mark.slow
def test_a_page_without_records_says_so(dashboard_pages: DashboardPages) -> None:
    drawn = dashboard_pages.page(DRAW, "viewer")
    assert drawn.title[0].value == "Helium fills"
    assert [one.value for one in drawn.info] == ["There are no helium fills yet."]
    assert not drawn.button
    (heard,) = (one["kinds"] for one in read_components(drawn) if "kinds" in one)
    assert heard == [f"{FILLS.name}.*"]


@pytest.mark.slow
def test_the_table_has_the_columns_of_the_entity_and_links_for_editors(
    dashboard_pages: DashboardPages,
) -> None:
    create_fill(dashboard_pages, litres=40, supplier="Cold Gases", filled_at="2026-11-20T08:30:00Z")
    fill = create_fill(dashboard_pages, leaked=True)
    drawn = dashboard_pages.page(DRAW, "viewer")
    assert [(title, kind) for _, title, kind, _, _ in read_table(drawn)["columns"]] == [
        ("Helium fill", "text"),
        ("Volume (l)", "number"),
        ("Purity", "text"),
        ("Leaked", "text"),
        ("Filled", "time"),
        ("Supplier", "text"),
        ("Username", "text"),
    ]
    newest, older = read_rows(drawn)
    assert (newest["leaked"], newest.get("supplier"), older["supplier"]) == ("yes", None, "Cold Gases")
    assert older["filled_at"] == "2026-11-20T08:30:00Z"
    assert "record_id.href" not in newest
    newest, _ = read_rows(dashboard_pages.page(DRAW, "editor"))
    assert newest["record_id.href"] == f"/{PLACE}?record={fill.record_id}"


def join_html(page: AppTest) -> str:
    return "".join(one.proto.body for one in page.get("html"))


@pytest.mark.slow
def test_long_lists_have_pages(monkeypatch: pytest.MonkeyPatch, dashboard_pages: DashboardPages) -> None:
    monkeypatch.setattr(entity_records, "_PAGE", 2)
    fills = [create_fill(dashboard_pages, litres=number) for number in (1, 2, 3)]
    drawn = dashboard_pages.page(DRAW, "viewer")
    assert [row["litres"] for row in read_rows(drawn)] == [3, 2]
    (cursor,) = re.findall(r"after=([^\"&]+)", join_html(drawn))
    drawn = dashboard_pages.page(DRAW, "viewer", after=unquote(cursor))
    assert [row["litres"] for row in read_rows(drawn)] == [1]
    assert "← Newest" in join_html(drawn)
    assert len(fills) == 3


@pytest.mark.slow
def test_the_table_is_filtered_by_the_declared_fields(dashboard_pages: DashboardPages) -> None:
    create_fill(dashboard_pages, litres=1, filled_at="2026-11-20T08:30:00Z")
    create_fill(dashboard_pages, litres=2, purity="6.0", leaked=True)
    view = dashboard_pages.view("viewer")
    for params, found in (
        ({"by-purity": "6.0"}, [2]),
        ({"by-leaked": "no"}, [1]),
        ({"by-litres_min": "2"}, [2]),
        ({"by-filled_at_since": "2026-11-20", "by-filled_at_until": "2026-11-20"}, [1]),
    ):
        drawn = dashboard_pages.draw(DRAW, view, **params)
        assert [row["litres"] for row in read_rows(drawn)] == found
        assert "Volume (l) from" in {one.label for one in drawn.text_input}
    drawn = dashboard_pages.draw(DRAW, view, **{"by-username": "nobody"})
    assert [one.value for one in drawn.info] == ["There are no matching helium fills."]
    drawn = dashboard_pages.draw(DRAW, view, **{"by-litres_min": "many"})
    assert any("litres_min" in problem for problem in list_problems(drawn))


@pytest.mark.slow
def test_a_record_is_added_with_each_kind_of_field(dashboard_pages: DashboardPages) -> None:
    drawn = dashboard_pages.page(DRAW, "editor")
    assert read_inputs(drawn, "new") == {
        "Volume (l)": None,
        "Purity": "5.0",
        "Leaked": False,
        "Filled": None,
        "Supplier": "",
    }
    fields = {
        "Volume (l)": 0.123456789,
        "Purity": "6.0",
        "Leaked": True,
        "Filled": datetime(2026, 7, 1, 10, 30),  # noqa: DTZ001  as typed, in Zurich
        "Supplier": "Cold Gases",
    }
    drawn = submit(drawn, "Create", **fields)
    (fill,) = list_fills(dashboard_pages)
    assert (fill.litres, fill.purity, fill.leaked) == (0.123456789, Purity.PURER, True)
    assert (fill.supplier, fill.username) == ("Cold Gases", "editor")
    assert fill.filled_at == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    assert not list_problems(drawn)
    assert [one.value for one in drawn.toast] == ["Saved."]
    assert read_inputs(drawn, "new")["Supplier"] == ""
    assert [row["record_id"] for row in read_rows(drawn)] == [fill.record_id]


@pytest.mark.slow
def test_the_form_asks_for_an_id_that_users_choose(dashboard_pages: DashboardPages) -> None:
    named = declare_fills(chosen_ids=True, filters=())
    drawn = dashboard_pages.page(partial(entity_records.render, entity=named), "editor")
    assert drawn.text_input[0].label == "Helium fill"


@pytest.mark.slow
def test_a_refused_record_keeps_the_input_and_shows_the_message_of_the_host(
    dashboard_pages: DashboardPages,
) -> None:
    drawn = submit(dashboard_pages.page(DRAW, "editor"), "Create", Supplier="Cold Gases")
    assert list_problems(drawn) == ["Enter a value."]
    drawn = submit(drawn, "Create", **{"Volume (l)": 5.0, "Supplier": "nobody"})
    assert list_problems(drawn) == ["Nobody delivers no helium"]
    assert read_inputs(drawn, "new")["Volume (l)"] == 5.0
    assert not list_fills(dashboard_pages)
    drawn = submit(drawn, "Create", Supplier="")
    assert not list_problems(drawn)
    assert [one.litres for one in list_fills(dashboard_pages)] == [5.0]


@pytest.mark.slow
def test_only_changed_fields_are_edited_and_a_time_can_be_cleared(dashboard_pages: DashboardPages) -> None:
    fill = create_fill(dashboard_pages, purity="6.0", filled_at="2026-11-20T08:30:59Z", supplier="Cold Gases")
    drawn = dashboard_pages.page(DRAW, "editor", record=fill.record_id)
    assert read_inputs(drawn, fill.record_id) == {
        "Volume (l)": 50.0,
        "Purity": "6.0",
        "Leaked": False,
        "Filled": datetime(2026, 11, 20, 9, 30),  # noqa: DTZ001  as shown, in Zurich
        "Supplier": "Cold Gases",
    }
    drawn = submit(drawn, "Save", Supplier="")
    (changed,) = list_fills(dashboard_pages)
    assert changed.model_dump(exclude={"supplier", "updated_at"}) == fill.model_dump(
        exclude={"supplier", "updated_at"}
    )
    assert changed.supplier == ""
    drawn = submit(drawn, "Save", Filled=None)
    (changed,) = list_fills(dashboard_pages)
    assert changed.filled_at is None
    assert list_problems(submit(drawn, "Save")) == ["No field was changed"]


@pytest.mark.slow
def test_a_stale_edit_is_refused_and_says_what_was_not_saved(dashboard_pages: DashboardPages) -> None:
    fill = create_fill(dashboard_pages)
    drawn = dashboard_pages.page(DRAW, "editor", record=fill.record_id)
    edit_fill(dashboard_pages, fill, litres=60)
    drawn = submit(drawn, "Save", Supplier="Cold Gases")
    (problem,) = list_problems(drawn)
    assert problem == (
        f"Helium fill {fill.record_id} was changed since it was read: read it again, and decide. "
        "The form shows the present values. Not saved: Supplier Cold Gases"
    )
    assert read_inputs(drawn, fill.record_id)["Volume (l)"] == 60
    assert [(one.litres, one.supplier) for one in list_fills(dashboard_pages)] == [(60, "")]
    assert not list_problems(submit(drawn, "Save", Supplier="Cold Gases"))
    assert [(one.litres, one.supplier) for one in list_fills(dashboard_pages)] == [(60, "Cold Gases")]


@pytest.mark.slow
def test_the_deletion_of_a_record_is_confirmed(dashboard_pages: DashboardPages) -> None:
    fill = create_fill(dashboard_pages)
    drawn = submit(dashboard_pages.page(DRAW, "editor", record=fill.record_id), "Delete …")
    assert list_fills(dashboard_pages) == [fill]
    assert [one.label for one in drawn.button][-2:] == ["Delete", "Go back"]


@pytest.mark.slow
def test_an_unknown_record_is_reported_beside_the_list(dashboard_pages: DashboardPages) -> None:
    create_fill(dashboard_pages)
    drawn = dashboard_pages.page(DRAW, "editor", record="nope")
    assert list_problems(drawn)[0].startswith("There is no helium fill 'nope' in project default")
    assert len(read_rows(drawn)) == 1
    assert [one.label for one in drawn.button] == ["Create"]


@pytest.mark.slow
def test_only_users_with_the_role_of_the_entity_see_forms(dashboard_pages: DashboardPages) -> None:
    fill = create_fill(dashboard_pages)
    for username, role, scope, buttons in (
        ("viewer", ProjectRole.EDITOR, TokenScope.ADMIN, []),
        ("editor", ProjectRole.EDITOR, TokenScope.READ, []),
        ("editor", ProjectRole.EDITOR, TokenScope.WRITE, ["Save", "Delete …", "Create"]),
        ("editor", ProjectRole.OWNER, TokenScope.ADMIN, ["Delete …"]),
        ("owner", ProjectRole.OWNER, TokenScope.ADMIN, ["Save", "Delete …", "Create"]),
    ):
        render = partial(entity_records.render, entity=declare_fills(edit_role=role))
        drawn = dashboard_pages.draw(render, dashboard_pages.view(username, scope), record=fill.record_id)
        assert [one.label for one in drawn.button] == buttons, (username, role, scope)
        assert len(read_rows(drawn)) == 1
