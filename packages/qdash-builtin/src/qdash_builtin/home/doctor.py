"""The doctor: all health checks, one after another, independent of earlier findings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from qdash_builtin.home import raw_data, store_integrity
from qdash_builtin.home.absent_features import check_features
from qdash_builtin.home.growth import check_growth
from qdash_builtin.home.health_findings import run_check
from qdash_builtin.home.home import check_free_space, check_writability
from qdash_builtin.home.home_clock import check_clock
from qdash_builtin.home.installation import check_installation
from qdash_builtin.home.permissions import check_permissions
from qdash_builtin.plugins.health_checks import iter_findings
from qdash_core.hooks.health_checks import QUICK_S, Examination
from qdash_core.hooks.manager import load_plugins
from qdash_core.hooks.runners import TellsHealth
from qdash_core.models.health_findings import RESTORE, HealthFinding
from qdash_core.parsing.urls import redact_password
from qdash_core.process.clock import machine_now, read_simulated_clock
from qdash_core.runtime.home_opening import holds_raw_data
from qdash_core.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry
    from qdash_core.repositories.store import Store
    from qdash_core.settings import Settings

_STORE = "look at QDASH_STORE_URL, or restore a backup (qdash store restore); an older QDash cannot read a newer store"
_RUNNER = (
    "start what the runner works with, or correct QDASH_RUNNER or what else of the environment is named here"
)
_PERMISSIONS = "look at the permissions of the home"
_ARTIFACTS = "look at QDASH_ARTIFACTS_URL, and at the permissions there"


def examine_home(
    *,
    deep: bool = False,
    plugins: Callable[[], Sequence[PluginRecord]],
    progress: Callable[[str, int, int | None], None],
) -> Iterator[HealthFinding]:
    """Yield the finding of each health check, from the installation to the plugins.

    The checks include those that features declare. A long check ends early and says so.

    Parameters
    ----------
    deep : bool
        Whether to check every page, document and file, without a time limit.
    progress : callable
        Called with the current step, the number of finished items and their total.
    """
    settings: Settings | None = None

    def look_at_settings() -> str:
        nonlocal settings
        settings = load_settings()
        return f"home {settings.home}, timezone {settings.timezone or 'that of the home'}"

    yield run_check("installation", check_installation, "install QDash into an environment of its own")
    yield run_check("settings", look_at_settings, "correct the setting in the environment or in qdash.toml")
    registry = load_plugins()
    if settings is not None:
        known = settings
        advice = "make the folder writable, or room on its disk, or set QDASH_HOME to another"
        yield run_check("home", lambda: check_writability(known), advice)
        yield run_check("disk", lambda: check_free_space(known), "look at the disk of the home")
        within_s = None if deep else QUICK_S
        yield run_check(
            "permissions", lambda: check_permissions(known, registry, within_s=within_s), _PERMISSIONS
        )
        yield from _DataChecks(known, registry, progress, deep=deep).iter_findings()
        yield from iter_findings(Examination(known, registry, deep))
        yield run_check("runner", lambda: _check_runner(known, registry), _RUNNER)
    yield from (_check_plugin(plugin) for plugin in plugins())


def _check_runner(settings: Settings, registry: Registry) -> str:
    runner = registry.runner(settings.runner)
    return runner.health() if isinstance(runner, TellsHealth) else f"{runner.name}, which needs nothing else"


def verify_data(
    settings: Settings, registry: Registry, progress: Callable[[str, int, int | None], None]
) -> list[HealthFinding]:
    """Return the findings of a check of every page, document and file of store and artifacts."""
    return list(_DataChecks(settings, registry, progress, deep=True).iter_findings())


@dataclass
class _DataChecks:
    """Checks of a store and its raw data; if one cannot be opened, the other is checked alone."""

    settings: Settings
    registry: Registry
    progress: Callable[[str, int, int | None], None]
    deep: bool
    store: Store | None = None
    artifacts: CalibDataSaver | None = None

    def iter_findings(self) -> Iterator[HealthFinding]:
        """Yield the findings on store, documents, raw data, growth and clock, and those of features on the store."""
        opening = run_check("artifacts", self._open_artifacts, _ARTIFACTS)
        yield run_check("store", self._look_at_store, _STORE)
        try:
            store, artifacts = self.store, self.artifacts
            if store is not None and self.deep:
                yield run_check(
                    "documents",
                    lambda: store_integrity.check_documents(store, self.progress),
                    RESTORE,
                )
            if store is not None:
                features = run_check(
                    "features",
                    lambda: check_features(store, self.registry.entities()),
                    RESTORE,
                )
                yield from [] if features.status == "ok" else [features]
            if store is None or artifacts is None:
                yield opening
            else:
                yield run_check("artifacts", lambda: self._compare(store, artifacts), _ARTIFACTS)
                yield self._check_growth(store, artifacts)
            yield run_check("clock", lambda: check_clock(self.settings, store), "")
            if store is not None:
                yield from iter_findings(Examination(self.settings, self.registry, self.deep, store))
        finally:
            if self.store is not None:
                self.store.close()

    def _check_growth(self, store: Store, artifacts: CalibDataSaver) -> HealthFinding:
        """Return the finding on growth: at most a warning, because other checks report damage."""

        def check() -> HealthFinding:
            home, within_s = self.settings.home, None if self.deep else QUICK_S
            now = read_simulated_clock(home) or machine_now()
            return check_growth(store, artifacts, home, now=now, within_s=within_s)

        found = run_check("growth", check, "see the other findings")
        return replace(found, status="warning") if found.status == "failed" else found

    def _open_artifacts(self) -> str:
        url = self.settings.artifacts_url
        artifacts: CalibDataSaver = self.registry.storage(urlsplit(url).scheme).open(url)
        artifacts.check()
        self.artifacts = artifacts
        return redact_password(url)

    def _look_at_store(self) -> HealthFinding:
        url = self.settings.store_url
        kind = self.registry.store_class(urlsplit(url).scheme)
        artifacts = self.artifacts if kind.shared else None
        raw_data = artifacts is not None and holds_raw_data(artifacts)
        if raw_data and not kind.exists(url):
            message = (
                f"there is no store {redact_password(url)}, or it is empty, and there are raw data beside it"
            )
            return HealthFinding("store", "failed", message, store_integrity.BRING_BACK)
        self.store = kind.open(url)
        found = store_integrity.check_integrity(self.store, url, deep=self.deep, within_s=QUICK_S)
        if found.status == "ok" and artifacts and holds_raw_data(artifacts, of_results=True):
            return store_integrity.find_lost_records(self.store, url) or found
        return found

    def _compare(self, store: Store, artifacts: CalibDataSaver) -> HealthFinding:
        url = self.settings.artifacts_url
        if self.deep:
            return raw_data.verify_raw_data(store, artifacts, url, self.progress)
        return raw_data.check_raw_data_files(store, artifacts, url, within_s=QUICK_S)


def _check_plugin(plugin: PluginRecord) -> HealthFinding:
    name = f"plugin {plugin.name}"
    if plugin.status == "failed":
        advice = f"fix or uninstall {plugin.distribution}, or QDASH_BLOCK_PLUGINS={plugin.name}"
        return HealthFinding(name, "failed", plugin.error or "", advice)
    described = f"{plugin.distribution} {plugin.version} ({plugin.status})"
    if plugin.slow_import:
        return HealthFinding(name, "warning", described, plugin.slow_import)
    return HealthFinding(name, "ok", described)
