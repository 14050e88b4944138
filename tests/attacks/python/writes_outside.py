import ctypes
import os
import shutil
import site
import sys

from probe import attempt, call, libc, read

OUTSIDE = [
    "@@open@@", "@@home@@", os.path.dirname("@@reference@@"), "/", "/etc", "/usr", "/usr/lib", "/var/tmp", "/dev/shm", "/dev",
    "/root", "/home", "/run", "/srv", "/mnt", "/proc", "/sys/fs/cgroup", sys.prefix, sys.base_prefix,
    site.getsitepackages()[0], os.path.dirname(os.__file__), "/derender_worker", "/derender_settings",
    os.environ.get("MPLCONFIGDIR", "/derender_settings"),
]


def put(path):
    with open(path, "w") as file:
        file.write("mark")


for folder in OUTSIDE:
    attempt(f"new file in {folder}", lambda: put(folder + "/mark-of-an-attack"))
    attempt(f"new folder in {folder}", lambda: os.mkdir(folder + "/folder-of-an-attack"))
    attempt(f"link in {folder}", lambda: os.symlink("/etc/passwd", folder + "/link-of-an-attack"))
    attempt(f"pipe in {folder}", lambda: os.mkfifo(folder + "/pipe-of-an-attack"))
    attempt(f"moved into {folder}", lambda: (put("moved"), os.rename("moved", folder + "/moved-by-an-attack")))
    attempt(f"hard link into {folder}", lambda: (put("own"), os.link("own", folder + "/own-by-an-attack")))
    attempt(f"nameless file in {folder}", lambda: os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR)))

secret = "@@home@@/secret.txt"
for name, change in {
    "overwritten": lambda: put(secret),
    "appended to": lambda: open(secret, "a").write("x"),
    "cut": lambda: os.truncate(secret, 0),
    "removed": lambda: os.remove(secret),
    "renamed": lambda: os.rename(secret, secret + "2"),
    "its mode": lambda: os.chmod("@@home@@", 0o777),
    "its owner": lambda: os.chown(secret, 1, 1),
    "its time": lambda: os.utime(secret, (0, 0)),
    "its attributes": lambda: os.setxattr(secret, "user.mark", b"x"),
    "exchanged": lambda: (put("swap"), call(316, -100, b"swap", -100, secret.encode(), 2)),
    "hard-linked here": lambda: os.link(secret, "linked"),
    "read over a link": lambda: (os.symlink(secret, "way"), read("way")),
    "written over a link": lambda: put("way"),
    "folder over a link": lambda: (os.symlink("@@open@@", "door"), put("door/mark-of-an-attack")),
    "by way of ..": lambda: put("../" * 30 + "@@open@@/mark-of-an-attack"),
    "by way of proc": lambda: put("/proc/self/root@@open@@/mark-of-an-attack"),
    "by way of the held descriptor": lambda: os.write(int("@@held@@"), b"mark"),
    "copied over": lambda: shutil.copy(__file__, "@@open@@/mark-of-an-attack"),
    "mounted over": lambda: call(165, b"none", b"@@home@@", b"tmpfs", 0, 0),
}.items():
    attempt(f"the secret {name}", change)

for path in ("/proc/self/oom_score_adj", "/proc/self/comm", "/proc/self/setgroups", "/proc/self/coredump_filter",
             "/proc/self/autogroup", "/proc/self/loginuid", "/proc/self/timerslack_ns", "/proc/sys/kernel/core_pattern",
             "/proc/sysrq-trigger", "/sys/fs/cgroup/cgroup.procs"):
    attempt(f"written: {path}", lambda: open(path, "r+b", 0).write(b"0"))
for path in ("/etc/passwd", os.__file__, sys.executable, "/dev/mem", "/dev/kmsg", "/dev/ptmx", "/dev/fuse", "/dev/tty"):
    attempt(f"opened to write: {path}", lambda: open(path, "r+b", 0))
