"""Broken plugins of every kind: each is set aside with the reason, without side effects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.manager import Registry

HEAD = "from qdash_core import BaseBackend, BaseTask, hookimpl\n"

SOUND = (
    HEAD
    + """
class Task(BaseTask):
    name = "Sound"

    def run(self, backend): ...
    def postprocess(self, backend, result): ...

@hookimpl
def qdash_tasks():
    return [Task]
"""
)

IMPORT_FAILURES = {
    "a module that is not there": ("import no_such_module", "No module named 'no_such_module'"),
    "a syntax error": ("def (:", "SyntaxError"),
    "an exception": ("raise RuntimeError('no licence\\nfound')", "RuntimeError: no licence found"),
    "exit": ("raise SystemExit(3)", "SystemExit: 3"),
    "sys.exit": ("import sys; sys.exit('goodbye')", "SystemExit: goodbye"),
    "an exception that is not an Exception": ("class Odd(BaseException): pass\nraise Odd", "Odd"),
    "an exception without a message that can be read": (
        "class Mute(Exception):\n    def __str__(self): raise ValueError\nraise Mute",
        "Mute",
    ),
}

HOOK_FAILURES = {
    "a hook of an unknown name": (
        "@hookimpl\ndef qdash_task(): return []",
        "unknown hook 'qdash_task'; did you mean 'qdash_tasks'?",
    ),
    "a hook without our prefix": ("@hookimpl\ndef tasks(): return []", "unknown hook 'tasks'"),
    "unknown arguments": ("@hookimpl\ndef qdash_tasks(chip): return []", "Argument(s) {'chip'}"),
    "an unknown argument by keyword": (
        "@hookimpl\ndef qdash_tasks(*, chip): return []",
        "qdash_tasks raised TypeError",
    ),
    "a wrapper": ("@hookimpl(wrapper=True)\ndef qdash_tasks(): return (yield)", "is a wrapper"),
    "one hook twice": (
        "@hookimpl\ndef qdash_tasks(): return []\n@hookimpl(specname='qdash_tasks')\ndef more(): return []",
        "implements qdash_tasks twice",
    ),
    "an exception in a hook": (
        "@hookimpl\ndef qdash_tasks(): return 1 / 0",
        "qdash_tasks raised ZeroDivisionError",
    ),
    "exit in a hook": (
        "@hookimpl\ndef qdash_tasks(): raise SystemExit(2)",
        "qdash_tasks raised SystemExit: 2",
    ),
    "a hook that is not marked": (
        "def qdash_tasks(): return []",
        "qdash_tasks is not marked as a hook: write @hookimpl above it",
    ),
    "another major": ("QDASH_PLUGIN_API = 2", "plugin contract 2; this QDash has 1"),
    "a generator": (
        "@hookimpl\ndef qdash_tasks(): yield BaseTask",
        "qdash_tasks returned a generator, not a list",
    ),
    "a coroutine": (
        "@hookimpl\nasync def qdash_tasks(): return []",
        "qdash_tasks returned a coroutine, not a list",
    ),
    "None": ("@hookimpl\ndef qdash_tasks(): return None", "qdash_tasks returned None, not a list"),
}

# Invalid return values of each hook. `{}` is replaced by an item of the list.
THINGS = {
    "qdash_backends": {
        "'fake'": "item 0, a str, is not a subclass of BaseBackend",
        "BaseBackend": "class BaseBackend, is not a subclass of BaseBackend",
        "type('B', (BaseBackend,), {'name': 'b'})": "class B, lacks connect, get_instance",
        "backend()": "has no name",
        "backend(name=None)": "has no name",
        "backend(name=' ')": "has no name",
        "backend(name='b', __init__=wants_address)": "class B, has an __init__ that needs arguments: missing a required",
        "backend(name='b')()": "item 0, a B, is not a subclass of BaseBackend",
    },
    "qdash_tasks": {
        "task": "is not a subclass of BaseTask",
        "type('T', (), {'name': 'T'})": "is not a subclass of BaseTask",
        "type('T', (BaseTask,), {})": "has no name",
        "type('T', (BaseTask,), {'name': 'T', 'backend': ''})": "has a backend that is neither a name nor None",
        "sound(name='T', requires='Echo')": "has requires that are not a set of names, as in frozenset({'Echo'})",
        "sound(name='T', requires=frozenset({1}))": "has requires with something that is no name, of type int",
        "*[sound(name='T')] * 2": "item 1 has a name that the plugin gives twice, 'T'",
    },
    "qdash_schedulers": {
        "thing(kind='qubit')": "has no name",
        "thing(name='s')": "has no kind",
        "thing(name='s', kind='mux')": "has no kind",
        "thing(name='s', kind='qubit')": "has no method colour",
        "type('S', (), {'name': 's', 'kind': 'qubit', 'colour': nothing})": "class S, is not an instance",
    },
    "qdash_repositories": {
        "thing(schemes=('x',))": "is not a subclass of Store",
        "store()": "has no schemes",
        "store(schemes='sqlite')": "has no schemes",
        "store(schemes=(1,))": "has a scheme that is not a name",
    },
    "qdash_storages": {
        "thing(schemes=('x',), open=print)": "is not a class",
        "type('S', (), {'schemes': ('x',)})": "has no method open",
        "type('S', (), {'open': print})": "has no schemes",
    },
    "qdash_runners": {
        "thing(name='r')": "has no method perform",
        "thing(name='r', run=nothing)": "has a method run, which became perform: see CHANGELOG.md",
        "thing(perform=print)": "has no name",
        "type('R', (), {'name': 'r', 'perform': nothing})": "class R, is not an instance: R() makes one",
    },
    "qdash_validators": {
        "thing(name='v')": "has no method validate",
        "thing(validate=print)": "has no name",
        "thing(name='v', validate=nothing, raw_data='signal')": "has raw_data that is not a set of names of arrays",
        "thing(name='v', validate=nothing, raw_data={3})": "has raw_data that is not a set of names of arrays",
        "type('V', (), {'name': 'v', 'validate': nothing})": "class V, is not an instance: V() makes one",
    },
    "qdash_flows": {
        "thing(name='f', description='d', steps='CheckT1')": "has steps that are a str, not a list",
        "thing(name='f', description='d', steps=CustomOneQubit(['CheckT1']))": (
            "has steps that are a CustomOneQubit, not a list"
        ),
        "thing(name='f', description='d', steps=['CheckT1'])": "item 0, a str, is no step",
        "thing(name='f', description='d', steps=[CustomOneQubit])": "item 0, class CustomOneQubit, is not an instance",
        "thing(name='f', description='d', steps=[thing(tasks=[])])": "item 0, a SimpleNamespace, is no step",
        "thing(name='f', description='d', steps=[CustomOneQubit('CheckT1')])": "tasks that are not a list of names",
        "thing(name='f', description='d', steps=[thing(tasks=None, apply=nothing)])": (
            "tasks that are None, and is no dataclass with a field for them"
        ),
        "thing(name='f', steps=())": "has no description",
        "thing(name='f', description='d')": "has no steps",
        "thing(description='d', steps=())": "has no name",
    },
    "qdash_notifiers": {
        "thing(name='n', notify=3)": "has no method notify",
        "thing(notify=print)": "has no name",
        "type('N', (), {'name': 'n', 'notify': nothing})": "class N, is not an instance: N() makes one",
    },
    "qdash_pictures": {
        "pictures(name='p')": "class P, is not an instance: P() makes one",
        "pictures()()": "has no name",
        "pictures(name='p', run_timeline=None)()": "has no method run_timeline",
    },
    "qdash_assistants": {
        "thing(name='a', get_state=nothing)": "has no method answer",
        "thing(name='a', answer=nothing)": "has no method get_state",
        "thing(answer=nothing, get_state=nothing)": "has no name",
    },
    "qdash_features": {
        "thing()": "is not a Feature: qdash_core.Feature(NAME, ...) makes one",
        "Feature('Cold heads')": "has 'Cold heads': lower-case letters, digits and '-' make a name",
        "Feature('cold', requires='runs')": "has requires that are not a tuple",
        "Feature('cold', operations=('cold.operations',))": "has 'cold.operations': a text such as 'module:attribute'",
        "Feature('cold', operations=(nothing,))": "a text such as 'module:attribute' names an object",
        "Feature('cold', commands=('show',))": "has commands that are not a mapping of names to texts",
        "Feature('cold', commands={'show it': 'cold:show'})": "has 'show it'",
        "Feature('cold', pages=(thing(),))": "has pages with a SimpleNamespace",
        "*[Feature('cold')] * 2": "item 1 has a name that the plugin gives twice, 'cold'",
    },
    "qdash_operations": {
        "thing()": "are no operations of a plugin: PluginOperations(NAME) makes some",
        "PluginOperations('other')": "are of the plugin 'other', and its routes would not be below /plugins/",
        "declare('fridge')": "has the path 'fridge': parts such as /fridge or /{name} make a path",
        "declare('/fridge/')": "has the path '/fridge/'",
        "declare('/{a b}')": "has the path '/{a b}'",
        "declare('/fridge', needs=RequiredRole.OPEN)": "needs no token: a plugin's need one",
        "declare('/fridge', needs='viewer')": "needs something that is no RequiredRole",
        "declare('/fridge', method='post')": "may change something and needs a viewer only",
        "declare('/fridge', makes=in_future)": "is a coroutine: operations are plain functions",
        "declare('/fridge', makes=count)": "answers with something that is no subclass of Document",
        "declare('/fridge', makes=filter_by_body)": "reads, and takes the body power: a subclass of Filter is for reads",
        "declare('/fridge', makes=give(('kelvin',)))": "answers with D, whose text_columns have 'kelvin': Column(",
        "declare('/fridge', makes=give((Column('K', 'temperature'),)))": "have 'temperature', which is no field of it",
        "declare('/fridge', makes=give(Column('K', 'kelvin')))": "answers with D, whose text_columns are no tuple",
        "declare('/fridge', makes=give((Column('K', 'temperature'),), PageOf))": "answers with D, whose text_columns",
        "declare('/fridge', makes=give((), cited=('fridge',)))": "answers with D, whose cited_as have 'fridge': CitedPart(",
        "declare('/fridge', makes=give((), cited=(CitedPart('chip', '{0}'),)))": "which is cited by '{0}'",
        "declare('/fridge', makes=give((), cited=(CitedPart('chip', '{kelvin'),)))": "which is cited by '{kelvin'",
        "declare('/fridge', makes=list_anything)": "answers with a PageOf something that is no subclass of Document",
        "declare('/fridge', makes=lambda call: None)": "does not say what it answers: annotate its result",
        "declare('/fridge', text='')": "has no docstring: it describes the route and the command",
        "declare('/fridge', name='Show')": "has an operation 'Show': lower-case letters, digits and '_'",
        "declare('/fridge', compares='/other')": "compares '/other', which no operation of the plugin shows",
        "declare('/fridge', command=Command('show all'))": "commands are below 'show', which is no entity of the plugin",
        "declare('/fridge/{name}')": "has no parameter name of its path",
        "declare('/fridge', makes=send_file, media_type='text/csv', for_assistants=True)": "is for assistants, and takes or gives a file",
        "declare('/fridge', for_answers=True)": "is for answers, and no read that is for assistants",
        "declare('/fridge', '/fridge')": "has 'broken_show' twice, by broken_show and broken_show",
    },
    "qdash_api_routers": {"thing()": "has no routes"},
    "qdash_dashboard_pages": {
        "thing(icon='', group='g', render=print)": "has no title",
        "thing(title='t', group='g', render=print)": "has no icon",
        "thing(title='t', icon='', render=print)": "has no group",
        "thing(title='t', icon='', group='g')": "has no method render",
    },
    "qdash_dashboard_sections": {
        "thing(slot='qubit', title='t', draw=print)": "is not a section: Section(slot, title, draw) makes one",
        "section(title=' ')": "has no title",
        "section(slot='qubits')": "has the slot 'qubits', which no page has: known are overview, chip_panel, qubit,",
        "section(slot=['qubit'])": "has the slot ['qubit'], which no page has",
        "section(order='first')": "has the order 'first', which is no number",
        "section(order=float('nan'))": "has the order nan, which is no number",
        "section(draw='samples.draw')": "has the function 'samples.draw', which is not of the form 'module:function'",
        "section(draw=3)": "has no method draw",
        "section(draw=nothing)": "has a function that does not take a view and a subject, and nothing else: too many",
        "*[section()] * 2": "item 1 has a name that the plugin gives twice, 't'",
    },
    "qdash_formats": {
        "thing(name='f', title='t', write=nothing)": "is not of a subclass of Format",
        "layout(name='f', title='t')": "class F, is not an instance: F() makes one",
        "layout(title='t', write=nothing)()": "has no name",
        "layout(name='F f', title='t', write=nothing)()": "a name of more than lower-case letters, digits and '-'",
        "layout(name='f', write=nothing)()": "has no title",
        "layout(name='f', title='t', write=nothing, check_file=None)()": "has no method check_file",
        "layout(name='f', title='t')()": "has none of read, write and write_device",
        "layout(name='f', title='t', write=nothing, write_device=nothing)()": "has both write and write_device",
        "layout(name='f', title='t', read=nothing)()": "has read and no reads: nobody would ask it",
    },
}

DECLARATIONS = {
    "sound(name='two words')": "class T, has a name of more than letters, digits",
    "sound(name='a=b')": "has a name of more than letters, digits",
    "sound(task_type='qbit')": "has an unknown task_type, 'qbit'; there are qubit, coupling, mux, global, system",
    "sound(task_type=None)": "has an unknown task_type, None",
    "sound(retries='2')": "has retries that are not a whole number of 0 or more",
    "sound(retries=True)": "has retries",
    "sound(retries=-1)": "has retries",
    "sound(timeout_s='1h')": "has a timeout_s that is not a positive number",
    "sound(timeout_s=0)": "has a timeout_s",
    "sound(timeout_s=float('nan'))": "has a timeout_s",
    "sound(__init__=wants_address)": "has an __init__ that needs arguments",
    "sound(run=BaseTask.run)": "class T, lacks run",
    "sound(run=None)": "lacks run",
    "sound(postprocess=BaseTask.postprocess)": "lacks postprocess",
    "sound(simultaneous=True)": "lacks run_group",
    "sound(output_parameters=['t1'])": "has output_parameters that are not a mapping of names to OutputParameter",
    "sound(input_parameters=None)": "has input_parameters that are not a mapping of names to InputParameter",
    "sound(run_parameters=RunParameter())": "has run_parameters that are not a mapping of names to RunParameter",
    "sound(output_parameters={'t1': 'us'})": "has output_parameters whose 't1' is str, not OutputParameter",
    "sound(output_parameters={'t1': InputParameter()})": "is InputParameter, not OutputParameter",
    "sound(run_parameters={'shots': 1024})": "has run_parameters whose 'shots' is int, not RunParameter",
    "sound(run_parameters={'shots': RunParameter})": "has run_parameters whose 'shots' is RunParameter, not",
    "sound(output_parameters={1: OutputParameter()})": "has output_parameters with a name that is not a plain word",
    "sound(output_parameters={'t1': OutputParameter(minimum='0')})": "output_parameters['t1'].minimum that is neither",
    "sound(output_parameters={'t1': OutputParameter(unit=None)})": "has output_parameters['t1'].unit that is not text",
    "sound(input_parameters={'f': InputParameter(role='qbit')})": "has an unknown input_parameters['f'].role, 'qbit'",
    "sound(input_parameters={'f': InputParameter(source=3)})": "input_parameters['f'].source that is neither",
    "sound(arrays=[('delay', 'us')])": "has arrays that are not a mapping of names to ArrayDeclaration",
    "sound(arrays={'delay': 'us'})": "has arrays whose 'delay' is str, not ArrayDeclaration",
    "sound(arrays={'de lay': ArrayDeclaration('us', '')})": "has arrays with a name that is not a plain word, 'de lay'",
    "sound(arrays={'delay': ArrayDeclaration(None, 'waited')})": "has arrays['delay'].unit that is not text",
    "setting(1, 'integer')": "has an unknown run_parameters['shots'].value_type, 'integer'",
    "setting(0, 'int', minimum=1)": "run_parameters['shots'] whose default does not fit: value: 0 is below the minimum",
    "setting(9.0, maximum=1)": "9 is above the maximum of 1",
    "setting('x', 'str', choices=['a', 'b'])": "'x' is not one of a, b",
    "setting((0, 9, 4), 'np.linspace', maximum=5)": "6 is above the maximum of 5",
    "setting('many', 'int')": "'many' is not a whole number",
    "setting('1024', 'int')": "default, '1024', is not of the value_type int",
    "setting(1, 'bool')": "default, of type int, is not of the value_type bool",
    "setting(['1'], 'list')": "default, of type list, is not of the value_type list",
    "setting(3.0, 'np.arange')": "is not [start, stop, step] of np.arange",
    "setting((0, 1), 'np.linspace')": "is not [start, stop, count] of np.linspace",
    "setting(1, 'int', choices='123')": "run_parameters['shots'].choices that are not a list",
}

MAKERS = (
    HEAD
    + """
from types import SimpleNamespace as thing
from qdash_core import ArrayDeclaration, InputParameter, OutputParameter, RunParameter
from qdash_core import Body, CitedPart, Column, Command, Document, Feature, PageOf, PluginOperations, RequiredRole, Section
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.hooks.formats import Format
from qdash_core.operations.answers import FileAnswer
from qdash_core.repositories.store import Store

def nothing(self): ...
def wants_address(self, address): ...
def task(): ...
def layout(**attributes):
    return type('F', (Format,), attributes)
def pictures(**attributes):
    methods = ("chip_map", "schedule_timeline", "run_timeline", "points", "metric_history", "provenance", "thumbnail", "drawing")
    return type("P", (), {**dict.fromkeys(methods, nothing), **attributes})
def sound(**attributes):
    return type("T", (BaseTask,), {"name": "T", "run": nothing, "postprocess": nothing, **attributes})
def setting(*arguments, **bounds):
    return sound(run_parameters={"shots": RunParameter(*arguments, **bounds)})
def backend(**attributes):
    return type("B", (BaseBackend,), {"connect": nothing, "get_instance": nothing, **attributes})
async def in_future(call): ...
def send_file(call) -> FileAnswer: ...
def count(call) -> int: ...
def list_anything(call) -> PageOf: ...
class Power(Body):
    mw: float = 0
def filter_by_body(call, power: Power) -> None: ...
def give(columns, page=None, cited=()):
    document = type("D", (Document,), {"__module__": __name__, "__annotations__": {"kelvin": float}, "text_columns": columns, "cited_as": cited})
    def show(call): ...
    show.__annotations__["return"] = page[document] if page else document
    return show
def do_nothing(call) -> None: ...
def declare(*paths, text="Show.", name="show", method="get", makes=do_nothing, **options):
    makes.__doc__, makes.__name__ = text, name
    operations = PluginOperations("broken")
    for path in paths:
        getattr(operations, method)(path, **{"needs": RequiredRole.VIEWER, **options})(makes)
    return operations
def section(**attributes):
    return Section(**{"slot": "qubit", "title": "t", "draw": lambda view, subject: None, **attributes})
def store(**attributes):
    return type("S", (Store,), dict.fromkeys(Store.__abstractmethods__, nothing) | attributes)
"""
)


def _set_aside(registry: Registry, distribution: str) -> str:
    """Return the reason why the plugin was set aside, after checking that the sound one was not."""
    registry.collect_all()
    found = {record.distribution: record for record in registry.plugins}
    assert found["sound-distribution"].status == "ok"
    assert registry.task("Sound")
    record = found[distribution]
    assert (record.status, record.version, record.provides) == ("failed", "1.2", {})
    assert record.error is not None
    assert "\n" not in record.error
    return record.error


@pytest.mark.parametrize("how", IMPORT_FAILURES)
def test_a_plugin_that_cannot_be_imported_is_set_aside(
    how: str, install, load: Callable[..., Registry]
) -> None:
    source, reason = IMPORT_FAILURES[how]
    install("broken", source)
    install("sound", SOUND)
    assert reason in _set_aside(load(), "broken-distribution")


@pytest.mark.parametrize("how", HOOK_FAILURES)
def test_a_plugin_with_a_broken_hook_is_set_aside(how: str, install, load: Callable[..., Registry]) -> None:
    source, reason = HOOK_FAILURES[how]
    install("broken", HEAD + source)
    install("sound", SOUND)
    assert reason in _set_aside(load(), "broken-distribution")


@pytest.mark.parametrize(
    ("hook", "thing", "reason"),
    [(hook, thing, reason) for hook, things in THINGS.items() for thing, reason in things.items()],
)
def test_a_plugin_that_gives_the_wrong_thing_is_set_aside(
    hook: str, thing: str, reason: str, install, load: Callable[..., Registry]
) -> None:
    install("broken", f"{MAKERS}\n@hookimpl\ndef {hook}():\n    return [{thing}]\n")
    install("sound", SOUND)
    error = _set_aside(load(), "broken-distribution")
    assert hook in error
    assert reason in error


@pytest.mark.parametrize(("task", "reason"), DECLARATIONS.items())
def test_a_task_whose_declaration_is_wrong_sets_its_plugin_aside(
    task: str, reason: str, install, load: Callable[..., Registry]
) -> None:
    install("broken", f"{MAKERS}\n@hookimpl\ndef qdash_tasks():\n    return [sound(name='Fine'), {task}]\n")
    install("sound", SOUND)
    error = _set_aside(load(), "broken-distribution")
    assert error.startswith("qdash_tasks: item 1, class T, ")
    assert reason in error


@pytest.mark.parametrize(
    "task",
    [
        "sound(name='Check_T1-2.0')",
        "sound(run=BaseTask.run, simultaneous=True, run_group=classmethod(lambda cls, backend, tasks: []))",
        "sound(run_parameters=__import__('types').MappingProxyType({'shots': RunParameter(16, 'int')}))",
        "sound(timeout_s=30, retries=2, task_type='mux')",
        "sound(__init__=lambda self, noise=0: None)",
        "sound(input_parameters={'f': InputParameter(role='control', source='frequency', default=5)})",
        "sound(arrays={'delay': ArrayDeclaration('us', 'waited'), 'line_*_iq': ArrayDeclaration('', 'signal')})",
        "setting(None, 'np.linspace')",
        "setting(1, 'float', minimum=0, maximum=1)",
        "setting([0, 9.5, 3], 'np.linspace', minimum=0)",
        "setting((3,), 'range')",
        "setting('fast', 'str', choices=('fast', 'slow'))",
        "setting(True, 'bool')",
    ],
)
def test_a_task_whose_declaration_is_sound_is_taken(
    task: str, install, load: Callable[..., Registry]
) -> None:
    install("fine", f"{MAKERS}\n@hookimpl\ndef qdash_tasks():\n    return [{task}]\n")
    registry = load()
    assert len(registry.tasks()) == 1, registry.plugins


@pytest.mark.parametrize("hook", THINGS)
def test_a_plugin_that_gives_no_list_is_set_aside(hook: str, install, load: Callable[..., Registry]) -> None:
    install("broken", f"{HEAD}\n@hookimpl\ndef {hook}():\n    return ()\n")
    install("sound", SOUND)
    assert f"{hook} returned a tuple, not a list" in _set_aside(load(), "broken-distribution")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("no_such_module_anywhere", "No module named"),
        ("{module}:absent", "has no attribute 'absent'"),
        ("{module}:nothing", "is None"),
        ("not a module", "cannot be imported"),
    ],
)
def test_an_entry_point_that_names_nothing_is_set_aside(
    entry: str, reason: str, install, load: Callable[..., Registry]
) -> None:
    install("broken", "nothing = None", entry=entry)
    install("sound", SOUND)
    assert reason in _set_aside(load(), "broken-distribution")


def test_entry_points_that_cannot_be_read_are_set_aside_under_the_distribution(
    install, load: Callable[..., Registry]
) -> None:
    install("broken", "", entry_points="[qdash]\nno equals sign\n")
    install("sound", SOUND)
    assert "entry points cannot be read" in _set_aside(load(), "broken-distribution")


def test_a_plugin_whose_distribution_has_no_readable_name_still_works(
    install, load: Callable[..., Registry], records, tmp_path
) -> None:
    install("sound", SOUND)
    (tmp_path / "site-packages" / "sound_distribution-1.2.dist-info" / "METADATA").write_bytes(b"\xff")
    assert load().task("Sound")
    assert list(records(load())) == ["unknown"]


def test_name_and_version_are_those_of_the_headers_and_not_of_the_description(
    install, load: Callable[..., Registry], records, tmp_path
) -> None:
    install("sound", SOUND)
    info = tmp_path / "site-packages" / "sound_distribution-1.2.dist-info"
    text = "Metadata-Version: 2.1\nversion:1.2\nname: Sound.Distribution\n\nVersion: 9\nName: other\n"
    (info / "METADATA").write_text(text)
    assert records(load())["Sound.Distribution"].version == "1.2"


def test_plugin_of_an_egg_has_the_name_and_version_of_its_pkg_info(
    install, load: Callable[..., Registry], records, tmp_path
) -> None:
    install("sound", SOUND)
    site = tmp_path / "site-packages"
    egg = (site / "sound_distribution-1.2.dist-info").rename(site / "sound_distribution.egg-info")
    (egg / "METADATA").rename(egg / "PKG-INFO")
    assert records(load())["sound-distribution"].version == "1.2"
    assert load().task("Sound")


def test_broken_metadata_of_distributions_that_are_no_plugins_are_nobodys_business(
    install, load: Callable[..., Registry], records
) -> None:
    install("stranger", "", entry_points="[console_scripts]\nno equals sign\n")
    install("sound", SOUND)
    assert list(records(load())) == ["sound-distribution"]


def test_a_plugin_of_the_present_major_may_say_so(install, load: Callable[..., Registry]) -> None:
    install("sound", "QDASH_PLUGIN_API = 1\n" + SOUND)
    assert load().task("Sound")


def test_the_major_counts_for_an_object_in_a_module_too(install, load: Callable[..., Registry]) -> None:
    install("broken", "QDASH_PLUGIN_API = 2\nclass plugin: pass", entry="{module}:plugin")
    install("sound", SOUND)
    assert "plugin contract 2" in _set_aside(load(), "broken-distribution")


@pytest.mark.parametrize("where", ["{raises}", "@hookimpl\ndef qdash_tasks(): {raises}"])
def test_the_keyboard_interrupts_even_a_plugin(where: str, install, load: Callable[..., Registry]) -> None:
    install("slow", HEAD + where.format(raises="raise KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        load().tasks()


def test_a_failure_in_one_hook_takes_everything_of_the_plugin_away(
    install, load: Callable[..., Registry]
) -> None:
    install("broken", SOUND.replace("Sound", "Lost") + "\n@hookimpl\ndef qdash_flows():\n    return 1 / 0\n")
    install("sound", SOUND)
    registry = load()
    assert {name for _, name in registry.tasks()} == {"Lost", "Sound"}
    assert registry.flows() == {}
    assert {name for _, name in registry.tasks()} == {"Sound"}
    with pytest.raises(
        NotFoundError, match=r"there is no .* 'Lost'.*set aside: broken \(qdash_flows raised ZeroDiv"
    ):
        registry.task("Lost")


def test_what_a_plugin_prints_stays_off_standard_output(
    install, load: Callable[..., Registry], capsys
) -> None:
    install("chatty", "print('hello')\n" + SOUND.replace("return [Task]", "print('world'); return [Task]"))
    assert load().task("Sound")
    assert capsys.readouterr() == ("", "hello\nworld\n")


def test_an_imported_function_that_is_called_like_a_hook_is_nobodys_mistake(
    install, load: Callable[..., Registry]
) -> None:
    install("sound", "from qdash_core.hooks.specs import qdash_flows\n" + SOUND)
    assert load().task("Sound")


def test_an_object_with_a_hook_that_is_not_marked_is_set_aside(
    install, load: Callable[..., Registry]
) -> None:
    source = "class Plugin:\n    def qdash_flows(self): return []\nplugin = Plugin()"
    install("broken", source, entry="{module}:plugin")
    install("sound", SOUND)
    assert "qdash_flows is not marked as a hook" in _set_aside(load(), "broken-distribution")


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("1\nraise ValueError('no way')", 2),
        (HEAD + "def inner():\n    raise ValueError('no way')\n@hookimpl\ndef qdash_tasks(): inner()", 3),
        (HEAD + "import json\n@hookimpl\ndef qdash_tasks():\n    json.loads('no way')", 5),
    ],
    ids=["at import", "in what a hook calls", "in a library that it uses"],
)
def test_the_reason_says_where_in_the_plugin_it_failed(
    source: str, line: int, install, load: Callable[..., Registry], caplog: pytest.LogCaptureFixture
) -> None:
    module = install("broken", source)
    install("sound", SOUND)
    with caplog.at_level("DEBUG", "qdash_core"):
        assert _set_aside(load(), "broken-distribution").endswith(f" ({module}.py:{line})")
    (kept,) = [record for record in caplog.records if "'broken'" in record.getMessage()]
    assert kept.levelname == "DEBUG"
    assert kept.exc_info


def test_a_reason_that_is_very_long_is_cut(install, load: Callable[..., Registry]) -> None:
    install("broken", "raise ValueError('x' * 100_000)")
    install("sound", SOUND)
    assert 2000 < len(_set_aside(load(), "broken-distribution")) < 2200
