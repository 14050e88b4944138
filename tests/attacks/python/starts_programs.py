import ctypes
import multiprocessing
import os
import pty
import shutil
import subprocess
import sys

from probe import attempt, call, libc

MARK = "@@open@@/started-by-an-attack"
TOUCH = ["/bin/sh", "-c", f"echo mark > {MARK}"]
libc.system.argtypes = [ctypes.c_char_p]


def child(pid):
    if pid == 0:
        open(MARK, "w").close()
        os._exit(0)
    if pid < 0:
        raise OSError("no child")
    os.waitpid(pid, 0)
    return pid


def arguments(*words):
    return (ctypes.c_char_p * (len(words) + 1))(*(word.encode() for word in words), None)


def system():
    status = libc.system(" ".join(TOUCH[2:]).encode())
    if status:
        raise OSError(f"status {status}")
    return status


def stepped_out():
    """Twice forked and in a session of its own: a daemon."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            open(MARK, "w").close()
        os._exit(0)
    return os.waitpid(pid, 0)


def from_memory():
    fd = os.memfd_create("program", 0)
    with open("/bin/true", "rb") as file:
        os.write(fd, file.read())
    return spawned(f"/proc/self/fd/{fd}")


def spawned(path, *words):
    pid = os.posix_spawn(path, [path, *words], {})
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code:
        raise OSError(f"exit code {code}")
    return pid


def own_script():
    with open("run.sh", "w") as file:
        file.write(f"#!/bin/sh\necho mark > {MARK}\n")
    os.chmod("run.sh", 0o755)
    return spawned("./run.sh")


def in_a_fresh_process():
    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    process.join()


attempt("subprocess", lambda: subprocess.run(TOUCH, check=True))
attempt("subprocess, shell", lambda: subprocess.check_output("true", shell=True))
attempt("popen", lambda: os.popen("true").read())
attempt("os.system", lambda: os.system("true") and int("failed"))
attempt("system of the C library", system)
attempt("posix_spawn", lambda: spawned("/bin/true"))
attempt("own script", own_script)
attempt("the interpreter", lambda: spawned(sys.executable, "-c", "pass"))
attempt("by the loader", lambda: spawned("/lib64/ld-linux-x86-64.so.2", "/bin/true"))
attempt("from memory", from_memory)
attempt("pty", lambda: child(pty.fork()[0]))
attempt("fork", lambda: child(os.fork()))
attempt("fork by the C library", lambda: child(libc.fork()))
attempt("fork by number", lambda: child(call(57)))
attempt("clone by number", lambda: child(call(56, 17, 0, 0, 0, 0)))
attempt("clone3", lambda: child(call(435, (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17), 88)))
attempt("daemon", stepped_out)
attempt("multiprocessing", in_a_fresh_process)


def own_library():
    """The file of a library that is loaded already, copied."""
    loaded = next(line.split()[-1] for line in open("/proc/self/maps") if "libc.so" in line)
    return ctypes.CDLL(shutil.copyfile(loaded, os.path.abspath("own.so")))


attempt("shared library of one's own", own_library)


def executed():
    """A file that is not there tells a call that looked for it from one that was refused before."""
    libc.execve(b"/bin/none", arguments("none"), arguments())
    if ctypes.get_errno() != 2:
        raise OSError(ctypes.get_errno(), "refused")


attempt("execve by the C library", executed)
