"""Documents of an office program as PDF: LibreOffice, in namespaces of its own, with a disk in memory.

It asks for a file, so the document is written to that disk, which nobody else
sees and which never was a disk. It has no network to fetch a link from, and
macros are not run when a document is converted. Where it cannot be run so, it is
not run.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cordiale.adapters.boxed import boxed, find_program
from cordiale.adapters.render_refusals import refusal_for
from cordiale.limits import ROOM_CONTENT_SIZE_BYTES_MAX, ROOM_OFFICE_DISK_BYTES_MAX, ROOM_OFFICE_SECONDS_MAX

_SCRIPT: Final = f"""
ulimit -c 0; ulimit -t {ROOM_OFFICE_SECONDS_MAX}; ulimit -v {4 * 1024**2}
cat >/tmp/content && mkdir /tmp/made || exit 1
"$0" -env:UserInstallation=file:///tmp/home --headless --norestore --nolockcheck --convert-to pdf --outdir /tmp/made \\
    /tmp/content >/dev/null 2>&1 </dev/null
cat /tmp/made/content.pdf
"""
_FILES: Final = ("/etc/fonts", "/etc/libreoffice")


@dataclass(frozen=True, slots=True)
class OfficeConverter:
    """Converts with the `soffice` of this machine inside `bwrap`; either is empty where it is not installed.

    `files` are folders it needs beside the system's, `settings` what stands in its environment.
    """

    bwrap: str
    soffice: str = field(default_factory=lambda: find_program("soffice"))
    files: tuple[str, ...] = _FILES
    settings: Mapping[str, str] = field(default_factory=dict)

    def to_pdf(self, content: bytes) -> bytes:
        """Return the document `content` as PDF. Raises `Malformed` where it cannot be converted within the limits."""
        if not self.bwrap or not self.soffice:
            raise refusal_for("office")
        settings = {"HOME": "/tmp", "PATH": "/usr/bin:/bin", **self.settings}  # noqa: S108 - inside, where it is memory
        given = [part for name, value in settings.items() for part in ("--setenv", name, value)]
        disk = ("--size", str(ROOM_OFFICE_DISK_BYTES_MAX), "--tmpfs", "/tmp")  # noqa: S108 - as above
        command = boxed(
            self.bwrap, ("/bin/sh", "-c", _SCRIPT, self.soffice), self.files, "--die-with-parent", "--proc", "/proc",
            "--dev", "/dev", *disk, *given,
        )
        try:
            done = subprocess.run(  # noqa: S603 - our own script, and nothing of the document is in it
                command, input=content, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/", check=False,
                timeout=ROOM_OFFICE_SECONDS_MAX,
            )
        except subprocess.TimeoutExpired:
            raise refusal_for("too-much") from None
        except OSError:
            raise refusal_for("office") from None
        if not done.stdout.startswith(b"%PDF-") or len(done.stdout) > ROOM_CONTENT_SIZE_BYTES_MAX:
            raise refusal_for("unreadable")
        return done.stdout
