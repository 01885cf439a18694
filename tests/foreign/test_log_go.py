"""Go tools by other authors accept our log and refuse a changed one, and we accept what they sign.

The tools are ordinary Go modules, built on demand: Tessera's fsck re-derives a
whole exported log, and `go/main.go` hands single files to transparency-dev's
formats and merkle modules. Without Go or the modules the tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.records.log.example import (
    AT,
    CHECKPOINT,
    CONSISTENCY_3_TO_8,
    COSIGNER,
    INCLUSION_5_OF_8,
    LEAVES,
    LOG,
    ROOTS,
    MemoryLog,
    entry_of,
    reader_over,
)

from cordiale.crypto.signatures import PrivateKey
from cordiale.records.log.checkpoint import require_signed_by
from cordiale.records.log.export import export_log
from cordiale.records.log.lines import encode_base64
from cordiale.records.log.note import NoteKey, SignedNote, parse_note
from cordiale.records.log.proof import LogProof
from cordiale.records.log.tree import prove_consistency, prove_inclusion
from cordiale.records.log.witness import make_submission

pytestmark = pytest.mark.slow

FSCK_MODULE = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4"
REFUSED = 3
L_KEYS, W_KEYS = LOG.verifier.keys, COSIGNER.keys
NOTE = LOG.sign(CHECKPOINT, signed_at=AT)
COSIGNED = parse_note(NOTE).with_signatures(COSIGNER.cosign(CHECKPOINT, cosigned_at=AT)).encode()


def run(*command: str, cwd: Path | None = None, seconds: int = 300, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env={**os.environ, **env}, timeout=seconds, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="session")
def go() -> str:
    found = shutil.which("go")
    if found is None:
        pytest.skip("the Go toolchain is not installed")
    return found


@pytest.fixture(scope="session")
def checker(go: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = Path(__file__).parent / "go"
    fetched = run(go, "mod", "download", cwd=source)
    if fetched.returncode:
        pytest.skip(f"the Go modules of the checker are not available: {fetched.stderr.strip()[-200:]}")
    binary = tmp_path_factory.mktemp("go") / "checker"
    built = run(go, "build", "-o", str(binary), ".", cwd=source)
    assert built.returncode == 0, built.stderr
    return binary


@pytest.fixture(scope="session")
def fsck(go: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fsck")
    installed = run(go, "install", FSCK_MODULE, cwd=folder, GOBIN=str(folder))
    if installed.returncode:
        pytest.skip(f"{FSCK_MODULE} is not available: {installed.stderr.strip()[-200:]}")
    return folder / "fsck"


def vkeys(keys: Sequence[NoteKey]) -> list[str]:
    return [key.encode() for key in keys]


def skey(key: NoteKey, private: PrivateKey) -> str:
    """The private key as Go tools write it."""
    return f"PRIVATE+KEY+{key.name}+{key.key_id.hex()}+{encode_base64(bytes([key.type]) + private.seed)}"


class Files:
    """Writes what the checker is to read, and calls it."""

    def __init__(self, folder: Path, binary: Path) -> None:
        self.folder, self.binary, self.count = folder, binary, 0

    def write(self, raw: bytes) -> str:
        self.count += 1
        path = self.folder / f"file-{self.count}"
        path.write_bytes(raw)
        return str(path)

    def check(self, command: str, raw: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(str(self.binary), command, self.write(raw), *arguments, seconds=30)

    def accepts(self, command: str, raw: bytes, *arguments: str) -> bool:
        result = self.check(command, raw, *arguments)
        assert result.returncode in (0, REFUSED), result.stderr
        return result.returncode == 0 and result.stdout.startswith("ok")


@pytest.fixture
def files(tmp_path: Path, checker: Path) -> Files:
    return Files(tmp_path, checker)


def test_all_four_signatures_are_accepted(files: Files) -> None:
    assert files.accepts("note", COSIGNED, *vkeys((*L_KEYS, *W_KEYS)))
    for key in (*L_KEYS, *W_KEYS):
        assert files.accepts("note", COSIGNED, key.encode())


def test_changed_or_missing_signatures_are_refused(files: Files) -> None:
    signed = parse_note(COSIGNED)
    for at, key in enumerate((*L_KEYS, *W_KEYS)):
        broken = list(signed.signatures)
        one = broken[at]
        broken[at] = type(one)(one.name, one.key_id, one.signature[:-1] + bytes([one.signature[-1] ^ 1]))
        assert not files.accepts("note", SignedNote(signed.unverified_text, tuple(broken)).encode(), key.encode())
        without = signed.only_by([other for other in (*L_KEYS, *W_KEYS) if other != key]).encode()
        assert not files.accepts("note", without, key.encode())
        resized = SignedNote(signed.unverified_text.replace("\n8\n", "\n9\n"), signed.signatures).encode()
        assert not files.accepts("note", resized, key.encode())


def test_we_accept_what_go_signs(files: Files) -> None:
    unsigned = f"{CHECKPOINT.text}\n".encode()
    keys = [skey(*pair) for pair in zip(
        (*L_KEYS, *W_KEYS), (LOG.ed25519, LOG.ml_dsa_44, COSIGNER.ed25519, COSIGNER.ml_dsa_44), strict=True
    )]
    note = files.check("cosign", unsigned, *keys).stdout.encode()
    verified = LOG.verifier.verify_with(note, witnesses=W_KEYS)
    assert verified.checkpoint == CHECKPOINT
    require_signed_by(verified.signatures, (*L_KEYS, *W_KEYS))
    assert [one.signed_at is None for one in verified.signatures] == [True, False, False, False]


def test_the_worked_proofs_are_accepted(files: Files) -> None:
    proof = LogProof(5, INCLUSION_5_OF_8, COSIGNED, b"not trusted").encode()
    assert files.accepts("proof", proof, files.write(LEAVES[5]), *vkeys((*L_KEYS, *W_KEYS)))
    assert not files.accepts("proof", proof, files.write(LEAVES[4]), *vkeys(L_KEYS))
    wrong = LogProof(4, INCLUSION_5_OF_8, COSIGNED).encode()
    assert not files.accepts("proof", wrong, files.write(LEAVES[5]), *vkeys(L_KEYS))
    request = make_submission(3, CONSISTENCY_3_TO_8, NOTE, log=LOG.verifier).encode()
    assert files.accepts("consistency", request, ROOTS[3].hex(), *vkeys(L_KEYS))
    assert not files.accepts("consistency", request, ROOTS[4].hex(), *vkeys(L_KEYS))


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1_000, 70_000])
def test_proofs_of_logs_of_all_shapes_are_accepted(files: Files, size: int) -> None:
    log = MemoryLog([entry_of(number) for number in range(size)])
    note, read = log.note(), reader_over(log.leaf_hashes)
    for index in {0, size // 3, size - 1}:
        proof = LogProof(index, prove_inclusion(index, size, read), note).encode()
        assert files.accepts("proof", proof, files.write(log.entries[index]), *vkeys(L_KEYS))
    for old_size in {1, max(1, size // 3), size}:
        steps = prove_consistency(old_size, size, read)
        request = make_submission(old_size, steps, note, log=LOG.verifier).encode()
        old_root = MemoryLog(log.entries[:old_size]).state.root.hex()
        assert files.accepts("consistency", request, old_root, *vkeys(L_KEYS))


def test_trust_policies_are_read_alike(files: Files) -> None:
    # That parser wants an address behind each witness key, which the format leaves optional.
    lines = [f"log {L_KEYS[1].encode()}"]
    lines += [f"witness w{at} {key.encode()} https://node-b.example/" for at, key in enumerate(W_KEYS)]
    policy = "\n".join([*lines, "group all-witnesses all w0 w1", "quorum all-witnesses", ""]).encode()
    assert files.accepts("policy", policy, files.write(COSIGNED))
    half = parse_note(COSIGNED).only_by((*L_KEYS, W_KEYS[0])).encode()
    assert not files.accepts("policy", policy, files.write(half))


def export(log: MemoryLog, folder: Path) -> Path:
    for path, raw in export_log(log.note(), log.rows):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(raw)
    return folder


def fsck_accepts(fsck: Path, folder: Path, key_file: Path) -> bool:
    # Release 1.0.4 exits 0 after a failed check, and with a single worker it may wait for ever.
    key_file.write_text(L_KEYS[0].encode())
    command = (str(fsck), f"--storage_url={folder.as_uri()}/", f"--public_key={key_file}", "--ui=false", "-N=8")
    try:
        result = run(*command, seconds=60)
    except subprocess.TimeoutExpired:
        return False
    return "Successfully fsck'd" in result.stderr + result.stdout


@pytest.mark.parametrize("size", [1, 255, 256, 257, 1_000, 65_536, 70_000])
def test_fsck_accepts_an_exported_log(fsck: Path, tmp_path: Path, size: int) -> None:
    log = MemoryLog([entry_of(number) for number in range(size)])
    assert fsck_accepts(fsck, export(log, tmp_path / "log"), tmp_path / "log.vkey")


@pytest.mark.parametrize("path", ["tile/entries/001", "tile/0/002", "tile/1/000.p/3", "checkpoint"])
def test_fsck_refuses_a_changed_export(fsck: Path, tmp_path: Path, path: str) -> None:
    log = MemoryLog([entry_of(number) for number in range(1_000)])
    changed = export(log, tmp_path / "log") / path
    raw = bytearray(changed.read_bytes())
    raw[40] ^= 1
    changed.write_bytes(raw)
    assert not fsck_accepts(fsck, tmp_path / "log", tmp_path / "log.vkey")
