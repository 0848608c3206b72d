"""The renderer: stands in for a video model, so that takes can be asked for on a machine without one.

`python -m examples.renderer` is run by the daemon for each take that is asked for. It draws a clip from the
prompt and the seed: the same two give the same clip, another seed another light on the same scene.
"""

import colorsys
import json
import os
import random
import sys
from pathlib import Path
from textwrap import fill
from typing import Any

from examples.film import Colours, make_video

SIZES = {"draft": (640, 360), "standard": (1280, 720), "high": (1920, 1080)}
SECONDS = 3.0


def colours(prompt: str, seed: int) -> Colours:
    """The ground is the prompt's, the light the seed's."""
    scene, light = random.Random(prompt), random.Random(seed)  # noqa: S311 - colours are no secrets
    hue = scene.random()
    sky = _colour(hue, 0.55, light.uniform(0.2, 0.75))
    sea = _colour(hue + light.uniform(0.04, 0.2), 0.6, light.uniform(0.08, 0.4))
    return Colours(sky, sea, _colour(light.random(), light.uniform(0.2, 0.6), 1.0))


def _colour(hue: float, saturation: float, value: float) -> str:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return f"#{red:02x}{green:02x}{blue:02x}"


def say(**words: Any) -> None:
    """Tell the daemon, which listens on our standard output."""
    print(json.dumps(words), flush=True)  # noqa: T201 - that is how a renderer speaks


def main() -> int:
    """Make the clip that is asked for on standard input, where the environment says."""
    request = json.load(sys.stdin)
    params = request["generationParams"]
    prompt, seed = str(params.get("prompt", "")), params.get("seed")
    if not prompt:
        print("There is nothing to draw: give it a prompt.", file=sys.stderr)  # noqa: T201
        return 2
    if seed is None:
        seed = random.SystemRandom().randrange(2**32)
    steps = round(SECONDS * 24)

    def tell(frame: int) -> None:
        say(progress=frame / steps, message=f"frame {frame} of {steps}")

    label = f"{fill(prompt, 40)}\nseed {seed}"
    size = SIZES[request["quality"] or "standard"]
    output = Path(os.environ["TAKES_OUTPUT"])
    make_video(output, SECONDS, size=size, label=label, colours=colours(prompt, seed), tell=tell)
    say(generationParams={"model": "examples.renderer", "seed": seed})
    return 0


if __name__ == "__main__":
    sys.exit(main())
