"""Tests of the plugin."""

from qdash_testing import run_command


def test_it_runs_on_a_twin(tmp_path, monkeypatch):
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run_command(["twin", "create", "lab", "--device", "jakarta"]) == 0
    assert run_command(["calibrate", "lab", "--flow", "bring-up", "--qids", "0"]) == 0
    assert run_command(["task", "run", "CheckMyPlugin", "--chip", "lab", "--qid", "0"]) == 0
