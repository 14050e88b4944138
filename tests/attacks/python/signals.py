import ctypes
import fcntl
import os
import signal
import threading

from probe import attempt, call, libc

# Uncontained, a signal that only asks whether it would arrive: the real one would end the arena.
NUMBER = 0 if os.path.exists("plain") else signal.SIGKILL
CANARY, STAGE, PARENT = int("@@canary@@"), int("@@stage@@"), os.getppid()
OTHERS = [pid for pid in (*range(1, 300), CANARY, STAGE) if pid != os.getpid()]


def everyone(send):
    def act():
        arrived = []
        for pid in OTHERS:
            try:
                send(pid)
                arrived.append(pid)
            except OSError:
                continue
        if not arrived:
            raise OSError("it arrived nowhere")
        return arrived

    return act


attempt("kill of the parent", lambda: os.kill(PARENT or STAGE, NUMBER))
attempt("kill of the canary", lambda: os.kill(CANARY, NUMBER))
attempt("kill of the stage", lambda: os.kill(STAGE, NUMBER))
attempt("kill of the group", lambda: os.kill(0, NUMBER))
attempt("killpg", lambda: os.killpg(os.getpgid(PARENT or STAGE), NUMBER))
attempt("kill of all", lambda: os.kill(-1, NUMBER))
attempt("kill of everyone by number", everyone(lambda pid: os.kill(pid, NUMBER)))
attempt("tkill", everyone(lambda pid: call(200, pid, NUMBER)))
attempt("tgkill", everyone(lambda pid: call(234, pid, pid, NUMBER)))
attempt("sigqueue", everyone(lambda pid: call(129, pid, NUMBER, ctypes.create_string_buffer(128))))
attempt("pidfd", everyone(lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), NUMBER)))


def owner():
    read, write = os.pipe()
    fcntl.fcntl(read, 10, NUMBER or signal.SIGURG)
    fcntl.fcntl(read, fcntl.F_SETOWN, CANARY)
    if NUMBER:
        fcntl.fcntl(read, fcntl.F_SETFL, fcntl.fcntl(read, fcntl.F_GETFL) | os.O_ASYNC)
        os.write(write, b"x")


attempt("by a pipe's owner", owner)


def timer():
    # struct sigevent: value, signal number, SIGEV_THREAD_ID, thread
    event = ctypes.create_string_buffer(64)
    ctypes.c_int.from_buffer(event, 8).value = NUMBER or signal.SIGURG
    ctypes.c_int.from_buffer(event, 12).value = 4
    ctypes.c_int.from_buffer(event, 16).value = CANARY
    return call(222, 1, event, ctypes.byref(ctypes.c_int()))


attempt("by a timer", timer)
attempt("by a parent's death", lambda: call(157, 1, signal.SIGKILL, 0, 0, 0))
attempt("limits of others", everyone(lambda pid: call(302, pid, 0, (ctypes.c_uint64 * 2)(1, 1) if NUMBER else None, None)))
attempt("priority of others", everyone(lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19 if NUMBER else os.getpriority(os.PRIO_PROCESS, pid))))
attempt("processors of others", everyone(lambda pid: os.sched_setaffinity(pid, {0} if NUMBER else os.sched_getaffinity(pid))))
