"""Small file systems in memory, each under one service, that can be filled to the last byte and emptied again."""
import errno
import functools
import os
import pathlib
import pwd
import subprocess
import tempfile


class SmallDisk:
    """Mounted from its making on. owner: the user whose service writes there, by default our own."""

    def __init__(self, at, megabytes, owner=None):
        self.at = at
        self.ballast = at / "ballast"
        uid = pwd.getpwnam(owner).pw_uid if owner else os.getuid()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,uid={uid},mode=700", "tmpfs", at], check=True,
                       capture_output=True)

    def fill(self):
        try:
            with open(self.ballast, "wb", buffering=0) as file:
                while file.write(b"\0" * 4096):
                    pass
        except OSError as why:
            assert why.errno == errno.ENOSPC, why

    def empty(self):
        self.ballast.unlink(missing_ok=True)

    def unmount(self):
        """Also while a service that is ending still has files open there."""
        subprocess.run(["umount", "--lazy", self.at], check=False)


@functools.cache
def cannot_mount():
    """Why no small disk can be had here; empty when it can."""
    if os.geteuid() != 0:
        return "only root can mount a small disk"
    with tempfile.TemporaryDirectory() as directory:
        try:
            SmallDisk(pathlib.Path(directory), 1).unmount()
        except subprocess.CalledProcessError as why:
            return f"no small disk can be mounted: {why.stderr.decode().strip()}"
    return ""
