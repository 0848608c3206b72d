"""systemd: the service as a unit with its socket, written, checked, enabled, and removed again without a trace."""

import os
from contextlib import suppress
from pathlib import Path

from daemon import locations
from daemon.cli.service.manager import (
    NoManager,
    NotInstalled,
    Report,
    ServiceStatus,
    refuse_where_daemon_runs,
)
from daemon.cli.service.scope import MACHINE, Scope, of_machine, of_user, own_name
from daemon.cli.service.shell import Refusal, ask, do, has, show
from daemon.cli.service.units import command_line, environment, program, quoted, written
from daemon.cli.service.writable import writable

__all__ = ["Systemd", "of_machine", "of_user"]

FILMS, PLAINER = "films.conf", "without-namespaces.conf"

TEMPORARY = ("/tmp/", "/var/tmp/")  # noqa: S108 - nothing is made there
"""What a service has of its own, unless one of its films lies there, or its program."""

NO_NAMESPACES = range(217, 227)
"""Exit codes of a service that systemd could not shut in: USER, CAPABILITIES, …, NAMESPACE."""

FACTS = "ActiveState SubState StatusText MainPID ActiveEnterTimestamp NRestarts UnitFileState ExecMainStatus Result"


class Systemd:
    """The service in that scope."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._unit = scope.folder / f"{scope.name}.service"
        self._socket = scope.folder / f"{scope.name}.socket"
        self._names = (f"{scope.unit}.socket", f"{scope.unit}.service")

    def install(self) -> Report:
        self._check_manager()
        if not self._is_active():
            refuse_where_daemon_runs()
        report = Report()
        self._write(report)
        self._check()
        self._ask("enable", *self._names)
        report.done.append(f"Enabled {' and '.join(self._names)}.")
        self._start(report)
        self._advise(report)
        return report

    def uninstall(self) -> Report:
        if not self._is_installed():
            raise NotInstalled
        self._check_manager()
        report = Report()
        self._ask("disable", "--now", *reversed(self._names))
        report.done.append(f"Stopped and disabled {' and '.join(self._names)}.")
        self._remove(report)
        self._ask("daemon-reload")
        ask(*self._systemctl, "reset-failed", *self._names, env=self._scope.environment)
        for folder in (Path(self._scope.sockets), *self._folders_made()):
            self._remove_empty(folder)
        report.advice.append("Your films, their logs and your settings are as they were.")
        return report

    def status(self) -> ServiceStatus:
        if not self._is_installed():
            return ServiceStatus(installed=False)
        self._check_manager()
        facts = self._facts()
        return ServiceStatus(
            installed=True,
            running=facts["ActiveState"] == "active",
            state=f"{facts['ActiveState']} ({facts['SubState']})",
            says=facts["StatusText"],
            pid=int(facts["MainPID"] or 0),
            since=facts["ActiveEnterTimestamp"],
            restarts=int(facts["NRestarts"] or 0),
            at_login=facts["UnitFileState"] == "enabled",
            without_login=self._lingers(),
        )

    def logs(self, lines: int, *, follow: bool) -> int:
        if not self._is_installed():
            raise NotInstalled
        option = "--user-unit" if self._scope.options else "--unit"
        more = ("--follow",) if follow else ()
        return show("journalctl", f"--lines={lines}", f"{option}={self._names[1]}", "--output=cat", *more)

    def renew(self) -> str:
        if known := known_to_machine():
            is_new = any(quoted(f"-{path}") not in known for path in writable())
            return (
                f"The machine's service may not write there yet: sudo takes service install --user {own_name()}"
                if is_new
                else ""
            )
        if self._is_installed() and self._films() != (self._scope.drop_ins / FILMS).read_text("utf-8"):
            self._check_manager()
            (self._scope.drop_ins / FILMS).write_text(self._films(), "utf-8")
            self._ask("daemon-reload")
            if self._is_active():
                self._ask("restart", self._names[1])
        return ""

    # What is written.

    def _write(self, report: Report) -> None:
        scope = self._scope
        names = {"NAME": scope.unit if not scope.instance else f"{scope.name}%i"}
        variables = "\n".join(
            f"Environment={quoted(f'{name}={value}')}" for name, value in environment().items()
        )
        if scope.instance:
            variables = f"User=%i\nRuntimeDirectory=takes/%i\nRuntimeDirectoryPreserve=yes\nEnvironment=TAKES_SOCKET={scope.values['SOCKETS']}/takes.sock"
        values = {**scope.values, **names, "COMMAND": command_line(program()), "ENVIRONMENT": variables}
        scope.drop_ins.mkdir(parents=True, exist_ok=True)
        os.makedirs(locations.state_directory(), mode=0o700, exist_ok=True)  # noqa: PTH103
        for path, text in (
            (self._unit, written("takes.service", values)),
            (self._socket, written("takes.socket", values)),
            (scope.drop_ins / FILMS, self._films()),
        ):
            path.write_text(text, "utf-8")
            report.done.append(f"Wrote {path}.")
        (scope.drop_ins / PLAINER).unlink(missing_ok=True)
        self._ask("daemon-reload")

    def _remove(self, report: Report) -> None:
        """Remove what was written; the units stay where they are another user's, too, and so does what is not ours."""
        drop_ins = self._scope.drop_ins
        for name in (FILMS, PLAINER):
            (drop_ins / name).unlink(missing_ok=True)
        if any(drop_ins.iterdir()):
            report.advice.append(f"What you have written yourself in {drop_ins} is still there.")
        else:
            drop_ins.rmdir()
        if not any(one.exists() for one in self._scope.folder.glob(f"{self._scope.name}*.service.d/{FILMS}")):
            for path in (self._unit, self._socket):
                path.unlink(missing_ok=True)
                report.done.append(f"Removed {path}.")

    def _films(self) -> str:
        paths = writable() + ([] if self._scope.instance else [self._scope.sockets])
        lines = [f"ReadWritePaths={quoted(f'-{path}')}" for path in paths]
        is_shared = any(path.startswith(TEMPORARY) for path in (program()[0], *paths))
        return written(FILMS, {"PATHS": "\n".join(lines), "TEMPORARY": "PrivateTmp=no" if is_shared else ""})

    def _check(self) -> None:
        """Have systemd read what was written; Refusal where it does not like it."""
        if has("systemd-analyze"):
            path = str(self._unit) if not self._scope.instance else f"{self._scope.folder}/{self._names[1]}"
            said = ask("systemd-analyze", *self._scope.options, "verify", path, env=self._scope.environment)
            if said.returncode:
                raise Refusal(("systemd-analyze", "verify", path), said.stderr)

    def _folders_made(self) -> list[Path]:
        """What systemd and we may have made for it, the inner ones first."""
        if self._scope.instance:
            return [Path("/run/takes")]
        folder = self._scope.folder
        wants = [folder / "default.target.wants", folder / "sockets.target.wants"]
        return [*wants, folder, folder.parent, folder.parent.parent, Path(locations.state_directory())]

    def _remove_empty(self, folder: Path) -> None:
        with suppress(OSError):
            if folder == Path(self._scope.sockets):
                (folder / "takes.sock.lock").unlink(missing_ok=True)
            folder.rmdir()

    # What is asked of systemd.

    @property
    def _systemctl(self) -> tuple[str, ...]:
        return ("systemctl", *self._scope.options)

    def _ask(self, *command: str) -> str:
        return do(*self._systemctl, *command, env=self._scope.environment)

    def _check_manager(self) -> None:
        """NoManager where no systemd answers in this scope, with what to do."""
        if not has("systemctl"):
            raise NoManager(
                "this system has no systemd",
                "Have whatever starts programs here run `takes daemon`: it stays in the foreground, and SIGTERM ends it.",
            )
        said = ask(*self._systemctl, "show-environment", env=self._scope.environment)
        if said.returncode:
            raise NoManager(
                f"the service manager does not answer: {said.stderr.strip()}",
                f"It is there in a session of your own, by ssh or at a desk, but not after `su`. To have it without one: "
                f"sudo loginctl enable-linger {own_name()}, and then export XDG_RUNTIME_DIR=/run/user/{os.getuid()}.",
            )

    def _is_installed(self) -> bool:
        return self._unit.exists() and (self._scope.drop_ins / FILMS).exists()

    def _is_active(self) -> bool:
        return any(
            not ask(*self._systemctl, "is-active", "--quiet", one, env=self._scope.environment).returncode
            for one in self._names
        )

    def _facts(self) -> dict[str, str]:
        said = self._ask("show", f"--property={','.join(FACTS.split())}", self._names[1])
        return dict.fromkeys(FACTS.split(), "") | dict(
            line.split("=", 1) for line in said.splitlines() if "=" in line
        )

    def _start(self, report: Report) -> None:
        started = ask(*self._systemctl, "restart", *self._names, env=self._scope.environment)
        if started.returncode and int(self._facts()["ExecMainStatus"] or 0) in NO_NAMESPACES:
            path = self._scope.drop_ins / PLAINER
            path.write_text(written(PLAINER, {}), "utf-8")
            report.done.append(
                f"Wrote {path}: this kernel gives users no namespaces, and the service has to do without."
            )
            self._ask("daemon-reload")
            started = ask(*self._systemctl, "restart", *self._names, env=self._scope.environment)
        if started.returncode:
            raise Refusal((*self._systemctl, "restart", *self._names), self._last_words() or started.stderr)
        report.done.append(f"Started it: {self._facts()['StatusText'] or 'it is running.'}")

    def _last_words(self) -> str:
        """What stands last in its log."""
        option = "--user-unit" if self._scope.options else "--unit"
        return ask("journalctl", "--quiet", "--lines=3", f"{option}={self._names[1]}", "--output=cat").stdout

    def _lingers(self) -> bool | None:
        """Whether it runs though its user is not logged in; None where nobody knows."""
        if self._scope.instance:
            return True
        said = (
            ask("loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value")
            if has("loginctl")
            else None
        )
        return said.stdout.strip() == "yes" if said and not said.returncode else None

    def _advise(self, report: Report) -> None:
        if self._scope.instance:
            socket = f"{self._scope.sockets}/takes.sock"
            report.advice.append(
                f"{self._scope.instance} asks it with TAKES_SOCKET={socket} set, in ~/.profile, say."
            )
        elif not self._lingers():
            report.advice.append(
                "It runs while you are logged in. To have it run always: loginctl enable-linger"
            )


def known_to_machine() -> str:
    """In which folders the machine's service for this user may write, as it says itself; empty where there is none."""
    path = MACHINE / f"takes@{own_name()}.service.d" / FILMS
    return path.read_text("utf-8") if path.exists() else ""
