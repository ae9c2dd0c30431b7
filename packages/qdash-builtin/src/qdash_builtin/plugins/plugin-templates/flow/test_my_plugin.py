"""Tests of the plugin."""

from qdash_testing import run_command


def test_it_runs_on_a_twin(tmp_path, monkeypatch):
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run_command(["twin", "create", "lab", "--device", "jakarta"]) == 0
    assert run_command(["calibrate", "lab", "--flow", "my-plugin", "--qids", "0,1"]) == 0
