"""Asking questions and keeping the answers: run a scenario, save the run whole, read it back, verify it."""

from sim.results.model import RESULTS, Result, SavedRun, load
from sim.results.question import Question, ask
from sim.results.runs import answer, blocks, run

__all__ = ["RESULTS", "Question", "Result", "SavedRun", "answer", "ask", "blocks", "load", "run"]
