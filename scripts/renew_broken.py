"""Write anew what is told of the broken scenarios in ``tests/broken/cases.toml``: after a message has been changed on purpose.

``python scripts/renew_broken.py`` shows each change; read them as a planner would before you keep them.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from broken import CASES_FILE, Case, cases, is_told, write

from sim.errors import InputError
from sim.scenario import load_scenario


def told(case: Case) -> str:
    """The first fault of a case."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            load_scenario(write(case, Path(folder)), case.get("set", ()))
        except InputError as error:
            return str(error.faults[0])
    raise SystemExit(f"nothing is told of {case}")


def main() -> None:
    """Replace each text that is not told any more."""
    parts = re.split(r"(?m)^(told = .*)$", CASES_FILE.read_text(encoding="utf-8"))
    for number, case in enumerate(cases()):
        now = told(case)
        if not is_told(case["told"], now):
            print(f"- {case['told']}\n+ {now}\n")
            parts[2 * number + 1] = f"told = {json.dumps(now, ensure_ascii=False)}"
    CASES_FILE.write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
