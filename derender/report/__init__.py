"""What people look at: a run's gallery, and in `leaderboard` models beside each other."""

from .gallery import write_gallery

__all__ = ["write_gallery"]
