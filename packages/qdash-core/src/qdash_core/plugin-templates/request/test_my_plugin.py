"""Tests of the plugin."""

from qdash_core.cli.main import run


def test_it_runs_on_a_twin(tmp_path, monkeypatch):
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run(["twin", "create", "lab", "--device", "jakarta"]) == 0
    assert run(["calibrate", "lab", "--flow", "bring-up", "--qids", "0"]) == 0
    assert run(["task", "run", "CheckMyPlugin", "--chip", "lab", "--qid", "0"]) == 0
