"""The validation pack holds, and its page is in step."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from validation.case import Case, exact_case  # noqa: E402 - the package lies beside this folder
from validation.page import all_cases, page, source_of  # noqa: E402


def test_every_case_passes_and_the_page_is_in_step() -> None:
    cases = all_cases()
    assert [case for case in cases if not case.passes] == []
    assert len(cases) >= 25
    assert len({source_of(case) for case in cases if "seen" in case.source}) >= 10
    assert all(case.source and case.reason for case in cases)
    assert len({case.id for case in cases}) == len(cases)
    written = (ROOT / "docs" / "validation.md").read_text("utf-8")
    assert written == page(cases), "run make validate"


def test_a_wrong_answer_fails() -> None:
    assert not exact_case("x", "", "", 1, 2).passes
    assert not Case("x", "", "", 1.0, float("nan"), 1.0, "").passes
