"""Ports of 127.0.0.1: `choose N` prints N free ones on a line, `check PORT` exits 0 when PORT can be bound.

They are chosen below the range from which the kernel serves outgoing connections, so that between choosing a port and
binding it only another listener could take it.
"""
import random
import socket
import sys

FIRST, LAST = 20000, 32000


def bound(port):
    """A socket bound to the port; None when that cannot be."""
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(("127.0.0.1", port))
        s.listen(1)
    except OSError:
        s.close()
        return None
    return s


def main(verb, number):
    if verb == "check":
        return 0 if bound(number) else 1
    # All are held until all are chosen, so that no two are the same.
    held = []
    while len(held) < number:
        s = bound(random.randrange(FIRST, LAST))
        if s is not None:
            held.append(s)
    print(*(s.getsockname()[1] for s in held))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
