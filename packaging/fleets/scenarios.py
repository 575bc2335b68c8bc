"""All scenarios, in the order in which they run."""

import members
import deaths
import outages
import networks
import times
from trial import NotRun, run, scenarios

__all__ = ["NotRun", "run", "scenarios"]
