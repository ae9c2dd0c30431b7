"""The doctor: looks at everything that a run stands on, one after the other, and goes on whatever it finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qdash_core.health import raw_data, records
from qdash_core.health.chip_files import ChipFiles, are_there
from qdash_core.health.emptiness import holds_raw_data
from qdash_core.health.findings import Finding, found_by
from qdash_core.health.home import can_be_written, has_room
from qdash_core.health.permissions import check_permissions
from qdash_core.health.work import runs_are_looked_after
from qdash_core.hooks.manager import load_plugins
from qdash_core.hooks.runners import TellsHealth
from qdash_core.notifiers.delivery import configured
from qdash_core.settings import load_settings
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

_QUICK_S = 0.15
"""So long one check may take that could take longer the more there is, in seconds."""

_STORE = "look at QDASH_STORE_URL, or restore a backup (qdash store restore); an older QDash cannot read a newer store"
_RUNNER = (
    "start what the runner works with, or correct QDASH_RUNNER or what else of the environment is named here"
)
_PERMISSIONS = "look at the permissions of the home"
_ARTIFACTS = "look at QDASH_ARTIFACTS_URL, and at the permissions there"


def examined(
    *,
    deep: bool = False,
    plugins: Callable[[], Sequence[PluginRecord]],
    progress: Callable[[str, int, int | None], None],
) -> Iterator[Finding]:
    """Yield what each check finds: settings, home, disk, permissions, store, artifacts, runs, files of chips, notifiers, plugins.

    A check that could take long ends early and says so.

    Parameters
    ----------
    deep : bool
        Look at everything, however long it takes: every page, document and file.
    plugins : callable
        Returns what became of every plugin.
    progress : callable
        Told what is being done, how much of it is done, and of how much.
    """
    settings: Settings | None = None

    def look_at_settings() -> str:
        nonlocal settings
        settings = load_settings()
        return f"home {settings.home}, timezone {settings.timezone or 'that of the home'}"

    yield found_by("settings", look_at_settings, "correct the setting in the environment or in qdash.toml")
    registry = load_plugins()
    if settings is not None:
        known = settings
        advice = "make the folder writable, or room on its disk, or set QDASH_HOME to another"
        yield found_by("home", lambda: can_be_written(known), advice)
        yield found_by("disk", lambda: has_room(known), "look at the disk of the home")
        within_s = None if deep else _QUICK_S
        yield found_by("permissions", lambda: check_permissions(known, within_s=within_s), _PERMISSIONS)
        yield from _Kept(known, registry, progress, deep=deep).findings()
        if known.metrics_file is not None:
            yield found_by(
                "metrics", lambda: _metrics(known), "correct the file that QDASH_METRICS_FILE names"
            )
        yield found_by("runner", lambda: _runner(known, registry), _RUNNER)
        yield found_by("notifiers", lambda: _notifiers(known, registry), "look at QDASH_NOTIFY_*")
    yield from (_of_plugin(plugin) for plugin in plugins())


def _runner(settings: Settings, registry: Registry) -> str:
    runner = registry.runner(settings.runner)
    return runner.health() if isinstance(runner, TellsHealth) else f"{runner.name}, which needs nothing else"


def verified(
    settings: Settings, registry: Registry, progress: Callable[[str, int, int | None], None]
) -> list[Finding]:
    """Return what a look at every page, document and file of store and artifacts finds."""
    return list(_Kept(settings, registry, progress, deep=True).findings())


@dataclass
class _Kept:
    """What is kept: a store, and raw data beside it. Each is looked at by itself where the other one cannot be opened."""

    settings: Settings
    registry: Registry
    progress: Callable[[str, int, int | None], None]
    deep: bool
    store: Store | None = None
    artifacts: CalibDataSaver | None = None

    def findings(self) -> Iterator[Finding]:
        """Yield what is found of the store, its documents, the raw data, the runs, and what backends keep of chips."""
        opening = found_by("artifacts", self._open_artifacts, _ARTIFACTS)
        yield found_by("store", self._look_at_store, _STORE)
        try:
            store, artifacts = self.store, self.artifacts
            if store is not None and self.deep:
                yield found_by(
                    "documents", lambda: records.documents_are_valid(store, self.progress), records.RESTORE
                )
            if store is None or artifacts is None:
                yield opening
            else:
                yield found_by("artifacts", lambda: self._compare(store, artifacts), _ARTIFACTS)
            if store is not None:
                yield found_by("runs", lambda: runs_are_looked_after(store), records.RESTORE)
                files = ChipFiles(self.registry, self.settings.home)
                yield found_by("instruments", lambda: are_there(store, files), records.RESTORE)
        finally:
            if self.store is not None:
                self.store.close()

    def _open_artifacts(self) -> str:
        url = self.settings.artifacts_url
        artifacts: CalibDataSaver = self.registry.storage(urlsplit(url).scheme).open(url)
        artifacts.check()
        self.artifacts = artifacts
        return redacted(url)

    def _look_at_store(self) -> Finding:
        url = self.settings.store_url
        kind = self.registry.store_class(urlsplit(url).scheme)
        raw_data = kind.shared and self.artifacts is not None and holds_raw_data(self.artifacts)
        if raw_data and not kind.exists(url):
            told = f"there is no store {redacted(url)}, or it is empty, and there are raw data beside it"
            return Finding("store", "failed", told, records.BRING_BACK)
        self.store = kind.open(url)
        found = records.is_sound(self.store, url, deep=self.deep, within_s=_QUICK_S)
        if found.status == "ok" and raw_data:
            return records.bereft(self.store, url) or found
        return found

    def _compare(self, store: Store, artifacts: CalibDataSaver) -> Finding:
        url = self.settings.artifacts_url
        if self.deep:
            return raw_data.deeply(store, artifacts, url, self.progress)
        return raw_data.quickly(store, artifacts, url, within_s=_QUICK_S)


def _metrics(settings: Settings) -> str:
    from qdash_core.metrics.file import read_metrics_file  # YAML is for who has a file of their own

    file = read_metrics_file(settings.metrics_file)
    return f"{settings.metrics_file} and what is built in: {len(file.qubit_metrics) + len(file.coupling_metrics)} metrics"


def _notifiers(settings: Settings, registry: Registry) -> str:
    used = configured(registry.notifiers(), settings)
    places = ((one.name, str(getattr(one, "place", ""))) for one in used)
    told = ", ".join(f"{name} ({place})" if place else name for name, place in places)
    return f"{told} on {', '.join(settings.notified_kinds)}" if told else "none is configured"


def _of_plugin(plugin: PluginRecord) -> Finding:
    name = f"plugin {plugin.name}"
    if plugin.status == "failed":
        advice = f"mend or uninstall {plugin.distribution}, or QDASH_BLOCK_PLUGINS={plugin.name}"
        return Finding(name, "failed", plugin.error or "", advice)
    return Finding(name, "ok", f"{plugin.distribution} {plugin.version} ({plugin.status})")
