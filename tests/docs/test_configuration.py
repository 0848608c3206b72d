"""The configuration as it is written down: the table of all settings, as the command prints it."""

import os
import re
import tomllib

import msgspec
import pytest

from daemon.config.settings import sections, settings, template
from daemon.config.table import Config
from tests.docs.pages import page

PAGE = page("running/configuration.md")


@pytest.fixture(autouse=True)
def _eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)


def test_the_configuration_shown_is_what_the_command_prints() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert shown == template()


def test_what_the_command_prints_is_all_of_it_and_the_default() -> None:
    assert msgspec.convert(tomllib.loads(template()), Config) == Config()
    names = {one.keys[-1] for one in (*settings(), *sections())}
    assert set(re.findall(r"^\[?(\w+)", template(), re.MULTILINE)) == names


@pytest.mark.parametrize("setting", [*settings(), *sections()], ids=lambda one: one.name)
def test_every_setting_says_what_it_means(setting: object) -> None:
    assert getattr(setting, "meaning", "")


def test_what_a_running_daemon_takes_anew_is_named() -> None:
    (named,) = re.findall(r"what has changed of (.*?);", PAGE, re.DOTALL)
    reloaded = {one.keys[0] for one in settings() if one.reloaded}
    assert set(re.findall(r"`\[?(\w+)]?`", named)) == reloaded
    assert all(one.reloaded for one in settings() if one.keys[0] in reloaded)
