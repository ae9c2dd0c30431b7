"""Tests of the plugin."""

import json

from qdash_testing import run_command


def test_it_measures_the_lifetime_on_a_twin(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("QDASH_HOME", str(tmp_path))
    assert run_command(["twin", "create", "lab", "--device", "jakarta"]) == 0
    assert run_command(["calibrate", "lab", "--flow", "bring-up", "--qids", "0"]) == 0
    capsys.readouterr()
    assert run_command(["task", "run", "CheckMyPlugin", "--chip", "lab", "--qid", "0", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["output_parameters"]["my_plugin_time"]["value"] > 0
