"""Midjourney: a prompt with options and the number of its job, as a description."""

import re
from typing import Any, Final

from events import Params
from projections.recipes.formats.format import Labels, renamed

KEYS: Final = frozenset({"description"})

_JOB: Final = re.compile(r"\sJob ID: [\w-]+")
_OPTION: Final = re.compile(r"(?:^|\s)--(\w{1,30})")


def read(labels: Labels, _name: str) -> Params | None:
    """The prompt without its options, and what of them is known everywhere."""
    text = labels.get("description", "")
    job = _JOB.search(text)
    if job is None:
        return None
    prompt, *options = _OPTION.split(text[: job.start()])
    said: dict[str, Any] = dict(zip(options[::2], map(str.strip, options[1::2]), strict=True))
    return renamed(
        {**said, "prompt": prompt.strip()}, {"prompt": "prompt", "seed": "seed", "no": "negativePrompt"}
    )
