"""Reports for people: a self-contained page, a workbook, charts as pictures.

Everything is drawn from a :class:`ReportInput`; what its tables lack is left out. The libraries that draw are imported when something is
drawn.
"""

from __future__ import annotations

from sim.report.model import ReportInput

__all__ = ["ReportInput"]
