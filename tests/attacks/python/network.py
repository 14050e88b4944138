import socket
import urllib.request

from probe import attempt, call, libc

MESSAGE = b"out of the sandbox"


def stream(family, address):
    with socket.socket(family) as line:
        line.settimeout(1)
        line.connect(address)
        line.sendall(MESSAGE)


def datagram(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        return line.sendto(MESSAGE, address)


TCP, TCP6, UDP, UDP6 = int("@@tcp@@"), int("@@tcp6@@"), int("@@udp@@"), int("@@udp6@@")
attempt("tcp", lambda: stream(socket.AF_INET, ("127.0.0.1", TCP)))
attempt("tcp6", lambda: stream(socket.AF_INET6, ("::1", TCP6)))
attempt("tcp to every address", lambda: stream(socket.AF_INET, ("0.0.0.0", TCP)))
attempt("udp", lambda: datagram(socket.AF_INET, ("127.0.0.1", UDP)))
attempt("udp6", lambda: datagram(socket.AF_INET6, ("::1", UDP6)))
attempt("unix", lambda: stream(socket.AF_UNIX, "@@open@@/socket"))
attempt("abstract", lambda: stream(socket.AF_UNIX, "\0@@abstract@@"))
attempt("http", lambda: urllib.request.urlopen(f"http://127.0.0.1:{TCP}/", timeout=1))
attempt("listening", lambda: socket.create_server(("127.0.0.1", 0)))
attempt("listening, unix", lambda: socket.socket(socket.AF_UNIX).bind("\0mark-of-an-attack"))
attempt("pair", lambda: socket.socketpair())
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
attempt("vsock", lambda: socket.socket(socket.AF_VSOCK).connect((2, 2024)))
attempt("alg", lambda: socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET))
attempt("bluetooth", lambda: socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, 1))
attempt("sctp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132))
attempt("names", lambda: socket.getaddrinfo("example.com", 80))
attempt("local names", lambda: socket.getaddrinfo("localhost", 80))
attempt("by number: socket", lambda: call(41, 2, 1, 0))
attempt("by number: socketpair", lambda: call(53, 1, 1, 0, (__import__("ctypes").c_int * 2)()))
attempt("by number: io_uring", lambda: call(425, 8, __import__("ctypes").create_string_buffer(256)))
for fd in range(64):
    try:
        socket.socket(fileno=fd)
    except OSError:
        continue
    attempt(f"descriptor {fd} is a socket", lambda: None)
