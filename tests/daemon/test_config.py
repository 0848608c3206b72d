from pathlib import Path

import pytest

from daemon.config.file import BadConfig, BadVariable, Chosen, load_choices, load_config
from daemon.config.settings import as_toml, settings
from daemon.config.table import Config

COMFY = """\
parallel = 2

[runner]
kind = "comfyui"
"""


def refused(tmp_path: Path, text: str) -> BadConfig:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadConfig) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    return caught.value


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    assert load_config(tmp_path / "config.toml") == Config()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=str(tmp_path)):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("text", "setting", "line"),
    [
        ("watch = true\nscan_evry = 3\n", "scan_evry", 2),
        ("parallel = 0", "parallel", 1),
        ("# twice\r\n\r\nparallel = 2\r\nport = 70000\r\n", "port", 4),
        ("[settle]\nquiet = 1\nstill = -1\n", "settle.still", 3),
        ("watch = true\n[settle]\nquit = 1\n", "settle.quit", 3),
        ("settle.quiet = 1\nsettle.still = 'a'\n", "settle.still", 2),
        ("[git]\nstage = true\n[runner]\nparallel = 1\ncommand = [\n  'a',\n  7,\n]\n", "runner.command", 5),
        ("runner = 5", "runner", 1),
        ("port = 1\nrunner = {kind = 'command', parallel = 0}", "runner.parallel", 2),
        ("[runner]\ncommand = ['''\n[settle]\nstill = -1\n''']\n[settle]\nstill = -1", "settle.still", 7),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_its_line(
    tmp_path: Path, text: str, setting: str, line: int
) -> None:
    error = refused(tmp_path, text)
    assert f": {setting}: " in str(error)
    assert f"(at line {line})" in str(error)
    assert error.line == line


@pytest.mark.parametrize(
    ("text", "setting", "line"),
    [
        ("[runner]\nkind = 'command'\n", "command", 1),
        ("[runner]\nkind = 'command'\ncommand = []\n", "command", 3),
        ("[runner]\ncommand = ['']\nkind = 'command'\n", "command", 2),
        ("runner = {kind = 'command'}", "command", 1),
        ("[runner]\nkind = 'command'\ncommand = ['a']\nsuffix = 'mp4'\n", "suffix", 4),
        ("[runner]\nkind = 'command'\ncommand = ['a']\nsuffix = '.'\n", "suffix", 4),
        ("[runner]\nkind = 'command'\ncommand = ['a']\nsuffix = './b.mp4'\n", "suffix", 4),
        (COMFY, "workflow", 3),
        (f"{COMFY}workflow = ''\n", "workflow", 5),
        (f"{COMFY}workflow = 'w.json'\nurl = ''\n", "url", 6),
        (f"{COMFY}url = '127.0.0.1:8188'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'localhost:8188'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'ftp://x'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'http://'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'http://x:port'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'http://x:0'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'http://x/?token=3'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'http://[x'\nworkflow = 'w.json'\n", "url", 5),
        (f"{COMFY}url = 'file:///x'\nworkflow = 'w.json'\n", "url", 5),
    ],
)
def test_what_a_kind_of_runner_cannot_work_with_is_told_with_its_line(
    tmp_path: Path, text: str, setting: str, line: int
) -> None:
    error = refused(tmp_path, text)
    assert f": runner.{setting}: " in str(error)
    assert error.line == line


@pytest.mark.parametrize(
    "text",
    [
        "[runner]\nsuffix = 'mp4'\nurl = 'here'\n",
        "[runner]\nkind = 'command'\ncommand = ['render', '']\nurl = 'here'\n",
        f"{COMFY}workflow = 'w.json'\nsuffix = 'mp4'\nurl = ' https://me:secret@[::1]:8188/comfy/ '\n",
    ],
)
def test_settings_of_another_kind_of_runner_may_be_anything(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert load_config(path).runner.parallel == 1


def test_a_password_in_a_wrong_address_is_not_told(tmp_path: Path) -> None:
    assert "secret" not in str(refused(tmp_path, f"{COMFY}url = 'ftp://me:secret@x'\nworkflow = 'w.json'\n"))


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert "(at line 2, column 9)" in str(refused(tmp_path, "port = 1\nwatch = yes\n"))


def test_what_is_no_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    assert refused(tmp_path, "port = 1\n# für\n").line == 2


# From the environment.


def chosen(tmp_path: Path, text: str, **variables: str) -> Chosen:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return load_choices(path, variables)


@pytest.mark.parametrize(
    ("variable", "text", "setting", "value"),
    [
        ("TAKES_PORT", "off", "port", "off"),
        ("TAKES_PORT", "8080", "port", 8080),
        ("TAKES_SHARE", "false", "share", False),
        ("TAKES_SCAN_EVERY", "30", "scan_every", 30.0),
        ("TAKES_RUNNER_SUFFIX", ".7", "runner.suffix", ".7"),
        ("TAKES_RUNNER_COMMAND", '["render", "-x"]', "runner.command", ("render", "-x")),
        ("TAKES_CLEANUP_KEEP_NEWEST", "5", "cleanup.keep_newest", 5),
    ],
)
def test_the_environment_goes_before_the_file(
    tmp_path: Path, variable: str, text: str, setting: str, value: object
) -> None:
    one = next(one for one in settings() if one.name == setting)
    section = f"[{one.keys[0]}]\n" if len(one.keys) > 1 else ""
    found = chosen(tmp_path, f"{section}{one.keys[-1]} = {as_toml(one.default)}\n", **{variable: text})
    assert one.variable == variable
    assert one.of(found.config) == value
    assert found.origin(one) == ("environment", None)


def test_every_setting_tells_where_it_comes_from(tmp_path: Path) -> None:
    found = chosen(tmp_path, "watch = true\n[git]\nidle = 3\n", TAKES_BACKUPS="7", TAKES_PORT="")
    origins = {one.name: found.origin(one) for one in settings()}
    assert {name: origin for name, origin in origins.items() if origin[0] != "default"} == {
        "watch": ("file", 1),
        "git.idle": ("file", 3),
        "backups": ("environment", None),
    }


@pytest.mark.parametrize(
    ("variable", "text"),
    [("TAKES_PORT", "70000"), ("TAKES_GIT_COMMIT", "always"), ("TAKES_RUNNER_KIND", "comfyui")],
)
def test_a_wrong_variable_is_named_and_not_the_file(tmp_path: Path, variable: str, text: str) -> None:
    with pytest.raises(BadVariable if variable != "TAKES_RUNNER_KIND" else BadConfig) as caught:
        chosen(tmp_path, "watch = true\n", **{variable: text})
    assert str(caught.value).startswith(variable) or "runner.workflow" in str(caught.value)


def test_a_section_that_is_none_is_still_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="runner"):
        chosen(tmp_path, "watch = true\nrunner = 5\n", TAKES_RUNNER_KIND="none")
