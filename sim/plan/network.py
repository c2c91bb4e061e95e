"""The logic of the process: relations, redo loops and their passes, and an order in which everything can be computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import product

from sim.errors import Fault, InputError
from sim.plan.model import End, Loop, PassPlan, Relation
from sim.scenario.graph import reachable, span
from sim.scenario.schema import Activity, After

ENDS = {"F": End.FINISH, "S": End.START}


def with_single_end(activities: Mapping[str, Activity], opening: str | None) -> tuple[dict[str, Activity], str]:
    """Name the outcome: ``opening``, else the only activity that nothing waits for, else a milestone after all of these."""
    activities = dict(activities)
    if opening is not None:
        return activities, opening
    waited_for = {after.activity for a in activities.values() for after in a.after}
    last = [id_ for id_ in activities if id_ not in waited_for]
    if len(last) == 1:
        return activities, last[0]
    end = next(name for name in ("end", "all_done", "etablera_end") if name not in activities)
    activities[end] = Activity.model_validate({"duration": {"fixed": 0}, "after": last})
    return activities, end


def predecessors(activities: Mapping[str, Activity]) -> dict[str, set[str]]:
    """Ids of the direct predecessors of each activity, whatever the type of relation."""
    return {id_: {after.activity for after in a.after} for id_, a in activities.items()}


def ancestors(direct: Mapping[str, set[str]], of: Iterable[str]) -> set[str]:
    """Everything on a path to one of the given activities, these not included unless one lies before another."""
    return {before for id_ in of for p in direct[id_] for before in reachable(direct, p)}


def compile_loops(activities: Mapping[str, Activity]) -> tuple[Loop, ...]:
    """The redo loops, outer ones before those inside them; of two over the same span the first activity's is the outer."""
    index = {id_: i for i, id_ in enumerate(activities)}
    direct = predecessors(activities)
    spans = [(id_, a.redo, span(direct, id_, a.redo.back_to)) for id_, a in activities.items() if a.redo]
    spans.sort(key=lambda s: (-len(s[2]), index[s[0]]))
    return tuple(
        Loop(
            index=i,
            activity=index[id_],
            back_to=index[redo.back_to],
            members=tuple(sorted(index[m] for m in members)),
            probability=redo.probability,
            scale=redo.scale,
            at_most=redo.at_most,
            inside=sum(1 << j for j, other in enumerate(spans) if j > i and other[2] <= members),
        )
        for i, (id_, redo, members) in enumerate(spans)
    )


def loop_bits(loops: Iterable[Loop], activity: int) -> int:
    """Bits of the loops whose span contains an activity."""
    return sum(1 << loop.index for loop in loops if activity in loop.members)


def strides(loops: tuple[Loop, ...], bits: int) -> tuple[tuple[int, int], ...]:
    """(loop, stride) of the loops in ``bits``, outermost first; the innermost loop counts fastest."""
    result: list[tuple[int, int]] = []
    stride = 1
    for loop in reversed([loop for loop in loops if bits >> loop.index & 1]):
        result.append((loop.index, stride))
        stride *= loop.at_most + 1
    return tuple(reversed(result))


def passes_of(activity: int, names: list[str], loops: tuple[Loop, ...], bits: int) -> list[PassPlan]:
    """Every pass that an activity can make, in the order of its strides."""
    around = [loop for loop in loops if bits >> loop.index & 1]
    result = []
    for numbers in product(*(range(loop.at_most + 1) for loop in around)):
        scale = 1.0
        for loop, number in zip(around, numbers, strict=True):
            scale *= loop.scale if number else 1.0
        label = ",".join(f"{names[loop.activity]}.{number + 1}" for loop, number in zip(around, numbers, strict=True) if number)
        result.append(PassPlan(activity, tuple((loop.index, n) for loop, n in zip(around, numbers, strict=True)), scale, label))
    return result


def compile_relations(activity: Activity, index: Mapping[str, int], bits: Mapping[str, int], own: int) -> dict[End, tuple[Relation, ...]]:
    """Relations into an activity by the end that they hold back."""

    def relation(after: After) -> Relation:
        return Relation(index[after.activity], ENDS[after.type[0]], after.lag, bits[after.activity] & ~own)

    return {end: tuple(relation(a) for a in activity.after if (ENDS[a.type[1]] is end)) for end in (End.START, End.FINISH)}


def compute_order(relations: list[dict[End, tuple[Relation, ...]]]) -> tuple[tuple[int, End], ...]:
    """Starts and finishes so that each comes after what it waits for; ties in the order of the scenario."""
    sorter: TopologicalSorter[tuple[int, End]] = TopologicalSorter()
    for i, by_end in enumerate(relations):
        sorter.add((i, End.FINISH), (i, End.START))
        for end, held_by in by_end.items():
            sorter.add((i, end), *((r.source, r.source_end) for r in held_by))
    sorter.prepare()
    order: list[tuple[int, End]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return tuple(order)


def check_loops(names: list[str], loops: tuple[Loop, ...], relations: list[dict[End, tuple[Relation, ...]]]) -> None:
    """See that no redo spans wait for each other.

    What waits for something inside a span waits for its last pass. So each span counts as one step of what is around it, and
    these steps must not go in a circle: of two spans apart, each with something that waits for the other, neither could
    ever be done again.

    Raises
    ------
    InputError
        Spans wait for each other.
    """
    for around in (None, *loops):
        members = set(range(len(names)) if around is None else around.members)
        inside = [loop for loop in loops if loop is not around and (around is None or around.inside >> loop.index & 1)]
        step = {member: loop for loop in reversed(inside) for member in loop.members}  # the outermost of them comes last
        sorter: TopologicalSorter[int | tuple[int, End]] = TopologicalSorter()
        for i in members:
            sorter.add(_step(step, i, End.FINISH), *{_step(step, i, End.START)} - {_step(step, i, End.FINISH)})
            for end, held_by in relations[i].items():
                sources = {_step(step, r.source, r.source_end) for r in held_by if r.source in members}
                sorter.add(_step(step, i, end), *sources - {_step(step, i, end)})
        try:
            sorter.prepare()
        except CycleError as error:
            circle = sorted({loops[step].activity for step in error.args[1] if isinstance(step, int)})
            raise InputError(_interlocked([names[activity] for activity in circle])) from None


def _step(step: Mapping[int, Loop], activity: int, end: End) -> int | tuple[int, End]:
    """The redo span that a moment belongs to, else the moment itself."""
    return step[activity].index if activity in step else (activity, end)


def _interlocked(redone: list[str]) -> Fault:
    first, *others = redone
    message = (
        f"its span and that of {' and '.join(others)} wait for each other's last pass"
        if others
        else "what it waits for waits for its last pass"
    )
    return Fault(f"activities.{first}.redo", f"{message}; let one of the spans contain the other, or leave out a predecessor")
