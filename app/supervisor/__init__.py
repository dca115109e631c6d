"""What keeps the shim and its scoring server running, and stops both. Standard library only."""

from app.supervisor.command import main

__all__ = ["main"]
