"""Every way in which a plugin can be broken: it is set aside with the reason, and nothing else is affected."""

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
        "hook of an unknown name, 'qdash_task'; did you mean 'qdash_tasks'?",
    ),
    "a hook without our prefix": ("@hookimpl\ndef tasks(): return []", "unknown name, 'tasks'"),
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

# What each hook may not return. `{}` is what makes it a list's item.
THINGS = {
    "qdash_backends": {
        "'fake'": "item 0, a str, is not a subclass of BaseBackend",
        "BaseBackend": "class BaseBackend, is not a subclass of BaseBackend",
        "type('B', (BaseBackend,), {'name': 'b'})": "class B, lacks connect, get_instance",
        "backend()": "has no name",
        "backend(name=None)": "has no name",
        "backend(name=' ')": "has no name",
        "backend(name='b')()": "item 0, a B, is not a subclass of BaseBackend",
    },
    "qdash_tasks": {
        "task": "is not a subclass of BaseTask",
        "type('T', (), {'name': 'T'})": "is not a subclass of BaseTask",
        "type('T', (BaseTask,), {})": "has no name",
        "type('T', (BaseTask,), {'name': 'T', 'backend': ''})": "has a backend that is neither a name nor None",
        "*[type('T', (BaseTask,), {'name': 'T'})] * 2": "item 1 has a name that the plugin gives twice, 'T'",
    },
    "qdash_schedulers": {
        "thing(kind='qubit')": "has no name",
        "thing(name='s')": "has no kind",
        "thing(name='s', kind='mux')": "has no kind",
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
    "qdash_runners": {"thing(name='r')": "has no method run", "thing(run=print)": "has no name"},
    "qdash_validators": {"thing(name='v')": "has no method validate", "thing(validate=print)": "has no name"},
    "qdash_flows": {
        "thing(name='f', steps=())": "has no description",
        "thing(name='f', description='d')": "has no steps",
        "thing(description='d', steps=())": "has no name",
    },
    "qdash_notifiers": {
        "thing(name='n', notify=3)": "has no method notify",
        "thing(notify=print)": "has no name",
    },
    "qdash_api_routers": {"thing()": "has no routes"},
    "qdash_dashboard_pages": {
        "thing(icon='', group='g', render=print)": "has no title",
        "thing(title='t', group='g', render=print)": "has no icon",
        "thing(title='t', icon='', render=print)": "has no group",
        "thing(title='t', icon='', group='g')": "has no method render",
    },
}

MAKERS = (
    HEAD
    + """
from types import SimpleNamespace as thing
from qdash_core.repositories.store import Store

def nothing(self): ...
def task(): ...
def backend(**attributes):
    return type("B", (BaseBackend,), {"connect": nothing, "get_instance": nothing, **attributes})
def store(**attributes):
    return type("S", (Store,), dict.fromkeys(Store.__abstractmethods__, nothing) | attributes)
"""
)


def _set_aside(registry: Registry, distribution: str) -> str:
    """Return why the plugin was set aside, having looked that the sound one was not."""
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
