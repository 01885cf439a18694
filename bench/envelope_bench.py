"""Sealing, verified reading and re-sealing of a large file, against a durable copy of the same file.

    python -m bench.envelope_bench [--size 1GiB] [--rounds 3] [--folder FOLDER]

Each round copies with `cp --reflink=never` and fsync, seals, verifies, reads and
re-seals, each in a process of its own and each durable at its end, so that all
meet the same disk in the same minute. The ratio is to the copy of that round;
the figure shown is the median of the rounds. Peak memory is that of the process
(interpreter and libraries included); processor seconds include starting it.

Reading is what a reader waits for: all of it verified, then released to a file.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

from cordiale.crypto.jws import sign_object
from cordiale.crypto.signatures import SigningPair
from cordiale.crypto.wrapping import WrappingKey, unwrap
from cordiale.envelope.assertions import LabelStatement
from cordiale.envelope.keyaccess import KeyRecipient, find_wrapped_key
from cordiale.envelope.particulars import Particulars
from cordiale.envelope.record import Endpoint, Routing
from cordiale.envelope.reseal import reseal_stream
from cordiale.envelope.seal import SealRequest, seal_stream
from cordiale.envelope.unseal import (
    Expected,
    InspectedEnvelope,
    inspect_envelope,
    open_verified,
    verify_envelope,
)
from cordiale.model.label import LevelRef
from cordiale.model.mode import Mode
from cordiale.model.names import CopyId, ItemId, NodeId, PartyId

LIMIT_RATIO: Final = 3.0
LIMIT_PEAK_MIB: Final = 120
_UNITS: Final = {"": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}
_STEPS: Final = ("copy", "seal", "verify", "read", "reseal")
_SEED: Final = bytes(range(32))


class Node:
    """One node, sealing for itself. Its keys lie in the bench's folder, so that each step finds the same."""

    def __init__(self, folder: Path) -> None:
        self.signing = SigningPair.from_seeds(ed25519=_SEED, ml_dsa_65=_SEED)
        secret = folder / "wrapping.key"
        if not secret.exists():
            secret.write_bytes(WrappingKey.generate().encode_secret())
        self.wrapping = WrappingKey.parse_secret(secret.read_bytes())
        self.endpoint = Endpoint(PartyId("BENCH"), NodeId("bench-registry"))
        self.expected = Expected(Mode.EXERCISE, self.endpoint, self.endpoint, self.signing.public, None)

    def request(self) -> SealRequest:
        """Return a request to seal an item of invented particulars."""
        return SealRequest(
            routing=Routing(
                Mode.EXERCISE, self.endpoint.party, self.endpoint, self.endpoint,
                ItemId("item-1"), CopyId("copy-1"), datetime(2026, 11, 16, 9, tzinfo=UTC),
            ),
            recipient=KeyRecipient(self.endpoint.node, "https://bench.example/kas", self.wrapping.public),
            labels=(LabelStatement("label", "tdo", "xml-string", "bench", "<label/>"),),
            particulars=Particulars(
                register_number="B-1", copy_number=1, kind="file", level=LevelRef("EX-BENCH", "EXERCISE STONE"),
                marking="EXERCISE STONE", label_digest=bytes(48), title="bench", purpose="bench",
            ),
            sign=lambda payload, typ: sign_object(payload, typ, [self.signing]),
        )

    def key_of(self, inspected: InspectedEnvelope) -> bytes:
        """Unwrap the content key of an envelope, as the vault does after a grant."""
        key_access = inspected.sealed.enclosure.key_access
        return unwrap(self.wrapping, find_wrapped_key(key_access, self.wrapping.public.kid))


def _durable(folder: Path, name: str, write: Callable[[BinaryIO], object]) -> float:
    path = folder / name
    path.unlink(missing_ok=True)
    start = time.perf_counter()
    with path.open("wb", buffering=0) as target:
        write(target)
        os.fsync(target.fileno())
    return time.perf_counter() - start


def _copy(folder: Path) -> float:
    path = folder / "copy"
    path.unlink(missing_ok=True)
    start = time.perf_counter()
    subprocess.run(["cp", "--reflink=never", str(folder / "plain"), str(path)], check=True)
    with path.open("rb") as copied:
        os.fsync(copied.fileno())
    return time.perf_counter() - start


def _seal(folder: Path) -> float:
    request = Node(folder).request()
    with (folder / "plain").open("rb", buffering=0) as source:
        return _durable(folder, "sealed", lambda target: seal_stream(source, target, request))


def _verify(folder: Path) -> float:
    expected = Node(folder).expected
    with (folder / "sealed").open("rb", buffering=0) as source:
        start = time.perf_counter()
        verify_envelope(source, expected)
        return time.perf_counter() - start


def _read(folder: Path) -> float:
    node = Node(folder)

    def read(source: BinaryIO, target: BinaryIO) -> None:
        inspected = inspect_envelope(source, node.expected)
        open_verified(source, target.write, verified=inspected, content_key=node.key_of(inspected))

    with (folder / "sealed").open("rb", buffering=0) as source:
        return _durable(folder, "opened", lambda target: read(source, target))


def _reseal(folder: Path) -> float:
    node = Node(folder)

    def reseal(source: BinaryIO, target: BinaryIO) -> None:
        inspected = inspect_envelope(source, node.expected)
        reseal_stream(source, target, node.request(), verified=inspected, content_key=node.key_of(inspected))

    with (folder / "sealed").open("rb", buffering=0) as source:
        return _durable(folder, "resealed", lambda target: reseal(source, target))


def run_step(step: str, folder: Path) -> None:
    """Run one step in this process; print its seconds, the peak memory in MiB and the processor's seconds."""
    seconds = {"copy": _copy, "seal": _seal, "verify": _verify, "read": _read, "reseal": _reseal}[step](folder)
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    print(f"{seconds} {own.ru_maxrss / 1024} {busy}")


def run(folder: Path, size_bytes: int, rounds: int) -> bool:
    """Run all rounds, print the table, and tell whether the limits were kept."""
    with (folder / "plain").open("wb") as plain:
        for start in range(0, size_bytes, 2**24):
            plain.write(secrets.token_bytes(min(2**24, size_bytes - start)))
        plain.flush()
        os.fsync(plain.fileno())
    seconds: dict[str, list[float]] = {step: [] for step in _STEPS}
    peaks: dict[str, float] = dict.fromkeys(_STEPS, 0.0)
    busy: dict[str, float] = dict.fromkeys(_STEPS, 0.0)
    for _ in range(rounds):
        for step in _STEPS:
            command = [sys.executable, "-m", "bench.envelope_bench", "--step", step, "--folder", str(folder)]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            seconds[step].append(float(printed[0]))
            peaks[step] = max(peaks[step], float(printed[1]))
            busy[step] = max(busy[step], float(printed[2]))
    is_kept = True
    print(f"size={size_bytes} bytes, {rounds} rounds, medians; limit {LIMIT_RATIO} x copy, {LIMIT_PEAK_MIB} MiB")
    for step in _STEPS:
        median = statistics.median(seconds[step])
        ratio = statistics.median(
            one / copy for one, copy in zip(seconds[step], seconds["copy"], strict=True)
        )
        speed = size_bytes / 2**20 / median
        print(f"{step:8} {median:7.3f} s  {speed:7.0f} MiB/s  ratio {ratio:5.2f}  "
              f"peak {peaks[step]:6.1f} MiB  processor {busy[step]:6.2f} s")
        is_kept &= step == "copy" or (ratio <= LIMIT_RATIO and peaks[step] < LIMIT_PEAK_MIB)
    opened = folder / "opened"
    if subprocess.run(["cmp", str(opened), str(folder / "plain")], check=False).returncode:
        raise SystemExit("what was read is not what was sealed")
    return is_kept


def parse_size(text: str) -> int:
    """Read a size such as ``1GiB`` or ``65536``; raises `ValueError`."""
    match = re.fullmatch(r"(\d+)(KiB|MiB|GiB|)", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]


def main() -> None:
    """Parse the command line and run; exit 1 when a limit was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=parse_size, default=2**30)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--step", choices=_STEPS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        run_step(arguments.step, arguments.folder)
        return
    with tempfile.TemporaryDirectory(dir=arguments.folder or os.environ.get("BENCH_DIR")) as name:
        raise SystemExit(0 if run(Path(name), arguments.size, arguments.rounds) else 1)


if __name__ == "__main__":
    main()
