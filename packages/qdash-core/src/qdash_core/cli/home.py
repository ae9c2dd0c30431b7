"""`qdash init` and `qdash doctor`: the home and whether all is well with it."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from qdash_core.cli import options
from qdash_core.cli.plugins import looked_into
from qdash_core.cli.rendering.output import counted, emit_json, say, table
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.manager import Registry
    from qdash_core.settings import Settings

_ROOM = 65_536


@click.command()
@options.as_json
def init(as_json: bool) -> None:
    """Make the home, user `admin` and project `default`, unless they exist."""
    from qdash_core.application import open_qdash
    from qdash_core.documents.home import HomeDocument

    with open_qdash() as qdash:
        settings = qdash.settings
    if as_json:
        emit_json(HomeDocument.of(settings))
    else:
        say(f"{settings.home} is ready")


@click.command()
@options.as_json
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Check settings, store, artifacts and plugins, and say what to do about what is wrong."""
    checks = _checks()
    if as_json:
        emit_json({"checks": checks})
    else:
        table(
            ("check", "status", "detail", "what to do"),
            ((check["name"], check["status"], check["detail"], check["advice"]) for check in checks),
            fold=("detail", "what to do"),
        )
    ctx.exit(0 if all(check["status"] == "ok" for check in checks) else 1)


def _checks() -> list[dict[str, str]]:
    from qdash_core.hooks.manager import load_plugins
    from qdash_core.settings import load_settings

    checks: list[dict[str, str]] = []
    settings: Settings | None = None

    def check(name: str, look: Callable[[], str], advice: str) -> None:
        try:
            checks.append({"name": name, "status": "ok", "detail": look(), "advice": ""})
        except Exception as error:  # noqa: BLE001  a doctor reports whatever it finds
            detail = " ".join(str(error).split())
            checks.append({"name": name, "status": "failed", "detail": detail, "advice": advice})

    def look_at_settings() -> str:
        nonlocal settings
        settings = load_settings()
        return f"home {settings.home}, timezone {settings.timezone or 'that of the home'}"

    check("settings", look_at_settings, "correct the setting in the environment or in qdash.toml")
    registry = load_plugins()
    if settings is not None:
        known = settings
        check(
            "home",
            lambda: _try_home(known),
            "make the folder writable, or room on its disk, or set QDASH_HOME to another",
        )
        check(
            "store",
            lambda: _try_store(known, registry),
            "look at QDASH_STORE_URL; an older QDash cannot read a newer store",
        )
        check("artifacts", lambda: _try_artifacts(known, registry), "look at QDASH_ARTIFACTS_URL")
        check("notifiers", lambda: _notifiers(known, registry), "look at QDASH_NOTIFY_*")
    for plugin in looked_into():
        failed = plugin.status == "failed"
        checks.append(
            {
                "name": f"plugin {plugin.name}",
                "status": "failed" if failed else "ok",
                "detail": plugin.error or f"{plugin.distribution} {plugin.version} ({plugin.status})",
                "advice": f"mend or uninstall {plugin.distribution}, or QDASH_BLOCK_PLUGINS={plugin.name}"
                if failed
                else "",
            }
        )
    return checks


def _try_home(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.home, buffering=0) as file:
        if file.write(bytes(_ROOM)) < _ROOM:  # a full disk makes files, and takes only what it has room for
            raise OSError(f"there is no room on the disk of {settings.home}")
    return f"{settings.home} is writable"


def _try_store(settings: Settings, registry: Registry) -> str:
    from qdash_core.repositories.repositories import Repositories

    store = registry.store_class(urlsplit(settings.store_url).scheme).open(settings.store_url)
    try:
        projects = Repositories(store).projects.everything()
    finally:
        store.close()
    return f"{redacted(settings.store_url)} holds {counted(len(projects), 'project')}"


def _try_artifacts(settings: Settings, registry: Registry) -> str:
    registry.storage(urlsplit(settings.artifacts_url).scheme).open(settings.artifacts_url).check()
    return redacted(settings.artifacts_url)


def _notifiers(settings: Settings, registry: Registry) -> str:
    from qdash_core.notifiers.delivery import configured

    used = configured(registry.notifiers(), settings)
    places = ((one.name, str(getattr(one, "place", ""))) for one in used)
    told = ", ".join(f"{name} ({place})" if place else name for name, place in places)
    return f"{told} on {', '.join(settings.notified_kinds)}" if told else "none is configured"
