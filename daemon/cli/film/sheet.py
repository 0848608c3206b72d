"""The contact sheet, on the command line: pages that show takes side by side."""

# ruff: noqa: FBT001

from collections.abc import Iterator
from pathlib import Path

import click

from daemon.cli.client import NotFoundAnswered
from daemon.cli.film.handover import chosen_format, write_out
from daemon.cli.main import Options, program, project_options
from daemon.cli.output import print_answer, say
from daemon.cli.served_project import ServedProject

FORMATS = ("pdf", "png")

NO_PAGE = "urn:takes:no-such-page"
"""The type of the problem that a sheet has no more pages."""


@program.command()
@click.argument("file", type=click.Path(dir_okay=False))
@click.argument("part", required=False, metavar="[SHOT|SCENE]")
@click.option("--active", is_flag=True, help="Only the active take of each shot.")
@click.option("--replace", is_flag=True, help="Write over a FILE that is there.")
@project_options
@click.pass_obj
def sheet(options: Options, file: str, part: str | None, active: bool, replace: bool) -> None:
    """Write a contact sheet to FILE, a .pdf or a .png: of a shot, of a scene, which is a folder's path, or of the film.

    Each take has its picture, its number, rating, mark, seed and model, tags and notes. A .png is a page: where there are
    several, they are called FILE-1.png and so on.
    """
    form = chosen_format(file, None, FORMATS, "write")
    project = options.choose_project()
    query = {"format": form, "of": project.part(part) if part else None, "active": "true" if active else None}
    pages = [_read(project, **query)] if form == "pdf" else list(_pages(project, **query))
    path = Path(file)
    names = (
        [path] if len(pages) == 1 else [path.with_stem(f"{path.stem}-{n}") for n in range(1, len(pages) + 1)]
    )
    for name, content in zip(names, pages, strict=True):
        write_out(str(name), content, replace=replace)
    if options.json:
        return print_answer({"paths": [str(name) for name in names], "bytes": sum(map(len, pages))})
    return say("\n".join(map(str, names)))


def _pages(project: ServedProject, **query: object) -> Iterator[bytes]:
    """The pages, until there is none more."""
    number = 1
    while True:
        try:
            yield _read(project, **query, page=number)
        except NotFoundAnswered as error:
            if number == 1 or error.document.get("type") != NO_PAGE:
                raise
            return
        number += 1


def _read(project: ServedProject, **query: object) -> bytes:
    return project.daemon.read(project.api_path("sheet", **query))
