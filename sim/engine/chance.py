"""What chance has in store for one future, as the readable engine looks it up: in plain lists."""

from __future__ import annotations

from sim.sampling import Draws


class Chance:
    """The draws of one replication; from Python, lists are read faster than arrays."""

    def __init__(self, draws: Draws, row: int) -> None:
        self.replication = draws.first + row
        self.happens: list[list[bool]] = draws.happens[row].tolist()
        """Whether each pass happens, by office."""
        self.duration: list[list[float]] = draws.duration[row].tolist()
        """Length of each pass, by office."""
        self.again: list[list[bool]] = draws.redo[row].tolist()
        """Whether the office is sent back after each pass, by office."""
        self.risk_factor: list[float] = draws.risk_factor[row].tolist()
        self.risk_delay: list[float] = draws.risk_delay[row].tolist()
        self.struck = {m for m, effect in enumerate(zip(self.risk_factor, self.risk_delay, strict=True)) if effect != (1, 0)}
        """Members of risks that strike."""
