"""A FastCGI client, to speak to a pool without nginx (the FastCGI specification, 3 to 6)."""
import secrets
import socket
import struct

BEGIN, END, PARAMS, STDIN, STDOUT, STDERR = 1, 3, 4, 5, 6, 7
RESPONDER = struct.pack(">HB5x", 1, 0)
RECORD = struct.Struct(">BBHHBx")


def record(kind, content=b""):
    return RECORD.pack(1, kind, 1, len(content), 0) + content


def stream(kind, content):
    """The content in records of at most 64 KiB, and the empty record that ends it."""
    parts = [content[i:i + 65535] for i in range(0, len(content), 65535)]
    return b"".join(record(kind, part) for part in [*parts, b""])


def length(size):
    return bytes([size]) if size < 128 else struct.pack(">I", size | 1 << 31)


def pairs(parameters):
    encoded = [(n.encode(), v.encode("latin-1")) for n, v in parameters.items()]
    return b"".join(length(len(n)) + length(len(v)) + n + v for n, v in encoded)


class Fcgi:
    """Requests to a pool's unix socket, as nginx would pass them on for a client at `address`."""

    def __init__(self, path, address="127.0.0.1", timeout=30):
        self.path, self.address, self.timeout = str(path), address, timeout

    def exchange(self, method, path, headers, body):
        parameters = {
            "REQUEST_METHOD": method, "REQUEST_URI": path, "QUERY_STRING": path.partition("?")[2],
            "REMOTE_ADDR": self.address, "SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_SCHEME": "http",
            "SERVER_NAME": "localhost", "REQUEST_ID": secrets.token_hex(16),
            "CONTENT_LENGTH": str(len(body)) if body else "", "CONTENT_TYPE": ""}
        for name, value in headers:
            name = name.upper().replace("-", "_")
            parameters[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = value
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self.timeout)
            connection.connect(self.path)
            connection.sendall(record(BEGIN, RESPONDER) + stream(PARAMS, pairs(parameters))
                               + stream(STDIN, body or b""))
            status, headers, body = parse(read_output(connection.makefile("rb")))
        return status, [*headers, ("X-Request-Id", parameters["REQUEST_ID"])], body


def read_output(file):
    output = b""
    while True:
        _, kind, _, size, padding = RECORD.unpack(file.read(RECORD.size))
        content = file.read(size + padding)[:size]
        if kind == STDOUT:
            output += content
        elif kind == END:
            return output


def parse(output):
    head, _, body = output.partition(b"\r\n\r\n")
    headers = [tuple(line.split(": ", 1)) for line in head.decode("latin-1").split("\r\n")]
    status = dict(headers).get("Status", "200").split()[0]
    return int(status), [header for header in headers if header[0] != "Status"], body
