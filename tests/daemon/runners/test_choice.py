"""Which workflow a take is made with: the nearest choice, read from where the person who chose it meant."""

from hashlib import sha256
from pathlib import Path

import pytest

from daemon.runners import choice
from daemon.runners.choice import BadWorkflow, choose
from events import WorkflowFile

SHOT = "01_Chapter/001_Shot"


def film(folder: Path, *workflows: str) -> Path:
    """A film with those files, each of which holds its own path."""
    root = folder / "MyFilm"
    (root / SHOT).mkdir(parents=True)
    for path in workflows:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(path)
    return root


ALL = (f"{SHOT}/workflow.json", "workflow.json", "mine/own.json", "all.json")


@pytest.mark.parametrize(
    ("there", "named", "expected"),
    [
        (ALL, "mine/own.json", ("mine/own.json", "take")),
        (ALL, None, (f"{SHOT}/workflow.json", "shot")),
        (ALL[1:], None, ("workflow.json", "film")),
        (ALL[2:], None, ("all.json", "configuration")),
    ],
)
def test_the_nearest_choice_counts(
    tmp_path: Path, there: tuple[str, ...], named: str | None, expected: tuple[str, str]
) -> None:
    root = film(tmp_path, *there)
    found = choose(root, SHOT, named, "all.json")
    assert found is not None
    path, chosen_for = expected
    digest = sha256(path.encode()).hexdigest()
    assert found.file == WorkflowFile(path=path, sha256=digest, chosen_for=chosen_for)  # type: ignore[arg-type]
    assert (found.path, found.content) == (root / path, path.encode())


def test_where_nobody_has_chosen_there_is_none(tmp_path: Path) -> None:
    assert choose(film(tmp_path), SHOT, None, "") is None


def test_what_is_named_by_its_full_path_is_told_by_it_unless_it_is_in_the_film(tmp_path: Path) -> None:
    root = film(tmp_path, "own.json")
    other = tmp_path / "other.json"
    other.write_text("{}")
    for path, told in ((other, str(other)), (root / "own.json", "own.json")):
        found = choose(root, SHOT, str(path), "")
        assert found is not None
        assert found.file.path == told


def test_a_link_is_followed_where_a_person_named_it_and_not_in_the_film(tmp_path: Path) -> None:
    root = film(tmp_path)
    (tmp_path / "other.json").write_text("{}")
    (root / "workflow.json").symlink_to(tmp_path / "other.json")
    assert choose(root, SHOT, "workflow.json", "") is not None
    with pytest.raises(BadWorkflow, match=r"workflow\.json: .*a link"):
        choose(root, SHOT, None, "")


@pytest.mark.parametrize(
    "named", ["gone.json", "a folder", "large.json", "a\0b", "~nobody-of-that-name/a.json", "a" * 300]
)
def test_what_cannot_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setattr(choice, "LARGEST", 3)
    root = film(tmp_path, "large.json")
    (root / "a folder").mkdir()
    with pytest.raises(BadWorkflow):
        choose(root, SHOT, named, "")
