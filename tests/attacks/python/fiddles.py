import ctypes
import os
import resource
import time

from probe import attempt, call, libc

attempt("clock", lambda: time.clock_settime(time.CLOCK_REALTIME, time.time()))
attempt("clock, nudged", lambda: call(305, 0, ctypes.create_string_buffer(b"\x02", 256)))
attempt("affinity", lambda: os.sched_setaffinity(0, {0}))
attempt("nicer", lambda: os.nice(-5))
attempt("meaner", lambda: os.nice(19))
attempt("real time", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5)))
attempt("idle", lambda: os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0)))
attempt("deadline class", lambda: call(314, 0, ctypes.create_string_buffer(56), 0))
attempt("disk priority", lambda: call(251, 1, 0, 2 << 13))
for name in ("CPU", "AS", "DATA", "FSIZE", "NOFILE", "CORE", "MEMLOCK", "MSGQUEUE", "SIGPENDING"):
    which = getattr(resource, f"RLIMIT_{name}")

    def raised():
        now, hard = resource.getrlimit(which)
        resource.setrlimit(which, (hard * 2 + 1, hard * 2 + 1) if hard >= 0 else (hard, 1 / 0))

    attempt(f"limit {name} raised", raised)
attempt("user", lambda: os.setresuid(1, 1, 1))
attempt("groups", lambda: os.setgroups([0, 4, 6]))
attempt("capabilities", lambda: call(126, (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6)))
attempt("ambient capability", lambda: call(157, 47, 2, 21, 0, 0))
attempt("securebits", lambda: call(157, 28, 0x2F, 0, 0, 0))
attempt("host name", lambda: __import__("socket").sethostname("mark"))
attempt("locked memory", lambda: call(151, 3))
attempt("death with the parent undone", lambda: call(157, 1, 0, 0, 0, 0))
attempt("layout", lambda: call(135, 0x0040000))
attempt("subreaper", lambda: call(157, 36, 1, 0, 0, 0))
attempt("dumpable", lambda: call(157, 4, 0, 0, 0, 0))
attempt("privileges again", lambda: call(157, 38, 0, 0, 0, 0))
if not os.path.exists("plain"):
    # Where no filter stands yet, this would let nothing happen any more.
    attempt("seccomp off", lambda: call(317, 0, 0, None))
attempt("umask", lambda: os.umask(0))
attempt("session", lambda: os.setsid())
attempt("group", lambda: os.setpgid(0, 0))
attempt("working folder", lambda: os.chdir("/"))
attempt("name", lambda: call(157, 15, b"python", 0, 0, 0))
