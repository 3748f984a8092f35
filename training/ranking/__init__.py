"""How good the choice among replies is: measured on replies that were read and rated."""

from __future__ import annotations
