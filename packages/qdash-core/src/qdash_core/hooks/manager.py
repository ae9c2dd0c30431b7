"""Registry of plugins' contributions, and its loading."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from qdash_core.errors import InvalidInputError, NotFoundError, PluginFailedError
from qdash_core.features.discovery import find_installed, normalize_name, sort_by_precedence, wrap_modules
from qdash_core.hooks.catalogue import Catalogue
from qdash_core.hooks.host import PluginHost, PluginRecord
from qdash_core.hooks.plugin_scheduler import PluginScheduler
from qdash_core.hooks.registration import HOOKS, PARTICIPATION_HOOKS
from qdash_core.hooks.replacements import find_replacements, select_for_backend
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import click

    from qdash_core.backends.base import BackendContext, BaseBackend
    from qdash_core.features.declarations import Feature, Service
    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.features.sections import Section
    from qdash_core.hooks.assistants import Assistant
    from qdash_core.hooks.commands import CommandMakers
    from qdash_core.hooks.flows import FlowTemplate
    from qdash_core.hooks.formats import Format
    from qdash_core.hooks.participants import Participant
    from qdash_core.hooks.pictures import Pictures
    from qdash_core.hooks.protocols import DeclaredEntity, Notifier, Page, Router, StorageProvider
    from qdash_core.hooks.replacements import GivenTasks, TaskReplacement
    from qdash_core.hooks.runners import Runner
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.store import Store
    from qdash_core.scheduling.colouring import Scheduler
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.quantities import Quantity
    from qdash_core.tasks.value_declarations import ValueDeclarations
    from qdash_core.validation.verdicts import Validator

__all__ = ["HOOKS", "PluginRecord", "PluginRouter", "Registry", "load_plugins"]


def load_plugins(
    *,
    blocked: Collection[str] | None = None,
    commands_only: bool = False,
    extra: Mapping[str, object] | None = None,
    installed_too: bool | Collection[str] = True,
) -> Registry:
    """Find the plugins and return the registry of their contributions.

    A broken plugin raises nothing. It is set aside with the reason, see `Registry.plugins`.

    Parameters
    ----------
    blocked : collection of str or None
        Names of plugins to leave out, or None for the comma-separated names in `QDASH_BLOCK_PLUGINS`.
    commands_only : bool
        Import only the plugins that may have commands at first, for `qdash --help` and to find a command. The
        others are imported when anything else is requested.
    extra : mapping of str to object
        Further plugins by name, as modules or objects, for notebooks and tests. They take precedence over
        installed plugins, but not over the workspace's own.
    installed_too : bool or collection of str
        Whether to include installed plugins besides `extra`, or the distributions of those to include.
    """
    usual = blocked is None
    if blocked is None:
        blocked = {name.strip() for name in os.environ.get("QDASH_BLOCK_PLUGINS", "").split(",")}
    installed = find_installed() if installed_too else []
    if not isinstance(installed_too, bool):
        installed = [one for one in installed if normalize_name(one.distribution) in installed_too]
    candidates = [*wrap_modules(extra or {}), *installed]
    host = PluginHost(sort_by_precedence(candidates), blocked=blocked, commands_only=commands_only)
    return Registry(host, found_anywhere=usual and installed_too is True and not extra)


_HEAVY = ("qdash_tasks", "qdash_requests", "qdash_backends", "qdash_operations", "qdash_api_routers")
"""Hooks that import a laboratory and its analyses, models or a web framework."""


class PluginRouter(NamedTuple):
    """Router of a plugin, mounted on the HTTP host under `path`, `/plugins/<plugin name>`."""

    plugin: str
    path: str
    router: Router


class Registry:
    """Contributions of plugins by name.

    A hook is called when a contribution of its kind is first requested. A plugin that fails is set aside with all of
    its contributions; a name that it took from another plugin does not pass on to that one. `host` has the plugins,
    from `load_plugins`. `found_anywhere` tells whether another process of this installation finds the same plugins,
    since no program passed any in.
    """

    def __init__(self, host: PluginHost, *, found_anywhere: bool = False) -> None:
        self._host = host
        self.found_anywhere = found_anywhere
        self._quantities: tuple[object, dict[str, Quantity]] = (None, {})

    # ------------------------------------------------------------------------------------------------------ plugins

    @property
    def plugins(self) -> list[PluginRecord]:
        """State of each plugin, in order of precedence. `provides` covers the hooks called so far."""
        return self._host.records()

    @cached_property
    def fully_collected(self) -> list[PluginRecord]:
        """State of each plugin after all further hooks were called, without effect on this registry: what fails there stays in use here."""
        import click

        registry = Registry(self._host.copy())
        registry.collect_all()
        registry.add_commands(click.Group())
        return registry.plugins

    def collect_all(self, *, of_members_too: bool = True) -> None:
        """Call every hook but `qdash_cli`, so that `plugins` is complete.

        If `of_members_too` is False, tasks, backends and routers are left out if only QDash's own members contribute
        any.
        """
        for hook in HOOKS:
            left_out = hook in _HEAVY and not of_members_too and not self._host.is_implemented_by_others(hook)
            if hook != "qdash_cli" and not left_out:
                self.collect(hook)

    def collect(self, hook: str) -> None:
        """Call a hook other than `qdash_cli`, so that `plugins` has its contributions."""
        if hook in PARTICIPATION_HOOKS:
            self._host.list_participants(hook)
        else:
            self._host.list_contributions(hook)

    def add_commands(self, app: click.Group, makers: CommandMakers | None = None) -> None:
        """Let every plugin add its commands to `app`, and add the groups of its entities and of its operations.

        A plugin that raises, or whose command name is taken, is set aside and its commands are removed.
        """
        self._host.add_commands(app, makers)

    # ------------------------------------------------------------------------------------------ what is looked up by name

    def backends(self) -> dict[str, type[BaseBackend]]:
        """Return every backend by name."""
        return self._collect_all("qdash_backends")

    def backend(self, name: str) -> type[BaseBackend]:
        """Return the backend called `name`; NotFoundError if there is none."""
        return cast("type[BaseBackend]", self._find_one("qdash_backends", name, "backend"))

    def get_backend_distribution(self, name: str) -> str:
        """Return the distribution of a backend; empty if a program registered its plugin directly.

        Raises
        ------
        NotFoundError
            If there is no such backend.
        """
        self.backend(name)
        owner, _ = self._host.list_contributions("qdash_backends")[name]
        return owner.distribution

    def tasks(self) -> dict[tuple[str | None, str], type[BaseTask]]:
        """Return every task by (backend or None, name); aliases are not among them."""
        return {
            identity: task
            for identity, task in self._collect_all("qdash_tasks").items()
            if identity[1] == task.name
        }

    def requests(self) -> dict[str, type[Any]]:
        """Return every kind of request to laboratories by name."""
        return self._collect_all("qdash_requests")

    def list_task_names(self) -> set[str]:
        """Return the names and aliases of all tasks."""
        return {name for task in self.tasks().values() for name in (task.name, *task.aliases)}

    def task(self, name: str, *, backend: str | None = None) -> type[BaseTask]:
        """Return the task called `name`, or with that alias, for a backend: one written for it, else one for any backend.

        The backend need not be installed, and its offers are not checked, since existing results can still be
        analysed and drawn. `catalogue` tells what can be run on a chip.

        Raises
        ------
        NotFoundError
            If there is neither.
        """
        given = self._host.list_contributions("qdash_tasks")
        for identity in ((backend, name), (None, name)):
            if identity in given:
                return cast("type[BaseTask]", given[identity][1])
        raise NotFoundError(self._describe_unknown_task(name, backend))

    def any_task(self, name: str, *, backend: str | None = None) -> type[BaseTask]:
        """Return the task called `name`, or with that alias, for this backend, for any backend, or for
        another backend, in this order.

        Raises
        ------
        NotFoundError
            If there is none.
        """
        if backend is not None:
            return self.task(name, backend=backend)
        tasks = list(self.tasks().values())
        named = (task for task in tasks if name in (task.name, *task.aliases))
        found = min(named, key=lambda task: task.backend or "", default=None)
        if found is None:
            known = {called for task in tasks for called in (task.name, *task.aliases)}
            raise NotFoundError(self._describe_unknown("task", name, known))
        return found

    def list_replacements(self) -> list[TaskReplacement]:
        """Return the replacements of tasks for any backend by backends' own tasks, by backend and name.

        Those within QDash are intended, and left out.
        """
        return find_replacements(cast("GivenTasks", self._host.list_contributions("qdash_tasks")))

    def catalogue(self, backend: type[BaseBackend], context: BackendContext) -> Catalogue:
        """Return the catalogue of a backend's tasks on the chip of a context, without connecting.

        Raises
        ------
        BackendError
            If the backend cannot state its offers.
        """
        from qdash_core.backends.instruments import get_offers

        offers = get_offers(backend, context, self.requests().values())
        return Catalogue.from_tasks(
            self.tasks(),
            backend.name,
            offers,
            lambda called: self._describe_unknown_task(called, backend.name),
            select_for_backend(self.list_replacements(), backend.name, offers),
        )

    def _describe_unknown_task(self, name: str, backend: str | None) -> str:
        known = {called for owner, called in self._collect_all("qdash_tasks") if owner in (None, backend)}
        where = f" for the backend {backend!r}" if backend else " for every backend"
        return self._describe_unknown("task", name, known, where=where)

    def quantities(self) -> dict[str, Quantity]:
        """Return the declared parameters of qubits and couplings by name."""
        from qdash_core.tasks.quantities import QuantityTable

        given = self._host.list_contributions("qdash_tasks")
        if self._quantities[0] is not given:
            table = QuantityTable()
            for owner, task in dict.fromkeys(given.values()):
                table.add(task, owner.description)
            self._quantities = given, table.collect()
        return self._quantities[1]

    def units(self) -> dict[str, str]:
        """Return the units of the quantities by name."""
        return {name: one.unit for name, one in self.quantities().items()}

    def value_declarations(self) -> ValueDeclarations:
        """Return the declarations of tasks by which values are judged; QDash's own tasks are imported only if a plugin adds others."""
        from qdash_core.tasks.value_declarations import ValueDeclarations, read_value_declarations

        if self._host.is_implemented_by_others("qdash_tasks"):
            return ValueDeclarations.from_tasks(self.tasks().values())
        return ValueDeclarations.join(
            read_value_declarations(one.package)
            or ValueDeclarations.from_tasks(self._host.call_alone(one, "qdash_tasks"))
            for one in self._host.list_implementing("qdash_tasks")
        )

    def output_parameters(self, task_type: str) -> dict[str, Quantity]:
        """Return the quantities that tasks on qubits (`"qubit"`) or couplings (`"coupling"`) make, by name."""
        known = self.quantities()
        tasks = (task for task in self.tasks().values() if task.task_type == task_type)
        return {name: known[name] for task in tasks for name in task.output_parameters}

    def task_name(self, called: str) -> str:
        """Return the task name of an alias of any backend; return other text unchanged."""
        named = (task.name for task in self.tasks().values() if called in task.aliases)
        return next(named, called)

    def schedulers(self, kind: TargetKind) -> dict[str, Scheduler]:
        """Return the scheduling strategies of this kind by name."""
        return {
            name: item for (of, name), item in self._collect_all("qdash_schedulers").items() if of == kind
        }

    def scheduler(self, kind: TargetKind, name: str) -> Scheduler:
        """Return the scheduling strategy of this kind called `name`; NotFoundError if there is none.

        That of a plugin raises PluginError if its colouring is invalid.
        """
        known = self.schedulers(kind)
        if name not in known:
            raise NotFoundError(self._describe_unknown(f"{kind} scheduler", name, known))
        owner, _ = self._host.list_contributions("qdash_schedulers")[kind, name]
        return known[name] if owner.is_own else PluginScheduler(known[name], owner)

    def store_class(self, scheme: str) -> type[Store]:
        """Return the store that opens URLs of a scheme; NotFoundError when there is none. Features are read first."""
        self.features()
        return cast(
            "type[Store]",
            self._find_one("qdash_repositories", scheme.lower(), "store for URLs of the scheme"),
        )

    def storage(self, scheme: str) -> StorageProvider:
        """Return the storage that opens URLs of a scheme; NotFoundError when there is none."""
        return cast(
            "StorageProvider",
            self._find_one("qdash_storages", scheme.lower(), "storage for URLs of the scheme"),
        )

    def runner(self, name: str) -> Runner:
        """Return the flow runner called `name`; NotFoundError when there is none."""
        return cast("Runner", self._find_one("qdash_runners", name, "runner"))

    def runners(self) -> dict[str, Runner]:
        """Return every flow runner by name."""
        return self._collect_all("qdash_runners")

    def formats(self) -> dict[str, Format]:
        """Return every format of files by name."""
        return self._collect_all("qdash_formats")

    def format(self, name: str) -> Format:
        """Return the format called `name`; NotFoundError when there is none."""
        return cast("Format", self._find_one("qdash_formats", name, "format"))

    def assistants(self) -> dict[str, Assistant]:
        """Return every assistant by name, in order of precedence of their plugins."""
        return self._collect_all("qdash_assistants")

    def flows(self) -> dict[str, FlowTemplate]:
        """Return every flow template by name."""
        return self._collect_all("qdash_flows")

    def flow(self, name: str) -> FlowTemplate:
        """Return the flow template called `name`; NotFoundError when there is none."""
        return cast("FlowTemplate", self._find_one("qdash_flows", name, "flow"))

    # ---------------------------------------------------------------------------------------------- what is used as it is

    def validators(self) -> list[Validator]:
        """Return every validator, without replaceable ones that have been replaced."""
        given = self._collect_all("qdash_validators")
        return [
            item
            for (replaceable, name), item in given.items()
            if not (replaceable and (False, name) in given)
        ]

    def notifiers(self) -> list[Notifier]:
        """Return every notifier."""
        return list(self._collect_all("qdash_notifiers").values())

    def routers(self) -> list[PluginRouter]:
        """Return every API router with its plugin and the path under which it is mounted."""
        return [
            PluginRouter(owner.name, owner.mount_path, router)
            for owner, router in self._host.list_contributions("qdash_api_routers").values()
        ]

    def features(self) -> dict[str, Feature]:
        """Return every feature by name."""
        features: Iterable[Feature] = self._collect_all("qdash_features").values()
        return {feature.name: feature for feature in features}

    def find_opener(self, service: Service[Any]) -> str:
        """Return the place of the function that opens a service, its own or that of the feature that provides it, or an empty text."""
        if service.opened_by:
            return service.opened_by
        return next(
            (one.provides[service] for one in self.features().values() if service in one.provides), ""
        )

    def list_named(self, part: str) -> list[tuple[PluginCandidate, str]]:
        """Return the texts `module:attribute` in a field of all features, each with the plugin."""
        given = self._host.list_contributions("qdash_features").values()
        owners = {feature.name: (owner, feature) for owner, feature in given}
        return [(owner, named) for owner, feature in owners.values() for named in getattr(feature, part)]

    def operations(self) -> list[Any]:
        """Return the operations of QDash's features, and the `PluginOperations` of plugins, in the order of the documentation."""
        found = dict.fromkeys(self._collect_all("qdash_operations").values())
        return sorted(found, key=lambda one: one.place)

    def list_participants(self, hook: str) -> list[Participant]:
        """Return the plugins that observe or take part by one of `PARTICIPATION_HOOKS`, in order."""
        return self._host.list_participants(hook)

    def contain_failures(self, plugin: str) -> AbstractContextManager[None]:
        """Return a context that sets a plugin aside if its contribution fails in the block."""
        return self._host.contain_failures(plugin)

    def report_failure(
        self,
        home: Path,
        plugin: str,
        call: str,
        error: BaseException,
        *,
        module: str,
        stays: bool = False,
    ) -> PluginFailedError:
        """Record an unexpected error of a plugin's code as its last failure, and return the error that names plugin and call.

        `call` is a text such as `the operation 'show_pump'`. `stays` tells whether the failure stays until another
        version is installed; else the next success of the call ends it.
        """
        from qdash_core.hooks.plugin_failures import record_failure
        from qdash_core.tasks.failures import describe_error

        described = describe_error(error, module=module)
        reason = f"{call} raised {describe_error(error, module=module, with_text=False)}"
        version = next((one.version for one in self.plugins if (one.name, one.status) == (plugin, "ok")), "")
        record_failure(
            home,
            plugin,
            version,
            reason,
            full_reason=f"{call} raised {described}",
            call="" if stays else call,
        )
        failed = f"{call} of the plugin {plugin!r} failed"
        return PluginFailedError(
            f"{failed} with {type(error).__name__}: its last failure in `qdash plugins list` has the place",
            local_message=f"{failed}: {described}",
        )

    def pictures(self) -> Pictures:
        """Return the pictures plugin that draws chips, schedules, raw data and thumbnails.

        Raises
        ------
        InvalidInputError
            If there is none. The message says what to install.
        """
        pictures: dict[str, Pictures] = self._collect_all("qdash_pictures")
        for found in pictures.values():
            return found
        raise InvalidInputError(
            "qdash-pictures must be installed to draw this: `pip install --find-links RELEASE qdash-pictures`"
            f" (`qdash docs installation`){self._describe_set_aside()}"
        )

    def entities(self) -> dict[str, DeclaredEntity]:
        """Return the entities of plugins by name."""
        return {entity.name: entity for _, entity in self.list_entities()}

    def list_entities(self) -> list[tuple[str, DeclaredEntity]]:
        """Return every entity with the name of its plugin."""
        given = self._host.list_contributions("qdash_entities").values()  # two keys of each
        return [*{entity.name: (owner.name, entity) for owner, entity in given}.values()]

    def pages(self) -> list[Page]:
        """Return every page of the dashboard, those of entities last."""
        found: list[Page] = [*self._collect_all("qdash_dashboard_pages").values()]
        for plugin, entity in self.list_entities():
            with self.contain_failures(plugin):
                found.append(entity.make_page())
        return found

    def sections(self) -> list[tuple[str, Section]]:
        """Return every section on pages of the dashboard with the name of its plugin, in order."""
        given = self._host.list_contributions("qdash_dashboard_sections").values()
        found = [(owner.name, section) for owner, section in given]
        for plugin, entity in self.list_entities():
            with self.contain_failures(plugin):
                found += [(plugin, section) for section in entity.make_sections()]
        return sorted(found, key=lambda one: one[1].order)

    def _collect_all(self, hook: str) -> dict[Any, Any]:
        return {identity: item for identity, (_, item) in self._host.list_contributions(hook).items()}

    def _find_one(self, hook: str, name: str, what: str) -> object:
        given = self._host.list_contributions(hook)
        if name not in given:
            raise NotFoundError(self._describe_unknown(what, name, cast("Iterable[str]", given)))
        return given[name][1]

    def _describe_unknown(self, what: str, name: str, known: Iterable[str], *, where: str = "") -> str:
        names = sorted(known)
        otherwise = f"; known are {', '.join(names)}" if names else "; none is installed"
        hint = suggest(name, names, otherwise=otherwise)
        return f"there is no {what} {name!r}{where}{hint}{self._describe_set_aside()}"

    def _describe_set_aside(self) -> str:
        """Return the part of a message about plugins that were set aside, or empty text."""
        failures = "; ".join(f"{failed.name} ({failed.error})" for failed in self._host.failures())
        return f" (plugins set aside: {failures})" if failures else ""
