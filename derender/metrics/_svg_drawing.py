"""SVG programs drawn as papers on vector graphics draw them: a square of a fixed side, on white."""

from derender.core import Language

from ._facts import Fact, Facts, rgb


def square(name: str, side: int, *, weights: tuple[str, ...]) -> Fact[Facts]:
    """The fact that is a side's picture, itself seen through facts.

    An SVG program is drawn anew as a square of so many pixels on white; whether that failed is to be asked of the
    result. Everything else is taken as it is.

    Args:
        name: the fact's.
        side: of the square, in pixels.
        weights: the models that are shown the picture.
    """

    def drawn(facts: Facts) -> Facts:
        from derender.render import RenderOptions

        if facts.program is not None and facts.program.language is Language.SVG:
            options = RenderOptions(width=side, height=side, background="white")
            return Facts(rendering=facts.render(facts.program, options), name=facts.name)
        failure = facts.failure
        if failure is not None:
            return Facts(failure=failure, name=facts.name)
        pixels = facts[rgb]
        return Facts(lambda: pixels, name=facts.name)

    return Fact(name, drawn, of_program=True, pictures_too=True, weights=weights)
