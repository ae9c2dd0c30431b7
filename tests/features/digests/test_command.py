"""`qdash digest` prints the digest of a chip in four formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_cli.main import run

from ...notify.servers import run_web_server

if TYPE_CHECKING:
    from ...cli.conftest import InProcess


@pytest.fixture
def measured_lab(command: InProcess) -> InProcess:
    command.does("chip", "create", "lab", "--topology", "linear-16")
    command.does("values", "set", "lab", "3", "t1=81.5±1.3", "--reason", "from the notebook")
    return command


def test_a_digest_is_printed_as_text(measured_lab: InProcess) -> None:
    text = measured_lab.does("digest", "lab")
    assert text.startswith("Digest of lab since ")
    assert "event 1: admin set T1 of 3, none → 81.5(13) µs: from the notebook" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_digest_is_printed_in_other_formats(measured_lab: InProcess) -> None:
    assert measured_lab.does("digest", "lab", "--format", "markdown").startswith("# Digest of lab since")
    assert measured_lab.does("digest", "lab", "--format", "html").startswith("<!doctype html>")
    found = measured_lab.read_json("digest", "lab")
    assert (found["chip_id"], found["runs"]) == ("lab", [])
    assert [(one["targets"], one["parameters"]) for one in found["manual"]] == [(["3"], ["t1"])]


def test_bad_options_are_refused(measured_lab: InProcess, subtests: pytest.Subtests) -> None:
    for options, message in [
        (("--json", "--format", "html"), "use one of them"),
        (
            ("--since", "yesterday"),
            "'yesterday' is not a point in time: write a time such as '2026-11-20 18:00'",
        ),
        (("--since", "last-night", "--until", "now"), "last-night names a whole night"),
        (("--send", "--until", "now"), "leave out --until"),
        (("--since", "20260101-000"), "no execution '20260101-000'"),
        (("--since", "release:friday"), "friday"),
    ]:
        with subtests.test(str(options)):
            assert message in measured_lab.run_refused("digest", "lab", *options)


def test_a_digest_is_sent_and_its_destination_is_printed(
    measured_lab: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_web_server() as web:
        monkeypatch.setenv("QDASH_NOTIFY_WEBHOOK_URL", f"{web.url}/secret")
        said = measured_lab.does("digest", "lab", "--send")
        found = measured_lab.read_json("digest", "lab", "--send", "--since", "12h")
        posted = web.posts.get(timeout=20)[2]["text"]
    title, place = said.splitlines()
    assert posted.startswith(f"{title}\n```\n")
    assert place == "  sent by webhook: 127.0.0.1"
    assert (found["delivered"], found["errors"]) == ({"webhook": "127.0.0.1"}, {})


def test_a_digest_that_is_not_delivered_ends_with_status_1(
    measured_lab: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QDASH_NOTIFY_WEBHOOK_URL", "http://127.0.0.1:9/secret")
    monkeypatch.setattr("qdash_core.hooks.outbox.PAUSES_S", ())
    assert run(["digest", "lab", "--send"]) == 1
    said = measured_lab.capture.readouterr()
    assert "sent by webhook" not in said.out
    assert "sending by webhook failed: URLError" in said.err
    assert "secret" not in said.err


def test_without_a_notifier_the_command_names_the_settings(measured_lab: InProcess) -> None:
    said = measured_lab.run_refused("digest", "lab", "--send")
    assert "QDASH_NOTIFY_WEBHOOK_URL" in said
    assert "use one of them" in measured_lab.run_refused("digest", "lab", "--send", "--format", "html")
