"""Killed, no disk, no right to write, two at once, a clock that jumps: results are whole or absent, and old ones stay."""

from __future__ import annotations

import datetime as dt
import errno
import os
import resource
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from sim.cli.run import run as run_command
from sim.errors import ResultsError
from sim.results import Result, folder, load, passport, run
from sim.results.folder import clear_up, whole_folder

ROOT = Path(__file__).parent.parent
STARTER = ROOT / "sim" / "cli" / "starter" / "scenario.toml"


@cache
def starter() -> Result:
    return run(STARTER, replications=40, gather=("openings", "targets"))


def files_of(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.iterdir()}


def write_run(place: Path, word: str) -> None:
    """A small run folder: three tables and, last, the passport."""
    for name in ("a.csv", "b.csv", "c.csv", "run.json"):
        (place / name).write_text(f"{word} {name}", "utf-8")


def told_when_written(place: Path, word: str) -> str:
    """What is told when a run folder is written; nothing when it succeeds."""
    try:
        with whole_folder(place) as temporary:
            write_run(temporary, word)
    except ResultsError as error:
        return str(error)
    return ""


def is_whole(place: Path, word: str) -> bool:
    return files_of(place) == {name: f"{word} {name}".encode() for name in ("a.csv", "b.csv", "c.csv", "run.json")}


# --- killed at any moment ----------------------------------------------------------------------------------------------------------

WRITER = """
import importlib.util, os, signal, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("folder", sys.argv[1])
folder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(folder)
left = int(sys.argv[3])

def watch(event, arguments):  # whatever opens, makes, renames or removes something below the target's folder
    global left
    within = event in ("os.remove", "os.rmdir") and arguments[-1] > 2  # a folder is emptied from within
    if within or event in ("open", "os.mkdir", "os.rename", "os.rmdir", "shutil.rmtree") and sys.argv[2] in str(arguments):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
with folder.whole_folder(Path(sys.argv[2], "run")) as place:
    for name in ("a.csv", "b.csv", "c.csv", "run.json"):
        (place / name).write_text("new " + name)
"""
"""Writes over a run folder with the program's own code, and is killed just before its nth step."""


def killed_at(step: int, out: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", WRITER, folder.__file__, out, str(step)], env=environment, check=False).returncode


def test_killed_before_any_step_old_results_or_new_ones_are_there_and_whole(tmp_path: Path) -> None:
    outcomes = []
    for step in range(40):
        out = tmp_path / str(step)
        out.mkdir()
        with whole_folder(out / "run") as place:
            write_run(place, "old")
        status = killed_at(step, out)
        clear_up(out / "run")  # as the next run, or the next reader, does
        assert [path.name for path in out.iterdir()] == ["run"], step
        word = "new" if is_whole(out / "run", "new") else "old"
        assert is_whole(out / "run", word), step
        outcomes.append(word)
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert outcomes[-1] == "new"
    assert len(outcomes) > 10
    assert outcomes == sorted(outcomes, reverse=True), "old until it is replaced, new from then on"


def test_what_a_killed_run_has_left_is_put_right_by_whoever_reads_it(tmp_path: Path) -> None:
    run_folder = starter().save(tmp_path)
    before = files_of(run_folder)
    child = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    run_folder.rename(run_folder.parent / f".{run_folder.name}-{folder._machine()}-{int(child.stdout)}-0123abcd.old")
    assert load(run_folder).id == starter().id
    assert files_of(run_folder) == before


def test_what_another_run_is_writing_is_left_alone(tmp_path: Path) -> None:
    elsewhere = tmp_path / ".run-000000-1-0123abcd.part"
    elsewhere.mkdir()
    with whole_folder(tmp_path / "run") as first:
        write_run(first, "one")
        with whole_folder(tmp_path / "run") as second:
            write_run(second, "two")
        assert is_whole(first, "one")
        assert is_whole(tmp_path / "run", "two")
    assert is_whole(tmp_path / "run", "one")
    assert elsewhere.exists(), "of another machine: it may still be at work"


# --- two runs at once in one folder --------------------------------------------------------------------------------------------------

AGAIN_AND_AGAIN = """
import importlib.util, sys, time
from pathlib import Path

spec = importlib.util.spec_from_file_location("folder", sys.argv[1])
folder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(folder)
out, word = Path(sys.argv[2]), sys.argv[3]
(out.parent / f"{word}.ready").touch()
while len(list(out.parent.glob("*.ready"))) < 3:
    time.sleep(0.001)
for _ in range(40):
    with folder.whole_folder(out / "run") as place:
        for name in ("a.csv", "b.csv", "c.csv", "run.json"):
            (place / name).write_text(f"{word} {name}")
"""
"""Waits for the two others, then writes one run folder many times."""

MEETING = """
import sys, time
from pathlib import Path
from sim.results import folder, run

meeting, scenario, out = map(Path, sys.argv[1:])
put_in_place = folder._put_in_place

def together(new, target):
    (meeting / new.name).touch()
    until = time.monotonic() + 60
    while len(list(meeting.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.001)
    put_in_place(new, target)

folder._put_in_place = together
run(scenario, replications=40, gather=("openings", "targets")).save(out)
"""
"""A run that waits, before it puts its folder in place, until another process is just as far."""


def processes(program: str, *arguments: list[str]) -> list[tuple[int, str]]:
    """Status and standard error of a program that is started several times at once, with arguments of their own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, *own], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for own in arguments
    ]
    return [(process.returncode, error) for process in started for _, error in [process.communicate()]]


def test_processes_that_write_one_folder_again_and_again_leave_it_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with whole_folder(out / "run") as place:
        write_run(place, "old")
    assert processes(AGAIN_AND_AGAIN, *([folder.__file__, str(out), word] for word in ("one", "two", "three"))) == [(0, "")] * 3
    assert [path.name for path in out.iterdir()] == ["run"]
    assert any(is_whole(out / "run", word) for word in ("one", "two", "three"))


def test_two_processes_that_run_the_same_question_leave_what_one_alone_would(tmp_path: Path) -> None:
    meeting, out = tmp_path / "meeting", tmp_path / "out"
    meeting.mkdir()
    other = run(STARTER, replications=20, seed=5, gather=("openings", "targets")).save(out)
    before = files_of(other)
    question = [str(meeting), str(STARTER), str(out)]
    assert processes(MEETING, question, question) == [(0, "")] * 2
    assert len(list(meeting.iterdir())) == 2, "both were about to put their folder in place"
    (new,) = set((out / "scenario").iterdir()) - {other}
    assert new.name == starter().id
    told, alone = files_of(new), files_of(starter().save(tmp_path / "alone"))
    assert told.keys() == alone.keys()
    assert [name for name in told if told[name] != alone[name] and name != "run.json"] == []
    assert load(new).passport["status"] == "complete"
    assert files_of(other) == before, "the results of another question stay"


def test_a_name_that_one_run_takes_and_another_frees_again_is_tried_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with whole_folder(tmp_path / "run") as place:
        write_run(place, "old")
    rename, refused = Path.rename, []

    def taken_for_a_moment(self: Path, to: Path) -> Path:
        if self.suffix == ".part" and not refused:
            refused.append(self)
            raise OSError(errno.ENOTEMPTY, "Directory not empty")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", taken_for_a_moment)
    assert told_when_written(tmp_path / "run", "new") == ""
    assert refused
    assert is_whole(tmp_path / "run", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


# --- no room, no right -------------------------------------------------------------------------------------------------------------


def test_a_disk_that_fills_up_at_any_step_leaves_the_old_folder_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with whole_folder(tmp_path / "run") as place:
        write_run(place, "old")
    calls = {"mkdir": Path.mkdir, "write_text": Path.write_text, "rename": Path.rename}
    failed = 0
    for step in range(20):
        left = [step]

        def full(name: str, left: list[int] = left) -> Any:
            def call(self: Path, *arguments: Any, **options: Any) -> Any:
                left[0] -= 1
                if left[0] == -1:
                    raise OSError(errno.ENOSPC, "No space left on device")
                return calls[name](self, *arguments, **options)

            return call

        with monkeypatch.context() as patched:
            for name in calls:
                patched.setattr(Path, name, full(name))
            message = told_when_written(tmp_path / "run", "new")
        if not message:
            break
        failed += 1
        assert message.endswith("cannot be written: No space left on device; nothing is left behind")
        assert is_whole(tmp_path / "run", "old"), step
        assert [path.name for path in tmp_path.iterdir()] == ["run"], step
    assert failed >= 6
    assert is_whole(tmp_path / "run", "new")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError])
def test_folders_made_on_the_way_go_with_what_was_to_be_written(tmp_path: Path, stop: type[BaseException]) -> None:
    """Those that were there stay, and so do those in which another has put something meanwhile."""
    (tmp_path / "there").mkdir()

    def write(target: Path, meanwhile: Path | None) -> None:
        with whole_folder(target) as temporary:
            write_run(temporary, "half")
            if meanwhile:
                meanwhile.mkdir()
            raise stop

    def stopped(target: Path, meanwhile: Path | None = None) -> None:
        with pytest.raises((KeyboardInterrupt, ResultsError)):
            write(target, meanwhile)

    stopped(tmp_path / "there" / "a" / "b" / "run")
    assert list((tmp_path / "there").iterdir()) == []
    stopped(tmp_path / "there" / "a" / "b" / "run", meanwhile=tmp_path / "there" / "a" / "other")
    assert [path.relative_to(tmp_path).as_posix() for path in sorted((tmp_path / "there").rglob("*"))] == ["there/a", "there/a/other"]


def test_a_file_that_the_system_refuses_to_let_grow_is_told(tmp_path: Path) -> None:
    """The real thing: the system itself refuses, whichever library writes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    starter().tables()
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
        with pytest.raises(ResultsError, match="cannot be written: File too large; nothing is left behind"):
            starter().save(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file/deeper", "loop/x", "x" * 300, "/proc/no-such"])
def test_a_place_that_cannot_be_written_is_told_with_status_2(tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("not a folder", "utf-8")
    (tmp_path / "loop").symlink_to("loop")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(typer.Exit) as stopped:
        run_command(STARTER, replications=20, out=tmp_path / place, report=False, quiet=True)
    assert stopped.value.exit_code == 2
    told = capsys.readouterr().err
    assert "cannot be written" in told
    assert "Traceback" not in told
    assert sorted(path.name for path in tmp_path.iterdir()) == before


# --- a clock that jumps ------------------------------------------------------------------------------------------------------------


def test_a_clock_that_jumps_changes_nothing_but_the_date_of_the_passport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jumps = iter(range(10_000))

    class Jumping(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime(2100 - 50 * (next(jumps) % 2), 1, 1, tzinfo=tz)

    monkeypatch.setattr(passport.dt, "datetime", Jumping)
    monkeypatch.setattr(time, "time", lambda: 4e9 * (next(jumps) % 2))
    folders = [run(STARTER, replications=40, gather=("openings", "targets")).save(tmp_path / name) for name in ("one", "two")]
    one, two = (files_of(place) for place in folders)
    assert {n: t for n, t in one.items() if n != "run.json"} == {n: t for n, t in two.items() if n != "run.json"}
    made = [load(place).passport["made"] for place in folders]
    assert made == ["2100-01-01T00:00:00+00:00", "2050-01-01T00:00:00+00:00"]
    assert folders[0].name == folders[1].name
