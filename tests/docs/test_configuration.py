"""The configuration as it is written down: all that can be set, with its default."""

import re
import tomllib
from collections.abc import Iterator

import msgspec

from daemon.config import Config
from tests.docs.pages import page


def settings(struct: type[msgspec.Struct]) -> Iterator[str]:
    for field in msgspec.structs.fields(struct):
        yield field.name
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            yield from settings(field.type)


def test_the_configuration_shown_is_all_of_it_and_the_default() -> None:
    (shown,) = re.findall(r"^```toml\n(.*?)^```", page("configuration.md"), re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"^\[?(\w+)", shown, re.MULTILINE)) == set(settings(Config))
    config = msgspec.convert(tomllib.loads(shown), Config)
    assert msgspec.structs.replace(config, parallel=Config().parallel) == Config()
