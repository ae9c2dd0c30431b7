"""Download of the libraries of the pages `/docs` and `/redoc` from npm, for a new version of one of them.

`uv run python packages/qdash-api/fetch_page_libraries.py` replaces the folder `html/libraries`; the host itself
downloads nothing. Set the new version and its integrity (`npm view NAME@VERSION dist.integrity`) below.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = Path(__file__).parent / "src/qdash_api/html/libraries"


@dataclass(frozen=True)
class Library:
    """Files of an npm package.

    Parameters
    ----------
    package : str
        Package and version.
    integrity : str
        SHA-512 of its archive, as npm states it.
    files : tuple of str
        The used files, licences included.
    replaced : tuple of bytes pairs
        Texts of the files, each once, and what takes their place.
    """

    package: str
    integrity: str
    files: tuple[str, ...]
    replaced: tuple[tuple[bytes, bytes], ...] = ()


PAGE_LIBRARIES = {
    "swagger-ui": Library(
        "swagger-ui-dist@5.35.0",
        "sha512-U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ==",
        ("swagger-ui-bundle.js", "swagger-ui.css", "swagger-ui-bundle.js.LICENSE.txt", "LICENSE", "NOTICE"),
    ),
    "redoc": Library(
        "redoc@2.5.4",
        "sha512-M6jWhG1qoBnH6TFmzJnstyCZ87HmOY/UzDm78mHiYihEdlV/YcS9ogOo1NlElnJMeLsyxHFe2yFc4sNjHTrABQ==",
        ("bundles/redoc.standalone.js", "bundles/redoc.standalone.js.LICENSE.txt", "LICENSE"),
        # The page would load this picture from the internet.
        ((b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,"),),
    ),
}


def fetch(library: Library, folder: Path) -> None:
    """Download a library, and write its files to a new folder.

    Raises
    ------
    ValueError
        If the archive is not the expected one, or a text to replace does not occur once.
    """
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(("npm", "pack", "--silent", library.package), cwd=place, check=True)  # noqa: S603, S607
        (archive,) = Path(place).iterdir()
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{digest}" != library.integrity:
            raise ValueError(f"{library.package} is another archive: sha512-{digest}")
        with tarfile.open(archive) as members:
            found = {one: _read_member(members, one) for one in library.files}
    for old, new in library.replaced:
        if sum(text.count(old) for text in found.values()) != 1:
            raise ValueError(f"{library.package} does not have {old!r} once")
        found = {name: text.replace(old, new) for name, text in found.items()}
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, text in found.items():
        (folder / Path(name).name).write_bytes(text)


def _read_member(members: tarfile.TarFile, name: str) -> bytes:
    member = members.extractfile(f"package/{name}")
    assert member is not None
    return member.read()


def main() -> int:
    """Fetch every library, and write the checksums of all files."""
    for name, library in PAGE_LIBRARIES.items():
        fetch(library, LIBRARIES / name)
    files = sorted(one for one in LIBRARIES.rglob("*") if one.parent != LIBRARIES and one.is_file())
    lines = (
        f"{hashlib.sha256(one.read_bytes()).hexdigest()}  {one.relative_to(LIBRARIES).as_posix()}\n"
        for one in files
    )
    (LIBRARIES / "SHA256SUMS").write_text("".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
