"""Programs that fail or hang, each with the failures that are right for it."""

from dataclasses import dataclass

from derender.core import FailureKind, Language


@dataclass(frozen=True, slots=True)
class Broken:
    """One way to fail.

    Attributes:
        name: what it does.
        source: the program; ``{n}`` becomes a number of its own.
        kinds: failures it may be given.
        hangs: whether it lasts until its deadline or processor budget.
    """

    name: str
    source: str
    kinds: frozenset[FailureKind]
    hangs: bool = False

    def program(self, number: int) -> str:
        """The source, different for every number."""
        return self.source.replace("{n}", str(number))


def _broken(name: str, source: str, *kinds: FailureKind, hangs: bool = False) -> Broken:
    # On a machine that is busy beyond measure a deadline passes with nobody at fault.
    return Broken(name, source, frozenset({*kinds, FailureKind.STARVED} if hangs else kinds), hangs)


K = FailureKind
GROWING = "<p>{n}</p><script>const a = []; while (true) a.push('x'.repeat(1e7) + a.length)</script>"
PLOTTED = "import matplotlib.pyplot as plt\nplt.plot([{n}, 2])\n"

BROKEN: dict[Language, tuple[Broken, ...]] = {
    Language.PYTHON: (
        _broken("raises", PLOTTED + "raise ValueError('{n}')\n", K.RUNTIME),
        _broken("no syntax", "plt.plot([{n}, \n", K.SYNTAX),
        _broken("wrong name", PLOTTED + "plt.plt([{n}])\n", K.RUNTIME),
        _broken("no module", "import surely_not_a_module_{n}\n", K.MISSING_DEPENDENCY),
        _broken("no picture", "print({n})\n", K.NO_PICTURE),
        _broken("too much memory", "x = bytearray(50 << 30)  # {n}\n", K.MEMORY),
        _broken("crashes", "import ctypes\nctypes.string_at({n})\n", K.RUNTIME),
        _broken("leaves", "import os\nos._exit(3 + {n} % 5)\n", K.RUNTIME),
        _broken("starts a shell", "import subprocess\nsubprocess.run(['true', '{n}'])\n", K.POLICY),
        _broken("fills its disk", PLOTTED + "open('x{n}', 'wb').write(bytes(600 << 20))\n", K.OUTPUT_TOO_LARGE),
        _broken("sleeps", "import time\ntime.sleep(600 + {n})\n", K.DEADLINE, hangs=True),
        _broken("loops", "while {n} + 1: pass\n", K.CPU_BUDGET, hangs=True),
        _broken("waits", "import threading\nthreading.Event().wait(600 + {n})\n", K.DEADLINE, hangs=True),
    ),
    Language.HTML: (
        _broken("endless script", "<p>{n}</p><script>while (true) {}</script>", K.CPU_BUDGET, K.DEADLINE, hangs=True),
        _broken("endless growth", GROWING, K.MEMORY, K.CPU_BUDGET, K.DEADLINE, hangs=True),
    ),
    Language.SVG: (
        _broken("cut off", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='{n}'><rect", K.SYNTAX, K.RUNTIME),
        _broken("no drawing", "<p>{n}</p>", K.SYNTAX, K.RUNTIME, K.NO_PICTURE),
    ),
}  # fmt: skip
