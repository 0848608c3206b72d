"""What a machine cannot run is skipped with its reason, and is a failure where CI runs."""

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.left_out import leave_out, reasons

WHY = "no Chromium here"


@pytest.mark.parametrize(("ci", "outcome"), [("", Skipped), ("0", Skipped), ("true", Failed)])
def test_what_is_left_out_is_skipped_but_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match=WHY):
        leave_out(WHY)


def test_each_reason_is_told_once_and_other_skips_are_not(request: pytest.FixtureRequest) -> None:
    def skipped(text: str) -> pytest.TestReport:
        place = request.node.location
        return pytest.TestReport("x", place, {}, "skipped", ("x.py", 1, text), "setup")

    texts = [f"Skipped: left out: {WHY}", f"Skipped: left out: {WHY}", "Skipped: the system does not list"]
    assert reasons([skipped(text) for text in texts]) == [WHY]
