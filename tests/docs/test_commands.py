"""The commands as they are written down: all of them, and every exit code."""

import pytest

from daemon.cli.main import COMMANDS, EXIT_CODES
from tests.docs.pages import page

PAGE = page("commands.md")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named(name: str) -> None:
    assert f"| `takes {name}" in PAGE


@pytest.mark.parametrize("code", sorted({0, *EXIT_CODES.values()}))
def test_every_exit_code_is_named(code: int) -> None:
    assert f"| `{code}` |" in PAGE
