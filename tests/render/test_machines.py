"""On other machines programs give the same pictures as here, or a sentence says what is missing and what to do."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machines
import pytest

from derender.core import FailureKind, Program
from derender.render.containers import barred_folder
from derender.render.options import unprotected
from derender.render.worker import obstacles
from derender.render.worker.dispatcher import Walls
from derender.render.worker.sandbox import PROMISES

pytestmark = pytest.mark.skipif(not machines.possible(), reason="this machine gives no user namespaces to build with")

CHART = """\
import matplotlib.pyplot as plt
plt.bar(['a', 'b', 'c'], [1, 3, 2])
plt.title('elsewhere')
plt.savefig('chart.png')
"""
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'><circle r='9'/><text y='30'>hi</text></svg>"
PAGE = "<body style='margin:0;background:#08f'><h1>elsewhere</h1></body>"
PROGRAMS = {"chart": ("python", CHART), "svg": ("svg", SVG), "page": ("html", PAGE)}
NO_PAGE = ("chart", "svg")

WITHOUT_NAMESPACES = {"quota", "rlimits", "landlock", "no-capabilities", "seccomp"}
WITH_NAMESPACES = {"pidns", "netns", "ipcns", "mntns", "tmpfs", "rlimits", "landlock", "no-capabilities", "seccomp"}
DRAWN = {
    "user": (tuple(PROGRAMS), WITH_NAMESPACES | {"bwrap", "userns"}),
    "root-without-user-namespaces": (tuple(PROGRAMS), WITH_NAMESPACES | {"bwrap"}),
    "noexec-tmp": (NO_PAGE, WITH_NAMESPACES | {"bwrap", "userns"}),
    "user-without-user-namespaces": (NO_PAGE, WITHOUT_NAMESPACES),
    "user-whose-mounts-are-denied": (NO_PAGE, WITHOUT_NAMESPACES | {"pidns", "netns", "ipcns", "userns"}),
    "docker": (NO_PAGE, WITHOUT_NAMESPACES),
    "podman": (NO_PAGE, WITH_NAMESPACES | {"userns"}),
    "kubernetes": (NO_PAGE, WITHOUT_NAMESPACES),
    "no-landlock": (("page",), None),
    "container-without-landlock": ((), None),
}
REFUSALS = {
    ("user-without-user-namespaces", "page"): ("user.max_user_namespaces is 0", "sysctl -w user.max_user_namespaces"),
    ("user-whose-mounts-are-denied", "page"): ("denied", "--security-opt"),
    ("docker", "page"): ("seccomp", "--security-opt seccomp=unconfined"),
    ("podman", "page"): ("hides parts of /proc", "systempaths=unconfined"),
    ("kubernetes", "page"): ("seccomp", "--security-opt seccomp=unconfined"),
    ("no-landlock", "chart"): ("no Landlock", "Linux 5.13"),
    ("no-landlock", "svg"): ("no Landlock", "Linux 5.13"),
    ("container-without-landlock", "chart"): ("none of your files", "denies Landlock"),
    ("container-without-landlock", "svg"): ("none of your files", "denies Landlock"),
    ("container-without-landlock", "page"): ("seccomp", "--security-opt"),
}


@pytest.fixture(scope="module")
def here(engine):
    """The pictures of this machine."""
    found = {}
    for name, (language, source) in PROGRAMS.items():
        rendering = engine.render(Program(source, language))
        if rendering.failure is not None:
            pytest.skip(f"{language} is not drawn here: {rendering.failure.message}")
        found[name] = machines.digest(rendering.picture.png)
    return found


@pytest.mark.parametrize("machine", DRAWN)
def test_a_machine_gives_the_same_pictures_or_says_why_not(here, tmp_path, machine):
    if machine == "noexec-tmp" and sys.prefix.startswith("/tmp/"):
        pytest.skip("the interpreter itself lies where nothing may be run")
    drawn, layers = DRAWN[machine]
    programs = {name: PROGRAMS[name] for name in PROGRAMS if name in drawn or (machine, name) in REFUSALS}
    seen = machines.visit(machine, programs, TMPDIR=str(tmp_path))
    for name in programs:
        if name in drawn:
            assert (seen[name].kind, seen[name].picture) == (None, here[name]), seen[name].message
            assert not unprotected(seen[name].isolation)
            assert layers is None or name == "page" or set(seen[name].isolation) == layers
        else:
            assert (seen[name].kind, seen[name].picture) == (FailureKind.ISOLATION, None), seen[name].message
            for words in (*REFUSALS[machine, name], "strict isolation can't promise", "--isolation weak"):
                assert words in seen[name].message


PROBE = """
import socket
import matplotlib.pyplot as plt
def tried(action):
    try:
        return str(action())
    except OSError as error:
        return type(error).__name__
plt.text(0, 0, tried(lambda: open({secret!r}).read()))
plt.text(0, 1, tried(lambda: socket.socket()))
plt.show()
"""


def test_weak_isolation_draws_everything_and_says_what_is_open(here, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hunter2")
    probe = {"probe": ("python", PROBE.format(secret=str(secret)))}
    seen = machines.visit("container-without-landlock", {**PROGRAMS, **probe}, isolation="weak")
    assert {name: seen[name].picture for name in PROGRAMS} == here
    assert [layer for layer in seen["chart"].isolation if "weak" in layer] == ["weak:files:no-landlock"]
    assert unprotected(seen["chart"].isolation) == (
        "weak isolation: programs can read and change your files (no Landlock)"
    )
    assert unprotected(seen["page"].isolation) == (
        "weak isolation: programs can reach the network, read and change your files and outlive their deadline "
        "(no bubblewrap)"
    )
    # What is named as open is open, and nothing else; where nothing is, it is a wall that keeps programs out.
    assert {"hunter2", "PermissionError"} <= set(seen["probe"].texts)
    contained = machines.visit("docker", probe)["probe"]
    assert contained.texts.count("PermissionError") == 2


def _derender(machine, folder, *arguments, **environment):
    kept = {name: value for name, value in os.environ.items() if name != "TMPDIR"}
    argv = machines.command(machine, [sys.executable, "-m", "derender", *arguments])
    return subprocess.run(argv, cwd=folder, env={**kept, **environment}, capture_output=True, text=True, check=False)


def test_the_command_says_once_what_is_open_and_strict_trusts_no_picture_drawn_so(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text(CHART.replace("elsewhere", name))
    command = ("render", "one.py", "two.py", "--json")
    cache = str(tmp_path / "cache")
    weak = _derender("container-without-landlock", tmp_path, *command, "--isolation", "weak", DERENDER_CACHE=cache)
    assert weak.returncode == 0, weak.stderr
    assert weak.stderr.count("weak isolation") == 1
    strict = _derender("container-without-landlock", tmp_path, *command, DERENDER_CACHE=cache)
    assert [json.loads(line)["failure"] for line in strict.stdout.splitlines()] == ["isolation"] * 2


def test_a_machine_without_a_writable_folder_is_told_in_one_sentence(tmp_path):
    (tmp_path / "chart.py").write_text(CHART)
    done = _derender("kubernetes", tmp_path, "render", "chart.py")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_simulated_machines_are_what_they_are_called():
    script = """
import ctypes, json, os
libc = ctypes.CDLL(None, use_errno=True)
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
uid = os.getuid()
user = libc.unshare(0x10000000)
print(json.dumps({"uid": uid, "caps": int(status["CapEff"], 16), "user": user, "seccomp": status["Seccomp"],
                  "home": os.environ.get("HOME"), "writable": os.access("/usr", os.W_OK)}))
"""
    seen = {
        name: json.loads(
            subprocess.run(
                machines.command(name, [sys.executable, "-c", script]), capture_output=True, text=True, check=True
            ).stdout
        )
        for name in ("user", "user-without-user-namespaces", "docker", "podman", "kubernetes")
    }
    assert [seen[name]["user"] for name in seen] == [0, -1, -1, 0, -1]
    assert [seen[name]["uid"] for name in seen] == [1000, 1000, 0, 0, 65_533]
    assert (seen["docker"]["caps"], seen["kubernetes"]["caps"]) == (0xA80425FB, 0)
    assert seen["docker"]["seccomp"] == "2"
    assert seen["kubernetes"]["home"] is None


# What a program has written, it may have hidden: in a file without a name, or in holes of one.
HIDDEN = """
import os
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.savefig('chart.png')
kept = []
for number in range(24):
    kept.append(open('hidden', 'wb'))
    os.unlink('hidden')
    kept[-1].write(bytes(4 << 20))
    kept[-1].flush()
"""
HOLES = """
import os
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.savefig('chart.png')
for number in range(8):
    with open('holes', 'wb') as file:
        os.unlink('holes')
        for block in range(0, 4 << 20, 1024):
            os.pwrite(file.fileno(), b'x', block)
"""
MAPPED = """
import mmap
import matplotlib.pyplot as plt
def tried(where):
    try:
        mmap.mmap(where, 1 << 20)[:4] = b'here'
        return 'mapped'
    except OSError as error:
        return error.strerror
with open('file', 'w+b') as file:
    file.truncate(1 << 20)
    plt.text(0, 0, tried(file.fileno()))
    plt.text(0, 1, tried(-1))
plt.show()
"""


# Longer than any path that can be opened, and nothing wrong with it.
DEEP = """
import os
import matplotlib.pyplot as plt
plt.plot([1, 2])
top = os.open('.', os.O_RDONLY)
for depth in range(20):
    os.mkdir('d' * 230)
    os.chdir('d' * 230)
os.fchdir(top)
plt.savefig('chart.png')
import time
time.sleep(.3)
"""


def test_output_is_limited_without_a_disk_of_its_own():
    programs = {"hidden": ("python", HIDDEN), "holes": ("python", HOLES), "mapped": ("python", MAPPED)}
    programs["deep"] = ("python", DEEP)
    small = machines.visit("docker", programs, limits={"output_mb": 6})
    assert small["hidden"].kind == small["holes"].kind == FailureKind.OUTPUT_TOO_LARGE
    assert small["deep"].kind is None
    assert set(small["mapped"].texts) >= {os.strerror(19), "mapped"}
    # The same programs are well where they may write that much: it is the limit that ends them.
    large = machines.visit("docker", programs, limits={"output_mb": 200})
    assert large["hidden"].kind is large["holes"].kind is None


GUARD = """
import os, resource, sys
sys.path.insert(0, sys.argv[1])
from worker import landlock, sandbox
disk, public, private, guarded = sys.argv[2:]
landlock.version = lambda: 2
readable = (*sandbox.readable(), public)
sandbox.readable = lambda: readable
sandbox.enter(sandbox.Cell(disk, 1 << 30, "as", 60, 1 << 20, private_mounts=guarded == "no"))
def tried(action):
    try:
        action()
    except OSError:
        pass
tried(lambda: os.close(os.open(public, os.O_RDONLY | os.O_TRUNC)))
tried(lambda: os.truncate(private, 0))
own = open(disk + "/own", "w")
own.write("mine")
own.close()
open(disk + "/own", "w").close()
"""


@pytest.mark.parametrize("guarded", ["yes", "no"])
def test_old_versions_of_landlock_let_nobody_empty_files(tmp_path, guarded):
    from derender.render.worker import boot, landlock

    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    disk, public, private = tmp_path / "disk", tmp_path / "public", tmp_path / "private"
    disk.mkdir()
    for file in (public, private):
        file.write_text("precious")
    argv = [boot.HERE + "/..", str(disk), str(public), str(private), guarded]
    subprocess.run([sys.executable, "-c", GUARD, *argv], check=True)
    # Unguarded, both are emptied: Landlock's second version sees no wrong in it.
    expected = "precious" if guarded == "yes" else ""
    assert [public.read_text(), private.read_text()] == [expected] * 2
    assert (disk / "own").read_text() == ""


LASTING = """
import time
for number in range(1800):
    open(f'file-{number}', 'w').close()
open('left', 'w').close()
time.sleep(600)
"""
CALLER = """
import sys
from derender.core import Program
from derender.render import Engine
engine = Engine(jobs=1, cache=False)
engine.render(Program(sys.argv[1], "python"))
"""


def test_no_file_of_a_program_is_left_when_its_caller_is_killed(tmp_path):
    argv = machines.command("docker", [sys.executable, "-c", CALLER, LASTING])
    with subprocess.Popen(argv, env={**os.environ, "TMPDIR": str(tmp_path)}) as caller:
        _wait_for(lambda: "left" in _files_beneath(tmp_path))
        caller.kill()
    _wait_for(lambda: not _files_beneath(tmp_path))


def _files_beneath(folder):
    return {name for _, _, names in os.walk(folder) for name in names}


def _wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        os.sched_yield()


PACKAGES = (
    "matplotlib",
    "mpl_toolkits",
    "numpy",
    "numpy.libs",
    "PIL",
    "pillow.libs",
    "contourpy",
    "cycler",
    "dateutil",
)
PACKAGES += ("fontTools", "kiwisolver", "packaging", "pyparsing", "six.py", "resvg_py", "defusedxml")
LAZY = """
import os, sys, tempfile
import matplotlib.pyplot as plt
import xml.dom.minidom, sqlite3
def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return 'done'
open('/tmp/beside.txt', 'w').close()
tempfile.TemporaryFile().write(b'x')
own = os.path.join(sys.prefix, 'lib', 'planted')
plt.text(0, .2, 'plant ' + tried(lambda: open(own, 'w')))
plt.text(0, .5, 'peek ' + tried(lambda: open(os.path.join(sys.prefix, 'reference.png'), 'rb')))
plt.text(0, .8, 'see ' + tried(lambda: open(os.path.join(sys.prefix, 'pyvenv.cfg'))))
plt.savefig('chart.png')
"""
IDLE = "x = 1\n"


@pytest.mark.parametrize(
    ("walls", "broken"),
    [
        ({}, set()),
        ({"spaces": frozenset(), "contained": False}, set()),
        ({"landlock": False}, {"neighbours"}),
        ({"landlock": False, "contained": False}, {"files"}),
        ({"seccomp": False}, {"tree", "memory"}),
        ({"seccomp": False, "contained": False}, {"tree", "memory"}),
        ({"seccomp": False, "contained": False, "spaces": frozenset()}, {"tree", "memory", "network"}),
        ({"accounting": False}, set()),
        ({"accounting": False, "spaces": frozenset({"pidns", "netns"})}, {"output"}),
    ],
)
def test_every_lack_breaks_the_promises_it_must(walls, broken):
    everything = {"contained": True, "landlock": True, "seccomp": True, "accounting": True}
    found = Walls(**{**everything, "spaces": frozenset({"pidns", "netns", "mntns"}), **walls}).broken()
    assert set(found) == broken
    for promise, obstacle in found.items():
        assert PROMISES[promise] in obstacle.refusal(PROMISES[promise])
        assert unprotected([f"weak:{promise}:no-{obstacle.lack}"]).startswith("weak isolation: programs can ")


@pytest.mark.parametrize(
    ("settings", "filtered", "words"),
    [
        ({"user/max_user_namespaces": "0"}, True, "sysctl -w user.max_user_namespaces=15000"),
        ({"kernel/unprivileged_userns_clone": "0"}, False, "sysctl -w kernel.unprivileged_userns_clone=1"),
        ({"kernel/apparmor_restrict_unprivileged_userns": "1"}, False, "AppArmor denies user namespaces"),
        ({"kernel/apparmor_restrict_unprivileged_userns": "1"}, True, "--security-opt seccomp=unconfined"),
        ({}, True, "--security-opt seccomp=unconfined"),
        ({}, False, "the machine denies namespaces"),
    ],
)
def test_who_denies_namespaces_is_told_by_the_machines_settings(monkeypatch, settings, filtered, words):
    monkeypatch.setattr(obstacles, "_setting", settings.get)
    monkeypatch.setattr(obstacles, "_filtered", lambda: filtered)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert words in obstacles.bubblewrap_fails("bwrap: No permissions to create new namespace").refusal("peace")


def test_bubblewrap_is_asked_for_only_where_it_would_help(tmp_path):
    script = "from derender.render.containers import bubblewrap_obstacle as o; print(o().refusal('peace'))"
    told = {
        machine: subprocess.run(
            machines.command(machine, [sys.executable, "-c", script]),
            env={**os.environ, "PATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for machine in ("user", "docker")
    }
    assert "apt-get install -y --no-install-recommends bubblewrap" in told["user"]
    assert "install" not in told["docker"]
    assert "seccomp=unconfined" in told["docker"]


def test_an_interpreter_that_is_closed_to_programs_is_named(tmp_path):
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    python = home / "bin" / "python"
    python.symlink_to(sys.executable)
    assert barred_folder(python) is None
    # As another user's home looks to root: neither owner nor group, and nothing for others.
    home.chmod(0o070)
    assert barred_folder(python) == (home if os.stat(home).st_uid == os.geteuid() else None)
    home.chmod(0o700)
    assert barred_folder(python) is None


def test_an_interpreter_may_lie_anywhere(here, request, tmp_path):
    """Under /tmp, in a home that is its owner's alone, under odd names, behind links, in a folder that holds more."""
    beneath_tmp = Path(tempfile.mkdtemp(dir="/tmp", prefix="derender-test-"))
    request.addfinalizer(lambda: shutil.rmtree(beneath_tmp))
    home = Path(request.config.cache.mkdir("machines"), "Zoë's home")
    home.mkdir(exist_ok=True)
    home.chmod(0o700)
    link = tmp_path / "current"
    places = {"tmp": beneath_tmp / "venv", "home": home / "my env"}
    pythons = {name: machines.environment(place, PACKAGES) for name, place in places.items()}
    link.symlink_to(places["home"])
    pythons["link"] = link / "bin" / "python"
    ours = {name: PROGRAMS[name] for name in ("chart", "svg")}
    programs = {**ours, "lazy": ("python", LAZY), "idle": ("python", IDLE)}
    for name, python in pythons.items():
        seen = machines.visit("user", programs, python=str(python))
        assert {each: seen[each].picture for each in ours} == {each: here[each] for each in ours}, name
        assert seen["lazy"].kind is None, seen["lazy"].message
        told = {text.split()[0]: text.split()[1] for text in seen["lazy"].texts if " " in text}
        assert told["see"] == "done"
        assert "done" not in (told["plant"], told["peek"])
        # The pictures that come with Matplotlib are none that the program left behind.
        assert seen["idle"].kind == FailureKind.NO_PICTURE
