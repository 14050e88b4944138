import ctypes
import os

from probe import attempt, call, libc

STAGE = int("@@stage@@")
OTHERS = [pid for pid in (*range(1, 200), STAGE) if pid not in (os.getpid(), os.getppid())]


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def peek(number):
    def act():
        buffer = ctypes.create_string_buffer(99)
        here, there = Vector(ctypes.addressof(buffer), 60), Vector(int("@@memory@@"), 60)
        if number == 311:
            buffer.value = b"overwritten"
            here.length = there.length = 11
        call(number, STAGE, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
        return buffer.value

    return act


attempt("process_vm_readv", peek(310))
attempt("process_vm_writev", peek(311))


def attach(request):
    def act():
        for pid in OTHERS:
            try:
                call(101, request, pid, 0, 0)
            except OSError:
                continue
            os.waitpid(pid, 0x40000000)
            call(101, 17, pid, 0, 0)
            return pid
        raise OSError("nobody lets it")

    return act


attempt("ptrace attach", attach(16))
attempt("ptrace traceme", lambda: call(101, 0, 0, 0, 0))
attempt("pidfd_getfd", lambda: call(438, os.pidfd_open(STAGE), int("@@held@@"), 0))
attempt("kcmp", lambda: call(312, STAGE, os.getpid(), 2, 0, 0))
attempt("process_madvise", lambda: call(440, os.pidfd_open(STAGE), 0, 0, 0, 0))
attempt("move_pages", lambda: call(279, STAGE, 0, None, None, None, 0))
attempt("performance events", lambda: call(298, ctypes.create_string_buffer(128), STAGE, -1, -1, 0))
attempt("auxiliary vector", lambda: open(f"/proc/{STAGE}/auxv", "rb").read(16))
attempt("system call under way", lambda: open(f"/proc/{STAGE}/syscall", "rb").read(16))
attempt("soft-dirty bits", lambda: open(f"/proc/{STAGE}/clear_refs", "wb", 0).write(b"4"))
