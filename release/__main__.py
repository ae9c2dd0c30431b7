"""Command that sets the version of all distributions, builds a release and tries it.

`python -m release version 0.3.0`, `python -m release build FOLDER`, `python -m release try FOLDER`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from release.extras import try_extras
from release.folder import build_release
from release.members import ROOT, read_version, set_version


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    setting = commands.add_parser(
        "version", help="show the version, or set it in all distributions and in uv.lock"
    )
    setting.add_argument("version", nargs="?")
    building = commands.add_parser(
        "build", help="build the site, all wheels, their index, constraints and checksums"
    )
    building.add_argument("folder", type=Path, help="a new folder")
    trying = commands.add_parser(
        "try", help="install each extra from the folder of a release, and run the demo with it"
    )
    trying.add_argument("folder", type=Path)
    trying.add_argument(
        "--python", nargs="+", default=(), metavar="VERSION", help="such as 3.12 3.13; by default that of uv"
    )
    given = parser.parse_args()
    try:
        if given.command == "build":
            build_release(given.folder)
        elif given.command == "try":
            for line in try_extras(given.folder, given.python):
                print(line, flush=True)  # noqa: T201  the result of the command
        elif given.version is None:
            print(read_version())  # noqa: T201  the result of the command
        else:
            set_version(given.version)
            subprocess.run(["uv", "lock", "--quiet"], cwd=ROOT, check=True)
    except (ValueError, OSError, RuntimeError, subprocess.CalledProcessError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
