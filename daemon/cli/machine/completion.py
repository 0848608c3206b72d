"""Completion, on the command line: what a shell needs to know to complete our commands."""

# ruff: noqa: PLC0415

import click

from daemon.cli.main import program
from daemon.cli.output import print_answer

SHELLS = ("bash", "zsh", "fish")

VARIABLE = "_TAKES_COMPLETE"
"""By this variable the shell asks what there is to choose from."""

HOW = """\b
bash:  takes completion bash > ~/.local/share/bash-completion/completions/takes
fish:  takes completion fish > ~/.config/fish/completions/takes.fish
zsh:   takes completion zsh > ~/.zfunc/_takes, and in ~/.zshrc before compinit: fpath+=~/.zfunc
"""


@program.command(epilog=HOW)
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what SHELL needs to complete these commands; below is where each shell looks for it."""
    print_answer(script(shell).rstrip("\n"))


def script(shell: str) -> str:
    """The completion of that shell, as click makes it."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise LookupError(shell)  # SHELLS are those that click has
    maker = kind(program, {}, "takes", VARIABLE)
    return maker.source_template % maker.source_vars()
