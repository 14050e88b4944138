"""How alike two texts are, as difflib's ``SequenceMatcher(None, a, b).ratio()`` says, remembered and bounded.

The ratio hangs on which text comes first and on difflib's rule for frequent characters, so it is difflib's own; texts
are prepared once each, each pair is compared once, and texts made to be slow are refused in time.
"""

from difflib import Match, SequenceMatcher

from ._facts import Unscorable

LIMIT = 120_000_000
"""Characters looked at, roughly; some ten seconds."""


class TextRatios:
    """Ratios of texts, each computed once.

    Args:
        limit: how many characters may be looked at by all comparisons together.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._known: dict[tuple[str, str], float] = {}
        self._matchers: dict[str, _Matcher] = {}
        self._left = limit

    def __call__(self, a: str, b: str) -> float:
        """The ratio, 0 to 1; not quite the same with the texts swapped.

        Raises:
            Unscorable: these comparisons take too long.
        """
        known = self._known.get((a, b))
        if known is None:
            known = self._known[a, b] = self._compared(a, b)
        return known

    def _compared(self, a: str, b: str) -> float:
        if a == b:
            return 1.0
        matcher = self._matchers.get(b)
        if matcher is None:
            matcher = self._matchers[b] = _Matcher(b)
        ratio = matcher.ratio_of(a, self._left)
        self._left -= matcher.looked_at
        return ratio


class _Matcher(SequenceMatcher[str]):
    a: str
    b2j: dict[str, list[int]]

    def __init__(self, b: str) -> None:
        super().__init__(None, "", b)
        self.looked_at = 0
        self.limit = 0
        self._each = 1.0

    def ratio_of(self, a: str, limit: int) -> float:
        """The ratio with a first text, within a limit; see `looked_at` for what it took."""
        self.set_seq1(a)
        self.looked_at, self.limit = 0, limit
        places = sum(len(self.b2j.get(character, ())) for character in a)
        self._each = 1 + places / max(1, len(a))
        return self.ratio()

    def find_longest_match(self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None) -> Match:
        """Difflib's, counting what it looks at."""
        self.looked_at += 10 + int(((len(self.a) if ahi is None else ahi) - alo) * self._each)
        if self.looked_at > self.limit:
            raise Unscorable("the texts of these pages are too long or too many to be compared character by character")
        return super().find_longest_match(alo, ahi, blo, bhi)
