"""Made-up programs to load the engine with: varied, seeded, some of them broken. `deck` deals them."""

from .cards import Card, deck

__all__ = ["Card", "deck"]
