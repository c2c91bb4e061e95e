"""Mutation testing: change the program in small ways, one at a time, and see whether a test notices. ``make mutate``.

    python scripts/mutate.py [ROOM …] [--most 100] [--seed 1]

Works on a copy of the tracked files, so that the tree it is started in is never changed. Compiled functions run as plain
Python (``NUMBA_DISABLE_JIT=1``): compiling each mutant would take hours. Of each room ``--most`` mutants are tried, drawn by
chance; the share killed so has a sampling error, which is printed. Survivors are listed with their change, to be looked at:
some are equivalent to the original.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ROOMS = {
    "calendars": (["sim/calendars"], ["tests/test_calendars.py"]),
    "plan": (["sim/plan"], ["tests/test_engine_rules.py", "tests/test_status.py"]),
    "sampling": (["sim/sampling"], ["tests/test_sampling.py"]),
    "process": (
        [f"sim/engine/{name}.py" for name in ("process", "network", "chance", "redo", "waiting", "days", "note")],
        ["tests/test_engine_rules.py", "tests/test_status.py"],
    ),
    "kernel": (
        ["sim/engine/kernel.py", "sim/engine/steps.py", "sim/engine/desk.py", "sim/engine/state.py", "sim/engine/pack.py"],
        ["tests/test_engine_rules.py", "tests/test_status.py"],
    ),
}
"""What is mutated, and the tests that should notice."""

SLOW = (
    "tests/test_learning.py::test_late_ones_make_the_others_later_and_quick_ones_earlier_the_more_the_more_there_are",
    "tests/test_learning.py::test_what_is_learnt_from_a_future_of_the_scenario_itself_is_as_sure_as_it_says",
    "tests/test_learning.py::test_work_under_way_is_drawn_beside_what_is_learnt",
    "tests/test_sampling.py::test_a_change_of_one_office_changes_no_other",
    "tests/test_sampling.py::test_an_activity_happens_where_it_fits_with_its_probability",
    "tests/test_sampling.py::test_atoms_come_exactly_with_their_weight",
    "tests/test_sampling.py::test_blocks_make_no_difference",
    "tests/test_sampling.py::test_branches_follow_their_options_by_round_and_by_type",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[discrete",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[exponential",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[fixed",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[gamma",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[mixture",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[normal",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[pert",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[triangular",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[uniform",
    "tests/test_sampling.py::test_durations_have_the_mean_and_variance_of_their_law[weibull",
    "tests/test_sampling.py::test_every_assignment_of_a_mix_is_as_likely",
    "tests/test_sampling.py::test_further_passes_are_scaled",
    "tests/test_sampling.py::test_offices_outside_a_layer_are_left_out_of_it",
    "tests/test_sampling.py::test_passes_that_nothing_leads_to_are_left_out",
    "tests/test_sampling.py::test_quasi_random_blocks_make_no_difference",
    "tests/test_sampling.py::test_quasi_random_estimates_are_unbiased_and_closer",
    "tests/test_sampling.py::test_redos_are_independent_at_each_pass_that_is_reached",
    "tests/test_sampling.py::test_risks_are_drawn_once_for_each_member_of_their_scope",
    "tests/test_sampling.py::test_scores_correlate_as_the_shares_say",
    "tests/test_sampling.py::test_seats_are_filled_whatever_the_size_of_the_group",
    "tests/test_sampling.py::test_the_compiler_is_not_loaded_before_the_first_draw",
    "tests/test_sampling.py::test_the_order_of_offices_changes_no_draw",
    "tests/test_sampling.py::test_threads_make_no_difference",
    "tests/test_sampling.py::test_uniform_numbers_fill_the_interval_evenly_and_know_nothing_of_each_other",
    "tests/test_sampling.py::test_what_is_added_changes_no_other_draw",
    "tests/test_status.py::test_facts_of_one_office_change_no_draw_of_the_others",
    "tests/test_status.py::test_facts_stand_and_nothing_else_lies_before_the_status_date",
    "tests/test_status.py::test_in_a_type_mix_the_types_of_all_are_dealt_out_as_bayes_has_it",
    "tests/test_status.py::test_the_forecast_is_what_one_who_waited_would_have_seen",
    "tests/test_status.py::test_when_all_is_finished_the_facts_are_the_answer",
)
"""Tests with many replications, which take too long in plain Python; a survivor is tried against them by hand, with the compiler."""

NOT_TRIED = ("ReplaceBinaryOperator_BitOr", "RemoveDecorator")
"""Operators whose mutants mean nothing here: ``int | None`` in an annotation, a decorator of the compiler or of pytest."""

SENSELESS = ("_BitOr", "_BitAnd", "_BitXor", "_LShift", "_RShift", "_Pow")
"""Operators that nobody writes by mistake for a plus; they die at once and would make the share look better."""

PLACE = "module_path, start_pos_row, start_pos_col, operator_name, occurrence"
"""What makes the order of mutants the same every time; their ids are not."""

CONFIG = """[cosmic-ray]
module-path = [{modules}]
timeout = 200.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider -p no:xdist {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def main() -> None:
    """Mutate the rooms asked for and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", default=list(ROOMS), metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--most", type=int, default=100, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_of_tree(Path(folder))
        for room in given.rooms:
            session = try_mutants(tree, room, given.most, given.seed)
            report(room, session)


def copy_of_tree(folder: Path) -> Path:
    """The tracked files as they are now, in a folder of their own."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    return folder


def try_mutants(tree: Path, room: str, most: int, seed: int) -> Path:
    """Make all mutants of a room, keep some by chance, run the tests against each."""
    modules, tests = ROOMS[room]
    chosen = [*tests, *(f"--deselect={name}" for name in SLOW if name.split("::")[0] in tests)]
    config, session = tree / f"{room}.toml", tree / f"{room}.sqlite"
    config.write_text(CONFIG.format(modules=", ".join(f'"{m}"' for m in modules), python=sys.executable, tests=" ".join(chosen)))
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    cosmic = Path(sys.executable).with_name("cosmic-ray")
    subprocess.run([cosmic, "baseline", config], cwd=tree, env=environment, check=True)  # tests that fail anyway would kill every mutant
    subprocess.run([cosmic, "init", config, session], cwd=tree, env=environment, check=True)
    thin(session, most, seed)
    subprocess.run([cosmic, "exec", config, session], cwd=tree, env=environment, check=True)
    return session


def thin(session: Path, most: int, seed: int) -> None:
    """Keep so many mutants, drawn by chance from those that mean something."""
    with sqlite3.connect(session) as database:
        rows = database.execute(f"SELECT job_id, operator_name FROM mutation_specs ORDER BY {PLACE}").fetchall()
        ordered = [id_ for id_, name in rows if not any(part in name for part in NOT_TRIED) and not name.endswith(SENSELESS)]
        kept = set(random.Random(seed).sample(ordered, min(most, len(ordered))))
        gone = [(id_,) for id_, _ in rows if id_ not in kept]
        database.executemany("DELETE FROM mutation_specs WHERE job_id = ?", gone)
        database.executemany("DELETE FROM work_items WHERE job_id = ?", gone)


def report(room: str, session: Path) -> None:
    """Print the share killed and every survivor."""
    with sqlite3.connect(session) as database:
        outcomes = database.execute("SELECT test_outcome, COUNT(*) FROM work_results GROUP BY test_outcome").fetchall()
        [(late,)] = database.execute("SELECT COUNT(*) FROM work_results WHERE output = 'timeout'").fetchall()
        alive = database.execute("SELECT diff FROM work_results WHERE test_outcome = 'SURVIVED'").fetchall()
    counts = {str(name).upper(): count for name, count in outcomes}
    tried = sum(counts.values())
    killed = tried - counts.get("SURVIVED", 0)
    share = killed / tried if tried else 0.0
    error = 1.96 * (share * (1 - share) / tried) ** 0.5 if tried else 0.0
    print(f"\n{room}: {killed} of {tried} killed, {share:.0%} ± {error:.0%}; {late} of them by not coming to an end")
    for (diff,) in alive:
        changed = [line for line in str(diff).splitlines() if line[:1] in "+-@"]
        print("\n".join(changed), end="\n\n")


if __name__ == "__main__":
    main()
