"""Recovering: a film that nobody keeps gets a new log, and is registered with that."""

from collections.abc import Sequence
from pathlib import Path

from daemon import locations
from daemon.project.home import Home, find_home, settle
from daemon.project.project import NotAProject, locked
from daemon.recovery.copies import copies_of
from daemon.recovery.recover import Recovered, Recovery
from daemon.recovery.standing import registered_log
from events.sqlite import end_of
from projections.layout import OWN_FOLDER


def recover_project(path: Path, more: Sequence[Path] = (), *, dry_run: bool = False) -> Recovered:
    """Make a new log for the film in that folder from what is left, `more` being copies of its log; ProjectInUse."""
    root = path.expanduser().resolve()
    if not (root / OWN_FOLDER).is_dir():
        raise NotAProject(root)
    home = find_home(root, is_lost=True)
    home.folder.mkdir(parents=True, exist_ok=True, mode=locations.PRIVATE_MODE)
    with locked(home):
        found = Recovery(root, home.folder, copies_of, registered_log(root), more).run(dry_run=dry_run)
        if not dry_run:
            _say_which(home)
    return found


def _say_which(home: Home) -> None:
    """Have the film, where it lies on a share, and the registry speak of the log that is there now."""
    log = end_of(home.log).log
    if home.binding and home.binding.log != log:
        settle(home.root, home.folder, log)
    if registered_log(home.root) not in (None, log):
        locations.register_project(str(home.root), log)
