"""Licences of the distributions that extras install, and notices of the files of others in our wheels."""

from __future__ import annotations

import subprocess
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from release.folder import check_wheels
from release.licences import (
    InstalledDistribution,
    LicenceException,
    LicenceList,
    find_faults,
    is_permitted,
    list_installed,
    list_notices,
    read_licence,
    read_list,
)
from release.members import ROOT, list_projects, read_names, read_version

if TYPE_CHECKING:
    from importlib.metadata import PackageMetadata

KNOWN = LicenceList(
    ("MIT", "Apache-2.0"), {"MIT License": "MIT"}, {"odd": LicenceException("", "Odd terms", "none")}, ()
)
ODD = InstalledDistribution("odd", "1", "", ("qubex",))
BUILT = "qdash/documentation/"
"""Path in the wheel of the site, which `python -m docs` builds."""


def test_every_distribution_that_an_extra_installs_has_a_permitted_licence() -> None:
    assert [*find_faults(list_installed(), read_list())] == []


def test_another_licence_is_a_fault_which_says_what_brings_it() -> None:
    new = InstalledDistribution("new", "2.1", "GPL-3.0-only", ("ui", "prefect"))
    [fault] = find_faults([ODD, new], KNOWN)
    assert fault.startswith("new 2.1 of ui, prefect states the licence 'GPL-3.0-only', which licences.toml")
    [fault] = find_faults([ODD, InstalledDistribution("silent", "1", "", ())], KNOWN)
    assert fault.startswith("silent 1 of qdash states the licence ''")


def test_an_exception_holds_for_the_licence_that_it_was_made_for() -> None:
    assert [*find_faults([ODD], KNOWN)] == []
    [fault] = find_faults([], KNOWN)
    assert fault == "nothing installs odd with the licence '': remove its exception from licences.toml"
    refused, unused = find_faults([InstalledDistribution("odd", "2", "Odder terms", ())], KNOWN)
    assert refused.startswith("odd 2 of qdash states the licence 'Odder terms'")
    assert unused.startswith("nothing installs odd")


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("MIT", True),
        ("MIT AND Apache-2.0", True),
        ("MIT, Apache-2.0", True),
        ("GPL-2.0-only OR MIT", True),
        ("Apache-2.0 AND (GPL-2.0-only OR (MIT))", True),
        ("", False),
        ("GPL-2.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("MIT, GPL-2.0-only", False),
        ("Apache-2.0 AND (GPL-2.0-only OR (MIT AND ISC))", False),
        ("GNU License (MIT)", False),
        ("MIT WITH conditions", False),
    ],
)
def test_one_alternative_has_to_be_permitted_with_all_its_parts(licence: str, *, expected: bool) -> None:
    assert is_permitted(licence, KNOWN.permitted) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"License-Expression": "ISC", "Classifier": "License :: OSI Approved :: MIT License"}, "ISC"),
        ({"Classifier": "License :: OSI Approved :: MIT License", "License": "ours"}, "MIT"),
        ({"Classifier": "Topic :: Physics", "License": "MIT License\n\nCopyright"}, "MIT"),
        ({"License": "ours"}, "ours"),
        ({}, ""),
    ],
)
def test_an_expression_goes_before_classifiers_and_those_before_a_text(
    fields: dict[str, str], expected: str
) -> None:
    metadata: PackageMetadata = Message()  # type: ignore[assignment]  # what importlib.metadata makes it of
    for name, value in fields.items():
        metadata[name] = value  # type: ignore[index]
    assert read_licence(metadata, KNOWN.names) == expected


def test_each_member_has_our_licence_and_each_folder_of_others_its_notices() -> None:
    ours = (ROOT / "LICENSE").read_bytes()
    assert [one for one in list_projects() if (one.parent / "LICENSE").read_bytes() != ours] == []
    folders = {name: one.parent / "src" for name, one in zip(read_names(), list_projects(), strict=True)}
    missing = [
        path
        for name, path in list_notices()
        if ".dist-info/" not in path and not path.startswith(BUILT) and not (folders[name] / path).is_file()
    ]
    assert missing == []


def test_a_release_is_refused_if_a_wheel_lacks_a_notice(tmp_path: Path) -> None:
    needed = [("qdash-core", "qdash_core/build.json"), ("qdash", f"{BUILT}index.html"), *list_notices()]
    notice = f"{BUILT}assets/LICENSE"

    def write_wheels(leaving_out: str = "") -> list[Path]:
        wheels = []
        for name in read_names():
            wheel = tmp_path / f"{name.replace('-', '_')}-{read_version()}-py3-none-any.whl"
            with ZipFile(wheel, "w") as archive:
                for path in (path for owner, path in needed if owner == name and path != leaving_out):
                    archive.writestr(path, "")
            wheels.append(wheel)
        return wheels

    check_wheels(write_wheels())
    with pytest.raises(ValueError, match=f"the wheel of qdash lacks {notice}"):
        check_wheels(write_wheels(leaving_out=notice))


def test_no_other_file_of_a_wheel_has_a_notice_or_is_a_font() -> None:
    listed = [one.folder for one in read_list().files]
    command = ["git", "ls-files", "-z", "--", "src", "packages/*/src"]
    paths = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    unlisted = [
        path
        for path in filter(None, paths)
        if not path.partition("src/")[2].startswith(tuple(f"{folder}/" for folder in listed))
        if Path(path).suffix in (".woff", ".woff2", ".ttf", ".otf") or b"copyright" in read_lower(path)
    ]
    assert unlisted == [], "add their folder to release/licences.toml"


def read_lower(path: str) -> bytes:
    return (ROOT / path).read_bytes().lower() if (ROOT / path).is_file() else b""
