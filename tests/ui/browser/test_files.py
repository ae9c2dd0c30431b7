"""Files page in the browser: files are written, compared, restored, uploaded and committed, by editors only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from dulwich import porcelain
from playwright.sync_api import expect

from .test_entity_page import tab_to, type_into

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Dialog, Page

    from .dashboard_server import Dashboard
    from .person import Person

_EVIL = "<img src=x onerror=alert(1)>"
_EVIL_TEXT = f"<script>alert(1)</script>{_EVIL}<svg onload=alert(1)>[a](javascript:alert(1))\n"


@pytest.fixture
def ed(person: Person) -> Person:
    return person.log_in_directly("ed")


def write(dashboard: Dashboard, path: str, text: str) -> Path:
    """Write a file as another program does."""
    file = dashboard.files / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def focus_end(page: Page) -> None:
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")


def expect_status(page: Page, text: str) -> None:
    page.get_by_text(text, exact=True).wait_for()


@pytest.mark.slow
def test_a_file_is_edited_compared_and_restored_with_the_keyboard(ed: Person, dashboard: Dashboard) -> None:
    file = write(dashboard, "lab/keyboard/t1.yaml", "Q00: 31.5\n")
    page = ed.open("/files?root=lab&folder=keyboard")
    tab_to(page, "t1.yaml")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="t1.yaml").wait_for()
    ed.wait_until_drawn()
    tab_to(page, "Edit")
    page.keyboard.press("Enter")
    expect_status(page, "No unsaved changes")
    ed.wait_until_drawn()
    type_into(page, "Reason", "after the cool-down")
    tab_to(page, "t1.yaml: press Escape, then Tab to leave the editor")
    page.keyboard.press("Control+End")
    page.keyboard.type("Q00: 32\n")
    page.get_by_role("button", name=re.compile("Line 2.*Q00")).wait_for()
    page.keyboard.press("Control+s")
    page.get_by_role("alert").filter(has_text="line 2").wait_for()
    assert file.read_text() == "Q00: 31.5\n"
    expect_status(page, "● Unsaved changes")
    for _ in "Q00: 32\n":
        page.keyboard.press("Backspace")
    page.keyboard.type("Q01: 32\n")
    page.keyboard.press("Control+s")
    expect_status(page, "No unsaved changes")
    assert file.read_text() == "Q00: 31.5\nQ01: 32\n"

    ed.wait_until_drawn()
    page.keyboard.press("Escape")
    tab_to(page, "History", back=True)
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="after the cool-down").wait_for()
    ed.wait_until_drawn()
    tab_to(page, "1")
    page.keyboard.press("Enter")
    page.get_by_text("+Q01: 32").wait_for()
    ed.wait_until_drawn()
    tab_to(page, "Restore …")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    tab_to(page, "Restore")
    page.keyboard.press("Enter")
    page.get_by_role("cell", name="restored from 1").wait_for()
    assert file.read_text() == "Q00: 31.5\n"
    assert ed.address == "/files?root=lab&file=keyboard%2Ft1.yaml&view=history&version=1"


@pytest.mark.slow
def test_a_change_by_somebody_else_is_shown_and_the_user_chooses(ed: Person, dashboard: Dashboard) -> None:
    file = write(dashboard, "lab/shared.txt", "one\n")
    page = ed.open("/files?root=lab&file=shared.txt&view=edit")
    focus_end(page)
    page.keyboard.type("mine")
    file.write_text("theirs\n")
    page.keyboard.press("Control+s")
    page.get_by_text("Somebody else changed the file").wait_for()
    page.get_by_text("-theirs").wait_for()
    page.get_by_text("+mine").wait_for()
    assert page.locator(".cm-line").all_text_contents() == ["one", "mine"]
    assert file.read_text() == "theirs\n"
    page.get_by_role("button", name="Overwrite with mine").click()
    expect_status(page, "No unsaved changes")
    assert file.read_text() == "one\nmine"

    ed.wait_until_drawn()
    focus_end(page)
    page.keyboard.type("!")
    file.write_text("theirs again\n")
    page.keyboard.press("Control+s")
    page.get_by_role("button", name="Keep theirs").click()
    page.get_by_text("Somebody else").wait_for(state="detached")
    expect(page.locator(".cm-line").first).to_have_text("theirs again")
    expect_status(page, "No unsaved changes")


@pytest.mark.release
def test_an_unsaved_text_is_there_again_after_another_page(ed: Person, dashboard: Dashboard) -> None:
    write(dashboard, "lab/draft.txt", "one\n")
    page = ed.open("/files?root=lab&file=draft.txt&view=edit")
    page.on("dialog", lambda dialog: dialog.accept())
    focus_end(page)
    page.keyboard.type("two")
    page.get_by_role("button", name="Discard changes").wait_for()
    ed.wait_until_drawn()
    page.get_by_role("link", name="Contents").click()
    page.get_by_role("textbox", name="draft.txt: read only").wait_for()
    ed.wait_until_drawn()
    page.get_by_role("link", name="Edit").click()
    expect(page.locator(".cm-line").nth(1)).to_have_text("two")
    page.get_by_role("button", name="Discard changes").click()
    expect_status(page, "No unsaved changes")
    expect(page.locator(".cm-line").nth(1)).to_have_text("")


@pytest.mark.release
def test_names_and_contents_of_files_run_nothing(ed: Person, dashboard: Dashboard) -> None:
    names = [f"{_EVIL}.md", f"{_EVIL}.svg", f"{_EVIL}.html", f"{_EVIL}.csv", f"{_EVIL}.json"]
    for name in names:
        write(dashboard, f"lab/{_EVIL}/{name}", _EVIL_TEXT)
    page = ed.page
    opened: list[str] = []

    def record(dialog: Dialog) -> None:
        opened.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", record)
    ed.open(f"/files?root=lab&folder={_EVIL}")
    for name in names:
        page.get_by_role("link", name=name).wait_for()
    for name in names:
        for view in ("contents", "edit", "history"):
            ed.open(f"/files?root=lab&file={_EVIL}/{name}&view={view}")
            page.get_by_role("heading", name=name).wait_for()
    ed.open(f"/files?root=lab&file={_EVIL}/{names[0]}&view=edit")
    focus_end(page)
    page.keyboard.type(_EVIL)
    page.keyboard.press("Control+s")
    expect_status(page, "No unsaved changes")
    ed.open(f"/files?root=lab&file={_EVIL}/{names[0]}&view=history&version=2")
    page.get_by_text(f"+{_EVIL}").wait_for()
    ed.open(f"/files?root={_EVIL}")
    page.get_by_text("there is no root").wait_for()
    assert opened == []
    assert page.locator("[data-testid=stMain] :is(script, img, iframe)").count() == 0


@pytest.mark.release
def test_a_file_is_uploaded_and_replaced_at_the_second_press_only(ed: Person, dashboard: Dashboard) -> None:
    page = ed.open("/files?root=lab")
    for contents, button in ((b'{"a": 1}', "Upload"), (b'{"a": 2}', "Replace it")):
        page.get_by_role("button", name="Upload …").click()
        page.locator("input[type=file]").set_input_files(
            {"name": "up.json", "mimeType": "application/json", "buffer": contents}
        )
        page.get_by_text("up.json").last.wait_for()
        page.get_by_test_id("stPopoverBody").get_by_role("button", name="Upload", exact=True).last.click()
        if button == "Replace it":
            page.get_by_text("up.json is there already").wait_for()
            assert (dashboard.files / "lab/up.json").read_bytes() == b'{"a": 1}'
            page.get_by_role("button", name=button).click()
        page.get_by_text("Uploaded.").wait_for()
        page.get_by_text("Uploaded.").wait_for(state="detached")
        assert (dashboard.files / "lab/up.json").read_bytes() == contents
        page = ed.open("/files?root=lab")
    ed.open("/files?root=lab&file=up.json")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.path().read_bytes() == b'{"a": 2}'
    assert download.value.suggested_filename == "up.json"


@pytest.mark.release
def test_a_viewer_reads_and_finds_no_button_that_changes(person: Person, dashboard: Dashboard) -> None:
    write(dashboard, "lab/read.yaml", "a: 1\n")
    page = person.log_in_directly("vera").open("/files?root=lab")
    page.get_by_role("link", name="read.yaml").wait_for()
    main = page.get_by_test_id("stMain")
    assert main.get_by_role("button", name=re.compile("…")).count() == 0
    person.open("/files?root=lab&file=read.yaml&view=edit")
    page.get_by_role("textbox", name="read.yaml: read only").wait_for()
    assert main.get_by_role("link", name="Edit").count() == 0
    assert main.get_by_role("button", name=re.compile("Save|Delete|Discard")).count() == 0
    person.open("/files?root=config")
    page.get_by_text("Commits to push").wait_for()
    assert main.get_by_role("button", name=re.compile("Pull|Push|Commit")).count() == 0


@pytest.mark.slow
def test_a_change_of_a_work_tree_is_committed_and_an_administrator_pushes_and_pulls(
    person: Person, dashboard: Dashboard, tmp_path: Path
) -> None:
    page = person.log_in_directly("admin").open("/files?root=config&file=plan.toml&view=edit")
    focus_end(page)
    page.keyboard.type("a = 1")
    page.get_by_role("button", name="Commit").click()
    page.get_by_text("Enter a reason").wait_for()
    page.get_by_role("textbox", name="Reason").fill("the plan")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Commit").click()
    expect_status(page, "No unsaved changes")
    person.open("/files?root=config")
    page.get_by_role("button", name="Push").click()
    page.get_by_text("Push: ").wait_for()

    with porcelain.clone(str(dashboard.files / "remote.git"), tmp_path / "clone") as theirs:
        (tmp_path / "clone/plan.toml").write_text("a = 2\n")
        porcelain.add(theirs, [str(tmp_path / "clone/plan.toml")])
        porcelain.commit(theirs, b"theirs", author=b"b <b@b>", committer=b"b <b@b>")
        porcelain.push(theirs, str(dashboard.files / "remote.git"), b"master")
    write(dashboard, "config/plan.toml", "a = 3\n")
    person.open("/files?root=config")
    page.get_by_role("rowheader", name="plan.toml").first.wait_for()
    page.get_by_role("button", name="Commit all …").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Reason").fill("ours")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for(state="detached")
    person.wait_until_drawn()
    page.get_by_role("button", name="Pull").click()
    page.get_by_role("alert").filter(has_text="plan.toml").wait_for()
    assert (dashboard.files / "config/plan.toml").read_text() == "a = 3\n"


@pytest.mark.parametrize(
    "width",
    [pytest.param(1440, marks=pytest.mark.release), pytest.param(900, marks=pytest.mark.release)],
)
def test_nothing_is_wider_than_the_page(width: int, ed: Person, dashboard: Dashboard) -> None:
    write(dashboard, f"lab/wide/{'long-name-' * 20}.txt", f"{'x' * 2000}\n")
    ed.page.set_viewport_size({"width": width, "height": 900})
    name = f"wide/{'long-name-' * 20}.txt"
    for address in (
        "/files?root=lab&folder=wide",
        f"/files?root=lab&file={name}",
        f"/files?root=lab&file={name}&view=edit",
    ):
        page = ed.open(address)
        page.get_by_text("long-name").first.wait_for()
        main = page.get_by_test_id("stMain")
        assert main.evaluate("one => one.scrollWidth <= one.clientWidth"), address


@pytest.mark.slow
def test_an_execution_links_to_its_files(ed: Person, dashboard: Dashboard) -> None:
    page = ed.open(f"/execution?execution={dashboard.execution}")
    page.get_by_test_id("stMain").get_by_role("link", name="Files").click()
    page.get_by_role("link", name="raw-data/").click()
    page.get_by_role("link", name=re.compile("CheckT1")).first.click()
    page.get_by_role("cell", name="complex128").first.wait_for()
