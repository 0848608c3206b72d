"""The renderer: a program for the command runner, told by its request what to do.

`python renderer.py` makes a small still whose colour is the request's seed. Of the request's parameters it listens
to `lines` (printed), `complaint` (on standard error), `exit` (its code), `name` (of the file it makes, `""` for
none), `wait` (a file that it waits for), `begun` (a file it makes first, with its process id, one line for each
time that it runs), `told` (a file that it writes its request into), `child` (a file for the id of a process that it
leaves behind) and `leaves` (that one leaves its process group).
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image


def main() -> int:
    request = json.load(sys.stdin)
    params: dict[str, Any] = request["generationParams"]
    assert request == json.loads(Path(os.environ["TAKES_REQUEST"]).read_bytes())
    assert request["output"] == os.environ["TAKES_OUTPUT"]
    assert (request["workflow"] or "") == os.environ["TAKES_WORKFLOW"]
    if begun := params.get("begun"):
        with Path(begun).open("a") as file:
            file.write(f"{os.getpid()}\n")
    if told := params.get("told"):
        Path(told).write_text(json.dumps(request))
    if child := params.get("child"):
        sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
        left = subprocess.Popen(sleep, start_new_session=params.get("leaves", False))
        Path(child).write_text(str(left.pid))
    for line in params.get("lines", ()):
        print(line, flush=True)  # noqa: T201 - that is how it speaks
    while (wait := params.get("wait")) and not Path(wait).exists():
        time.sleep(0.01)
    sys.stderr.write(params.get("complaint", ""))
    name = params.get("name", Path(os.environ["TAKES_OUTPUT"]).name)
    if name:
        colour = params.get("seed", 0) % 256
        Image.new("RGB", (64, 36), (colour, 80, 40)).save(name)
    return int(params.get("exit", 0))


if __name__ == "__main__":
    sys.exit(main())
