"""Checks of the objects that hooks return, before they are registered."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import chain
from math import isfinite
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, get_args

from qdash_core.errors import InvalidInputError, PluginError
from qdash_core.tasks.failures import describe_place

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from qdash_core.features.declarations import Feature

_DASHED_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LABEL = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_EVENT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+([_-][a-z0-9]+)*")
_FUNCTION_PLACE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_MAPPINGS = "commands", "further_commands", "entities", "contributions"
_NO_PLACES = "requires", "services", "pages", "sections", "events", "records", "counters"
"""Tuples of a feature whose items are not places, `module:attribute`."""
_PLUGIN_PATH = re.compile(r"/plugins/[A-Za-z0-9_-][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Contribution:
    """Object that a plugin contributes, checked.

    `names` are for people. No other object of its kind may have one of its `keys`.
    """

    thing: Any
    names: tuple[str, ...]
    keys: tuple[Hashable, ...]

    def called(self, key: Hashable) -> str:
        """Return the name in a key, or the name of the object if the key has none."""
        named = key[-1] if isinstance(key, tuple) else key
        return named if isinstance(named, str) else self.names[0]


def check_contributions(
    hook: str, returned: object, *, path: str, function: object = None
) -> list[Contribution]:
    """Return the contributions of a plugin to a hook; `path` is that of the plugin's routes on the host.

    Raises
    ------
    PluginError
        If `returned` is not a list of the right objects with distinct names; the message says which one is wrong, and where it is written.
    """
    if not isinstance(returned, list):
        raise PluginError(f"{hook} returned {_describe_kind(returned)}, not a list{describe_place(function)}")
    contributions: list[Contribution] = []
    for index, item in enumerate(returned):
        try:
            contribution = _CHECKS[hook](item, path)
        except PluginError as error:
            place = describe_place(item, function)
            raise PluginError(f"{hook}: item {index}, {_describe_kind(item)}, {error}{place}") from None
        taken = {key for earlier in contributions for key in earlier.keys}
        for key in contribution.keys:
            if key in taken:
                raise PluginError(
                    f"{hook}: item {index} has a name that the plugin gives twice, {contribution.called(key)!r}"
                    f"{describe_place(item, function)}"
                )
        contributions.append(contribution)
    return contributions


def _check_backend(item: object, _path: str) -> Contribution:
    from qdash_core.backends.base import BaseBackend

    backend = _require_subclass(item, BaseBackend)
    contribution = _get_name_key(backend)
    _require_made_without_arguments(backend)
    return contribution


def _check_task(item: object, _path: str) -> Contribution:
    from qdash_core.hooks.declarations import require_declarations
    from qdash_core.tasks.base import BaseTask

    task = _require_subclass(item, BaseTask)
    name, backend = _require_text(task, "name"), getattr(task, "backend", None)
    if backend is not None and not (isinstance(backend, str) and backend.strip()):
        raise PluginError("has a backend that is neither a name nor None")
    require_declarations(task)
    _require_made_without_arguments(task)
    return Contribution(item, (name,), tuple((backend, called) for called in (name, *task.aliases)))


def _check_request(item: object, _path: str) -> Contribution:
    if not isinstance(item, type):
        raise PluginError("is not a class")
    for method in ("compiled", "on_grid", "possible_with"):
        if not callable(getattr(item, method, None)):
            raise PluginError(
                f"has no method {method}: it has to be a subclass of qdash_tasks.laboratory.request.Request"
            )
    return Contribution(item, (item.__name__,), (item.__name__,))


def _check_repository(item: object, _path: str) -> Contribution:
    from qdash_core.repositories.store import Store

    _require_subclass(item, Store)
    return _get_scheme_keys(item)


def _check_storage(item: object, _path: str) -> Contribution:
    if not isinstance(item, type):
        raise PluginError("is not a class")
    _require_callable(item, "open")
    return _get_scheme_keys(item)


def _check_scheduler(item: object, _path: str) -> Contribution:
    _require_instance(item)
    name, kind = _require_text(item, "name"), getattr(item, "kind", None)
    if kind not in ("coupling", "qubit"):
        raise PluginError("has no kind: 'coupling' or 'qubit'")
    _require_callable(item, "colour")
    return Contribution(item, (name,), ((kind, name),))


def _check_flow(item: object, _path: str) -> Contribution:
    _require_text(item, "description")
    steps = getattr(item, "steps", None)
    if steps is None:
        raise PluginError("has no steps")
    if not isinstance(steps, (list, tuple)):
        raise PluginError(f"has steps that are {_describe_kind(steps)}, not a list")
    for index, step in enumerate(steps):
        _require_step(step, index)
    return _get_name_key(item)


def _require_step(step: object, index: int) -> None:
    where = f"has steps whose item {index}, {_describe_kind(step)},"
    if isinstance(step, type):
        raise PluginError(f"{where} is not an instance: {step.__name__}(...) makes one")
    if not hasattr(step, "tasks") or not callable(getattr(step, "apply", None)):
        raise PluginError(f"{where} is no step: it has no tasks and apply")
    tasks = step.tasks
    if tasks is None:
        if "tasks" not in getattr(step, "__dataclass_fields__", {}):
            raise PluginError(f"{where} has tasks that are None, and is no dataclass with a field for them")
    elif not isinstance(tasks, (list, tuple)) or not all(isinstance(task, str) for task in tasks):
        raise PluginError(f"{where} has tasks that are not a list of names")


def _check_pictures(item: object, _path: str) -> Contribution:
    _require_instance(item)
    contribution = _get_name_key(item)
    for method in (
        "chip_map",
        "schedule_timeline",
        "run_timeline",
        "points",
        "metric_history",
        "provenance",
        "thumbnail",
        "drawing",
    ):
        _require_callable(item, method)
    return contribution


def _check_router(item: object, path: str) -> Contribution:
    if isinstance(item, type) or not hasattr(item, "routes"):
        raise PluginError("is not a router: it has no routes")
    _require_plugin_path(path)
    # Every plugin has a path of its own, so routers of several plugins cannot meet.
    return Contribution(item, (f"{path}{getattr(item, 'prefix', '')}" or "/",), (id(item),))


def _check_feature(item: object, _path: str) -> Contribution:
    from qdash_core.features.declarations import Feature, FeaturePage

    if not isinstance(item, Feature):
        raise PluginError("is not a Feature: qdash_core.Feature(NAME, ...) makes one")
    tuples = [one.name for one in fields(Feature) if one.default == ()]
    for attribute in tuples:
        # A plain "runs" would otherwise count as four names of one letter.
        if not isinstance(getattr(item, attribute), (tuple, list)):
            raise PluginError(f"has {attribute} that are not a tuple")
    _check_mappings(item)
    for page in item.pages:
        if not isinstance(page, FeaturePage) or type(page.place) is not int:
            raise PluginError(f"has pages with {_describe_kind(page)}: qdash_core.FeaturePage(...) makes one")
    _check_event_kinds(item.events)
    _check_record_kinds(item.records)
    _check_counters(item.counters)
    for name in (item.name, *item.requires, *item.commands, *item.further_commands, *item.entities):
        _require_match(_DASHED_NAME, name, "lower-case letters, digits and '-' make a name")
    functions = (*(page.drawn_by for page in item.pages), *(kind.described_by for kind in item.events))
    named = [
        place for attribute in tuples if attribute not in _NO_PLACES for place in getattr(item, attribute)
    ]
    mapped = (getattr(item, attribute).values() for attribute in _MAPPINGS)
    for place in chain(named, *mapped, filter(None, functions), item.provides.values()):
        _require_match(_FUNCTION_PLACE, place, "a text such as 'module:attribute' names an object")
    _check_collections(item)
    _check_metrics(item)
    kinds = (("event", kind.name) for kind in item.event_kinds)
    cited = (("record", kind.name) for kind in item.records)
    provided = (("service", service.name) for service in item.provides)
    counted = (("counter", counter.name) for counter in item.counters)
    return Contribution(item, (item.name,), (item.name, *kinds, *cited, *provided, *counted))


def _check_mappings(feature: Feature) -> None:
    from qdash_core.features.declarations import CONTRIBUTED_HOOKS, Service

    for attribute in _MAPPINGS:
        if not isinstance(getattr(feature, attribute), Mapping):
            raise PluginError(f"has {attribute} that are not a mapping of names to texts 'module:attribute'")
    if not isinstance(feature.provides, Mapping):
        raise PluginError("has provides that are not a mapping of services to texts 'module:attribute'")
    for service in feature.provides:
        if not isinstance(service, Service) or service.opened_by or not service.name:
            raise PluginError(f"provides {service!r:.100}, which is no service that QDash needs")
    if unknown := feature.contributions.keys() - {*CONTRIBUTED_HOOKS}:
        known = " and ".join(CONTRIBUTED_HOOKS)
        raise PluginError(f"contributes to {', '.join(sorted(unknown))}: features contribute to {known} only")


def _check_event_kinds(kinds: Iterable[object]) -> None:
    from qdash_core.features.declarations import EventKind
    from qdash_core.models.event_kinds import KINDS_OF_RUNS

    for kind in kinds:
        if not isinstance(kind, EventKind):
            raise PluginError(f"has events with {_describe_kind(kind)}: qdash_core.EventKind(...) makes one")
        _require_match(
            _EVENT_NAME, kind.name, "a kind of event is named 'subject.state' in lower-case letters"
        )
        if kind.name in (one.name for one in KINDS_OF_RUNS):
            raise PluginError(f"has the kind of event {kind.name!r}, which is one of QDash")


def _check_counters(counters: Iterable[object]) -> None:
    from qdash_core.features.declarations import HostCounter

    for counter in counters:
        if not isinstance(counter, HostCounter):
            raise PluginError(
                f"has counters with {_describe_kind(counter)}: qdash_core.HostCounter(...) makes one"
            )
        for name in (counter.name, *counter.labels):
            _require_match(_LABEL, name, "lower-case letters, digits and '_' name a counter and its labels")


def _check_metrics(feature: Feature) -> None:
    if feature.metrics:
        from qdash_core.features.declarations import list_known_features

        _require_match(
            _FUNCTION_PLACE, feature.metrics, "a text such as 'module:attribute' names the metrics"
        )
        try:
            for one in list_known_features():
                if one.metrics_checked_by:
                    resolve_name(one.metrics_checked_by)(feature.metrics)
        except InvalidInputError as error:
            raise PluginError(f"cannot be used: {error}") from error


def _check_collections(feature: Feature) -> None:
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.schema import COLLECTIONS
    from qdash_core.tasks.failures import describe_error

    taken: set[str] = set()
    for place in feature.collections:
        try:
            collection = resolve_name(place)
        except (Exception, SystemExit) as error:
            raise PluginError(
                f"has the collection {place}, which cannot be loaded: {describe_error(error)}"
            ) from error
        if not isinstance(collection, Collection):
            raise PluginError(
                f"has {place}, which is {_describe_kind(collection)}: qdash_core.Collection(...) makes a collection"
            )
        if not taken.isdisjoint(collection.table_names):
            raise PluginError(f"has two collections with tables of one name: rename {collection.name!r}")
        taken |= collection.table_names
        if (other := COLLECTIONS.find_conflict(collection, feature.name)) is not None:
            owner = f"the feature {other.feature!r}" if other.feature else "QDash"
            raise PluginError(
                f"has the collection {collection.name!r}, whose name is taken by {other.collection.name!r} of {owner}: rename it, or "
                "uninstall the other one (the collections of blocked plugins stay)"
            )


def _check_record_kinds(kinds: Iterable[object]) -> None:
    from qdash_core.features.declarations import RecordKind
    from qdash_core.models.references import fill_in

    for kind in kinds:
        if not isinstance(kind, RecordKind):
            raise PluginError(
                f"has records with {_describe_kind(kind)}: qdash_core.RecordKind(...) makes one"
            )
        _require_match(_DASHED_NAME, kind.name, "lower-case letters, digits and '-' make a name")
        _require_match(_FUNCTION_PLACE, kind.found_by, "a text such as 'module:attribute' names an object")
        if not isinstance(kind.fields, (tuple, list)):
            raise PluginError(f"has the kind of records {kind.name!r} with fields that are not a tuple")
        for template in (kind.address, kind.route, kind.noun):
            try:
                fill_in(template, "/".join("record"))
            except (LookupError, ValueError, AttributeError) as error:
                raise PluginError(
                    f"has the kind of records {kind.name!r} with {template!r}: a text with {{id}}, {{short}}, {{target}}, {{0}}, {{1}} ... makes one"
                ) from error


def _require_match(pattern: re.Pattern[str], given: object, rule: str) -> None:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        shown = repr(given[:80]) if isinstance(given, str) else _describe_kind(given)
        raise PluginError(f"has {shown}: {rule}")


def _check_own_operations(item: Any) -> Contribution:
    """Return the operations of a feature of QDash, whose routes are at the root."""
    keys = ((one.name, (one.method, one.path)) for one in item.declared)
    return Contribution(item, (item.tag,), tuple(key for pair in keys for key in pair))


def _check_operations(item: object, path: str) -> Contribution:
    from qdash_core.hooks.protocols import DeclaredOperations

    if not path:
        return _check_own_operations(item)
    _require_plugin_path(path)
    if not isinstance(item, DeclaredOperations):
        raise PluginError("are no operations of a plugin: PluginOperations(NAME) makes some")
    return Contribution(item, tuple(one.name for one in item.declared), tuple(item.check(path)))


def _require_plugin_path(path: str) -> None:
    if not _PLUGIN_PATH.fullmatch(path):
        raise PluginError(
            f"would be mounted at {path!r}: the name of a plugin with routes has letters, digits, '-', '_' and '.' only"
        )


def _page(item: object, _path: str) -> Contribution:
    title = _require_text(item, "title")
    for attribute in ("icon", "group"):
        if not isinstance(getattr(item, attribute, None), str):
            raise PluginError(f"has no {attribute}")
    _require_callable(item, "render")
    return Contribution(item, (title,), (title,))


def _check_section(item: object, path: str) -> Contribution:
    from qdash_core.features.sections import Section, Slot

    if not isinstance(item, Section):
        raise PluginError("is not a section: Section(slot, title, draw) makes one")
    title, slots = _require_text(item, "title"), get_args(Slot)
    if item.slot not in slots:
        raise PluginError(f"has the slot {item.slot!r}, which no page has: known are {', '.join(slots)}")
    if not isinstance(item.order, (int, float)) or not isfinite(item.order):
        raise PluginError(f"has the order {item.order!r}, which is no number")
    if isinstance(item.draw, str):
        if not _FUNCTION_PLACE.fullmatch(item.draw):
            raise PluginError(f"has the function {item.draw!r}, which is not of the form 'module:function'")
    else:
        _require_callable(item, "draw")
        _require_arguments(item.draw, 2, "a view and a subject")
    # Sections of several plugins may have one title.
    return Contribution(item, (f"{title} ({item.slot})",), ((path, item.slot, item.order, title),))


def _format(item: object, _path: str) -> Contribution:
    from qdash_core.hooks.formats import Format

    _require_instance(item)
    if not isinstance(item, Format):
        raise PluginError("is not of a subclass of Format")
    name = _require_text(item, "name")
    if not _DASHED_NAME.fullmatch(name):
        raise PluginError("has a name of more than lower-case letters, digits and '-'")
    _require_text(item, "title")
    for method in ("reads", "read", "write", "write_device", "check_file"):
        _require_callable(item, method)
    if not (item.is_reader or item.is_writer):
        raise PluginError("has none of read, write and write_device")
    if item.writes_devices and type(item).write is not Format.write:
        raise PluginError("has both write and write_device: an export calls one of them")
    if item.is_reader and type(item).reads is Format.reads:
        raise PluginError("has read and no reads: nobody would ask it")
    return Contribution(item, (name,), (name,))


def _check_entity(item: object, _path: str) -> Contribution:
    from qdash_core.hooks.protocols import DeclaredEntity

    if not isinstance(item, DeclaredEntity):
        raise PluginError(
            "is not an entity of a plugin: qdash_builtin.entities.declare_plugin_entity(...) makes one"
        )
    return Contribution(item, (item.name,), (("name", item.name), ("plural", item.plural)))


def _make_named_check(method: str) -> Callable[[object, str], Contribution]:
    def check(item: object, _path: str) -> Contribution:
        _require_instance(item)
        contribution = _get_name_key(item)
        _require_callable(item, method)
        return contribution

    return check


def _check_validator(item: object, path: str) -> Contribution:
    contribution = _make_named_check("validate")(item, path)
    arrays: object = getattr(item, "raw_data", frozenset())
    if not isinstance(arrays, (set, frozenset)) or not all(isinstance(name, str) for name in arrays):
        raise PluginError("has raw_data that is not a set of names of arrays")
    # A replaceable validator and the one that takes its place have the same name.
    replaceable = getattr(item, "replaceable", False) is True
    return Contribution(item, contribution.names, ((replaceable, *contribution.names),))


def _check_runner(item: object, path: str) -> Contribution:
    if callable(getattr(item, "run", None)) and not hasattr(item, "perform"):
        raise PluginError("has a method run, which became perform: see CHANGELOG.md")
    return _make_named_check("perform")(item, path)


def _check_assistant(item: object, path: str) -> Contribution:
    contribution = _make_named_check("answer")(item, path)
    _require_callable(item, "get_state")
    return contribution


_CHECKS: dict[str, Callable[[object, str], Contribution]] = {
    "qdash_backends": _check_backend,
    "qdash_tasks": _check_task,
    "qdash_requests": _check_request,
    "qdash_schedulers": _check_scheduler,
    "qdash_repositories": _check_repository,
    "qdash_storages": _check_storage,
    "qdash_runners": _check_runner,
    "qdash_validators": _check_validator,
    "qdash_flows": _check_flow,
    "qdash_notifiers": _make_named_check("notify"),
    "qdash_pictures": _check_pictures,
    "qdash_features": _check_feature,
    "qdash_operations": _check_operations,
    "qdash_api_routers": _check_router,
    "qdash_dashboard_pages": _page,
    "qdash_dashboard_sections": _check_section,
    "qdash_assistants": _check_assistant,
    "qdash_formats": _format,
    "qdash_entities": _check_entity,
}


def _get_name_key(item: object) -> Contribution:
    name = _require_text(item, "name")
    return Contribution(item, (name,), (name,))


def _get_scheme_keys(item: object) -> Contribution:
    schemes = getattr(item, "schemes", None)
    # A bare "sqlite" would otherwise pass as six schemes of one letter.
    if not isinstance(schemes, (tuple, list)) or not schemes:
        raise PluginError("has no schemes: a tuple of URL schemes")
    if not all(isinstance(scheme, str) and scheme.strip() for scheme in schemes):
        raise PluginError("has a scheme that is not a name")
    lowered = tuple(dict.fromkeys(scheme.lower() for scheme in schemes))
    return Contribution(item, lowered, lowered)


def _require_text(item: object, attribute: str) -> str:
    value = getattr(item, attribute, None)
    if not isinstance(value, str) or not value.strip():
        raise PluginError(f"has no {attribute}")
    return value


def _require_subclass(item: object, base: type) -> type[Any]:
    if not (isinstance(item, type) and issubclass(item, base)) or item is base:
        raise PluginError(f"is not a subclass of {base.__name__}")
    if inspect.isabstract(item):
        raise PluginError(f"lacks {', '.join(sorted(getattr(item, '__abstractmethods__', ())))}")
    return item


def _require_instance(item: object) -> None:
    if isinstance(item, type):
        raise PluginError(f"is not an instance: {item.__name__}() makes one")


def _require_made_without_arguments(item: Callable[..., object]) -> None:
    if _inherits_constructor(item):
        return
    try:
        signature = inspect.signature(item)
    except (TypeError, ValueError):
        return  # a class whose signature nobody knows is tried when it is used
    try:
        signature.bind()
    except TypeError as error:
        raise PluginError(f"has an __init__ that needs arguments: {error}") from None


def _inherits_constructor(item: object) -> bool:
    """Return whether a class inherits its constructor, which is faster than inspecting the signature."""
    return (
        isinstance(item, type)
        and all(getattr(item, name) is getattr(object, name) for name in ("__init__", "__new__"))
        and type(item).__call__ is type.__call__
    )


def _require_arguments(function: Callable[..., object], number: int, meaning: str) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # functions written in C may have no signature
    try:
        signature.bind(*range(number))
    except TypeError as error:
        raise PluginError(f"has a function that does not take {meaning}, and nothing else: {error}") from None


def _require_callable(item: object, attribute: str) -> None:
    if not callable(getattr(item, attribute, None)):
        raise PluginError(f"has no method {attribute}")


def _describe_kind(item: object) -> str:
    # Never repr(): it is the plugin's code, and may be as long as it likes.
    if item is None:
        return "None"
    return f"class {item.__name__}" if isinstance(item, type) else f"{_add_article(type(item).__name__)}"


def _add_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
