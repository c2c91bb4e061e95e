"""Where machine code is kept, and that it is known when there is none yet. The decorators are tested by what they compile."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sim import compiled


def test_the_place_for_machine_code_can_be_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    assert compiled.choose_folder() == tmp_path / "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="the customs of other systems are other")
def test_machine_code_is_kept_with_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiled.choose_folder() == tmp_path / "etablera"


@pytest.mark.skipif(sys.platform != "linux", reason="the customs of other systems are other")
def test_without_a_writable_home_it_is_kept_for_the_time_being(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert compiled.choose_folder().parent == Path(tempfile.gettempdir())


def test_other_sources_mean_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A room depends on its own compiled sources, and on what these import: also on numbers, which become part of the machine code."""
    texts = {
        "compiled.py": "",
        "low/kernel.py": "from sim.compiled import jit\nfrom sim.low.layout import COLUMN\n",
        "low/layout.py": "COLUMN = 1\n",
        "low/prose.py": "x = 1\n",
        "high/kernel.py": "from sim.compiled import jit\nfrom sim.low.kernel import x\nfrom sim.plan import Kind\n",
        "plan/__init__.py": "from sim.plan.kinds import Kind\n",
        "plan/kinds.py": "Kind = 1\n",
    }
    monkeypatch.setattr(compiled, "PACKAGE", tmp_path)

    def changed(file: str, text: str) -> tuple[bool, bool]:
        """Whether a change means other folders for the low and the high room."""
        before = [compiled.digest(room) for room in ("low", "high")]
        (tmp_path / file).write_text(text)
        compiled.digest.cache_clear()
        after = [compiled.digest(room) for room in ("low", "high")]
        return before[0] != after[0], before[1] != after[1]

    for file, text in texts.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    compiled.digest.cache_clear()
    assert changed("low/prose.py", "x = 2\n") == (False, False)
    assert changed("high/kernel.py", texts["high/kernel.py"] + "# better\n") == (False, True)
    assert changed("low/kernel.py", texts["low/kernel.py"] + "# better\n") == (True, True)
    assert changed("low/layout.py", "COLUMN = 2\n") == (True, True)
    assert changed("plan/kinds.py", "Kind = 2\n") == (False, True)
    assert changed("compiled.py", "# better\n") == (True, True)
    compiled.digest.cache_clear()


ASK = """
import numpy as np
from sim import compiled
from sim.sampling import generator
print(compiled.is_cached())
words = np.zeros((4, 1), np.uint64)
generator.philox((np.uint64(0),) * 4, words[0], words[1], words[2], words[3], 1)
print(compiled.is_cached())
[kept] = compiled.CACHE.rglob("*.nbi")
(compiled.CACHE / "generator.fetch-1.py311.nbi").touch()  # of other sources
print(compiled.is_cached())
(kept.parent / "generator.fetch-1.py311.nbi").touch()
print(compiled.is_cached(), kept.name)
"""


AGAIN = """
import sys
sys.path.insert(0, sys.argv[1])
from sim import compiled
from sim.sampling import generator
print(compiled.is_cached())
"""


def test_it_is_known_whether_machine_code_is_there(tmp_path: Path) -> None:
    """The first process has none and compiles one function of two, the other's is made to look so; the next finds both."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    answer = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True).stdout.split()
    assert answer[:4] == ["False", "False", "False", "True"]
    assert answer[4].startswith("generator.philox-")
    package, copy = Path(compiled.__file__).parent, tmp_path / "copy" / "sim"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for folder, known in ((package, "True\n"), (copy, "False\n")):  # numba keeps apart what lies in different places
        command = [sys.executable, "-c", AGAIN, str(folder.parent)]
        assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == known
