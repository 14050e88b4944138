"""Work left out of Matplotlib's drawing changes no pixel: the same figures with and without the shortcuts."""

import json
import subprocess
import sys

import pytest

FIGURES = {
    "titles": """\
fig, ax = plt.subplots()
ax.plot([1, 9, 4])
ax.set_title('Up')
ax.set_xlabel('x')
plt.tight_layout()
""",
    "ticks on top": """\
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.xaxis.tick_top()
ax.set_title('over')
plt.tight_layout()
""",
    "shared axes": """\
fig, axes = plt.subplots(2, 2, sharex=True, sharey='row')
for k, ax in enumerate(axes.flat): ax.plot(np.arange(5) * 10**k)
plt.tight_layout()
""",
    "twins": """\
fig, ax = plt.subplots()
ax.plot([1, 2])
other = ax.twinx()
other.plot([5000, 10])
fig.tight_layout()
""",
    "one formatter for all": """\
from matplotlib.ticker import ScalarFormatter
f = ScalarFormatter(useOffset=True)
fig, axes = plt.subplots(2)
for k, ax in enumerate(axes):
    ax.plot([1e7 + k, 1e7 + 5 * k + 1])
    ax.yaxis.set_major_formatter(f)
plt.tight_layout()
""",
    "a formatter that counts": """\
from itertools import count
c = count()
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.xaxis.set_major_formatter(lambda x, pos: str(next(c)))
ax.get_tightbbox()
""",
    "log and minor": """\
fig, ax = plt.subplots()
ax.loglog([1, 1e3], [2, 5e5])
ax.minorticks_on()
ax.grid(which='both')
""",
    "dates": """\
import datetime as dt
fig, ax = plt.subplots()
ax.plot([dt.datetime(2024, 1, 1) + dt.timedelta(days=9 * k) for k in range(9)], range(9))
fig.autofmt_xdate()
""",
    "names": """\
plt.barh(['a', 'long name', 'c'], [3, 1, 2])
plt.xticks(rotation=45)
plt.tight_layout()
""",
    "equal aspect": """\
fig, ax = plt.subplots()
ax.plot([0, 9], [0, 1])
ax.set_aspect('equal')
plt.tight_layout()
""",
    "constrained": """\
fig, axes = plt.subplots(1, 2, layout='constrained')
im = axes[0].imshow(np.eye(4))
fig.colorbar(im)
""",
    "inset and second scale": """\
fig, ax = plt.subplots()
ax.plot([1, 3, 2])
inset = ax.inset_axes([.6, .6, .3, .3])
inset.plot([1, 2])
ax.secondary_xaxis('top', functions=(lambda x: x * 10, lambda x: x / 10))
plt.tight_layout()
""",
    "polar": """\
fig = plt.figure()
ax = fig.add_subplot(projection='polar')
ax.plot([0, 1, 2], [1, 2, 1])
plt.tight_layout()
""",
    "3-D": """\
fig = plt.figure()
ax = fig.add_subplot(projection='3d')
ax.plot([0, 1], [1, 0], [2, 3])
plt.tight_layout()
""",
    "limits moved between measurings": """\
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.get_tightbbox()
ax.set_xlim(0, 500)
ax.get_tightbbox()
ax.xaxis.set_major_locator(plt.MultipleLocator(125))
plt.tight_layout()
""",
    "a locator changed in place": """\
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.get_tightbbox()
ax.locator_params(nbins=3)
ax.ticklabel_format(style='sci', scilimits=(0, 0))
plt.tight_layout()
""",
    "markers": """\
for k, m in enumerate('o^sD*x+|_'): plt.plot([k], [1], m, fillstyle='left', ms=12)
from matplotlib.markers import MarkerStyle
m = MarkerStyle('d')
m._transform.rotate_deg(40)
plt.scatter([1], [2], marker=m)
plt.plot([3], [2], marker=MarkerStyle(m), ms=30)
""",
    "tick markers as markers": """\
from matplotlib.markers import TICKUP, CARETLEFT
plt.plot([1, 2], marker=TICKUP, ms=20)
plt.plot([2, 1], marker=CARETLEFT, ms=20)
plt.tick_params(direction='inout', length=9, width=3)
ax = plt.gca()
ax.xaxis.get_major_ticks()[0].tick1line.set_marker(3)
plt.tight_layout()
""",
    "legend": """\
plt.plot([1, 2], 'o-', label='a')
plt.plot([2, 1], '^--', label='b')
plt.legend(title='T')
plt.tight_layout()
""",
    "fonts and sizes": """\
plt.rcParams['font.size'] = 17
plt.title('big', family='serif', style='italic', weight='bold')
plt.text(.2, .5, 'mono', family='monospace', size=31)
plt.text(.2, .2, 'none such', family=['No Font', 'serif'])
plt.rcParams['font.serif'] = ['Liberation Serif']
plt.xlabel('serif', family='serif', size='x-small')
""",
    "tight box": """\
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.set_ylabel('a long label')
BBOX = 'tight'
""",
    "an artist that moves things": """\
from matplotlib.artist import Artist
class Mover(Artist):
    def draw(self, renderer):
        self.axes.set_xlim(0, 3)
fig, ax = plt.subplots()
ax.plot([1, 2])
ax.add_artist(Mover())
plt.tight_layout()
""",
    "engineering and percent": """\
from matplotlib.ticker import EngFormatter, PercentFormatter
fig, ax = plt.subplots()
ax.plot([1e3, 2e6], [.1, .9])
ax.xaxis.set_major_formatter(EngFormatter('Hz'))
ax.yaxis.set_major_formatter(PercentFormatter(1))
plt.tight_layout()
""",
}

SCRIPT = """
import hashlib, io, json, sys
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
if sys.argv[1] == "shortcuts":
    from derender.render.worker import shortcuts
    shortcuts.take_shortcuts()
out = {}
for name, source in json.load(sys.stdin).items():
    scope = {"plt": plt, "np": np}
    exec(source, scope)
    file = io.BytesIO()
    plt.savefig(file, format="raw", bbox_inches=scope.get("BBOX"))
    out[name] = hashlib.sha256(file.getvalue()).hexdigest()
    plt.close("all")
    matplotlib.rcdefaults()
    matplotlib.use("Agg")
print(json.dumps(out))
"""


def _drawn(how: str) -> dict[str, str]:
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT, how]
    done = subprocess.run(command, input=json.dumps(FIGURES), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plain() -> dict[str, str]:
    return _drawn("plain")


@pytest.fixture(scope="module")
def short() -> dict[str, str]:
    return _drawn("shortcuts")


@pytest.mark.parametrize("name", FIGURES)
def test_no_pixel_changes(plain, short, name):
    assert short[name] == plain[name]


def test_figures_differ(plain):
    assert len(set(plain.values())) == len(FIGURES)
