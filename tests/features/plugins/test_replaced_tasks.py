"""`qdash plugins list` and `qdash task show` name the tasks that a plugin replaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...core.bench import make_backend, make_registry, make_task

if TYPE_CHECKING:
    import pytest

    from ...cli.conftest import InProcess

SENTENCE = "Measure of plugin bench replaces that of plugin bench on backend bench"


def test_commands_name_a_replaced_task(command: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = make_registry([make_task(), make_task(backend="bench")], [make_backend()])
    for module in ("hooks.manager", "runtime.runtime"):
        monkeypatch.setattr(f"qdash_core.{module}.load_plugins", lambda **_: registry)
    (plugin,) = [one for one in command.read_json("plugins", "list") if one["name"] == "bench"]
    (replaced,) = plugin["replaces"]
    assert (replaced["name"], replaced["backend"]) == ("Measure", "bench")
    assert (replaced["by"]["plugin"], replaced["of"]["plugin"]) == ("bench", "bench")
    assert SENTENCE in command.does("plugins", "list")
    for backend in ((), ("--backend", "bench")):
        assert SENTENCE in command.does("task", "show", "Measure", *backend)
        (shown,) = command.read_json("task", "show", "Measure", *backend)["replacements"]
        assert shown["text"] == SENTENCE
