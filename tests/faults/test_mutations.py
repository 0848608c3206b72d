"""The mutations can be made of the code as it is."""

from pathlib import Path

import pytest

from tests.faults.mutations import MUTATIONS, mutated


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_fits_the_code(tmp_path: Path, name: str) -> None:
    mutated(name, tmp_path)
