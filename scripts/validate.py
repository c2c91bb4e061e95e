"""Write docs/validation.md anew; exit status 1 when a case fails."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from validation.page import all_cases, page  # noqa: E402 - the package lies beside this folder

if __name__ == "__main__":
    found = all_cases()
    (ROOT / "docs" / "validation.md").write_text(page(found), "utf-8")
    sys.exit(any(not case.passes for case in found))
