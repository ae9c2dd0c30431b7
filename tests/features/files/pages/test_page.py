"""Files page: roots, folders and files of a project, with the actions that the user may perform."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from qdash_builtin.files.pages import files
from qdash_core.models.token import TokenScope

from ....ui.problems import list_problems
from .drawn_page import find_data, find_widget, list_labels, read_html

if TYPE_CHECKING:
    from .conftest import FilePages

pytestmark = pytest.mark.slow

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f0005050102cf8e1f4b0000000049454e44ae426082"
)
ODD = '<img src=x onerror="alert(1)">[a](https:..b) *c*.txt'
"""Name of a file that would be HTML or Markdown."""


def test_roots_of_the_project_are_listed_with_access(file_pages: FilePages) -> None:
    rows = find_data(file_pages.draw(), "rows")["rows"]
    assert [(one["name"], one["kind"], one["access"]) for one in rows] == [
        ("config", "git work tree", "read and write"),
        ("executions", "raw data and exports", "read"),
        ("gone", "folder, missing", "read and write"),
        ("lab", "folder", "read and write"),
    ]
    rows = find_data(file_pages.draw("viewer"), "rows")["rows"]
    assert {one["access"] for one in rows} == {"read"}


def test_an_unknown_root_is_reported_above_the_known_ones(file_pages: FilePages) -> None:
    drawn = file_pages.draw(root="secret", file="token")
    assert list_problems(drawn) == ["There is no root 'secret' in project default"]
    assert "secret" not in [one["name"] for one in find_data(drawn, "rows")["rows"]]


def test_a_missing_folder_says_what_to_check(file_pages: FilePages) -> None:
    drawn = file_pages.draw(root="gone")
    assert [one.value for one in drawn.info] == [
        "The folder of root gone is missing.  \nCheck that its disk is mounted."
    ]


def test_a_folder_lists_folders_and_files_with_sizes_below_its_path(file_pages: FilePages) -> None:
    (file_pages.lab / "params" / ODD).write_text("x" * 1500)
    (file_pages.lab / "params/deep").mkdir()
    (file_pages.lab / "params/link").symlink_to("/etc/passwd")
    drawn = file_pages.draw(root="lab", folder="params")
    rows = find_data(drawn, "rows")["rows"]
    assert [(one["name"], one["kind"], one["size"]) for one in rows] == [
        ("deep/", "folder", None),
        (ODD, "file", 1.5),
        ("link", "link or device, not opened", None),
        ("t1.yaml", "file", 0.01),
    ]
    assert [one["href"] for one in rows][::3] == [
        "/files?root=lab&folder=params%2Fdeep",
        "/files?root=lab&file=params%2Ft1.yaml",
    ]
    assert rows[2]["href"] is None
    assert re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', read_html(drawn)) == [
        ("/files", "Files"),
        ("/files?root=lab", "lab"),
    ]
    assert '<li aria-current="page">params</li>' in read_html(drawn)


@pytest.mark.parametrize(
    ("username", "scope", "buttons"),
    [
        ("editor", TokenScope.WRITE, ["New file …", "Upload …"]),
        ("editor", TokenScope.READ, []),
        ("viewer", TokenScope.ADMIN, []),
    ],
)
def test_only_editors_see_the_actions_of_a_folder_and_of_a_file(
    username: str, scope: TokenScope, buttons: list[str], file_pages: FilePages
) -> None:
    view = file_pages.pages.view(username, scope)
    drawn = file_pages.pages.draw(files.render, view, root="lab")
    assert not drawn.exception
    assert [one.proto.popover.label for one in drawn.get("popover")] == buttons
    drawn = file_pages.pages.draw(files.render, view, root="lab", file="params/t1.yaml", view="edit")
    assert ("Delete …" in list_labels(drawn)) is bool(buttons)
    assert ("view=edit" in read_html(drawn)) is bool(buttons)
    assert find_data(drawn, "mode")["read_only"] is not bool(buttons)


def test_a_text_is_shown_with_its_syntax_and_download(file_pages: FilePages) -> None:
    drawn = file_pages.draw("viewer", root="lab", file="params/t1.yaml")
    shown = find_data(drawn, "mode")
    assert (shown["text"], shown["mode"], shown["read_only"]) == ("Q00: 31.5\n", "yaml", True)
    assert 'href="/host/default/files/lab/content?path=params%2Ft1.yaml"' in read_html(drawn)


@pytest.mark.parametrize("name", ["page.html", "drawing.svg"])
def test_html_and_svg_are_text(name: str, file_pages: FilePages) -> None:
    text = "<svg onload='alert(1)'><script>alert(1)</script></svg>"
    (file_pages.lab / name).write_text(text)
    drawn = file_pages.draw(root="lab", file=name)
    assert find_data(drawn, "mode")["text"] == text
    assert "<script" not in read_html(drawn)


def test_a_table_shows_its_rows(file_pages: FilePages) -> None:
    (file_pages.lab / "t1.csv").write_text("qid,t1\n0,31.5\n1,<b>\n")
    data = find_data(file_pages.draw(root="lab", file="t1.csv"), "rows")
    assert [one[1] for one in data["columns"]] == ["qid", "t1"]
    assert [[*one.values()] for one in data["rows"]] == [["0", "31.5"], ["1", "<b>"]]


def test_a_table_with_more_rows_than_are_shown_can_be_edited(file_pages: FilePages) -> None:
    text = "qid,t1\n" + "0,31.5\n" * 300
    (file_pages.lab / "t1.csv").write_text(text)
    drawn = file_pages.draw(root="lab", file="t1.csv", view="edit")
    assert find_data(drawn, "save_label")["text"] == text


def test_an_image_is_part_of_the_page(file_pages: FilePages) -> None:
    (file_pages.lab / '"x.png').write_bytes(PNG)
    html = read_html(file_pages.draw(root="lab", file='"x.png'))
    assert '<img src="data:image/png;base64,iVBOR' in html
    assert 'alt="&quot;x.png"' in html


def test_arrays_show_shape_type_and_first_values(file_pages: FilePages) -> None:
    np.savez(file_pages.lab / "sweep.npz", delay=np.arange(6.0).reshape(2, 3))
    (row,) = find_data(file_pages.draw(root="lab", file="sweep.npz"), "rows")["rows"]
    assert (row["name"], row["shape"], row["dtype"]) == ("delay", "2 × 3", "float64")
    assert row["values"] == "0.0, 1.0, 2.0, 3.0, 4.0, 5.0"


def test_other_files_are_for_download_and_cannot_be_edited(file_pages: FilePages) -> None:
    (file_pages.lab / "a.bin").write_bytes(b"\0\xff")
    drawn = file_pages.draw(root="lab", file="a.bin", view="edit")
    assert [one.value for one in drawn.info] == [
        "The file is not text, an image or an array.  \nDownload it."
    ]
    assert "view=edit" not in read_html(drawn)
    (file_pages.lab / "long.txt").write_text("x" * 1_100_000)
    drawn = file_pages.draw(root="lab", file="long.txt", view="edit")
    assert "The file has more than is shown: download it." in [one.value for one in drawn.caption]
    assert "view=edit" not in read_html(drawn)


def test_an_absent_file_is_reported_and_written_by_editors(file_pages: FilePages) -> None:
    drawn = file_pages.draw(root="lab", file="new/a.json")
    assert list_problems(drawn) == ["There is no lab:new"]
    drawn = file_pages.draw(root="lab", file="new/a.json", view="edit")
    shown = find_data(drawn, "mode")
    assert (shown["text"], shown["version"], shown["save_unchanged"]) == ("", "", True)
    drawn = file_pages.draw("viewer", root="lab", file="new/a.json", view="edit")
    assert list_problems(drawn)


def test_a_deleted_file_shows_its_history(file_pages: FilePages) -> None:
    drawn = file_pages.draw(root="lab", file="params/t1.yaml")
    find_widget(drawn.button, "Delete …").click().run()
    assert (file_pages.lab / "params/t1.yaml").exists(), "after confirmation only"
    place = file_pages.make_place("params/t1.yaml")
    place.delete("of another chip", seen=hashlib.sha256(b"Q00: 31.5\n").hexdigest())
    assert file_pages.list_versions("params/t1.yaml") == [
        ("deleted", "editor", "of another chip"),
        ("found", "", ""),
    ]
    drawn = file_pages.draw(root="lab", file="params/t1.yaml")
    assert list_problems(drawn) == ["There is no lab:params/t1.yaml"]
    assert [one["change"] for one in find_data(drawn, "rows")["rows"]] == [
        "deleted",
        "written outside QDash",
    ]
