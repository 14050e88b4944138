"""What a hostile program tries, and that it gets nowhere: with bubblewrap around the worker, and without."""

import os
import platform
import stat
import sys
from pathlib import Path

import pytest

from derender.render.worker import frames

TRY = """
import ctypes, errno, os, signal, socket, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(action):
    try:
        result = action()
    except (OSError, MemoryError, RuntimeError, ValueError) as error:
        print('denied', type(error).__name__, flush=True)
    else:
        print('allowed', result, flush=True)
def call(number, *arguments):
    result = libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), 'refused')
    return result
"""


def tried(worker, code, **limits):
    result = worker.run(TRY + code, **limits)
    assert result.kind == "no_picture", result.failure
    lines = result.stdout.split()
    assert "denied" in lines
    return lines


@pytest.mark.parametrize(
    "action",
    [
        "socket.socket()",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socketpair()",
        "socket.getaddrinfo('example.com', 80)",
        "os.fork()",
        "os.forkpty()",
        "os.execv('/bin/sh', ['sh'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "__import__('subprocess').run(['true'])",
        "__import__('multiprocessing').get_context('fork').Process(target=print).start()",
        "open('/etc/shadow').read()",
        "open('/proc/1/environ').read()",
        "open(f'/proc/{os.getppid() or 2}/environ').read()",
        "open('/proc/self/mem', 'r+b')",
        "os.listdir('/root')",
        "os.listdir('/home')",
        "os.listdir('/')",
        "os.listdir('/dev/shm')",
        "open('/usr/new', 'w')",
        "open('/etc/passwd', 'a')",
        "open('/dev/shm/new', 'w')",
        "open('/var/tmp/new', 'w')",
        "os.mkdir('/new')",
        "os.link('/etc/passwd', '/tmp/passwd')",
        "os.chroot('/tmp')",
        "os.mknod('/tmp/zero', 0o20666, 0x105)",
        "os.setuid(12345)",
        "os.setgroups([0])",
        "os.nice(-5)",
        "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))",
        "os.unshare(0x10000000) if hasattr(os, 'unshare') else call(272, 0x10000000)",
        "os.memfd_create('x')",
        "os.pidfd_open(os.getpid())",
        "time.clock_settime(time.CLOCK_REALTIME, 0)",
        "socket.sethostname('x')",
        "signal.pthread_kill and os.kill(-1, 9)",
        "os.kill(2, 9)",
        "__import__('resource').setrlimit(__import__('resource').RLIMIT_CPU, (99, 99))",
        "__import__('resource').prlimit(1 if os.getpid() != 1 else 2, 0, (1, 1))",
        "bytearray(5 << 30)",
        "__import__('mmap').mmap(-1, 5 << 30)",
    ],
)
def test_denied(walled_worker, action):
    assert "allowed" not in tried(walled_worker, f"attempt(lambda: {action})")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64's system calls")
@pytest.mark.parametrize(
    "number",
    [
        *(57, 58, 59, 322),  # fork, vfork, execve, execveat
        *(435, 101, 310, 311),  # clone3, ptrace, process_vm_readv, process_vm_writev
        *(165, 166, 155, 272, 308, 442, 428, 430, 432),  # mounts and namespaces
        *(321, 298, 323, 425, 248, 250),  # bpf, perf_event_open, userfaultfd, io_uring_setup, add_key, keyctl
        *(246, 175, 313, 169, 135, 29, 240, 304),  # kexec, modules, reboot, personality, shmget, mq_open, handles
        *(319, 447, 434, 438, 424, 200, 600),  # memfd, pidfds, tkill, one that does not exist yet
    ],
)
def test_system_calls_are_refused(walled_worker, number):
    assert "allowed" not in tried(walled_worker, f"attempt(lambda: call({number}, 0, 0, 0, 0, 0))")


@pytest.mark.skipif(platform.machine() != "x86_64", reason="clone's flags come first on x86-64")
def test_clone_makes_threads_only(walled_worker):
    assert "allowed" not in tried(walled_worker, "attempt(lambda: call(56, 17, 0, 0, 0, 0))")
    assert walled_worker.run("import threading\nthreading.Thread(target=print, args=['ran']).start()").stdout == "ran\n"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="32-bit calls exist on x86-64")
@pytest.mark.parametrize("code", [r"\xb8\x14\0\0\0\xcd\x80\xc3", r"\xb8\x27\0\0\x40\x0f\x05\xc3"])
def test_calls_of_another_architecture_kill(walled_worker, code):
    source = f"""
    import ctypes, mmap
    page = mmap.mmap(-1, 4096, prot=7)
    page.write(b'{code}')
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
    print('survived')
    """
    result = walled_worker.run(source)
    assert (result.kind, result.stdout) == ("runtime", "")


def test_foreign_files_cannot_be_read_written_or_changed(walled_worker, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    secret.chmod(0o640)
    before = secret.stat()
    code = f"""
for path in {str(secret)!r}, {str(tmp_path)!r}, {str(Path.home())!r}, {str(Path(__file__).parent)!r}:
    attempt(lambda: os.listdir(path)); attempt(lambda: open(path).read()); attempt(lambda: open(path, 'w'))
for change in (lambda: os.chmod({str(secret)!r}, 0o777), lambda: os.utime({str(secret)!r}, (0, 0)),
               lambda: os.remove({str(secret)!r}), lambda: os.rename({str(secret)!r}, '/tmp/x'),
               lambda: os.truncate({str(secret)!r}, 0), lambda: os.symlink('/etc/passwd', {str(tmp_path / "link")!r})):
    attempt(change)
os.symlink({str(secret)!r}, 'way'); attempt(lambda: open('way').read())
"""
    tried(walled_worker, code)
    after = secret.stat()
    assert secret.read_text() == "hunter2"
    assert (stat.S_IMODE(after.st_mode), after.st_mtime_ns) == (0o640, before.st_mtime_ns)
    assert os.listdir(tmp_path) == ["secret.txt"]


def test_nothing_of_the_caller_is_to_be_seen(walled_worker):
    code = """
    import os
    secrets = sorted(set(os.environ) & {'SECRET_TOKEN', 'USER', 'PYTEST_CURRENT_TEST'})
    import sys
    # An interpreter that lies under /tmp stays there, the way to it on the program's own disk.
    way = {path.split('/')[2] for path in (sys.prefix, sys.base_prefix) if path.startswith('/tmp/')}
    print(secrets, sorted({*os.listdir('..')} - way), os.getcwd()[-5:])
    held = []
    for fd in range(3, 256):
        try:
            held.append(os.readlink(f'/proc/self/fd/{fd}'))
        except OSError:
            pass
    print([path for path in held if not path.startswith(('/usr/', '/lib')) and 'site-packages' not in path])
    """
    visible, held = worker_lines(walled_worker, code)
    assert visible == "[] ['.derender', 'work'] /work"
    assert held == "[]"


def worker_lines(worker, code):
    return worker.run(code).stdout.splitlines()


def test_programs_do_not_see_each_other(walled_worker):
    code = "import os, time\nopen('../mark-{n}', 'w')\ntime.sleep(.3)\nprint(sorted(os.listdir('..')))"
    jobs = [walled_worker.start(code.format(n=n)) for n in range(3)]
    seen = [frames.recv(job, 1 << 20)[0]["stdout"] for job in jobs]
    for job in jobs:
        job.close()
    assert all(text.count("mark-") == 1 for text in seen)
    assert "mark" not in walled_worker.run("import os\nprint(os.listdir('..'))").stdout


def test_thread_bombs_hurt_only_themselves(worker):
    code = TRY + "def more():\n    while True: threading.Thread(target=time.sleep, args=[99]).start()\n"
    code += "attempt(more)\nos._exit(0)"
    assert worker.run(code).stdout.startswith("denied")
    assert worker.run("print('fine')").stdout == "fine\n"


def test_memory_is_limited_and_given_back(worker):
    assert worker.run("x = []\nwhile True: x.append(bytearray(1 << 24))").kind == "memory"
    assert worker.run("x = bytearray(500 << 20)\nprint(len(x))").stdout == "524288000\n"


def test_layers_are_named(walled_worker):
    layers = set(walled_worker.run("pass").header["isolation"])
    assert layers >= {"netns", "pidns", "mntns", "userns", "tmpfs", "landlock", "seccomp", "rlimits", "no-capabilities"}


NO_NAMESPACES = """
import os, sys
from derender.render.worker import linux, seccomp
denied = {'x86_64': (272, 165, 308, 442), 'aarch64': (97, 40, 268, 442)}[os.uname().machine]
rules = seccomp._op(0x20, 0) + seccomp._rules(denied, 1) + seccomp._op(6, 0x7FFF0000)
linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
seccomp.apply(rules)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture(scope="module")
def spaceless_worker(start_worker):
    """A worker on a machine that gives no namespaces: Landlock, the filter and the limits stand alone."""
    started = start_worker(prefix=(sys.executable, "-c", NO_NAMESPACES))
    yield started
    started.close()


def test_without_namespaces_the_floor_still_holds(spaceless_worker, tmp_path):
    assert spaceless_worker.hello["isolation"] == []
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    secret.chmod(0o640)
    code = f"""
attempt(lambda: open({str(secret)!r}).read()); attempt(lambda: open({str(tmp_path / "new")!r}, 'w'))
attempt(socket.socket); attempt(os.fork); attempt(lambda: os.kill(os.getppid(), 9)); attempt(lambda: os.kill(-1, 9))
attempt(lambda: open(f'/proc/{{os.getppid()}}/environ').read())
"""
    assert "allowed" not in tried(spaceless_worker, code)
    spaceless_worker.run(f"import os\nos.chmod({str(secret)!r}, 0o777)\nos.utime({str(secret)!r}, (0, 0))")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o640
    assert secret.stat().st_mtime > 1
    flood = "n = 0\nwhile True:\n    n += 1\n    open(f'{n}', 'wb').write(bytes(1 << 20))"
    assert spaceless_worker.run(flood).kind == "output_too_large"
    assert spaceless_worker.run("while True: pass", cpu_s=0.5).kind == "cpu_budget"
    drawn = spaceless_worker.run("import matplotlib.pyplot as p\np.plot([1])\np.savefig('a.png')")
    assert drawn.names == ["a.png"]


def test_any_signal_a_program_ends_itself_by_is_its_own_failure(spaceless_worker):
    # Where it is no process 1, which the kernel spares its own signals.
    for number in (6, 9, 11, 31, 34, 40, 64):
        result = spaceless_worker.run(f"import os\nos.kill(os.getpid(), {number})")
        assert result.kind in {"runtime", "memory"}, (number, result.failure)
