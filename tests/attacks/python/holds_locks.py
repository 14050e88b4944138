# Holds every lock it can get on files that others read, and never lets go.
import fcntl
import glob
import os
import site
import time

held = []
paths = [
    *glob.glob("/usr/share/fonts/**/*.ttf", recursive=True)[:60],
    *glob.glob(site.getsitepackages()[0] + "/matplotlib/mpl-data/**/*", recursive=True)[:60],
    *glob.glob("/derender_settings/*"), "/derender_settings", "/etc/fonts", "/usr", "/", "/proc/self", "/dev/null",
]  # fmt: skip
for path in paths:
    for lock in (fcntl.flock, fcntl.lockf):
        try:
            file = os.open(path, os.O_RDONLY)
            lock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            try:
                lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (OSError, NameError):
                continue
        held.append(file)
    try:
        fcntl.fcntl(os.open(path, os.O_RDONLY), 1024, fcntl.F_WRLCK)
    except OSError:
        pass
assert held
time.sleep(600)
