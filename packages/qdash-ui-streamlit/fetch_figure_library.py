"""Download of Plotly for the component `figure` from npm, for a new version.

`uv run python packages/qdash-ui-streamlit/fetch_figure_library.py` replaces `components/figure/library`; the dashboard itself
downloads nothing. Set the new version and its integrity (`npm view NAME@VERSION dist.integrity`) below.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "plotly.js-cartesian-dist-min@4.1.1"
INTEGRITY = "sha512-o8GrFeusncwBIxbBynRJpY4pkgVB6caM+JLpwrLYbbsO7dZ8FJ+SVN2Fr+L7kiG/Z6w4P5O0Jus/Qr5EefHVeg=="
LIBRARY = Path(__file__).parent / "src/qdash_ui_streamlit/components/figure/library"
_FILES = ("plotly-cartesian.min.js", "LICENSE")


def main() -> int:
    """Write the files of the package, and their checksums; raise ValueError if the archive is not the expected one."""
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(("npm", "pack", "--silent", PACKAGE), cwd=place, check=True)  # noqa: S603, S607
        (archive,) = Path(place).iterdir()
        digest = f"sha512-{base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()}"
        if digest != INTEGRITY:
            raise ValueError(f"{PACKAGE} is another archive: {digest}")
        with tarfile.open(archive) as members:
            found = {name: _read_member(members, name) for name in _FILES}
    LIBRARY.mkdir(parents=True, exist_ok=True)
    for name, text in found.items():
        (LIBRARY / name).write_bytes(text)
    lines = (f"{hashlib.sha256(text).hexdigest()}  {name}\n" for name, text in found.items())
    (LIBRARY / "SHA256SUMS").write_text("".join(lines), "utf-8")
    return 0


def _read_member(members: tarfile.TarFile, name: str) -> bytes:
    member = members.extractfile(f"package/{name}")
    assert member is not None
    return member.read()


if __name__ == "__main__":
    sys.exit(main())
