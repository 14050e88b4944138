# Spoils everything that the next program's process could inherit from this one, were it the same process.
import atexit
import builtins
import ctypes
import gc
import linecache
import mmap
import os
import random
import sys
import threading

import matplotlib
import matplotlib.figure
import matplotlib.font_manager
import matplotlib.pyplot as plt
import numpy as np

matplotlib.rcParams.update({"figure.facecolor": "black", "font.size": 40, "axes.prop_cycle": matplotlib.cycler(color=["lime"])})
matplotlib.rcParamsDefault.update({"figure.facecolor": "black", "figure.dpi": 20})
matplotlib.rc_file_defaults = matplotlib.rcdefaults = lambda *a, **k: None
matplotlib.figure.Figure.savefig = lambda *a, **k: None
matplotlib.font_manager.fontManager.ttflist.clear()
matplotlib.font_manager.fontManager.findfont = lambda *a, **k: "/usr/share/fonts/none.ttf"
plt.plot = plt.bar = plt.title = lambda *a, **k: None
np.sin = np.cos
np.array([1.0]).__class__
for name in list(sys.modules):
    if name.startswith(("matplotlib", "numpy", "PIL", "json", "derender")):
        sys.modules[name] = None
sys.path.insert(0, "/tmp")
sys.meta_path.insert(0, type("Finder", (), {"find_spec": staticmethod(lambda *a, **k: os._exit(5))}))
builtins.open = builtins.len = builtins.print = None
random.seed(5)
sys.settrace(lambda *a: None)
threading.Thread.start = None
gc.callbacks.append(lambda *a: None)
os.environ["MPLBACKEND"] = "svg"
os.environ["LD_PRELOAD"] = "/tmp/own.so"
os.write = os.open = None

# Memory that the fork shares until it is written to: zeros in the middle of every writable page of the libraries.
libc = ctypes.CDLL(None)
with_maps = sys.modules["io"].open("/proc/self/maps")
for line in with_maps:
    span, mode, *_, path = line.split()
    if ".so" in path and "r" in mode and ("matplotlib" in path or "numpy" in path or "freetype" in path):
        start, end = (int(part, 16) for part in span.split("-"))
        libc.mprotect(ctypes.c_void_p(start), ctypes.c_size_t(end - start), 7)
        ctypes.memset(start, 0xCC, end - start)
