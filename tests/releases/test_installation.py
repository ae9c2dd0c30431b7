"""Installation from a served release, beside a stranger's distribution of a former name, in empty environments."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from release.environments import Environment
from release.folder import CONSTRAINTS, INDEX, make_constraints, make_index
from release.licences import list_notices
from release.members import read_names, read_version

from ..journeys.environments import copy_wheels
from .dashboard_start import require_dashboard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

STRANGER = "qdash_client-9.9-py3-none-any.whl"
"""A wheel with the former name of `qdash-remote`, which another project owns."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with all wheels, without documentation."""
    return copy_wheels(tmp_path_factory)


@pytest.fixture(scope="module")
def release(wheels: Path) -> Iterator[str]:
    """Address of a release without documentation."""
    folder = wheels
    with zipfile.ZipFile(folder / STRANGER, "w") as wheel:
        info = "qdash_client-9.9.dist-info"
        wheel.writestr("qdash/client/__init__.py", "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: qdash-client\nVersion: 9.9\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: a\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(
            f"{info}/RECORD",
            f"qdash/client/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    (folder / CONSTRAINTS).write_text(make_constraints())
    (folder / INDEX).write_text(make_index(sorted(folder.glob("*.whl"))))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.timeout(900)  # pip is slow on a loaded machine
def test_pip_installs_what_belongs_to_it_and_the_doctor_names_what_does_not(
    release: str, tmp_path: Path
) -> None:
    environment = Environment(tmp_path / "environment")
    subprocess.run([sys.executable, "-m", "venv", str(environment.folder)], check=True)
    pip = (
        "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--disable-pip-version-check",
        "--find-links",
        release,
    )
    environment.run(*pip, "--constraint", f"{release}{CONSTRAINTS}", "qdash")
    assert environment.run("qdash", "--version").startswith(f"qdash {read_version()} (")
    assert "qdash-client" not in environment.list_packages()
    assert f"QDash {read_version()} (" in environment.run("qdash", "doctor")

    environment.run(*pip, "--no-deps", "qdash-client")
    with pytest.raises(RuntimeError, match=r"qdash-client 9\.9 is not part of QDash"):
        environment.run("qdash", "doctor")


def test_host_and_dashboard_work_where_uv_installed_them(release: str, tmp_path: Path) -> None:
    environment = Environment.create(tmp_path / "environment")
    environment.install(release, "qdash[api,ui]", constraints=f"{release}{CONSTRAINTS}")
    assert "qdash-client" not in environment.list_packages()
    assert "accepted" in environment.run("qdash", "demo", "--qubits", "2")
    environment.run("qdash", "doctor")
    require_dashboard(environment)


def test_all_extras_fit_together(release: str, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.in"
    wanted.write_text("qdash[all]\n")
    options = ("--quiet", "--find-links", release, "--constraint", f"{release}{CONSTRAINTS}")
    resolved = subprocess.run(
        ["uv", "pip", "compile", *options, "--no-header", "--no-annotate", str(wanted)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    wanted_members = {*read_names()} - {"qdash-testing"}  # for authors of plugins
    assert {f"{name}=={read_version()}" for name in wanted_members} <= set(resolved)
    assert not any(one.startswith("qdash-client") for one in resolved)


def test_wheels_contain_our_licence_and_the_notices_of_files_of_others(wheels: Path) -> None:
    contents = {
        wheel.name.partition("-")[0]: {*zipfile.ZipFile(wheel).namelist()} for wheel in wheels.glob("*.whl")
    }
    missing = [(name, path) for name, path in list_notices() if path not in contents[name.replace("-", "_")]]
    assert all(path.startswith("qdash/documentation/") for _, path in missing)  # which it is without
