"""The API as it is written down: every request that can be made, and no other."""

import re
from collections.abc import Iterator
from typing import cast

from daemon.api.app import build_app
from daemon.project.projects import Projects
from tests.docs.pages import page


def served() -> Iterator[str]:
    """Every request that the application has a route for."""
    for route in build_app(cast("Projects", None)).routes:
        path = re.sub(r"{(\w+)_id:str}", r"{\1Id}", route.path)
        path = re.sub(r"{(note|number|name|path):\w+}", r"{\1}", path)
        for method in getattr(route, "methods", ()) if path.startswith("/api/") else ():
            if method != "OPTIONS":
                yield f"{method} {path}"


def written_down() -> Iterator[str]:
    """Every request of the tables, each put behind the path that stands above its table."""
    base = ""
    for line in page("building/api.md").splitlines():
        if below := re.match(r"Below `(\S+)`:", line):
            base = below[1]
        elif row := re.match(r"\| `([A-Z]+)(?: (/[^`]*))?`", line):
            yield f"{row[1]} {base}{row[2] or ''}"


def test_every_request_of_the_api_is_named_and_no_other() -> None:
    assert sorted(written_down()) == sorted(served())
