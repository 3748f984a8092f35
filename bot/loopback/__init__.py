"""What stands on this machine in place of the world: both platforms, and a throwaway PostgreSQL."""

from __future__ import annotations
