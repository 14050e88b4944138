"""The system-call filter, decision by decision, for both processors: a small interpreter runs its code."""

import errno
import re
import struct
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from derender.render.worker import seccomp
from derender.render.worker.seccomp import Guard

PID = 4321
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OTHER_AUDIT = (0x40000003, 0x40000028, 0xC000003E, 0xC00000B7, 0)
HIGHEST = 470
ALLOW, KILL = "allow", "kill"

# Numbers on x86-64 and on 64-bit ARM, from the kernel's own tables; None where the processor lacks the call.
DENIED = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "tkill": (200, 130),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "personality": (135, 92),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "vhangup": (153, 58),
    "io_setup": (206, 0),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount_setattr": (442, 442),
    "quotactl_fd": (443, 443),
    "memfd_secret": (447, 447),
    "process_mrelease": (448, 448),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "file_setattr": (469, 469),
}
ABSENT = {"clone3": (435, 435), "memfd_create": (319, 279)}
SILENT = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
}
UNSEEN = {"splice": (275, 76), "tee": (276, 77), "vmsplice": (278, 75)}
DECIDED = {
    "clone": (56, 220),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "prlimit64": (302, 261),
    "fcntl": (72, 25),
    "prctl": (157, 167),
    "ioctl": (16, 29),
}
GUARDED = {
    "mmap": (9, 222),
    "open": (2, None),
    "openat": (257, 56),
    "truncate": (76, 45),
    "fallocate": (285, 47),
    "openat2": (437, 437),
}
PROCESSORS = tuple(AUDIT)


@dataclass(frozen=True)
class Filter:
    """The filter of a processor, as its kernel would run it."""

    processor: str
    guards: tuple = ()

    def decide(self, number, *arguments, audit=None):
        """What becomes of a call: ``allow``, ``kill``, or the name of the error it fails with."""
        code = seccomp.program(PID, self.guards, self.processor)
        audit = AUDIT[self.processor] if audit is None else audit
        data = struct.pack("=IIQ6Q", number, audit, 0, *(*arguments, *[0] * (6 - len(arguments))))
        action = run_bpf(code, data)
        if action == 0x7FFF0000:
            return ALLOW
        if action == 0x80000000:
            return KILL
        assert action & 0xFFFF0000 == 0x00050000, hex(action)
        return errno.errorcode.get(action & 0xFFFF, "pretends")

    def call(self, name, *arguments):
        """What becomes of a call by name."""
        return self.decide(numbers(self.processor, name), *arguments)


def run_bpf(code, data):
    """Run a classic BPF program over the data of a system call, as the kernel's own interpreter does."""
    at = accumulator = 0
    while True:
        operation, yes, no, value = struct.unpack_from("=HBBI", code, 8 * at)
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, value)
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x06:
            return value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}
            at += yes if holds[operation] else no


def numbers(processor, *names):
    tables = {**DENIED, **ABSENT, **SILENT, **UNSEEN, **DECIDED, **GUARDED}
    found = [tables[name][PROCESSORS.index(processor)] for name in names]
    return found[0] if len(names) == 1 else {number for number in found if number is not None}


@pytest.mark.parametrize("processor", PROCESSORS)
def test_every_call_is_decided_as_listed(processor):
    denied, absent = numbers(processor, *DENIED), numbers(processor, *ABSENT)
    argued = numbers(processor, *DECIDED)
    plain = Filter(processor)
    for number in set(range(HIGHEST)) - argued:
        expected = "EPERM" if number in denied else "ENOSYS" if number in absent else ALLOW
        assert plain.decide(number) == expected, number


@pytest.mark.parametrize("processor", PROCESSORS)
def test_guards_take_the_place_of_mounts(processor):
    silent = numbers(processor, *SILENT)
    guarded = Filter(processor, tuple(Guard))
    plain = Filter(processor)
    rest = set(range(HIGHEST)) - numbers(processor, *DECIDED) - numbers(processor, *GUARDED)
    for number in rest - silent - numbers(processor, *UNSEEN):
        assert guarded.decide(number) == plain.decide(number), number
    assert {guarded.decide(number) for number in silent} == {"pretends"}
    assert {guarded.decide(number) for number in numbers(processor, *UNSEEN)} == {"ENOSYS"}
    assert guarded.call("fallocate") == errno.errorcode[errno.EOPNOTSUPP]
    assert guarded.call("truncate") == "EACCES"
    assert guarded.call("openat2") == "ENOSYS"


@pytest.mark.parametrize(("processor", "name"), [*product(PROCESSORS, ("open", "openat"))])
def test_a_guard_lets_only_writers_empty_files(processor, name):
    if numbers(processor, name) is None:
        pytest.skip("this processor has no such call")
    guarded = Filter(processor, (Guard.TRUNCATION,))
    place = 1 if name == "open" else 2
    read, write, both, neither, truncate, create = 0, 1, 2, 3, 0x200, 0x40
    for mode in (read, write, both, neither):
        assert guarded.call(name, *[0] * place, mode) == ALLOW
    for mode in (write, both, write | create):
        assert guarded.call(name, *[0] * place, mode | truncate) == ALLOW
    for mode in (read, neither, read | create):
        assert guarded.call(name, *[0] * place, mode | truncate) == "EACCES"


@pytest.mark.parametrize("processor", PROCESSORS)
def test_a_guard_keeps_shared_mappings_to_memory(processor):
    guarded = Filter(processor, (Guard.MAPPINGS,))
    shared, private, validated, anonymous = 1, 2, 3, 0x20
    assert guarded.call("mmap", 0, 4096, 3, private) == ALLOW
    assert guarded.call("mmap", 0, 4096, 3, private | anonymous) == ALLOW
    assert guarded.call("mmap", 0, 4096, 3, shared | anonymous) == ALLOW
    assert guarded.call("mmap", 0, 4096, 1, shared) == "ENODEV"
    assert guarded.call("mmap", 0, 4096, 3, validated) == "ENODEV"


@pytest.mark.parametrize(("processor", "guards"), [*product(PROCESSORS, ((), tuple(Guard)))])
def test_arguments_decide(processor, guards):
    filter = Filter(processor, guards)
    thread, new_user, vfork = 0x00010000, 0x10000000, 0x4100
    assert filter.call("clone", thread | 0x3D0F00) == ALLOW
    assert [filter.call("clone", flags) for flags in (0, 17, vfork, new_user)] == ["EPERM"] * 4
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        assert filter.call(name, PID) == ALLOW
        # Everyone, one's group, process 1, and the neighbour.
        assert {filter.call(name, pid & 0xFFFFFFFF) for pid in (-1, 0, 1, PID + 1)} == {"EPERM"}
    assert [filter.call("prlimit64", pid) for pid in (0, PID, 1)] == [ALLOW, ALLOW, "EPERM"]
    assert [filter.call("fcntl", 1, each) for each in (1, 3, 8, 15, 1031)] == [ALLOW, ALLOW, *["EPERM"] * 3]
    assert [filter.call("prctl", each) for each in (15, 1, 4)] == [ALLOW, "EPERM", "EPERM"]
    # Whether it is a terminal; to type into one; to make a file immutable for good.
    assert [filter.call("ioctl", 1, each) for each in (0x5401, 0x5412, 0x40806685)] == [ALLOW, "ENOTTY", "ENOTTY"]


@pytest.mark.parametrize("processor", PROCESSORS)
def test_only_the_lower_half_of_an_argument_counts(processor):
    # The kernel takes the first argument of kill as an int: what stands above it must not change the answer.
    filter = Filter(processor)
    assert filter.call("kill", 1 << 32 | PID) == ALLOW
    assert filter.call("kill", PID << 32 | 1) == "EPERM"


@pytest.mark.parametrize("processor", PROCESSORS)
def test_other_doors_to_the_same_calls_are_shut(processor):
    filter = Filter(processor)
    for audit in set(OTHER_AUDIT) - {AUDIT[processor]}:
        assert {filter.decide(number, audit=audit) for number in range(HIGHEST)} == {KILL}
    x32 = {filter.decide(0x40000000 | number) for number in range(600)}
    assert x32 == ({KILL} if processor == "x86_64" else {"ENOSYS"})
    assert {filter.decide(number) for number in (HIGHEST, 512, 547, 0x7FFFFFFF, 0xFFFFFFFF)} <= {"ENOSYS", KILL}


def test_the_numbers_are_those_of_the_kernels_headers():
    """Where this machine has the kernel's headers: those of ARM are the generic ones."""
    generic = _header(Path("/usr/include/asm-generic/unistd.h"))
    x86 = _header(Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"))
    if not generic or not x86:
        pytest.skip("the kernel's headers are not installed")
    tables = {**DENIED, **ABSENT, **SILENT, **UNSEEN, **DECIDED, **GUARDED}
    for name, (on_x86, on_arm) in tables.items():
        assert x86.get(name, on_x86) == on_x86, name
        assert generic.get(name, on_arm) == on_arm, name
    assert len(x86.keys() & tables.keys()) > 110
    assert len(generic.keys() & tables.keys()) > 100


def _header(path):
    if not path.exists():
        return {}
    text = path.read_text()
    shared = {name: int(number) for name, number in re.findall(r"#define __NR3264_(\w+)\s+(\d+)", text)}
    plain = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)", text)}
    return {**shared, **plain}
