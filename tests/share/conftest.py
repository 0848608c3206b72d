"""The machines that all tests of a share have: they are started once."""

from collections.abc import Iterator

import pytest

from tests.share.machines import Machine, machines


@pytest.fixture(scope="session")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Machine]]:
    """Anna's machine, Bert's and Carl's."""
    with machines(tmp_path_factory.mktemp("nfs"), "anna", "bert", "carl") as started:
        yield started
