"""The decoder: a process of its own that looks into files, so that a bad one costs nobody else.

`python -m projections.media.decoder [TABLE]` loads the codecs once and forks a child for each connection that is passed to it
over the socket at its standard input. A child is lent one open file after the other, and does what is asked of it, until its
connection closes; it opens nothing by name. Whoever closes a socket ends what is on its other side.
"""

import gc
import os
import select
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from projections.media import clip, steps
from projections.media.cage.attempts import holes
from projections.media.cage.sandbox import close, confine
from projections.media.cage.system_calls import prepare
from projections.media.jobs import FIRST_CHILD, LENGTHS, MOST_FILES, Answer, DecoderJob, Greeting
from projections.media.lent_file import LentFile

MAX_JOB = 1 << 16
"""Bytes of what is asked of the files that are lent together."""

TOLD_AT_ONCE = 4
"""Files that are lent together and told of together: none of them is told of where the last one is our death."""

NICE = 10
"""How far a child that is given more time stands back for all that is quick."""

_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Meant for the daemon, which ends us by closing; dying of them would look like a file that is bad."""

_jobs = msgspec.json.Decoder(list[list[DecoderJob]]).decode


def serve(control: socket.socket) -> None:
    """Fork a child for each connection that arrives, until the daemon closes its end."""
    while True:
        try:
            message, descriptors, *_ = socket.recv_fds(control, 16, 1)
        except OSError:
            return
        if not message:
            return
        for descriptor in descriptors:
            if os.fork() == 0:
                control.close()
                _child(socket.socket(fileno=descriptor), float(message) if message != FIRST_CHILD else None)
            os.close(descriptor)


def _child(connection: socket.socket, patience: float | None) -> NoReturn:
    """Say who we are and how the cage holds, then do the jobs; leave without tidying up, which is the server's business."""
    try:
        if patience is not None:
            os.nice(NICE)
        close(patience)
        threading.Thread(target=_leave_with, args=(connection,), daemon=True).start()
        replies = _Replies(connection)
        replies.say(Answer(values=msgspec.structs.asdict(greeting(connection.fileno()))))
        while _visit_each(connection, replies):
            pass
    finally:
        os._exit(0)


def greeting(lent: int) -> Greeting:
    """Who we are, with one open descriptor to try the cage by."""
    return Greeting(pid=os.getpid(), holes=tuple(holes(lent)), ffmpeg=clip.FFMPEG)


def _leave_with(connection: socket.socket) -> None:
    """Wait until nobody is there to be answered, in the middle of a job or not, and leave."""
    poll = select.poll()
    poll.register(connection, 0)
    poll.poll()
    os._exit(0)


class _Replies:
    """What is said back: gathered for as long as nobody waits for it, and sent as one, which costs who hears it as much
    as a single answer.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._packed = b""

    def add(self, answer: Answer, picture: bytes = b"") -> None:
        """Have that said with the next ones."""
        text = msgspec.json.encode(answer)
        self._packed += LENGTHS.pack(len(text), len(picture)) + text + picture

    def send(self) -> None:
        """Say what was gathered."""
        self._connection.sendall(self._packed)
        self._packed = b""

    def say(self, answer: Answer, picture: bytes = b"") -> None:
        """Say that at once."""
        self.add(answer, picture)
        self.send()


def _visit_each(connection: socket.socket, replies: _Replies) -> bool:
    """Do what is asked of the files that are lent together; whether there were any."""
    message, descriptors, *_ = socket.recv_fds(connection, MAX_JOB, MOST_FILES)
    if not message or not descriptors:
        return False
    for number, (descriptor, jobs) in enumerate(zip(descriptors, _jobs(message), strict=True), 1):
        _visit(descriptor, jobs, replies)
        if number % TOLD_AT_ONCE == 0 or number == len(descriptors):
            replies.send()
    return True


def _visit(descriptor: int, jobs: Sequence[DecoderJob], replies: _Replies) -> None:
    """Do what is asked of one file, and say of each thing what came of it before the next one, which may be our death.

    Only what is needed together, and is there in a moment, is said together. The last thing is said when the file is
    closed, which takes for ever on a disk that hangs: who has not heard of that lends us no other one.
    """
    with LentFile(descriptor) as file:
        file.drawn_next = next((job.bounds for job in jobs if job.do in ("picture", "all")), None)
        for job in jobs:
            if not file.answers_soon(job):
                replies.send()
            signal.setitimer(signal.ITIMER_PROF, job.limit or 0)  # SIGPROF is left to kill
            answer, picture = steps.answered(job, file, replies.say)
            signal.setitimer(signal.ITIMER_PROF, 0)
            replies.add(answer, picture)
            if answer.ends(job):
                break


def main() -> None:
    """Become the server: no ears for the terminal, the codecs in memory, and no way back to the files."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    warnings.simplefilter("ignore")  # of what Pillow finds odd in a file
    control = socket.socket(fileno=os.dup(0))
    for stream in (0, 2):  # the daemon's output is no more of our business
        os.dup2(1, stream)
    os.setpgid(0, 0)  # whoever ends us ends no child at work: each ends by its own connection
    for table in sys.argv[1:]:
        steps.learn(Path(table))
    gc.freeze()  # a child that never touches these objects never copies their pages
    prepare()
    confine()
    serve(control)


if __name__ == "__main__":
    main()
