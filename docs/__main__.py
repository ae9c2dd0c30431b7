"""Builds the site of the documentation: `python -m docs [--output FOLDER]`.

By default it goes into the package `qdash`, where `qdash docs` finds it and a later wheel includes it. The file `revision`, written
last, marks a folder as a site; only such a folder is replaced.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from docs.site_check import find_faults
from docs.site_sources import NOT_SEARCHED, ROOT, get_site_path, write_sources
from qdash_builtin.home.documentation import REVISION
from qdash_core.process.build import read_checkout_revision

if TYPE_CHECKING:
    from collections.abc import Iterator

SITE = ROOT / "src/qdash/documentation"
_HERE = Path(__file__).parent


def main() -> None:
    """Build the site, and replace the one that is there unless something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("--output", type=Path, default=SITE, metavar="FOLDER", help="default: %(default)s")
    output: Path = parser.parse_args().output.absolute()
    output.parent.mkdir(parents=True, exist_ok=True)
    with lock_folder(output.parent):
        if output != SITE and output.exists() and not (output / REVISION).is_file():
            parser.error(f"{output} exists and is not a site: name another folder")
    revision = read_checkout_revision(ROOT)
    with TemporaryDirectory(dir=output.parent, prefix=f"{output.name}.") as folder:
        site = build_site(Path(folder))
        if faults := find_faults(site):
            sys.exit("\n".join(faults))
        (site / REVISION).write_text(revision or "", "utf-8")
        replace_site(output, site)
    print(f"{output / 'index.html'} is ready")  # noqa: T201  the result of the command


def replace_site(output: Path, site: Path) -> None:
    """Put a site in the place of another one, which goes where the site was. Concurrent calls wait for each other."""
    with lock_folder(output.parent):
        if output.exists():
            output.rename(site.with_name("replaced"))
        site.rename(output)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Wait for a lock of a folder, and hold it: within it a site that is being replaced is never absent."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def build_site(work: Path) -> Path:
    """Build the site in an empty folder, and return the folder of the site."""
    sources, site = work / "sources", work / "site"
    write_sources(sources)
    shutil.copytree(_HERE / "iframe-worker", sources / "iframe-worker")
    shutil.copy(_HERE / "search_words.js", sources)
    shutil.copyfile(_HERE / "zensical.toml", work / "zensical.toml")
    subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=work, check=True)
    for needless in ("404.html", "sitemap.xml", "objects.inv"):
        (site / needless).unlink(missing_ok=True)
    write_licences(site / "assets")
    for page in sources.rglob("*.md"):
        path = page.relative_to(sources)
        if not path.as_posix().startswith(tuple(map(get_site_path, NOT_SEARCHED))):
            (site / "sources" / path.parent).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page, site / "sources" / path)
    return site


def write_licences(assets: Path) -> None:
    """Write the licences of the theme and of its icons, which Zensical does not put into a site."""
    files = distribution("zensical").files or ()
    found = [one for one in files if one.name.startswith("LICENSE") and {"licenses", ".icons"} & {*one.parts}]
    texts = (f"{one}\n\n{one.read_text('utf-8').strip()}\n" for one in sorted(found))
    (assets / "LICENSE").write_text(f"\n{'-' * 80}\n\n".join(texts), "utf-8")


if __name__ == "__main__":
    main()
