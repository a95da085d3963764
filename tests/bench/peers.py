"""Other people's gateways beside munim, by a runner that lives outside of this repository (PEERS_DIR)."""
import os
import pathlib
import subprocess
import sys

from rig import ROOT, Rig, say

SECRET = "munim-bench-secret"  # the runner signs with it


def folder():
    return pathlib.Path(os.environ.get("PEERS_DIR", ROOT.parent / "shared/peers"))


def run(arguments):
    """Starts munim's ingress on the runner's broker and hands over; the exit status is the runner's."""
    here = folder()
    if not (here / "run.sh").exists():
        say(f"no peers in {here}; PEERS_DIR names another place")
        return 1
    subprocess.run([here / "run.sh", "build"], check=True, stdin=subprocess.DEVNULL)
    subprocess.run([here / "kafka.sh", "start"], check=True, stdin=subprocess.DEVNULL)
    os.environ["KAFKA_BOOTSTRAP"] = subprocess.run([here / "kafka.sh", "addr"], check=True, capture_output=True,
                                                   text=True).stdout.strip()
    try:
        with Rig() as rig:
            instance = rig.instance(synced=False)
            try:
                (instance.path / "app_secret").write_text(SECRET + "\n")
                instance.start("munim-ingress")
                env = {**os.environ, "MUNIM_TOPIC": f"{instance.name}.inbound.v1",
                       "MUNIM_PID": str(instance.processes["munim-ingress"].pid)}
                url = f"http://{instance.kept['ingress']}/webhooks/whatsapp"
                return subprocess.run([here / "run.sh", "ingress", url, *arguments], env=env, check=False,
                                      stdin=subprocess.DEVNULL, stdout=sys.stdout).returncode
            finally:
                instance.end()
    finally:
        subprocess.run([here / "run.sh", "stop"], check=False, stdin=subprocess.DEVNULL)
