"""Answers: one question a module, each a pure function from what was gathered to a table."""
