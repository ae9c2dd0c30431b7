"""Settings of plugins' features: names, sources, refusals and imports."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import AfterValidator, Field, SecretStr, ValidationInfo

from qdash_builtin.people.settings import PeopleSettings
from qdash_core import (
    Feature,
    FeatureSettings,
    InvalidInputError,
    Settings,
    load_plugins,
)
from qdash_core.features.declarations import remember_features
from qdash_core.runs.performing_process import make_environment
from qdash_core.settings import list_settings, load_settings
from qdash_notify.settings import NotifierSettings

from ..user_settings import remove_settings

if TYPE_CHECKING:
    from pathlib import Path


def _check_place(text: str, info: ValidationInfo) -> str:
    assert isinstance(info.context, Settings)
    if text == "attic":
        raise ValueError(f"there is no attic in {info.context.home.name}")
    return text


class ColdSettings(FeatureSettings):
    """Settings of cold heads."""

    port: int = Field(default=4000, gt=0)
    place: Annotated[str, AfterValidator(_check_place)] = "cellar"
    heads: dict[str, int] = Field(default={})
    key: SecretStr | None = None


class MagnetSettings(FeatureSettings):
    """Settings of a magnet."""

    url: str


COLD = Feature("cold-heads", settings=(f"{__name__}:ColdSettings",))
MAGNET = Feature("magnet", settings=(f"{__name__}:MagnetSettings",))
BROKEN = Feature("broken", settings=("no_such_module:Settings",))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, an environment without settings, and the features of plugins."""
    remove_settings(monkeypatch, tmp_path)
    remember_features([COLD, MAGNET, BROKEN])
    return tmp_path


def _load_refused(**overrides: object) -> str:
    with pytest.raises(InvalidInputError) as caught:
        load_settings(**overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_settings_of_a_plugin_have_their_defaults() -> None:
    settings = load_settings().of(ColdSettings)
    assert (settings.port, settings.place, settings.heads) == (4000, "cellar", {})
    assert {"cold_heads_port", "magnet_url", "notify_on", "home"} <= list_settings().keys()


def test_they_come_from_the_environment_and_from_the_table_of_the_plugin(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "qdash.toml").write_text('[cold-heads]\nport = 1\nplace = "roof"\n')
    (folder / "qdash.toml").write_text("[cold-heads]\nport = 2\n\n[cold-heads.heads]\na = 1\n")
    monkeypatch.setenv("QDASH_COLD_HEADS_HEADS", '{"b": "2"}')
    settings = load_settings(home=home).of(ColdSettings)
    assert (settings.port, settings.place, settings.heads) == (2, "roof", {"b": 2})
    assert load_settings(home=home, cold_heads_port=3).of(ColdSettings).port == 3


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PORT", "0", "setting cold_heads_port ({}): it has to be greater than 0"),
        ("PLACE", "attic", "setting cold_heads_place ({}): there is no attic in home"),
    ],
)
def test_a_wrong_value_is_refused_with_the_setting_and_where_it_was_set(
    folder: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    home = folder / "home"
    monkeypatch.setenv(f"QDASH_COLD_HEADS_{variable}", value)
    source = f"environment variable QDASH_COLD_HEADS_{variable}"
    assert _load_refused(home=home) == message.format(source)
    monkeypatch.delenv(f"QDASH_COLD_HEADS_{variable}")
    (folder / "qdash.toml").write_text(f'[cold-heads]\n{variable.lower()} = "{value}"\n')
    assert _load_refused(home=home) == message.format(f"qdash.toml in {folder}")
    (folder / "qdash.toml").rename(folder / "home.toml")
    home.mkdir()
    (folder / "home.toml").rename(home / "qdash.toml")
    assert _load_refused(home=home) == message.format("qdash.toml in the home")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[cold-heads]\nprot = 2\n",
            "unknown setting 'cold_heads_prot' ({}); did you mean 'cold_heads_port'?",
        ),
        ("[warm-heads]\nport = 2\n", "unknown setting 'warm-heads' ({})"),
        ("[notifiers]\nnotify_on = '*'\n", "unknown setting 'notifiers' ({})"),
    ],
)
def test_an_unknown_key_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "qdash.toml").write_text(text)
    assert _load_refused().startswith(message.format(f"qdash.toml in {folder}"))


def test_an_unknown_variable_of_a_plugin_with_settings_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_WARM_HEADS_PORT", "2")
    load_settings()
    monkeypatch.setenv("QDASH_COLD_HEADS_PROT", "2")
    message = "unknown setting 'cold_heads_prot' (environment variable QDASH_COLD_HEADS_PROT); did you mean 'cold_heads_port'?"
    assert _load_refused() == message


def test_a_variable_that_is_not_json_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QDASH_COLD_HEADS_HEADS", "{")
    assert "heads" in _load_refused()


def test_a_setting_without_a_default_is_asked_for_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(
        InvalidInputError, match=r"setting magnet_url has no default: set .* QDASH_MAGNET_URL"
    ):
        load_settings().of(MagnetSettings)
    monkeypatch.setenv("QDASH_MAGNET_URL", "tcp://magnet")
    assert load_settings().of(MagnetSettings).url == "tcp://magnet"


def test_settings_of_a_plugin_that_cannot_be_imported_stop_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "qdash.toml").write_text("[broken]\nport = 2\n\n[cold-heads]\nport = 3\n")
    monkeypatch.setenv("QDASH_BROKEN_PORT", "4")
    assert load_settings().of(ColdSettings).port == 3


def test_another_process_gets_the_settings_of_features_with_their_secrets(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "qdash.toml").write_text('notify_on = "*"\n\n[cold-heads]\nport = 2\nkey = "ice"\n')
    settings = load_settings()
    assert "ice" not in repr(settings)
    variables = make_environment(settings)
    assert variables["QDASH_COLD_HEADS_PORT"] == "2"
    assert variables["QDASH_COLD_HEADS_KEY"] == "ice"
    (folder / "qdash.toml").unlink()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    again = load_settings()
    assert again.of(ColdSettings) == settings.of(ColdSettings)
    assert again.of(NotifierSettings).notify_on == "*"


def test_a_copy_has_other_values() -> None:
    settings = load_settings(audit_days=3)
    copy = settings.model_copy(update={"audit_days": 4.0, "cold_heads_port": 5})
    assert (settings.of(PeopleSettings).audit_days, copy.of(PeopleSettings).audit_days) == (3, 4)
    assert copy.of(ColdSettings).port == 5
    assert settings == load_settings(audit_days=3)
    assert settings != copy


PLUGIN = """
from qdash_core import Feature, FeatureSettings, hookimpl

class TankSettings(FeatureSettings):
    litres: float = 10

FEATURE = Feature("nitrogen", settings=("tank_plugin:TankSettings",))

@hookimpl
def qdash_features():
    return [FEATURE]
"""


EVENT_PLUGIN = """
from qdash_core import EventKind, Feature, hookimpl

@hookimpl
def qdash_features():
    return [Feature("nitrogen", events=(EventKind("tank.filled"),))]
"""


def _install(site: Path, entry: str) -> None:
    info = site / "tank_plugin-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tank-plugin\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[qdash]\nmy-tank = {entry}\n")
    (site / "tank_plugin.py").write_text(PLUGIN)


@pytest.fixture
def _forget_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tank_plugin", raising=False)


@pytest.mark.usefixtures("_forget_plugin")
def test_settings_of_an_installed_plugin_have_the_name_of_its_entry_point(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(folder / "site", "tank_plugin:FEATURE")
    monkeypatch.syspath_prepend(folder / "site")
    monkeypatch.setenv("QDASH_MY_TANK_LITRES", "2.5")
    settings = load_settings()
    import tank_plugin  # type: ignore[import-not-found]

    assert settings.of(tank_plugin.TankSettings).litres == 2.5
    assert load_plugins().features()["nitrogen"] is tank_plugin.FEATURE


@pytest.mark.usefixtures("_forget_plugin")
def test_a_feature_with_settings_that_no_entry_point_names_is_set_aside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(folder / "site", "tank_plugin")
    monkeypatch.syspath_prepend(folder / "site")
    registry = load_plugins(installed_too=("tank-plugin",))
    assert registry.features() == {}
    (record,) = registry.plugins
    assert "a feature with settings is named by an entry point" in (record.error or "")


@pytest.mark.usefixtures("_forget_plugin")
def test_notifications_name_kinds_of_events_of_a_feature_that_a_function_returns(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _install(folder / "site", "tank_plugin")
    (folder / "site" / "tank_plugin.py").write_text(EVENT_PLUGIN)
    monkeypatch.syspath_prepend(folder / "site")
    assert load_settings(notify_on="tank.filled").of(NotifierSettings).notify_on == "tank.filled"
    assert load_settings(notify_on="task.failed, tank.*").of(NotifierSettings).notify_on
    assert "'tank.empty' is not a kind of event; known are " in _load_refused(notify_on="tank.empty")


def test_notifications_may_name_events_of_a_plugin_that_is_not_installed_now(folder: Path) -> None:
    settings = load_settings(home=folder, notify_on="tank.filled, task.failed")
    assert settings.of(NotifierSettings).notified_kinds == ("tank.filled", "task.failed")


def test_settings_of_features_are_imported_only_if_one_is_set() -> None:
    program = (
        "import sys; from qdash_core.settings import load_settings; load_settings(); "
        "print(any(name.endswith('.feature') for name in sys.modules))"
    )
    asked = [
        subprocess.run(
            [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
        ).stdout
        for env in ({"QDASH_LOG_LEVEL": "INFO"}, {"QDASH_NOTIFY_ON": "*"})
    ]
    assert asked == ["False\n", "True\n"]
