"""Models beside each other on a benchmark: what was measured, what was published, and how sure either is."""

from .board import Board, read_board
from .records import csv_text, records, text_lines
from .writing import write_figures, write_leaderboard

__all__ = ["Board", "csv_text", "read_board", "records", "text_lines", "write_figures", "write_leaderboard"]
