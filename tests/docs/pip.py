"""Stand-in for `uv pip install` that makes a distribution or an example importable, without a network or a build.

For `-e .` it writes the metadata with the entry points as an installer does, and puts the modules on the path. A
requirement with a version must be installed already.
"""

from __future__ import annotations

import os
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Install the distribution of the working folder, or of an example of this checkout, into `SAMPLE_SITE`."""
    *command, place = sys.argv[1:]
    name, equals, wanted = place.partition("==")
    if command == ["pip", "install"] and equals:
        assert version(name) == wanted, sys.argv
        return
    example = place.startswith("examples/")
    assert command == ["pip", "install", "-e"], sys.argv
    assert example or place in (".", ".[test]"), sys.argv
    folder = ROOT / place if example else Path.cwd()
    site = Path(os.environ["SAMPLE_SITE"])
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    info.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    entries = "\n".join(
        f"{name} = {target}" for name, target in project.get("entry-points", {}).get("qdash", {}).items()
    )
    info.joinpath("entry_points.txt").write_text(f"[qdash]\n{entries}\n")
    source = folder / "src" if (folder / "src").is_dir() else folder
    for module in [*source.glob("*.py"), *(folder.parent for folder in source.glob("*/__init__.py"))]:
        site.joinpath(module.name).unlink(missing_ok=True)
        site.joinpath(module.name).symlink_to(module)


if __name__ == "__main__":
    main()
