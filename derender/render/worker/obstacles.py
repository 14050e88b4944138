"""Why a machine denies what contains programs, and what to do about it, in words for the person who meets it."""

import errno
import os
import platform
from dataclasses import dataclass

WEAK = "or give that promise up with --isolation weak"
_CONTAINER_FLAGS = (
    "start the container with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a layer can't be had here.

    Attributes:
        lack: what is missing, as one word: ``landlock``, ``bwrap``.
        reason: the same in words.
        remedy: what to do about it.
    """

    lack: str
    reason: str
    remedy: str

    def refusal(self, promise: str) -> str:
        """The sentence with which strict isolation refuses to run anything."""
        return f"strict isolation can't promise {promise}: {self.reason}; {self.remedy}, {WEAK}"


def no_landlock(number: int) -> Obstacle:
    """Why files can't be restricted; ``number`` is the error of the question for Landlock's version."""
    if number == errno.EOPNOTSUPP:
        return Obstacle("landlock", "Landlock is off in this kernel", "add landlock to the lsm= list it is booted with")
    if number == errno.EPERM:
        reason = "a container's system-call filter (seccomp) denies Landlock"
        return Obstacle("landlock", reason, "update the container engine, or " + _CONTAINER_FLAGS)
    return Obstacle("landlock", "this kernel has no Landlock", "use Linux 5.13 or later with Landlock built in")


def no_filter() -> Obstacle:
    """Why system calls can't be filtered."""
    reason = f"there is no system-call filter for this processor ({platform.machine()})"
    return Obstacle("seccomp", reason, "use x86-64 or 64-bit ARM")


def no_accounting() -> Obstacle:
    """Why what a program writes can't be limited."""
    reason = "it can have no disk of its own, and /proc/self/io, which would tell how much it writes, is absent"
    return Obstacle("io", reason, _CONTAINER_FLAGS)


def no_bubblewrap() -> Obstacle:
    """Why there is no container: bubblewrap is not installed."""
    line = "apt-get install -y --no-install-recommends bubblewrap"
    return Obstacle("bwrap", "bubblewrap is not installed", f"install it with `{line}`")


def bubblewrap_fails(words: str) -> Obstacle:
    """Why bubblewrap can't make a container here; ``words`` is what it says itself."""
    last = (words.strip().splitlines() or ["bwrap: it says nothing"])[-1].removeprefix("bwrap: ")
    if "mount proc" in last:
        reason = "this container hides parts of /proc, so that no fresh one can be mounted"
        remedy = "start the container with --security-opt systempaths=unconfined (Docker) or unmask=ALL (Podman)"
        return Obstacle("bwrap", reason, remedy)
    denied = namespaces_denied()
    brief = last.partition(", likely")[0].partition(". ")[0]
    return Obstacle("bwrap", f"{denied.reason} (bubblewrap: {brief})", denied.remedy)


def namespaces_denied() -> Obstacle:
    """Who forbids namespaces, as far as the machine's settings tell."""
    if _setting("user/max_user_namespaces") == "0" or _setting("user/max_mnt_namespaces") == "0":
        reason = "user namespaces are turned off (user.max_user_namespaces is 0)"
        return Obstacle("namespaces", reason, "as root: sysctl -w user.max_user_namespaces=15000")
    if _setting("kernel/unprivileged_userns_clone") == "0":
        reason = "user namespaces are for root alone (kernel.unprivileged_userns_clone is 0)"
        return Obstacle("namespaces", reason, "as root: sysctl -w kernel.unprivileged_userns_clone=1")
    if _filtered():
        reason = "a system-call filter (seccomp), as containers have, denies namespaces"
        return Obstacle("namespaces", reason, _CONTAINER_FLAGS)
    if _setting("kernel/apparmor_restrict_unprivileged_userns") == "1" and os.geteuid() != 0:
        reason = "AppArmor denies user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)"
        return Obstacle("namespaces", reason, "as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
    return Obstacle("namespaces", "the machine denies namespaces or mounts in them", _CONTAINER_FLAGS)


def _setting(name: str) -> str | None:
    try:
        with open(f"/proc/sys/{name}", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def _filtered() -> bool:
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return "\nSeccomp:\t2" in file.read()
    except OSError:
        return False
