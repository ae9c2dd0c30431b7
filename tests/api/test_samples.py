"""Recorded samples of view models and bodies: valid, complete, and the answers of the present code."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from pydantic import BaseModel

from qdash_api.samples import read_samples
from qdash_core.documents.base import Document
from qdash_core.documents.pages import PageOf
from qdash_core.hooks.manager import load_plugins
from qdash_core.operations.parameters import Place, list_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
RECORDER = ROOT / "packages/qdash-builtin/samples/record_samples.py"


def iter_models() -> Iterator[type[BaseModel]]:
    """Yield the models of the core in the bodies and answers of operations; of pages, their items."""
    for one in (one for resource in load_plugins().operations() for one in resource.declared):
        asked = [found.kind for found in list_parameters(one) if found.place is Place.BODY]
        for kind in (one.answers, *asked):
            for model in (kind, *get_args(kind)):
                if isinstance(model, type) and issubclass(model, PageOf):
                    yield from get_args(model.model_fields["items"].annotation)
                elif isinstance(model, type) and issubclass(model, BaseModel):
                    yield model


MODELS = {one for one in iter_models() if one.__module__.startswith(("qdash_builtin.", "qdash_core."))}


def get_sample(model: type[BaseModel]) -> Any:
    """Return the recorded sample of a model, or the first of its own `examples`; None if it has neither."""
    own: Any = model.model_config.get("json_schema_extra") or {}
    return read_samples("qdash_builtin").get(model.__name__, own.get("examples", [None])[0])


def test_every_body_and_every_answer_has_a_sample() -> None:
    assert len(MODELS) > 150
    missing = {one.__name__ for one in MODELS if get_sample(one) is None}
    assert not missing, (
        "give them `examples`, or let `packages/qdash-builtin/samples` ask for these and run `python packages/generate.py`"
    )


def test_every_sample_of_a_body_is_valid() -> None:
    bodies = [one for one in MODELS if not issubclass(one, Document)]
    assert len(bodies) > 40
    for body in bodies:
        sent = get_sample(body)
        assert body.model_validate(sent).model_fields_set == sent.keys(), body.__name__


def describe_form(value: Any) -> Any:
    """Return JSON with its fields, and with the types of its texts and numbers."""
    if isinstance(value, dict):
        return {name: describe_form(one) for name, one in value.items()}
    if isinstance(value, list):
        return [describe_form(one) for one in value]
    return "number" if type(value) in (int, float) else type(value).__name__


@pytest.mark.slow
def test_the_samples_are_what_the_operations_answer_now(tmp_path: Path) -> None:
    file = tmp_path / "samples.json"
    subprocess.run([sys.executable, RECORDER, file], check=True, timeout=300)
    now, known = (
        {name: describe_form(one) for name, one in found.items()}
        for found in (json.loads(file.read_text("utf-8")), read_samples("qdash_builtin"))
    )
    changed = sorted(name for name in now.keys() | known if now.get(name) != known.get(name))
    assert not changed, f"run `python {RECORDER.relative_to(ROOT)}`"


def test_the_speed_of_the_machine_does_not_show_in_the_samples(tmp_path: Path) -> None:
    clean = runpy.run_path(str(RECORDER.with_name("cleaning.py")))["Cleaner"]
    began, start = datetime(2026, 11, 30, 12, 0, 7, tzinfo=UTC), datetime(2026, 1, 6, 8, tzinfo=UTC)

    def record(seconds: float) -> Any:
        """Return what is recorded of a lock and a token, `seconds` after the begin."""
        at = began + timedelta(seconds=seconds)
        lock = {"acquired_at": at.isoformat(), "expires_at": (at + timedelta(seconds=60)).isoformat()}
        token = {"valid_until": (at + timedelta(days=1)).isoformat()}
        file = json.dumps({"simulated_time": f"2026-01-07T08:13:42.0{seconds:02}Z", "text": "x" * 100})
        ended = began + timedelta(seconds=120)
        samples = {"lock": lock, "token": token, "file": b64encode(file.encode()).decode()}
        return clean(tmp_path, began=began, ended=ended, start=start).clean(samples)

    quick, slow = record(1), record(99)
    assert quick == slow
    assert quick["lock"] == {
        "acquired_at": "2026-01-06T08:00:00+00:00",
        "expires_at": "2026-01-06T08:01:00+00:00",
    }
    assert quick["token"] == {"valid_until": "2026-01-07T08:00:00+00:00"}
