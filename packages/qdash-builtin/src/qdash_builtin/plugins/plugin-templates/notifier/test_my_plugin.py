"""Tests of the plugin."""

from types import SimpleNamespace

from qdash_core import load_plugins

from my_plugin import MyPluginNotifier


def test_it_writes_a_line_for_each_event(tmp_path, monkeypatch):
    assert MyPluginNotifier().configured(None) is None
    monkeypatch.setenv("MY_PLUGIN_FILE", str(tmp_path / "events.txt"))
    MyPluginNotifier().notify(SimpleNamespace(kind="run.finished", title="lab: done"))
    assert (tmp_path / "events.txt").read_text() == "run.finished lab: done\n"


def test_it_is_installed():
    assert "my-plugin" in {one.name for one in load_plugins().notifiers()}
