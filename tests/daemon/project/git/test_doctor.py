"""What the doctor finds wrong with a film's repository, and mends."""

import asyncio
import shlex
import subprocess
from pathlib import Path

from projections.git.attributes import LFS
from tests.daemon.project.git.in_git import drop_all, run
from tests.e2e.film import COMMAND
from tests.e2e.repository import begin
from tests.support.film import make_film, video
from tests.support.inside import Daemon, running_daemon


async def test_the_doctor_says_what_mends_a_repository(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film, filters=False)
    async with running_daemon(film, env={"GIT_CONFIG_NOSYSTEM": "1"}) as daemon:
        await drop_all(daemon, video())
        found = await daemon.get("doctor")
        checks = {one["name"]: one for one in found["checks"]}
        assert not found["ok"]
        assert checks["filters"]["mend"] == "git lfs install"
        assert checks["hooks"]["mend"] == "git lfs install --local"
        told = await asyncio.to_thread(run_doctor, daemon)
        assert (told.returncode, "✗ filters" in told.stdout, "git lfs install" in told.stdout) == (
            4,
            True,
            True,
        )
        git("lfs", "install")
        (film.takes() / ".gitattributes").write_text("*.mp4 -filter\n")
        object_ = next((film.root / ".git/lfs/objects").glob("*/*/*"))
        object_.unlink()
        object_.write_bytes(b"short")
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert [name for name, one in checks.items() if not one["ok"]] == ["attributes", "objects"]
        for name in ("attributes", "objects"):
            mend = checks[name]["mend"].replace("takes rebuild", f"{shlex.join(COMMAND)} rebuild")
            await asyncio.to_thread(run, daemon, "sh", "-c", mend)
        assert (await daemon.get("doctor"))["ok"]
        assert (await asyncio.to_thread(run_doctor, daemon)).returncode == 0


async def test_doctor_mends_attributes_that_are_older_than_a_kind_of_media(tmp_path: Path) -> None:
    film = await make_film(tmp_path)
    git = begin(film)
    git("lfs", "install")
    attributes = film.root / ".gitattributes"
    async with running_daemon(film, env={"GIT_CONFIG_NOSYSTEM": "1"}) as daemon:
        await drop_all(daemon, video())
        text = attributes.read_text()
        older = text.replace(f"*.dpx {LFS}\n", "").replace(f"*.jp2 {LFS}\n", "*.jp2 -filter\n")
        attributes.write_text(older.replace(f"*.gif {LFS}\n", ""))
        checks = {one["name"]: one for one in (await daemon.get("doctor"))["checks"]}
        assert not checks["attributes"]["ok"]
        assert checks["attributes"]["what"].endswith("says nothing of .dpx")
        await asyncio.to_thread(run, daemon, "sh", "-c", checks["attributes"]["mend"])
        assert attributes.read_text().endswith(f"\n*.dpx {LFS}\n")
        assert (await daemon.get("doctor"))["ok"]


def run_doctor(daemon: Daemon) -> "subprocess.CompletedProcess[str]":
    return run(daemon, *COMMAND, "doctor")
