"""Records of an entity in the panel of the chip that they refer to, and on the page of the entity by chip."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.entities.composition import open_attachments, open_entity
from qdash_builtin.entities.pages import entity_records
from qdash_core.features.sections import SectionSubject
from qdash_core.hooks.manager import load_plugins
from qdash_ui_streamlit import process_cache

from ...core.chips.samples import make_chip
from ...helium_fills import FILLS, make_plugin
from ...sample_log import PHOTO, SAMPLES

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_core.hooks.manager import Registry

    from ...ui.conftest import DashboardPages


@pytest.fixture
def registry() -> Registry:
    return load_plugins(extra={"samples": make_plugin(SAMPLES), "gas": make_plugin(FILLS)})


def list_names(drawn: AppTest) -> list[Any]:
    components = [json.loads(one.proto.json) for one in drawn.get("bidi_component")]
    return [row["name"] for one in components for row in one.get("rows", ())]


def test_only_entities_that_refer_to_chips_have_a_section(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_cache, "_load_registry", lambda: registry)
    process_cache.get_installed_sections.cache_clear()
    own = [one for plugin, one in process_cache.get_installed_sections() if plugin in ("samples", "gas")]
    process_cache.get_installed_sections.cache_clear()
    assert [(one.slot, one.title) for one in own] == [("chip_panel", "Samples")]


@pytest.mark.slow
def test_the_panel_of_a_chip_and_the_page_by_chip_list_its_records(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    access = qdash.access("editor")
    for chip_id in ("A", "B"):
        make_chip(qdash.store, chip_id, project_id=access.project_id)
    samples = open_entity(qdash, SAMPLES)
    samples.create(access, name="wafer", chip_id="A", target="0")
    die = samples.create(access, name="die", chip_id="A").record_id
    open_attachments(qdash, SAMPLES).add(access, die, "left side.jpg", PHOTO)
    samples.create(access, name="other", chip_id="B")
    for subject, found in (
        (SectionSubject("A"), ["die", "wafer"]),
        (SectionSubject("A", "0"), ["wafer"]),
        (SectionSubject("C"), []),
    ):
        draw = partial(entity_records.draw_section, entity=SAMPLES, subject=subject)
        drawn = dashboard_pages.page(draw, "viewer")
        assert list_names(drawn) == found
        assert [one.value for one in drawn.subheader] == (["Samples"] if found else [])
    page = partial(entity_records.render, entity=SAMPLES)
    assert list_names(dashboard_pages.page(page, "viewer", chip="B")) == ["other"]
    (link,) = (
        one.proto.body
        for one in dashboard_pages.page(page, "viewer", record=die).get("html")
        if "download=" in one.proto.body
    )
    assert f"/entities/samples/{die}/attachments/left%20side.jpg" in link
    assert f"left side.jpg ({len(PHOTO)}\N{NO-BREAK SPACE}B)" in link
    drawn = dashboard_pages.page(page, "viewer", chip="C")
    assert [one.value for one in drawn.info] == ["There are no samples of chip C."]


def attach(drawn: AppTest, name: str, contents: bytes) -> AppTest:
    drawn = drawn.file_uploader[0].set_value((name, contents, "application/octet-stream")).run()
    (button,) = (one for one in drawn.button if one.label == "Attach")
    return button.click().run()


@pytest.mark.slow
def test_editors_attach_files_and_images_are_shown(dashboard_pages: DashboardPages) -> None:
    qdash = dashboard_pages.qdash
    access = qdash.access("editor")
    make_chip(qdash.store, "A", project_id=access.project_id)
    record = open_entity(qdash, SAMPLES).create(access, name="die", chip_id="A").record_id
    page = partial(entity_records.render, entity=SAMPLES)
    assert not dashboard_pages.page(page, "viewer", record=record).file_uploader
    drawn = dashboard_pages.page(page, "editor", record=record)
    (control,) = drawn.file_uploader
    assert control.label == "Attach a file, up to 2.1\N{NO-BREAK SPACE}MB"
    assert {".jpg", ".png", ".pdf"} <= {*control.proto.type}
    assert ".txt" not in control.proto.type
    drawn = attach(drawn, "left side.jpg", PHOTO)
    drawn = attach(drawn, "data.pdf", b"%PDF-1.7")
    assert not drawn.error
    texts = "".join(one.proto.body for one in drawn.get("html"))
    assert texts.count("<img ") == 1
    assert f'/entities/samples/{record}/attachments/left%20side.jpg" alt="left side.jpg"' in texts
    assert "data.pdf (8\N{NO-BREAK SPACE}B)" in texts
    drawn = attach(drawn, "large.png", b"." * (2 * 2**20 + 1))
    assert "large.png" in drawn.error[0].value
    drawn = attach(drawn, "-odd.png", b"image")
    assert "is not a valid file name" in drawn.error[0].value
    files = open_attachments(qdash, SAMPLES).list_by_record(access, record)
    assert [one.name for one in files] == ["data.pdf", "left side.jpg"]
