"""Libraries of the laboratories that stand before the system's in a process (LD_PRELOAD), made from the C files here."""
import functools
import subprocess

from services import ROOT


@functools.cache
def made(name):
    at = ROOT / f"build/lab/{name}.so"
    subprocess.run(["make", "-s", "-C", ROOT, at.relative_to(ROOT)], check=True, timeout=60)
    return at


def preload(name):
    """The environment of a process that shall have it. ASan wants to be first, and need not."""
    return {"LD_PRELOAD": str(made(name)), "ASAN_OPTIONS": "verify_asan_link_order=0"}
