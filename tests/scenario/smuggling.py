"""Requests that two readers could read differently, raw, with the answers that must come: one status for each request
that munim-ingress sees, in order, until the connection ends. 401 is a whole request without a signature, 403 a GET that
is no handshake: both have passed the framing. A request hidden in another's body would show as one answer more."""

PATH = b"/webhooks/whatsapp"
P = b"POST " + PATH + b" HTTP/1.1\r\n"
G = b"GET " + PATH + b" HTTP/1.1\r\n"
H = b"Host: a\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
L5 = b"Content-Length: 5\r\n"
HIDDEN = G + H + b"\r\n"
END = b"0\r\n\r\n"


def length(body):
    return b"Content-Length: %d\r\n" % len(body)


CASES = [
    # What is right passes, also several on one connection.
    ("one request", P + H + L5 + b"\r\nhello", [401]),
    ("chunked", P + H + TE + b"\r\n5\r\nhello\r\n" + END, [401]),
    ("chunked, then another", P + H + TE + b"\r\n5\r\nhello\r\n" + END + HIDDEN, [401, 403]),
    ("a chunk's extension", P + H + TE + b"\r\n5;a=b\r\nhello\r\n" + END, [401]),
    ("a trailer", P + H + TE + b"\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n", [401]),
    ("a length of nothing", P + H + b"Content-Length: 0\r\n\r\n" + HIDDEN, [401, 403]),
    ("a hidden request inside the length", P + H + length(HIDDEN) + b"\r\n" + HIDDEN, [401]),
    ("a hidden request inside a chunk", P + H + TE + b"\r\n%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END, [401]),
    ("three in a row", HIDDEN * 3, [403, 403, 403]),
    ("a blank line first", b"\r\n" + HIDDEN, [403]),
    ("another name of the coding's case", P + H + b"tRANSFER-eNCODING: ChUnKeD\r\n\r\n5\r\nhello\r\n" + END, [401]),
    ("HTTP/1.0 with a length", b"POST " + PATH + b" HTTP/1.0\r\n" + L5 + b"\r\nhello", [401]),
    ("close, then another", P + H + L5 + b"Connection: close\r\n\r\nhello" + HIDDEN, [401]),
    # Length and coding together, in every order and dress.
    ("CL.TE", P + H + b"Content-Length: 6\r\n" + TE + b"\r\n" + END + b"G", [400]),
    ("TE.CL", P + H + TE + L5 + b"\r\n" + END, [400]),
    ("CL.0 beside TE", P + H + b"Content-Length: 0\r\n" + TE + b"\r\n" + END + HIDDEN, [400]),
    ("CL.TE hiding", P + H + TE + length(END + HIDDEN) + b"\r\n" + END + HIDDEN, [400]),
    ("TE on HTTP/1.0", b"POST " + PATH + b" HTTP/1.0\r\n" + H + TE + b"\r\n" + END, [400]),
    # Two lengths, and lengths that readers read differently.
    ("two lengths alike", P + H + L5 + L5 + b"\r\nhello", [400]),
    ("two lengths that differ", P + H + L5 + b"Content-Length: 0\r\n\r\nhello", [400]),
    ("a list of lengths", P + H + b"Content-Length: 5, 5\r\n\r\nhello", [400]),
    ("a signed length", P + H + b"Content-Length: +5\r\n\r\nhello", [400]),
    ("a negative length", P + H + b"Content-Length: -5\r\n\r\nhello", [400]),
    ("a hexadecimal length", P + H + b"Content-Length: 0x5\r\n\r\nhello", [400]),
    ("a length with a fraction", P + H + b"Content-Length: 5.0\r\n\r\nhello", [400]),
    ("a length in two words", P + H + b"Content-Length: 5 5\r\n\r\nhello", [400]),
    ("a length of letters", P + H + b"Content-Length: five\r\n\r\nhello", [400]),
    ("an empty length", P + H + b"Content-Length: \r\n\r\nhello", [400]),
    ("a length past 64 bits", P + H + b"Content-Length: 18446744073709551621\r\n\r\nhello", [400]),
    ("a length past the limit", P + H + b"Content-Length: 99999999999\r\n\r\nhello", [413]),
    ("a length with an underscore", P + H + b"Content_Length: 5\r\n\r\nhello", [411]),
    ("a length behind a form feed", P + H + b"Content-Length:\x0c5\r\n\r\nhello", [400]),
    ("a length behind a vertical tab", P + H + b"Content-Length:\x0b5\r\n\r\nhello", [400]),
    ("no length at all", P + H + b"\r\nhello", [411]),
    # The coding in disguise.
    ("chunked twice", P + H + TE + TE + b"\r\n" + END, [400]),
    ("chunked in a list", P + H + b"Transfer-Encoding: chunked, chunked\r\n\r\n" + END, [501]),
    ("identity first", P + H + b"Transfer-Encoding: identity, chunked\r\n\r\n" + END, [501]),
    ("gzip first", P + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + END, [501]),
    ("identity, then chunked", P + H + b"Transfer-Encoding: identity\r\n" + TE + b"\r\n" + END, [501]),
    ("an unknown coding", P + H + b"Transfer-Encoding: xchunked\r\n\r\n" + END, [501]),
    ("an empty coding", P + H + b"Transfer-Encoding:\r\n\r\n" + END, [501]),
    ("a quoted coding", P + H + b'Transfer-Encoding: "chunked"\r\n\r\n' + END, [501]),
    ("a coding with a parameter", P + H + b"Transfer-Encoding: chunked;q=1\r\n\r\n" + END, [501]),
    ("a coding behind a vertical tab", P + H + b"Transfer-Encoding: \x0bchunked\r\n\r\n" + END, [501]),
    ("a coding folded", P + H + b"Transfer-Encoding:\r\n chunked\r\n\r\n" + END, [501]),
    ("a coding with a blank before its colon", P + H + b"Transfer-Encoding : chunked\r\n\r\n" + END, [400]),
    ("a coding with a tab before its colon", P + H + b"Transfer-Encoding\t: chunked\r\n\r\n" + END, [400]),
    ("a coding with a NUL", P + H + b"Transfer-Encoding\x00: chunked\r\n\r\n" + END, [400]),
    ("a coding in the first field's blank", P + b" " + TE + H + L5 + b"\r\nhello", [400]),
    ("a coding in another's value", P + H + b"X: y\nTransfer-Encoding: chunked\r\n\r\n" + END, [400]),
    ("a coding behind a bare CR", P + H + b"X: y\rTransfer-Encoding: chunked\r\n\r\n" + END, [400]),
    # Lines.
    ("bare LF", b"GET " + PATH + b" HTTP/1.1\nHost: a\n\n", [400]),
    ("bare LF at the end", G + H + b"\n", [400]),
    ("CR CR LF", G + b"Host: a\r\r\n\r\n", [400]),
    ("a folded field", G + H + b"X: a\r\n b\r\n\r\n", [400]),
    ("a field without a colon", G + H + b"X\r\n\r\n", [400]),
    ("a field without a name", G + H + b": x\r\n\r\n", [400]),
    ("two blank lines first", b"\r\n\r\n" + HIDDEN, [400]),
    # Host and request line.
    ("no host", G + b"\r\n", [400]),
    ("two hosts", G + H + b"Host: b\r\n\r\n", [400]),
    ("the whole address", b"GET http://a" + PATH + b" HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("two blanks", b"GET  " + PATH + b" HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("a blank in the path", b"GET /a b HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("a tab for a blank", b"GET\t" + PATH + b" HTTP/1.1\r\n" + H + b"\r\n", [400]),
    ("no version", b"GET " + PATH + b"\r\n" + H + b"\r\n", [400]),
    ("a version to come", b"GET " + PATH + b" HTTP/1.2\r\n" + H + b"\r\n", [505]),
    ("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    ("another method", b"PUT " + PATH + b" HTTP/1.1\r\n" + H + L5 + b"\r\nhello", [405]),
    ("a tunnel", b"CONNECT a:443 HTTP/1.1\r\n" + H + b"\r\n" + HIDDEN, [405]),
    ("an upgrade", G + H + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + HIDDEN, [403, 403]),
    # A body where none is.
    ("GET with a length", G + H + length(HIDDEN) + b"\r\n" + HIDDEN, [400]),
    ("GET with chunks", G + H + TE + b"\r\n" + END + HIDDEN, [400]),
    # Chunks.
    ("a chunk of sign", P + H + TE + b"\r\n+5\r\nhello\r\n" + END, [400]),
    ("a chunk in 0x", P + H + TE + b"\r\n0x5\r\nhello\r\n" + END, [400]),
    ("a chunk with a blank first", P + H + TE + b"\r\n 5\r\nhello\r\n" + END, [400]),
    ("a chunk of no size", P + H + TE + b"\r\n\r\nhello\r\n" + END, [400]),
    ("a chunk past 64 bits", P + H + TE + b"\r\n10000000000000005\r\nhello\r\n" + END, [400]),
    ("a chunk longer than it says", P + H + TE + b"\r\n3\r\nhello\r\n" + END, [400]),
    ("a chunk without its end", P + H + TE + b"\r\n5\r\nhelloXX" + END, [400]),
    ("a chunk's line with a bare LF", P + H + TE + b"\r\n5\nhello\r\n" + END, [400]),
    ("a chunk's end with a bare LF", P + H + TE + b"\r\n5\r\nhello\n" + END, [400]),
    ("a chunk's extension with a bare CR", P + H + TE + b"\r\n5;a\rb\r\nhello\r\n" + END, [400]),
    ("a chunk's extension with a bare LF", P + H + TE + b"\r\n5;a\nhello\r\n" + END, [400]),
    ("the last chunk with a bare LF", P + H + TE + b"\r\n0\n\n" + HIDDEN, [400]),
    # Trailers are read and mean nothing (RFC 9110, 6.5.1): what follows them is the next request.
    ("a trailer that folds", P + H + TE + b"\r\n0\r\nX: a\r\n b\r\n\r\n" + HIDDEN, [401, 403]),
    ("a trailer with a length", P + H + TE + b"\r\n0\r\nContent-Length: 9\r\n\r\n" + HIDDEN, [401, 403]),
    # The signature twice: which of them would be read?
    ("two signatures", P + H + L5 + b"X-Hub-Signature-256: sha256=0\r\nX-Hub-Signature-256: sha256=1\r\n\r\nhello", [400]),
    ("sixty-five fields", G + H + b"".join(b"X%d: y\r\n" % i for i in range(65)) + b"\r\n", [431]),
    ("an endless head", G + H + b"X: " + b"y" * 20000, [431]),
]
