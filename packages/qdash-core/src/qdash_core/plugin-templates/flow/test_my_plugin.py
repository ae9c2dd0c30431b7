"""Tests of the plugin."""

from qdash_core.cli.main import run


def test_it_runs_on_a_twin(tmp_path, monkeypatch):
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run(["twin", "create", "lab", "--device", "jakarta"]) == 0
    assert run(["calibrate", "lab", "--flow", "my-plugin", "--qids", "0,1"]) == 0
