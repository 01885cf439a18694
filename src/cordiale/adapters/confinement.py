"""How a process shuts itself in for good: from then on it computes, reads and writes what is open already, and ends.

The filter of system calls is a list of what is let through, as a program for the
kernel (seccomp, Linux, `SECCOMP_SET_MODE_FILTER`); everything else fails as not
permitted, in this process and all it could ever start. No file, socket, process
or signal to another process is on the list.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a shut-in process may use: memory (address space, bytes) and processor time (seconds)."""

    memory_bytes: int
    processor_seconds: int


_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2

_LOAD: Final = 0x20
_JUMP_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050001
_KILL: Final = 0x80000000
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4

# read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn, readv,
# writev, mremap, madvise, sched_yield, getpid, gettid, exit, exit_group, futex, sigaltstack, clock_gettime, getrandom.
_LET_THROUGH: Final = {
    "x86_64": (0xC000003E, (
        0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 25, 28, 24, 39, 186, 60, 231, 202, 131, 228, 318,
    )),
    "aarch64": (0xC00000B7, (
        63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 65, 66, 216, 233, 124, 172, 178, 93, 94, 98, 132, 113,
        278,
    )),
}
"""By machine: its name for the kernel (`AUDIT_ARCH_…`), and the numbers of the system calls above in their order."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def shut_in(bounds: Bounds) -> None:
    """Give up everything but what is open, memory and time within `bounds`. It cannot be undone.

    Raises `OSError` where the kernel or the machine offers no such filter; nothing hostile may be looked at then.
    """
    for what, most in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NPROC, 0), (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_AS, bounds.memory_bytes), (resource.RLIMIT_CPU, bounds.processor_seconds),
    ):
        resource.setrlimit(what, (most, most))
    _filter_calls()


def _filter_calls() -> None:
    known = _LET_THROUGH.get(platform.machine())
    if known is None:
        raise OSError("no list of system calls for this machine")
    written = ctypes.create_string_buffer(_filter(*known))
    program = _Program(len(written.raw) // 8, ctypes.addressof(written))
    system = ctypes.CDLL(None, use_errno=True)
    _call(system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _call(system.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0))


def _call(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _filter(architecture: int, numbers: tuple[int, ...]) -> bytes:
    """Return the program: another architecture ends the process, a number on the list passes, the rest is refused."""
    steps = [
        _step(_LOAD, 0, 0, _ARCHITECTURE_AT), _step(_JUMP_EQUAL, 1, 0, architecture), _step(_RETURN, 0, 0, _KILL),
        _step(_LOAD, 0, 0, _NUMBER_AT),
    ]
    for place, number in enumerate(numbers):
        steps.append(_step(_JUMP_EQUAL, len(numbers) - place, 0, number))
    return b"".join([*steps, _step(_RETURN, 0, 0, _REFUSE), _step(_RETURN, 0, 0, _ALLOW)])


def _step(code: int, if_so: int, if_not: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
