"""The compiled sampling: four replications at a time, because one call of the generator serves four.

Everything is drawn in lists of streams, which the compiler turns into vector code. What does not happen is not drawn: a stream has
no state, so nothing else is changed by that.
"""

from __future__ import annotations

import numpy as np

from sim.compiled import inlined, jit_plain, merged
from sim.sampling.generator import fetch, normal, uniform
from sim.sampling.layout import (
    Chance,
    Choices,
    Codes,
    Common,
    Days,
    Duties,
    Flags,
    Index,
    Laws,
    Mixes,
    Offsets,
    Output,
    Packed,
    Real,
    Risks,
    Room,
    Rows,
    Signed,
    Source,
    Units,
    Words,
)


@merged
def draw_mixes(mixes: Mixes, words: Words, keys: Words, row: int, codes: Codes) -> None:
    """Types of the offices in mixes: facts that tell of some first; the rest, sorted by their keys, take the seats that are left."""
    for k in range(4):
        for i in range(len(mixes.stream)):
            keys[i] = (words[k, mixes.stream[i]] << np.uint64(32)) | np.uint64(i)
        for mix in range(len(mixes.counts_stream)):
            node = mixes.root[mix]
            for i in range(mixes.first_told[mix], mixes.first_told[mix + 1]):
                choice = choose_from(mixes.first_choice, mixes.limit, node, uniform(words[k, mixes.told_stream[i]]))
                codes[row + k, mixes.told_slot[i]] = mixes.code[choice]
                node = mixes.following[choice]
            chosen = mixes.following[choose_from(mixes.first_choice, mixes.limit, node, uniform(words[k, mixes.counts_stream[mix]]))]
            members = keys[mixes.first[mix] : mixes.first[mix + 1]]
            sort(members)
            take_seats(members, mixes.seats[chosen], mixes.slot, codes[row + k])


@jit_plain
def choose_from(first: Index, limit: Real, node: int, u: float) -> np.uint32:
    """What a uniform number chooses at a node."""
    choice: np.uint32 = first[node]
    while u >= limit[choice]:
        choice += np.uint32(1)
    return choice


@jit_plain
def sort(keys: Words) -> None:
    """Sort in place, by Shell's method with halved gaps 2**k - 1: short, and quick enough for thousands."""
    gap = 1
    while gap < len(keys):
        gap = 2 * gap + 1
    while gap > 0:
        for i in range(gap, len(keys)):
            key, j = keys[i], i
            while j >= gap and keys[j - gap] > key:
                keys[j] = keys[j - gap]
                j -= gap
            keys[j] = key
        gap //= 2


@merged
def take_seats(members: Words, seats: Index, slot: Index, codes: Codes) -> None:
    """Give seats to offices in the order of their keys; the low half of a key names the office."""
    place = 0
    for code in range(len(seats)):
        for _ in range(seats[code]):
            codes[slot[members[place] & np.uint64(0xFFFFFFFF)]] = code
            place += 1


@merged
def sum_codes(offsets: Offsets, row: int, codes: Codes, result: Index) -> None:
    """Offset of every profile in each of the four replications."""
    first, slot, stride = offsets.first, offsets.slot, offsets.stride
    for k in range(4):
        for profile in range(len(first) - 1):
            total = 0
            for part in range(first[profile], first[profile + 1]):
                total += stride[part] * codes[row + k, slot[part]]
            result[k, profile] = total


@merged
def draw_choices(choices: Choices, words: Words, row: int, codes: Codes) -> None:
    """Attributes with weights and branches, each after what it depends on."""
    stream, limits, base, profile, slot = choices.stream, choices.limits, choices.base, choices.profile, choices.slot
    first, part_slot, weight = choices.offsets.first, choices.offsets.slot, choices.offsets.stride
    for k in range(4):
        for i in range(len(slot)):
            case = base[i]
            for part in range(first[profile[i]], first[profile[i] + 1]):
                case += weight[part] * codes[row + k, part_slot[part]]
            u = uniform(words[k, stream[i]])
            code = 0
            for limit in range(limits.shape[1]):
                code += u >= limits[case, limit]
            codes[row + k, slot[i]] = code


@jit_plain
def step_value(first: Index, threshold: Real, value: Real, law: int, z: float) -> float:
    """Value of a step law: the first whose threshold is above the score."""
    low, high = first[law], first[law + 1] - 1
    while low < high:
        middle = (low + high) // 2
        if z < threshold[middle]:
            high = middle
        else:
            low = middle + 1
    found: float = value[low]
    return found


@inlined
def value_at(table_of: Signed, limit: float, smooth: Real, first: Index, threshold: Real, value: Real, law: int, z: float) -> float:
    """Value of a law at a normal score: by straight lines in its table, or by steps."""
    table = table_of[law]
    if table < 0:
        return step_value(first, threshold, value, -1 - table, z)
    cells = smooth.shape[1] - 1
    place = min(max((z + limit) * (cells / (2 * limit)), 0.0), cells - 1e-9)
    whole = np.int64(place)
    row, cell = np.uint32(table), np.uint64(whole)
    left = smooth[row, cell]
    between: float = left + (smooth[row, cell + np.uint64(1)] - left) * (place - np.float64(whole))
    return between


@merged
def draw_risks(risks: Risks, laws: Laws, scores: Real, words: Words, row: int, factor: Real, delay: Real) -> None:
    """Whether each risk member occurs, and its size."""
    occurs, size, probability, law, other = risks.occurs, risks.size, risks.probability, risks.factor, risks.delay
    table, limit, smooth, first, threshold, value = laws.table, laws.limit, laws.smooth, laws.first, laws.threshold, laws.value
    for k in range(4):
        for m in range(len(occurs)):
            factor[row + k, m], delay[row + k, m] = 1.0, 0.0
            if uniform(words[k, occurs[m]]) < probability[m]:
                z = normal(words[k, size[m]], scores)
                factor[row + k, m] = value_at(table, limit, smooth, first, threshold, value, law[m], z)
                delay[row + k, m] = value_at(table, limit, smooth, first, threshold, value, other[m], z)


@merged
def draw_common(common: Common, scores: Real, words: Words, room: Room, row: int, factors: Days) -> None:
    """Common factors, and their weighted sums."""
    stream, first, factor, coefficient = common.stream, common.first, common.factor, common.coefficient
    drawn, sums = room.factors, room.sums
    for k in range(4):
        for f in range(len(stream)):
            drawn[f] = normal(words[k, stream[f]], scores)
        learn(common.mean, common.root, drawn)
        for f in range(len(stream)):
            factors[row + k, f] = drawn[f]
        for c in range(len(first) - 1):
            total = 0.0
            for part in range(first[c], first[c + 1]):
                total += coefficient[part] * drawn[factor[part]]
            sums[k, c] = total


@jit_plain
def learn(mean: Real, root: Real, drawn: Real) -> None:
    """Independent factors turned into those given the facts, in place: from the last, which none before it asks for."""
    for f in range(len(mean) - 1, -1, -1):
        total = mean[f]
        for g in range(f + 1):
            total += root[f, g] * drawn[g]
        drawn[f] = total


@merged
def find_cases(units: Units, rows: Rows, room: Room, level: int, row: int, redo: Flags) -> None:
    """Whether each unit of a level is reached and fits, and its row in the table of cases."""
    begin, end = units.level[level], units.level[level + 1]
    case, here, offsets, fits = room.case, room.here, room.offsets, rows.happens
    base, profile, parent = units.base, units.profile, units.parent
    for k in range(4):
        for i in range(begin, end):
            case[k, i] = base[i] + offsets[k, profile[i]]
            here[k, i] = fits[case[k, i]]
        if level > 0:
            for i in range(begin, end):
                here[k, i] &= redo[row + k, parent[i]]


@jit_plain
def choose(duties: Duties, level: int, here: Flags, unit: Index, stream: Index) -> int:
    """List the units of a level that are here in any of the four replications, with their streams; how many."""
    listed, streams = duties.unit, duties.stream
    count = 0
    for place in range(duties.level[level], duties.level[level + 1]):
        i = listed[place]
        unit[count] = i
        stream[count] = streams[place]
        count += here[0, i] | here[1, i] | here[2, i] | here[3, i]
    return count


@jit_plain
def toss(chance: Chance, source: Source, room: Room, level: int, group: int, row: int) -> int:
    """List the units of a level that chance decides about, and what it decides, into ``room.unit`` and ``room.luck``; how many."""
    unit, luck, words, probability = room.unit, room.luck, source.words, chance.probability
    count = choose(chance.duties, level, room.here, unit, room.stream)
    fetch(source, room.stream, count, group, row)
    for k in range(4):
        for j in range(count):
            luck[k, j] = uniform(words[k, j]) < probability[unit[j]]
    return count


@merged
def decide(units: Units, source: Source, room: Room, level: int, group: int, row: int, happens: Flags, redo: Flags) -> None:
    """Whether the units of a level happen, and whether another pass follows on them."""
    cell, unit, here, luck = units.cell, room.unit, room.here, room.luck
    count = toss(units.happens, source, room, level, group, row)
    for k in range(4):
        for j in range(count):
            here[k, unit[j]] &= luck[k, j]
        for i in range(units.level[level], units.level[level + 1]):
            happens[row + k, cell[i]] = here[k, i]
    count = toss(units.redo, source, room, level, group, row)
    for k in range(4):
        for j in range(count):
            redo[row + k, cell[unit[j]]] = here[k, unit[j]] & luck[k, j]


@merged
def draw_durations(
    units: Units, rows: Rows, laws: Laws, scores: Real, source: Source, room: Room, level: int, group: int, row: int, duration: Days
) -> None:
    """How long the units of a level take."""
    unit, z, case, here, sums, words = room.unit, room.z, room.case, room.here, room.sums, source.words
    cell, common, own, scale, factor, law = units.cell, units.common, units.own, units.scale, rows.factor, rows.law
    table, limit, smooth, first, threshold, value = laws.table, laws.limit, laws.smooth, laws.first, laws.threshold, laws.value
    count = choose(units.work, level, here, unit, room.stream)
    fetch(source, room.stream, count, group, row)
    for k in range(4):
        for j in range(count):
            z[k, j] = sums[k, common[unit[j]]] + own[unit[j]] * normal(words[k, j], scores)
    for j in range(count):
        i = unit[j]
        for k in range(4):  # four times in the same table
            row_of = case[k, i]
            days = value_at(table, limit, smooth, first, threshold, value, law[row_of], z[k, j])
            duration[row + k, cell[i]] = days * factor[row_of] * scale[i] if here[k, i] else 0.0


@merged
def clear(certain: Codes, row: int, codes: Codes, happens: Flags, redo: Flags, duration: Days) -> None:
    """Four rows in which nothing happens."""
    for k in range(row, row + 4):
        for slot in range(len(certain)):
            codes[k, slot] = certain[slot]
        happens[k] = False
        redo[k] = False
        duration[k] = 0.0


@jit_plain
def draw_block(packed: Packed, source: Source, room: Room, first_group: int, out: Output) -> None:
    """Fill all arrays; replication ``4 * first_group`` is in their first row, and their length is a multiple of four."""
    units, rows, laws, scores, words = packed.units, packed.rows, packed.laws, packed.scores, source.words
    for row in range(0, len(out.codes), 4):
        group = first_group + row // 4
        clear(packed.certain, row, out.codes, out.happens, out.redo, out.duration)
        fetch(source, packed.always, len(packed.always), group, row)
        draw_mixes(packed.mixes, words, room.keys, row, out.codes)
        draw_choices(packed.choices, words, row, out.codes)
        draw_risks(packed.risks, laws, scores, words, row, out.risk_factor, out.risk_delay)
        draw_common(packed.common, scores, words, room, row, out.factors)
        sum_codes(rows.offsets, row, out.codes, room.offsets)
        for level in range(len(units.level) - 1):
            find_cases(units, rows, room, level, row, out.redo)
            decide(units, source, room, level, group, row, out.happens, out.redo)
            draw_durations(units, rows, laws, scores, source, room, level, group, row, out.duration)
