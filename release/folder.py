"""Folder of a release: wheels, an index page for pip and uv, constraints, the files of a server and checksums.

Any web server can serve a copy of it. `pip install --find-links FOLDER --constraint FOLDER/constraints.txt 'qdash[api,ui]'`
installs from it; other distributions come from the package index.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from hashlib import sha256
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from release.licences import list_notices
from release.members import ROOT, read_names, read_version

INDEX = "index.html"
CONSTRAINTS = "constraints.txt"
CHECKSUMS = "SHA256SUMS"
DEPLOY = "deploy.tar.gz"
"""The files of `docs/server.md`."""


def build_release(folder: Path) -> None:
    """Build the release of the checkout in a new folder, which appears complete.

    Raises
    ------
    ValueError
        If the folder exists, the checkout has changes that are not committed, or a wheel lacks something.
    subprocess.CalledProcessError
        If the site or a wheel cannot be built, or `uv.lock` is out of date.
    """
    if folder.exists():
        raise ValueError(f"{folder} exists: name a new folder")
    if changes := _run("git", "status", "--porcelain"):
        raise ValueError(f"the checkout has changes that are not committed:\n{changes}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as work:
        built = Path(work, "release")
        built.mkdir(mode=0o755)
        write_release(built)
        built.rename(folder)


def write_release(folder: Path) -> None:
    """Build site and wheels, and write all files of a release into an empty folder."""
    subprocess.run([sys.executable, "-m", "docs"], cwd=ROOT, check=True)
    build_wheels(folder)
    wheels = sorted(folder.glob("*.whl"))
    check_wheels(wheels)
    (folder / CONSTRAINTS).write_text(make_constraints(), encoding="utf-8")
    (folder / INDEX).write_text(make_index(wheels), encoding="utf-8")
    pack_server_files(folder / DEPLOY)
    lines = (f"{_digest(path)}  {path.name}\n" for path in sorted(folder.iterdir()))
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def build_wheels(folder: Path) -> None:
    """Build the wheel of each distribution."""
    _run("uv", "build", "--quiet", "--all-packages", "--wheel", "--out-dir", str(folder))
    (folder / ".gitignore").unlink(missing_ok=True)


def check_wheels(wheels: list[Path]) -> None:
    """Raise ValueError unless there is one wheel for each distribution, of its version, with revision, documentation and notices."""
    version = read_version()
    expected = {f"{name.replace('-', '_')}-{version}-py3-none-any.whl" for name in read_names()}
    if faults := expected ^ {wheel.name for wheel in wheels}:
        raise ValueError(f"missing or unexpected wheels: {', '.join(sorted(faults))}")
    contents = {wheel.name.partition("-")[0]: zipfile.ZipFile(wheel).namelist() for wheel in wheels}
    for name, needed in (
        ("qdash-core", "qdash_core/build.json"),
        ("qdash", "qdash/documentation/index.html"),
        *list_notices(),
    ):
        if needed not in contents[name.replace("-", "_")]:
            raise ValueError(f"the wheel of {name} lacks {needed}")


def pack_server_files(path: Path) -> None:
    """Write an archive of the folder `deploy` of the last commit."""
    _run("git", "archive", "--format", "tar.gz", "--output", str(path), "HEAD", "deploy")


def make_constraints() -> str:
    """Return the version of each distribution of QDash, and of all others that `uv.lock` has for it."""
    exported = _run(
        "uv",
        "export",
        "--locked",
        "--extra",
        "all",
        "--no-hashes",
        "--no-annotate",
        "--no-header",
        "--no-emit-workspace",
    )
    own = (f"{name}=={read_version()}" for name in sorted(read_names()))
    return "\n".join([*own, *exported.splitlines()]) + "\n"


def make_index(wheels: list[Path]) -> str:
    """Return a page that links each wheel with its checksum, as pip and uv read it with `--find-links`."""
    title = escape(f"QDash {read_version()}")
    names = ((escape(wheel.name), _digest(wheel)) for wheel in wheels)
    links = (f'<a href="{name}#sha256={digest}">{name}</a><br>' for name, digest in names)
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            f"<title>{title}</title>",
            f"<h1>{title}</h1>",
            *links,
            "</html>",
            "",
        ]
    )


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _run(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
