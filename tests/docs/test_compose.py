"""Deployment by `compose.yaml`: required passwords, local ports, existing names. Its page shows the file."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import click
import pytest
import yaml

from qdash_cli.app import app
from qdash_core.settings import Settings, list_settings

from ..case_tables import each_case
from .pages import ROOT

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
FILE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = FILE["services"]
LASTING = {name: service for name, service in SERVICES.items() if name != "mongo-set-up"}
PAGE = (ROOT / "docs/prefect.md").read_text(encoding="utf-8")
REQUIRED = set(re.findall(r"\$\{(\w+):\?[^}]+\}", TEXT))
USUAL = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
SECRET = re.compile(r"PASSWORD|KEY|AUTH|SECRET|TOKEN|URL")


def seconds(text: str) -> float:
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"s": 1, "m": 60}[unit]


def environments() -> list[tuple[str, str, str]]:
    return [
        (service, name, str(value))
        for service in SERVICES
        for name, value in SERVICES[service].get("environment", {}).items()
    ]


def test_every_variable_is_required_or_has_a_default() -> None:
    named = set(re.findall(r"(?<!\$)\$\{?(\w+)", TEXT))
    assert named == REQUIRED | USUAL.keys()


def test_what_keeps_others_out_has_no_default() -> None:
    assert {
        "MONGO_KEY",
        "MONGO_PASSWORD",
        "MONGO_ROOT_PASSWORD",
        "POSTGRES_PASSWORD",
        "PREFECT_PASSWORD",
    } == REQUIRED
    assert {name for name in USUAL if re.search("PASSWORD|KEY|AUTH|SECRET|TOKEN", name)} == set()


def test_no_password_is_written_down() -> None:
    written = [
        (service, name)
        for service, name, value in environments()
        if SECRET.search(name) and (":" in value or "PASSWORD" in name) and "${" not in value
        if not re.fullmatch(r"https?://[\w.]+:\d+(/api)?", value)
    ]
    assert written == []


def test_the_page_says_every_variable() -> None:
    assert {name for name in REQUIRED | USUAL.keys() if name not in PAGE} == set()


def test_passwords_are_kept_out_of_the_repository_and_of_the_image() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
    assert (ROOT / ".dockerignore").read_text().splitlines()[0] == "*"


def test_only_the_host_can_be_opened_to_others_and_only_by_a_word() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports.pop("host") == ["${QDASH_HOST_ADDRESS:-127.0.0.1}:${QDASH_HOST_PORT:-8000}:8000"]
    assert {
        name: [one for one in given if not one.startswith("127.0.0.1:")] for name, given in ports.items()
    } == {
        "prefect": [],
        "dashboard": [],
    }


def test_images_are_of_one_version() -> None:
    images = {service["image"] for service in SERVICES.values()}
    assert {one for one in images if not re.fullmatch(r"[\w/]+:\d+\.\d+(\.\d+)?", one)} == set()
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {one for one in bases if not re.fullmatch(r"python:\d+\.\d+\.\d+-\S+", one)} == set()


@each_case("name", LASTING)
def test_a_service_is_kept_up_looked_after_and_given_time_to_end(name: str) -> None:
    service = LASTING[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert seconds(service["stop_grace_period"]) > 10


def test_a_worker_has_time_to_let_its_runs_go() -> None:
    asked_to_end = Settings.model_fields["cancel_grace_s"].default
    assert seconds(SERVICES["worker"]["stop_grace_period"]) > 3 * asked_to_end


def test_a_worker_can_stand_there_several_times() -> None:
    assert {"container_name", "hostname", "ports"}.isdisjoint(SERVICES["worker"])


@each_case("name", ["prefect", "worker", "host"])
def test_nothing_is_told_to_the_makers_of_prefect(name: str) -> None:
    given = SERVICES[name]["environment"]
    assert (given["PREFECT_SERVER_ANALYTICS_ENABLED"], given["DO_NOT_TRACK"]) == ("false", "1")


def test_who_asks_prefect_says_what_it_asks_for() -> None:
    asked_for = SERVICES["prefect"]["environment"]["PREFECT_SERVER_API_AUTH_STRING"]
    given = {name: service.get("environment", {}) for name, service in SERVICES.items()}
    known = {name: one.get("PREFECT_API_AUTH_STRING") for name, one in given.items()}
    assert {name: password for name, password in known.items() if password} == {"worker": asked_for}


@each_case("name", [name for name in SERVICES if SERVICES[name].get("command", [""])[0] == "qdash"])
def test_commands_and_their_options_exist(name: str) -> None:
    _, command, *options = SERVICES[name]["command"]
    found = app.get_command(click.Context(app), command)
    assert found is not None
    found.make_context(command, options)


def test_settings_of_qdash_exist() -> None:
    known = {f"QDASH_{name.upper()}" for name in list_settings()}
    assert {name for _, name, _ in environments() if name.startswith("QDASH_")} <= known


def test_files_that_are_mounted_and_volumes_exist() -> None:
    for volume in [one for service in SERVICES.values() for one in service.get("volumes", [])]:
        source = volume.partition(":")[0]
        assert source in FILE["volumes"] or (ROOT / source).is_file(), volume


@pytest.mark.slow
def test_settings_of_prefect_exist() -> None:
    wanted = {name for _, name, _ in environments() if name.startswith("PREFECT_")}
    program = "import prefect.settings as known, sys; print(*(one for one in sys.argv[1:] if not hasattr(known, one)))"
    asked = subprocess.run([sys.executable, "-c", program, *wanted], check=True, stdout=subprocess.PIPE)
    assert asked.stdout.split() == []
