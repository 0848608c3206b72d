"""What a shell and `man` want to have of `takes`: man pages and completions, made from the commands themselves.

The build runs this as a program, with a folder to write them to; they come to lie below a prefix's `share/`.
"""

import re
import sys
from pathlib import Path

import click
from click_man.core import write_man_pages

from daemon.cli.machine.completion import SHELLS, script
from daemon.cli.main import COMMANDS, program

ROOT = Path(__file__).resolve().parent

COMPLETIONS = {
    "bash": "bash-completion/completions/takes",
    "zsh": "zsh/site-functions/_takes",
    "fish": "fish/vendor_completions.d/takes.fish",
}
"""Where each shell looks for completions below `share/`."""


def write(folder: Path, version: str) -> None:
    """Write all of them into that folder, which stands for `share/`."""
    for name in COMMANDS:
        program.get_command(click.Context(program), name)  # which imports it
    pages = folder / "man" / "man1"
    pages.mkdir(parents=True)
    write_man_pages("takes", program, version=version, target_dir=str(pages), date=released(version))
    for shell in SHELLS:
        path = folder / COMPLETIONS[shell]
        path.parent.mkdir(parents=True)
        path.write_text(script(shell))


def released(version: str) -> str | None:
    """The day of that release, by the changelog, so that two builds are the same; today where it is not there."""
    found = re.search(
        rf"^## {re.escape(version)} - (\S+)", ROOT.joinpath("CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    return found[1] if found else None


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2])
