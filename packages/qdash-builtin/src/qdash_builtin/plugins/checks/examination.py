"""Examination of the parts of a plugin, from its import to its routes."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import click

from qdash_builtin.plugins.checks.task_runs import examine_tasks
from qdash_builtin.plugins.checks.trial import CHIP
from qdash_core.errors import PluginError, PluginFailedError, QDashError
from qdash_core.hooks.plugin_failures import read_failures
from qdash_core.hooks.registration import HOOKS, PARTICIPATION_HOOKS
from qdash_core.parsing.json_parser import parse_json
from qdash_core.settings import FeatureSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_builtin.plugins.checks.trial import HostAddress, PluginTrial

_PLACE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def examine_plugin(trial: PluginTrial) -> None:
    """Examine an imported plugin, and report each finding to the trial."""
    if not _examine_hooks(trial):
        return
    for feature in trial.registry.features().values():
        if feature.name in trial.record.provides.get("qdash_features", ()):
            for place in sorted(set(_find_places(feature))):
                with trial.examine(f"feature {feature.name}: {place}"):
                    _require_settings(resolve_name(place), place in feature.settings)
    if not _examine_commands(trial):
        return
    _examine_flows(trial)
    examine_tasks(trial)
    _examine_participation(trial)
    _examine_health_checks(trial)
    _examine_facts(trial)
    _examine_routes(trial)
    for feature in trial.registry.features().values():
        for place in feature.plugin_checks:
            resolve_name(place)(trial)


def _require_settings(found: object, wanted: bool) -> None:
    """Raise PluginError unless an object that a feature names as settings is a model of them."""
    if wanted and not (isinstance(found, type) and issubclass(found, FeatureSettings)):
        raise PluginError("is no model of settings: a subclass of qdash_core.FeatureSettings is one")


def _examine_hooks(trial: PluginTrial) -> bool:
    """Return whether the plugin is in use after all of its hooks were called."""
    for hook in HOOKS:
        if hook != "qdash_cli":
            trial.begin(f"hook {hook}")
            trial.registry.collect(hook)
            if trial.record.error:
                trial.tell(f"hook {hook}", "failed", trial.record.error)
                return False
            if hook in trial.record.provides:
                trial.tell(f"hook {hook}", "ok")
    return True


def _examine_commands(trial: PluginTrial) -> bool:
    from qdash_cli import plugin_commands
    from qdash_cli.app import reserve_core_names

    trial.begin("hook qdash_cli")
    commands = click.Group()
    reserve_core_names(commands)
    trial.registry.add_commands(commands, plugin_commands)
    if trial.record.error:
        trial.tell("hook qdash_cli", "failed", trial.record.error)
        return False
    for name in trial.record.provides.get("qdash_cli", ()):
        _examine_help(trial, commands, name.split(), "qdash")
    return True


def _examine_help(trial: PluginTrial, group: click.Group, path: list[str], above: str) -> None:
    context = click.Context(group, info_name=above)
    command = group.get_command(context, path[0])
    name = f"{above} {path[0]}"
    if command is None:
        return
    if path[1:] and isinstance(command, click.Group):
        _examine_help(trial, command, path[1:], name)
        return
    inner: list[str] = []
    with trial.examine(f"command {name} --help"):
        command.get_help(click.Context(command, info_name=name))
        inner = command.list_commands(context) if isinstance(command, click.Group) else []
    if isinstance(command, click.Group):
        for one in inner:
            _examine_help(trial, command, [one], name)


def _find_places(part: object) -> Iterator[str]:
    """Yield the texts `module:attribute` in a declaration."""
    if isinstance(part, str):
        if _PLACE.fullmatch(part):
            yield part
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from _find_places(getattr(part, field.name))
    elif isinstance(part, Mapping):
        yield from _find_places([*part.values()])
    elif isinstance(part, Iterable):
        for one in part:
            yield from _find_places(one)


def _examine_flows(trial: PluginTrial) -> None:
    """Preview each flow on the twin, or else on a chip of a backend of the plugin."""
    flows = trial.record.provides.get("qdash_flows", ())
    if not flows:
        return
    chips = [CHIP] if trial.has_twin else []
    for number, backend in enumerate(trial.record.provides.get("qdash_backends", ())):
        name = f"{CHIP}-{number}"
        if trial.run("chip", "create", name, "--topology", "linear-4", "--backend", backend).returncode == 0:
            chips.append(name)
    if not chips:
        trial.tell("flows", "skipped", trial.missing_twin)
        return
    for flow in flows:
        with trial.examine(f"flow {flow}"):
            _preview(trial, flow, chips)


def _preview(trial: PluginTrial, flow: str, chips: Iterable[str]) -> None:
    from qdash_builtin.runs.feature import RUNS
    from qdash_core.models.request import RunRequest

    failures = []
    with trial.open_home() as (qdash, access):
        for chip in chips:
            try:
                qdash.get(RUNS).preview(access, RunRequest(chip_id=chip, flow=flow), alone=True)
            except QDashError as error:
                failures.append(str(error))
            else:
                return
    raise PluginError(failures[-1])


def _examine_health_checks(trial: PluginTrial) -> None:
    """Run the checks of the plugin's features, as the doctor does."""
    from qdash_builtin.plugins.health_checks import load_checks
    from qdash_core.hooks.health_checks import Examination

    own = [check for owner, check in load_checks(trial.registry) if trial.owns(owner)]
    if own:
        trial.begin("checks")
        _ = trial.has_twin
        with trial.open_home() as (qdash, _):
            home = Examination(qdash.settings, qdash.registry, deep=True, opened=qdash.store)
            for check in own:
                with trial.examine(f"check {check.name}"):
                    check.find(home)


def _examine_facts(trial: PluginTrial) -> None:
    """Ask the plugin's features for facts and a digest line about the twin, and for matches of a search."""
    from qdash_builtin.digests.feature_lines import check_section
    from qdash_builtin.search.service import check_matches
    from qdash_core.hooks.fact_reader import check_facts
    from qdash_core.models.facts import FactSubject
    from qdash_core.models.search import Search

    subject = FactSubject(CHIP)
    checks: dict[str, tuple[Callable[[str, object], object], object]] = {
        "facts": (check_facts, subject),
        "digest_lines": (check_section, subject),
        "searches": (check_matches, Search("0", CHIP, 5)),
    }
    own = [
        (place, *check)
        for field, check in checks.items()
        for plugin, place in trial.registry.list_named(field)
        if trial.owns(plugin)
    ]
    if not own:
        return
    trial.begin("facts")
    if not trial.has_twin:
        trial.tell("facts", "skipped", trial.missing_twin)
        return
    with trial.open_home() as (qdash, access):
        for place, check, about in own:
            with trial.examine(place):
                check(place, resolve_name(place)(qdash, access, about))


def _examine_participation(trial: PluginTrial) -> None:
    """Run a task on the twin if the plugin is told of runs, and report the failures that QDash notes for it."""
    hooks = {*PARTICIPATION_HOOKS, "qdash_validators", "qdash_notifiers"}
    if not hooks & trial.record.provides.keys():
        return
    with trial.examine("a run on a twin"):
        if trial.result is None:
            raise PluginError(trial.missing_twin)
        from qdash_core.settings import load_settings

        for failure in read_failures(load_settings().home).values():
            if failure.plugin == trial.candidate.name:
                raise PluginError(failure.full_reason or failure.reason)


def _examine_routes(trial: PluginTrial) -> None:
    hooks = {"qdash_operations", "qdash_api_routers", "qdash_entities", "qdash_authentication"}
    if trial.candidate.is_own or not hooks & trial.record.provides.keys():
        return
    host = None
    with trial.examine("host with the plugin"):
        host = trial.host
        if host is not None:
            for one in _ask(host, "/plugins?limit=100")["items"]:
                if one["name"] == trial.candidate.name and one["error"]:
                    raise PluginError(one["error"])
    if host is None:
        return
    below, not_called = f"{trial.candidate.mount_path}/", list[str]()
    for path, methods in _ask(host, "/openapi.json")["paths"].items():
        for method in methods if f"{path}/".startswith(below) else ():
            if method != "get" or "{" in path:
                not_called.append(f"{method.upper()} {path}")
                continue
            with trial.examine(f"route GET {path}"):
                _ask(host, path, module=trial.candidate.module)
    if not_called:
        reason = f"not called, for they change something or need a value: {', '.join(not_called)}"
        trial.tell("routes", "skipped", reason)


def _ask(host: HostAddress, path: str, *, module: str = "") -> Any:
    """Return the JSON answer of a host, None if it is none or refuses; raise PluginError, with the place of the error, if the route fails."""
    before = host.messages.stat().st_size
    request = Request(f"{host.url.rstrip('/')}{path}", headers={"Authorization": f"Bearer {host.token}"})  # noqa: S310
    try:
        with urlopen(request) as answer:  # noqa: S310
            return parse_json(answer.read()) if answer.headers.get_content_subtype() == "json" else None
    except HTTPError as error:
        if error.code < 500:  # the plugin may want parameters
            return None
        raise PluginError(f"status {error.code}: {_find_traceback(host, before, module)}") from None


def _find_traceback(host: HostAddress, after: int, module: str) -> str:
    """Return the last error in the messages of a host, with its place in the package of a plugin."""
    said = ""
    for line in host.messages.read_bytes()[after:].splitlines():
        if line.startswith(b"{"):  # not all lines are of the log
            said += parse_json(line).get("exception", "")
    frames = _FRAME.findall(said)
    package = module.partition(".")[0]
    own = [one for one in frames if package in (*Path(one[0]).parent.parts, PurePath(one[0]).stem)]
    place = f" ({PurePath(own[-1][0]).name}:{own[-1][1]})" if own else ""
    # The host raises another error from that of a plugin, which names plugin and operation.
    own_name = f"{PluginFailedError.__module__}.{PluginFailedError.__name__}:"
    lines = (line for line in said.splitlines() if not line.startswith(own_name))
    raised = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(:|$)", line)]
    return f"{raised[-1] if raised else 'see the messages of the host'}{place}"
