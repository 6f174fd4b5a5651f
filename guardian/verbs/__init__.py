"""The verbs of the control socket: arguments in, JSON values out.

A group of verbs is a module; `guardian.verbs.dispatch` puts their tables together,
checks arguments, and lets nothing but GuardianError out.
"""

from guardian.verbs.dispatch import WEB_ONLY, Verbs
from guardian.verbs.web import NAMELESS, WEB_VERBS

__all__ = ["NAMELESS", "WEB_ONLY", "WEB_VERBS", "Verbs"]
