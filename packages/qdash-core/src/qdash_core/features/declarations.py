"""Declaration of a feature: its operations, commands and pages by name, which nothing imports before they are used."""

from __future__ import annotations

import re
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from qdash_core.errors import InvalidInputError
from qdash_core.features.discovery import find_installed, sort_by_precedence
from qdash_core.features.plugin_markers import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.features.sections import Section

S = TypeVar("S")
_AFTER_OURS = 1000
CONTRIBUTED_HOOKS = ("qdash_formats", "qdash_notifiers")
"""Hooks to which a feature contributes lists by name."""


@dataclass(frozen=True)
class EventKind:
    """Kind of events.

    Texts in braces are fields of the data of the event, or `chip_id`, `execution_id` and `task_id`.

    Parameters
    ----------
    name : str
        Subject and new state, such as `cold-head.serviced`.
    subject : str
        Name of the subject for people, such as `cold head {number}`. Empty if its chip, execution, result or the
        `name` in its data suffice.
    address : str
        Page of the dashboard that shows the subject, such as `cold-heads?head={number}`, or empty.
    command : str
        Command that shows the subject, such as `qdash cold show {number}`, or empty.
    described_by : str
        Function (`module:attribute`) that takes the event and returns the texts of a notice by name, the subject
        first.
    immediate : bool
        Whether its feature notifies people when it records the event (`QDash.announce`), so that runs leave it out.
    notified : bool
        Whether it is notified unless the setting `notify_on` names kinds.
    """

    name: str
    subject: str = ""
    address: str = ""
    command: str = ""
    described_by: str = ""
    immediate: bool = False
    notified: bool = False


def make_event_kinds(subject: str, states: Iterable[str], /, **options: Any) -> tuple[EventKind, ...]:
    """Return the kinds of events of one subject, with the same options of `EventKind`."""
    return tuple(EventKind(f"{subject}.{state}", **options) for state in states)


ENTITY_STATES = ("created", "changed", "deleted")
"""New states of the records of entities, of which each change is an event."""
_ENTITY_TEXTS: Mapping[str, Any] = {
    "subject": "{name}",
    "address": "{plural}?record={record_id}",
    "command": "qdash {entity} show {record_id}",
}
"""Texts of the kinds of events of entities."""


def make_entity_event_kinds(name: str) -> tuple[EventKind, ...]:
    """Return the kinds of the events of the changes of an entity."""
    return make_event_kinds(name, ENTITY_STATES, **_ENTITY_TEXTS, immediate=True)


@dataclass(frozen=True)
class RecordKind:
    """Kind of records that answers of assistants and evidence cite as `[NAME:ID]`.

    Addresses and nouns are texts with fields in braces: `{id}`, its parts between slashes `{0}`, `{1}` ..., `{short}` (8 characters), and `{target}`, which
    is `qubit` or `coupling` after the second part.

    Parameters
    ----------
    found_by : str
        Function (`module:attribute`) that takes the `QDash`, the access of the user and an id, and returns the full
        id and a title, or None.
    address : str
        Page of the dashboard that shows the record, such as `cold-heads?head={id}`.
    route : str
        Path on the host, such as `plugins/cold/heads/{id}`.
    noun : str
        Name of the record for people; by default the kind and the id.
    fields : tuple of str
        Fields of view models that hold the id of such a record.
    """

    name: str
    found_by: str
    address: str = ""
    route: str = ""
    noun: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Service(Generic[S]):
    """Key of a service, by which `QDash.get` returns it.

    `opened_by` is the function that opens it, `module:attribute`; it takes the `QDash`. It is empty for a service
    that QDash needs and a feature provides, such as `qdash_core.AUTHENTICATOR`: `Feature.provides` names the
    function. `ended_by` is its method that ends it before the store is closed, or empty.
    """

    opened_by: str = ""
    ended_by: str = ""
    name: str = ""


@dataclass(frozen=True)
class HostCounter:
    """Counter of a host for programs that watch it, such as Prometheus; operations add to it by `Call.count`.

    Hosts show the name `cold_head_services` as `qdash_cold_head_services_total`. `meaning` is a sentence for people.
    """

    name: str
    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class NameList:
    """List of the names of one kind of records, for the completion of the shell.

    The operation `listed_by`, `module:attribute`, lists the records; `name` and `text` are their fields with the name
    and a text, if any. `parameters` names parameters of commands that are such names, besides those that have the
    name of the kind.
    """

    listed_by: str
    name: str
    text: str = ""
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True)
class FeaturePage:
    """Page of the dashboard.

    Parameters
    ----------
    icon : str
        Emoji or Material symbol (`:material/NAME:`) of a page below Plugins; empty for none.
    group : str
        Place in the side bar, such as Metrics, whose pages are linked with each other; others are below Plugins.
    path : str
        Last part of its address.
    drawn_by : str
        Function that draws it, `module:attribute`; it takes a `qdash_ui_streamlit.view.View`.
    hidden : bool
        Whether it has no link of its own there, and is only linked from other pages.
    place : int
        Place among the pages of the group: lower numbers come first. The link of the side bar leads to the first.
    counted_by : str
        Function that counts what waits for the user, `module:attribute`, or empty; it takes the `View`. The side bar shows the number, which is
        renewed every half minute.
    counted : str
        What it counts, such as `open issues are assigned to you`.
    has_figures : bool
        Whether it draws figures: their library then loads with the page, instead of when it draws the first.
    """

    title: str
    icon: str
    group: str
    path: str
    drawn_by: str
    hidden: bool = False
    place: int = _AFTER_OURS
    counted_by: str = ""
    counted: str = ""
    has_figures: bool = False

    def render(self, view: Any) -> None:
        """Draw the page; only then is its module imported."""
        resolve_name(self.drawn_by)(view)


@dataclass(frozen=True)
class Feature:
    """Feature of QDash or of a plugin. An entry point may name it in place of a module: it is a plugin itself.

    A place is `module:attribute`; texts of places are empty for none. Functions take the `QDash`, unless another
    argument is named.

    Parameters
    ----------
    name : str
        Name, unique among all features.
    requires : tuple of str
        Features without which this one is set aside.
    provides : mapping of Service to str
        Places of functions that open services which QDash needs, by key: `qdash_core.JUDGE`, whose function takes the
        `Runtime`, `AUTHENTICATOR` and `REQUEST_AUDIT`. One feature provides each.
    collections : tuple of str
        Places of the collections of its records, in modules that import nothing else: they are imported when a store
        is opened. They stay known if the feature is blocked.
    operations : tuple of str
        Places of operations; those of a plugin are `PluginOperations`.
    commands : mapping of str to str
        Places of commands that follow from no operation, by name; those of a plugin are below `qdash PLUGIN`.
    further_commands : mapping of str to str
        Places of a `click.Group` with commands that it adds to groups of other features, by group. Plugins add to
        groups by the hook `qdash_cli`.
    sections : tuple of Section
        Sections on pages of the dashboard, with the places of the functions that draw them.
    proposals : tuple of str
        Places of functions that return an action for the proposals of assistants.
    events : tuple of EventKind
        Kinds of events that it records. Those of its entities, such as `sample.broken`, need no more than their name.
    metrics : str
        Place of definitions of metrics with titles, units and thresholds: a mapping with `qubit_metrics` and
        `coupling_metrics`, as in the metrics file, which may override them.
    metrics_checked_by : str
        Place of a function that takes the `metrics` of a feature and raises InvalidInputError if they cannot be used.
    entities : mapping of str to str
        Places of entities by name. The changes of their records are events: `sample.created`, `sample.changed` and
        `sample.deleted` of the entity `sample`.
    checks : tuple of str
        Places of checks by `qdash doctor`, a `qdash_core.HealthCheck` each.
    facts : tuple of str
        Places of functions that return a list of `Fact`: what its records say about a subject; they take the `QDash`,
        the `Access` and a `FactSubject`.
    searches : tuple of str
        Places of functions that return a list of `Match`: what its records, pages and commands have of the words of a
        user; they take the `QDash`, the `Access` and a `Search`. They read a bounded number of records, by an index.
    settings : tuple of str
        Places of models of its settings, subclasses of `qdash_core.FeatureSettings`. The feature is named by an entry
        point.
    digest_lines : tuple of str
        Places of functions that return a section for the digest of a chip, a `TextSection` with lines, or None; they
        take the same, with the chip and the period of the digest.
    contributions : mapping of str to str
        Places of lists of what it contributes to `qdash_formats` and `qdash_notifiers`, by the name of the hook, such
        as `{"qdash_notifiers": "my_laboratory.notifiers:NOTIFIERS"}`.
    announcers : tuple of str
        Places of functions that take the `Runtime` and return a `qdash_core.Announcer`, which tells people of
        recorded events.
    run_starts : tuple of str
        Places of functions that are called with the `Runtime` when a run begins, such as to remove old records,
        within a time limit. A run begins even if one of them fails.
    background_work : tuple of str
        Places of functions that return a `qdash_core.BackgroundWork`, which workers do besides runs.
    gauges : tuple of str
        Places of functions that return `qdash_core.HostGauge`s with the present state of its records, for programs
        that watch a host; they take the `QDash` and the name of the user who asks.
    restorations : tuple of str
        Places of functions called when a backup was restored, in the same transaction, with the `Repositories` and
        the place of the backup.
    base_changes : tuple of str
        Places of functions called when the chips or the time at base temperature of a cool-down change, in the same
        transaction, with the `Repositories`, the `CooldownModel` and the present time.
    schedules : tuple of str
        Places of `qdash_core.RunSchedules`, for the service of a runner.
    user_flows : tuple of str
        Places of `qdash_core.UserFlowSource`s, of flows that users write as functions.
    plugin_checks : tuple of str
        Places of functions by which `qdash plugins check` examines another plugin; they take a
        `qdash_builtin.plugins.checks.trial.PluginTrial`.
    task_checks : tuple of str
        Places of functions that take the class of a task, and return texts on faults in its declarations for the
        feature. The conformance tests of tasks call them.
    """

    name: str
    requires: tuple[str, ...] = ()
    services: tuple[Service[Any], ...] = ()
    provides: Mapping[Service[Any], str] = field(default_factory=dict)
    collections: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    commands: Mapping[str, str] = field(default_factory=dict)
    further_commands: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[FeaturePage, ...] = ()
    sections: tuple[Section, ...] = ()
    proposals: tuple[str, ...] = ()
    names: Mapping[str, NameList] = field(default_factory=dict)
    events: tuple[EventKind, ...] = ()
    metrics: str = ""
    metrics_checked_by: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)
    records: tuple[RecordKind, ...] = ()
    checks: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    digest_lines: tuple[str, ...] = ()
    contributions: Mapping[str, str] = field(default_factory=dict)
    announcers: tuple[str, ...] = ()
    run_starts: tuple[str, ...] = ()
    background_work: tuple[str, ...] = ()
    counters: tuple[HostCounter, ...] = ()
    gauges: tuple[str, ...] = ()
    restorations: tuple[str, ...] = ()
    base_changes: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    user_flows: tuple[str, ...] = ()
    plugin_checks: tuple[str, ...] = ()
    task_checks: tuple[str, ...] = ()

    @property
    def event_kinds(self) -> tuple[EventKind, ...]:
        """Kinds of events that it records, also of the changes of its entities; those that it declares replace these."""
        generated = (kind for name in self.entities for kind in make_entity_event_kinds(name))
        declared = (self._complete(kind) for kind in self.events)
        return tuple({kind.name: kind for kind in (*generated, *declared)}.values())

    def _complete(self, kind: EventKind) -> EventKind:
        """Return a kind with the texts of its entity in place of those that it does not declare."""
        if kind.name.partition(".")[0] not in self.entities:
            return kind
        return replace(kind, **{name: getattr(kind, name) or text for name, text in _ENTITY_TEXTS.items()})

    @hookimpl
    def qdash_features(self) -> list[Feature]:
        """Return the feature."""
        return [self]

    def load(self, hook: str) -> list[Any]:
        """Return what the feature provides in place of another hook."""
        match hook:
            case "qdash_operations":
                return [resolve_name(name) for name in self.operations]
            case "qdash_entities":
                return [self._load_entity(*one) for one in self.entities.items()]
            case "qdash_dashboard_pages":
                return [*self.pages]
            case "qdash_dashboard_sections":
                return [*self.sections]
        return [*resolve_name(self.contributions[hook])] if hook in self.contributions else []

    def _load_entity(self, name: str, place: str) -> Any:
        found = resolve_name(place)
        if (own := getattr(found, "name", name)) != name:
            raise InvalidInputError(f"{place} is the entity {own!r}, not {name!r}: its events have this name")
        return found

    def load_collections(self) -> list[Any]:
        """Return the collections."""
        return [resolve_name(name) for name in self.collections]


_REMEMBERED: dict[str, Feature] = {}
_ENTITIES: dict[str, tuple[str, str]] = {}


def remember_features(features: Iterable[Feature]) -> None:
    """Add the features of a plugin that a program passed in, or that a function of a plugin returned, to `list_known_features`."""
    _REMEMBERED.update((feature.name, feature) for feature in features)


def remember_entity(name: str, noun: str, plural_noun: str) -> None:
    """Add an entity of a plugin to `get_entity_nouns`."""
    _ENTITIES[name] = noun, plural_noun


def get_entity_nouns() -> Mapping[str, tuple[str, str]]:
    """Return the entities that plugins have given to this process so far, by name, with the nouns of one and of several records."""
    return {**_ENTITIES}


def list_known_features() -> list[Feature]:
    """Return the features of stored records: all that are installed, also blocked ones, and remembered ones.

    One that cannot be imported is left out; the plugin manager tells its error.
    """
    named = {
        feature.name: feature
        for _, feature in _load_installed(tuple(find_installed()))
        if feature is not None
    }
    return [*(named | _REMEMBERED | named).values()]


def list_settings_places() -> list[tuple[str, str]]:
    """Return the places of the models of the settings of features, each after the prefix of its names.

    The prefix is empty for our features, else the plugin that an entry point names or the feature that a program
    passed in. The place is empty for a feature that cannot be imported.
    """
    found, names = list[tuple[str, str]](), set[str]()
    for candidate, feature in _load_installed(tuple(find_installed())):
        prefix = "" if candidate.is_own else make_settings_prefix(candidate.name)
        found += [(prefix, place) for place in (("",) if feature is None else feature.settings)]
        names |= set() if feature is None else {feature.name}
    passed = [feature for feature in _REMEMBERED.values() if feature.name not in names]
    return found + [(make_settings_prefix(one.name), place) for one in passed for place in one.settings]


def make_settings_prefix(plugin: str) -> str:
    """Return the prefix of the names of the settings of a plugin, such as `cold_heads_`."""
    return f"{re.sub('[-.]', '_', plugin).lower()}_"


@lru_cache(maxsize=16)
def _load_installed(installed: tuple[PluginCandidate, ...]) -> list[tuple[PluginCandidate, Feature | None]]:
    """Return the plugins that are features themselves, each with its feature unless it cannot be imported."""
    return [(one, _load_feature(one)) for one in sort_by_precedence(installed) if one.is_object]


def _load_feature(candidate: PluginCandidate) -> Feature | None:
    try:
        with redirect_stdout(sys.stderr):  # output of a plugin would corrupt the JSON of a command
            loaded = candidate.load()
    except Exception:  # noqa: BLE001  code of a plugin
        return None
    return loaded if isinstance(loaded, Feature) else None
