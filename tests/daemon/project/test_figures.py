"""The figures: a question to a disk that may never answer."""

import anyio
import pytest

from daemon.project import figures
from daemon.project.figures import Question


async def test_a_question_that_is_not_answered_is_not_asked_again_and_heard_when_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, answered = 0, anyio.Event()

    async def ask() -> int:
        nonlocal asked
        asked += 1
        await answered.wait()
        return 7

    question = Question(ask)
    monkeypatch.setattr(figures, "ANSWER", 0.01)
    assert await question.answer() is None
    assert await question.answer() is None
    assert asked == 1
    monkeypatch.undo()
    answered.set()
    assert await question.answer() == 7
    assert await question.answer() == 7
    assert asked == 2


async def test_what_goes_wrong_is_told_to_who_asks() -> None:
    async def ask() -> int:
        raise OSError("the disk is away")

    with pytest.raises(OSError, match="away"):
        await Question(ask).answer()
