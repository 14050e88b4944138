"""What a reading could be instead: letters that look alike, ticks read as dashes, spaces lost or found."""

import re
from collections.abc import Iterator

_ALIKE = (
    "lI1|i!",
    "O0oQ°",
    "S5s$",
    "B8",
    "Z2z",
    "jJi",
    "Cc(",
    "Vv",
    "Ww",
    "Xx×",
    "Uu",
    "Pp",
    "Kk",
    "-−–—",
    "gq9",
    "'’‘`",
)
_PLAIN = {"ù": "u", "ú": "u", "ò": "o", "ó": "o", "á": "a", "à": "a", "é": "e", "è": "e", "í": "i", "ì": "i"}
_DASHES = "-–—−"
_MOST = 24
_RAISE = str.maketrans("0123456789-−–ºo°", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁻⁰⁰⁰")
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻°"
_POWER = re.compile(r"10(?=.*[⁰¹²³⁴⁵⁶⁷⁸⁹⁻º°])[⁰¹²³⁴⁵⁶⁷⁸⁹⁻º°o0-9−–-]{1,4}")
_NUMBER = re.compile(r"[-−–—+~]?[$€£]?[\d.,:/ ]*\d[\d.,:/ ]*%?")


def tidied(text: str) -> str:
    """What the recogniser meant: single spaces; exponents raised as a whole; no accent English tick labels lack."""
    text = " ".join(text.split())
    if _POWER.fullmatch(text):
        head, tail = text[:2], text[2:].translate(_RAISE)
        return head + tail
    return text


def spaced(text: str) -> list[str]:
    """The text with a space where letters meet digits, one at a time."""
    places = [i for i in range(1, len(text)) if text[i - 1].isalpha() and text[i] in "(0123456789"]
    places += [i for i in range(1, len(text)) if text[i - 1] in "0123456789" and text[i].isalpha()]
    return [text[:i] + " " + text[i:] for i in places]


def respelled(text: str) -> list[str]:
    """Other strings of about the same look, likeliest first."""
    return list(dict.fromkeys(other for other in _respelled(text) if other != text and other.strip()))[:_MOST]


def _respelled(text: str) -> Iterator[str]:
    if text[:1] in _DASHES:
        yield from ("−" + text[1:].lstrip(), "-" + text[1:].lstrip())
    for index, char in enumerate(text):
        if char in _PLAIN:
            yield text[:index] + _PLAIN[char] + text[index + 1 :]
    for index in range(1, len(text)):
        before, after = text[index - 1], text[index]
        if before == " ":
            yield text[: index - 1] + text[index:]
        elif (
            after != " "
            and not _NUMBER.fullmatch(text)
            and after not in _RAISED
            and (before.isdigit() != after.isdigit() or not before.isalnum() or not after.isalnum())
        ):
            yield text[:index] + " " + text[index:]
    if len(text) > 40 or _NUMBER.fullmatch(text) or any(char in _RAISED for char in text):
        return
    for index, char in enumerate(text):
        for family in _ALIKE:
            if char in family:
                yield from (text[:index] + other + text[index + 1 :] for other in family if other != char)


def lookalikes(char: str) -> list[str]:
    """The character and those that look like it."""
    return [char, *dict.fromkeys(other for family in _ALIKE if char in family for other in family if other != char)]


def _may_part(before: str, after: str) -> bool:
    """Whether a space may have been between two characters."""
    if after in _RAISED:
        return False
    return before.isdigit() != after.isdigit() or not before.isalnum() or not after.isalnum()


def dash_sides(text: str) -> Iterator[tuple[str, bool]]:
    """The text without a leading or trailing dash, which may be a tick mark; True for leading."""
    if text[:1] in _DASHES and len(text) > 1:
        yield text[1:].strip(), True
    if text[-1:] in _DASHES and len(text) > 1:
        yield text[:-1].strip(), False
