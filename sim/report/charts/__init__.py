"""The charts: one function each, from the input of a report to a chart object, or to nothing where the run lacks the table."""
