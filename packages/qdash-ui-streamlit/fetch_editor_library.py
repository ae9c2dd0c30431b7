"""Bundling of CodeMirror for the component `editor`, for new versions of its packages or other parts of it.

`uv run python packages/qdash-ui-streamlit/fetch_editor_library.py` installs the packages of `editor_library/package-lock.json`,
which has their checksums, from npm into a temporary folder, and replaces `components/editor/library`; the dashboard itself
downloads nothing. For other versions, edit `package.json` and run `npm install --package-lock-only` beside it first.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE / "editor_library"
LIBRARY = HERE / "src/qdash_ui_streamlit/components/editor/library"
_BUNDLE = "codemirror.js"
_OPTIONS = (
    "--bundle",
    "--format=esm",
    "--minify",
    "--charset=utf8",
    "--target=es2022",
    "--legal-comments=none",
)


def main() -> int:
    """Write the bundle, the licences of all packages in it, and the checksums of both."""
    LIBRARY.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(SOURCE, Path(place) / "library"))
        _run(folder, "npm", "ci", "--ignore-scripts", "--silent")
        output = (f"--outfile={LIBRARY / _BUNDLE}", "--metafile=contents.json")
        _run(folder, "npx", "esbuild", "library.js", *_OPTIONS, *output)
        licences = _collect_licences(folder)
    (LIBRARY / "LICENSE").write_text(licences, "utf-8")
    names = (_BUNDLE, "LICENSE")
    lines = (f"{hashlib.sha256((LIBRARY / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (LIBRARY / "SHA256SUMS").write_text("".join(lines), "utf-8")
    return 0


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603


def _collect_licences(folder: Path) -> str:
    """Return the licences of the bundled packages, each with name and version."""
    inputs = json.loads((folder / "contents.json").read_text("utf-8"))["inputs"]
    parts = []
    for package in sorted({_find_package(folder / one) for one in inputs} - {None}):
        assert package is not None
        known = json.loads((package / "package.json").read_text("utf-8"))
        parts.append(f"{known['name']} {known['version']}\n\n{(package / 'LICENSE').read_text('utf-8')}")
    return f"\n{'-' * 80}\n\n".join(parts)


def _find_package(file: Path) -> Path | None:
    """Return the folder of the package of a file, or None for a file of our own."""
    if "node_modules" not in file.parts:
        return None
    return next(one for one in file.parents if (one / "package.json").exists() and (one / "LICENSE").exists())


if __name__ == "__main__":
    sys.exit(main())
