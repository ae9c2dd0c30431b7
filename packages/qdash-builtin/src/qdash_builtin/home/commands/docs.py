"""Command `qdash docs`: the site of the documentation."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import click

from qdash_cli import options
from qdash_cli.plugin_commands import works_with_host
from qdash_cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from pathlib import Path

_STDERR = 2
"""File descriptor, for the messages of the builder."""


@works_with_host
@click.command()
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--print", "prints", is_flag=True, help="Print the address and do not open the browser.")
@options.json_option
def docs(words: tuple[str, ...], prints: bool, as_json: bool) -> None:
    """Open the documentation in the browser, at the section for some words.

    The pages are files of the installation and need no internet. In a checkout, the first call builds them.
    """
    from qdash_builtin.home.documentation import search_documentation
    from qdash_core.errors import NotFoundError
    from qdash_core.process.documentation_site import find_site

    site = find_site()
    if site is None:
        site = _build_site(words)
    else:
        _report_age(site)
    address = (site / "index.html").as_uri()
    if words:
        text = " ".join(words)
        found = search_documentation(text, limit=1)
        if not found:
            raise NotFoundError(f"the documentation has no section with {text!r}; {address} has a search")
        address = f"{site.as_uri()}/{found[0].address}"
    if as_json:
        emit_json({"address": address})
        return
    click.echo(address)
    if not prints and _has_display():
        click.launch(address)


def _report_age(site: Path) -> None:
    """Say that the site of a checkout is of another revision."""
    from qdash_builtin.home.documentation import REVISION, find_checkout
    from qdash_core.process.build import read_checkout_revision

    checkout = find_checkout()
    if checkout is None or not (current := read_checkout_revision(checkout)):
        return
    file = site / REVISION
    built = file.read_text("utf-8") if file.is_file() else ""
    if built != current:
        print_message(
            f"The pages are those of revision {built[:9] or 'unknown'}, the source code is {current[:9]}: "
            f"`uv run --group dev python -m docs` in {checkout} builds them anew.",
            err=True,
        )


def _build_site(words: tuple[str, ...]) -> Path:
    """Build the site of a checkout, and return its folder."""
    from qdash_builtin.home.documentation import find_checkout
    from qdash_core.errors import NotFoundError
    from qdash_core.process.documentation_site import NOT_INSTALLED, find_site

    checkout = find_checkout()
    if checkout is None:
        raise NotFoundError(NOT_INSTALLED)
    if find_spec("zensical") is None:
        raise NotFoundError(
            f"the documentation of {checkout} is not built yet, and its tools are not installed: "
            f"run `{shlex.join(['uv', 'run', '--group', 'dev', 'qdash', 'docs', *words])}` there"
        )
    print_message("Building the documentation: about half a minute, the first time only.", err=True)
    built = subprocess.run([sys.executable, "-m", "docs"], cwd=checkout, stdout=_STDERR, check=False)
    site = find_site()
    if built.returncode or site is None:
        raise NotFoundError("the documentation could not be built: the lines above say why")
    return site


def _has_display() -> bool:
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
