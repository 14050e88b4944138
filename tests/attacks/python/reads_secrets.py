import glob
import os

from probe import attempt, call, libc, read, results

ME = {os.getpid(), int(os.readlink("/proc/self"))}

attempt("environment", lambda: dict(os.environ))
attempt("own environment at start", lambda: read("/proc/self/environ"))
attempt("own command line", lambda: read("/proc/self/cmdline"))
attempt("home", lambda: read("@@home@@/secret.txt"))
attempt("reference", lambda: read("@@reference@@"))
attempt("reference listed", lambda: os.listdir(os.path.dirname("@@reference@@")))
attempt("reference by way of self", lambda: read("/proc/self/root@@reference@@"))
attempt("reference by way of cwd", lambda: read("/proc/self/cwd" + "/.." * 20 + "@@reference@@"))
attempt("held descriptor", lambda: os.pread(int("@@held@@"), 100, 0))
attempt("held descriptor by way of proc", lambda: read("/proc/self/fd/@@held@@"))
attempt("relative", lambda: read("../" * 30 + "@@home@@/secret.txt"))
attempt("home expanded", lambda: os.listdir(os.path.expanduser("~root")))
attempt("shadow", lambda: read("/etc/shadow"))
attempt("ssh keys", lambda: [read(path) for path in glob.glob("/root/.ssh/*")] or read("/root/.ssh/id_rsa"))
attempt("boot", lambda: read("/proc/1/environ"))
attempt("stage environment", lambda: read("/proc/@@stage@@/environ"))
attempt("stage home", lambda: read("/proc/@@stage@@/root@@home@@/secret.txt"))
attempt("stage cwd", lambda: os.listdir("/proc/@@stage@@/cwd"))
attempt("stage descriptor", lambda: read("/proc/@@stage@@/fd/@@held@@"))


def memory():
    with open("/proc/@@stage@@/mem", "rb", 0) as file:
        file.seek(int("@@memory@@"))
        return file.read(99)


attempt("stage memory", memory)
attempt("processes listed", lambda: os.listdir("/proc"))


def others(what):
    """Everything of a kind that any other process gives away."""

    def look():
        found = []
        for pid in {*range(1, 400), int("@@stage@@")} - ME:
            try:
                path = f"/proc/{pid}/{what}"
                found.append(str(os.listdir(path)) if os.path.isdir(path) else read(path).decode("latin-1"))
            except OSError:
                continue
        if not found:
            raise OSError("nothing to be had")
        return found

    return look


for what in ("environ", "cmdline", "maps", "mem", "status", "root/etc/passwd", "cwd", "fd", "fdinfo", "stack", "mountinfo"):
    attempt(f"{what} of others", others(what))


def roots():
    found = []
    for pid in {*range(1, 400), int("@@stage@@")} - ME:
        for start in ("root", "cwd"):
            try:
                found.append(read(f"/proc/{pid}/{start}@@home@@/secret.txt"))
            except OSError:
                continue
    return found[0]


attempt("home by way of others' roots", roots)
attempt("names of own mounts", lambda: "\n".join(line for line in open("/proc/self/mountinfo")))
attempt("kernel log", lambda: call(103, 3, 0, 0) and read("/dev/kmsg"))
attempt("kernel memory", lambda: read("/proc/kcore"))
attempt("kernel's keys", lambda: read("/proc/keys"))
attempt("block devices", lambda: [read(path) for path in glob.glob("/dev/[sv]d*") + glob.glob("/dev/loop*")][0])
attempt("the program after this one", lambda: [read(p) for p in glob.glob("/tmp/*/work/program.py") + glob.glob("@@home@@/../tmp/*/work/program.py")][0])
attempt("the engine's scratch", lambda: os.listdir("@@home@@/../tmp"))
attempt("everything beneath the root", lambda: os.listdir("/"))
