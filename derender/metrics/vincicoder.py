"""VinciCoder's reading of a reply: which language is meant, and what code stands in it.

Its reward looks at the picture only where there is code, and gives a tenth of its weight to there being any
(``format``). Replies are read better, but with other results, by `derender.core.extract_program`.
"""

from dataclasses import dataclass

_KEYWORDS = ("svg", "html", "python", "latex", "mermaid", "tikz")
_FENCE = "```"


@dataclass(frozen=True, slots=True)
class Extracted:
    """What VinciCoder's reward reads in a reply.

    Attributes:
        keyword: the word of the prompt that decided; ``python`` where none occurs.
        language: the fences looked for; ``latex`` where the keyword is ``tikz``.
        codes: what stands in each of them, in order.
    """

    keyword: str
    language: str
    codes: tuple[str, ...]

    @property
    def code(self) -> str | None:
        """The last one, which is the one that is run."""
        return self.codes[-1] if self.codes else None


def extract_code(prompt: str, answer: str) -> Extracted:
    """The code of an answer, with the published code's own ways.

    The language is the first of svg, html, python, latex, mermaid, tikz that occurs anywhere in the prompt, be it in
    another word: "Python code for the HTML table" asks for html. A fence counts where three backticks are followed by
    that name in small letters, whatever follows it: of ```` ```python3 ```` the 3 becomes code, ```` ```Python ````
    and ```` ```tikz ```` are passed over. It ends at the next three backticks, be they inside a string.
    """
    asked = prompt.lower()
    keyword = next((word for word in _KEYWORDS if word in asked), "python")
    language = "latex" if keyword == "tikz" else keyword
    return Extracted(keyword, language, tuple(_fenced(answer, _FENCE + language)))


def format_score(prompt: str, answer: str) -> float:
    """1 where `extract_code` finds a fence, though it be empty, else 0; mermaid counts, which is never rendered."""
    return 1.0 if extract_code(prompt, answer).codes else 0.0


def _fenced(answer: str, opening: str) -> list[str]:
    found, place = [], 0
    while (start := answer.find(opening, place)) >= 0:
        start += len(opening)
        end = answer.find(_FENCE, start)
        if end < 0:
            break
        found.append(answer[start:end].strip())
        place = end + len(_FENCE)
    return found
