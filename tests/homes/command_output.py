"""Output of all commands on a home: executions, values, figures, and refits of its raw data.

`python tests/homes/command_output.py HOME` prints it as JSON. A refit writes, hence all commands run on a copy.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from qdash_cli.app import app

if TYPE_CHECKING:
    from collections.abc import Sequence

CHIPS = ("old", "cut")
_AXES = ("x", "y", "z")
CLOSE = 1e-5
"""Tolerance for fits on another processor: they differ by at most 1e-7, and errors by a hundred times that.
"""
_REFITTED = ("status", "message", "verdict", "reasons", "r2", "quality")


def expected(home: Path) -> dict[str, Any]:
    """Return the output of all commands on a copy of a home."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(home, Path(folder, "home")))
        said = documents(copy)
        results = with_raw_data(said)
        return {**said, "figures": figures(copy, results), "refits": refits(copy, results)}


def documents(home: Path, chips: Sequence[str] = CHIPS) -> dict[str, Any]:
    """Return the output of `executions list` and, by id, of `executions show`; of `metrics --all` and
    `export` by chip.
    """
    listed = asked(home, "executions", "list")
    return {
        "listed": listed,
        "executions": {
            one["execution_id"]: asked(home, "executions", "show", one["execution_id"]) for one in listed
        },
        "metrics": {chip: asked(home, "metrics", chip, "--all") for chip in chips},
        "exports": {chip: asked(home, "export", chip) for chip in chips},
    }


def with_raw_data(said: dict[str, Any]) -> dict[str, str]:
    """Return the ids of the results with raw data, by task, target and execution, in the order of recording."""
    return {
        f"{result['name']} of {result['qid']} in {execution}": result["task_id"]
        for execution, shown in sorted(said["executions"].items())
        for result in shown["results"]
        if result["raw_data_path"]
    }


def figures(home: Path, results: dict[str, str]) -> dict[str, Any]:
    """Return the traces of the figure of each result."""
    return {of: traces(asked(home, "task", "figure", task_id)) for of, task_id in results.items()}


def refits(home: Path, results: dict[str, str]) -> dict[str, Any]:
    """Analyse each result again, and return the numbers; the refits are recorded."""
    return {of: refitted(asked(home, "task", "refit", task_id)) for of, task_id in results.items()}


def asked(home: Path, *command: str) -> Any:
    """Return the JSON that a command prints, whatever its exit status."""
    as_json = () if command[:2] == ("task", "figure") else ("--json",)
    environment = {"QDASH_HOME": str(home), "QDASH_TIMEZONE": "UTC"}
    done = CliRunner().invoke(app, [*command, *as_json], env=environment)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as error:
        message = f"`qdash {' '.join(command)}` gave no document: {done.stderr or done.stdout}"
        raise AssertionError(message) from error


def refitted(result: dict[str, Any]) -> dict[str, Any]:
    """Return the numbers of a result, without fields that differ between refits of the same raw data."""
    outputs = {
        name: {key: model[key] for key in ("value", "error", "unit") if key in model}
        for name, model in result["output_parameters"].items()
    }
    return {name: result[name] for name in _REFITTED if name in result} | {"output_parameters": outputs}


def traces(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return name, length of each axis and its sum for each trace of a figure.

    Colours, titles and the like may change: measurements and fits must still be visible.
    """
    return [
        {"name": trace.get("name", ""), **{axis: summed(trace[axis]) for axis in _AXES if axis in trace}}
        for trace in figure["data"]
    ]


def summed(values: Any) -> dict[str, float]:
    """Return the number of values in nested lists, and the sum of their magnitudes."""
    found = numbers(values)
    return {"count": len(found), "sum": sum(abs(one) for one in found)}


def numbers(values: Any) -> list[float]:
    """Return the numbers in nested lists."""
    if isinstance(values, list):
        return [one for value in values for one in numbers(value)]
    return [float(values)] if isinstance(values, (int, float)) else []


def require_as_recorded(recorded: Any, now: Any, at: str = "") -> None:
    """Require that the recorded output is still there; additions are allowed."""
    if isinstance(recorded, dict):
        assert recorded.keys() <= now.keys(), f"{at}: {sorted(recorded.keys() - now.keys())} is gone"
        for name, value in recorded.items():
            require_as_recorded(value, now[name], f"{at}/{name}")
    elif isinstance(recorded, list):
        assert len(recorded) == len(now), at
        for place, (value, found) in enumerate(zip(recorded, now, strict=True)):
            require_as_recorded(value, found, f"{at}/{place}")
    elif isinstance(recorded, float):
        assert math.isclose(recorded, now, rel_tol=CLOSE), f"{at}: {recorded} was recorded, not {now}"
    else:
        assert recorded == now, f"{at}: {recorded!r} was recorded, not {now!r}"


if __name__ == "__main__":
    json.dump(expected(Path(sys.argv[1])), sys.stdout, sort_keys=True, indent=1)
