"""Who may see a film, on the command line: let in, listed and sent away, by the names that a hub's proxy tells."""

import json
from pathlib import Path

from tests.daemon.cli.test_choosing import Out, asking
from tests.support.film import make_film
from tests.support.inside import running_daemon


async def test_somebody_is_let_in_listed_and_sent_away(tmp_path: Path, capsys: Out) -> None:
    film = await make_film(tmp_path)
    async with running_daemon(film) as daemon:
        await daemon.scanned()
        takes = asking(daemon, capsys)
        assert "lets somebody in" in (await takes("people"))[1]
        await takes("grant", "anna@studio.example", "supervisor")
        code, out, _ = await takes("grant", "ben & co", "reader")
        assert code == 0
        assert [line.split("  (")[0] for line in out.splitlines()] == [
            "supervisor  anna@studio.example",
            "reader      ben & co",
        ]
        told = json.loads((await takes("--json", "people"))[1])["people"]
        assert [(one["name"], one["role"]) for one in told] == [
            ("anna@studio.example", "supervisor"),
            ("ben & co", "reader"),
        ]
        assert "ben" not in (await takes("revoke", "ben & co"))[1]
        code, _, err = await takes("revoke", "ben & co")
        assert (code, "takes people" in err) == (3, True)
        assert (await takes("grant", "anna", "boss"))[0] == 2
        assert "ben & co is rea" in (await takes("log"))[1]
