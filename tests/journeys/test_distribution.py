"""Wheel of the distribution `qdash`: from a clone, from the files of the image, with and without the site."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZipFile

import pytest

from ..site_folder import make_site

ROOT = Path(__file__).parents[2]
IN_WHEEL = "qdash/documentation/"


def list_clone() -> list[str]:
    """Return the files of a clone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for path in listed.stdout.split("\0") if path and (ROOT / path).is_file()]


def list_image_files(paths: list[str]) -> list[str]:
    """Return the files that the first stage of the Dockerfile has before it installs: those that `.dockerignore` leaves, if a COPY names them."""
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8").partition("\nRUN uv sync")[0]
    copied = [
        name for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    ]
    return [path for path in paths if is_below(path, copied) and not is_ignored(path)]


def is_ignored(path: str) -> bool:
    """Return whether `.dockerignore` leaves a file out: the last rule that fits it or a folder of it decides."""
    ignored = False
    for rule in (ROOT / ".dockerignore").read_text("utf-8").split():
        pattern, keeps = rule.removeprefix("!"), rule.startswith("!")
        parts = [path, *map(str, Path(path).parents)][:-1]
        if any(fnmatch(part, pattern) or fnmatch(f"/{part}", pattern.replace("**/", "*/")) for part in parts):
            ignored = not keeps
    return ignored


def is_below(path: str, names: list[str]) -> bool:
    return any(path == name or path.startswith(f"{name}/") for name in names)


def test_the_image_has_every_file_that_the_wheel_is_built_from() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel) == {"packages", "artifacts"}
    named = [project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml", "uv.lock"]
    paths = [path for path in list_clone() if path in named or is_below(path, wheel["packages"])]
    kept = list_image_files(paths)
    assert set(named) <= set(kept)
    assert [path for path in paths if is_below(path, wheel["packages"]) and path not in kept] == []
    assert is_below("src/qdash/documentation/index.html", wheel["artifacts"])
    assert list_image_files(
        ["src/qdash/documentation/index.html", "docs/operator.md", "src/__pycache__/a.pyc"]
    ) == ["src/qdash/documentation/index.html"]


@pytest.mark.slow
@pytest.mark.parametrize("select", [list, list_image_files], ids=["clone", "image"])
def test_a_wheel_holds_the_site_if_it_was_built(tmp_path: Path, select: object) -> None:
    source = tmp_path / "source"
    assert callable(select)
    for path in select(list_clone()):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, source / path)
    (source / ".gitignore").write_bytes(
        (ROOT / ".gitignore").read_bytes()
    )  # as hatchling finds it in a checkout
    without = build_wheel(source, tmp_path / "without")
    assert "qdash/__init__.py" in without
    assert [name for name in without if name.startswith(IN_WHEEL)] == []
    make_site(source / "src/qdash", {"operator.md": "# For operators\n"})
    added = build_wheel(source, tmp_path / "with") - without
    assert added == {f"{IN_WHEEL}{name}" for name in ("index.html", "operator.html", "sources/operator.md")}


def build_wheel(source: Path, folder: Path) -> set[str]:
    """Build a wheel, and return the names of its files."""
    subprocess.run(["uv", "build", "-q", "--wheel", "-o", str(folder), str(source)], check=True)
    [wheel] = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        return set(archive.namelist())
