"""A process that keeps one server for all who share it: `python keeper.py COMMAND...`.

It starts the command, whose first line on standard output is to be the server's URI, and prints
one line of JSON: the URI, and the port and the token of the keeper. Who uses the server holds a
connection to that port, on which the keeper says its token. When the last of them has gone, in
whatever way, the server is stopped: a killed worker leaves nothing behind.
"""

import json
import secrets
import selectors
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

KEEP = "--keep"
FIRST_SECONDS = 60.0
"""How long the server is kept for somebody to come."""
STOP_SECONDS = 20.0


def main(arguments: list[str]) -> int:
    """Starts the keeper and leaves it running, or keeps the server itself."""
    if arguments[0] == KEEP:
        return keep(arguments[1:])
    command = [sys.executable, "-I", __file__, KEEP, *arguments]
    # A session of its own: Ctrl-C in the terminal is for the tests, which then let go of it.
    keeper = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    line = keeper.stdout.readline() if keeper.stdout else ""
    if line:
        print(line, end="")
        return 0
    print(keeper.communicate()[1], file=sys.stderr)
    return 1


def keep(command: list[str]) -> int:
    """Serves until nobody is left. The server works in a directory that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="earnorm-server-") as directory:
        log = Path(directory) / "server.log"
        with log.open("w") as errors:
            server = subprocess.Popen(
                command,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
            )
        assert server.stdout is not None
        with server, server.stdout:
            uri = server.stdout.readline().strip()
            if not uri.startswith("mongodb://"):
                print(f"{' '.join(command)}\n{uri}\n{log.read_text('utf-8')}", file=sys.stderr)
                return server.wait(STOP_SECONDS) or 1
            last = wait_for_the_last(uri)
            stop(server)
            if last:
                last.close()
    return 0


def wait_for_the_last(uri: str) -> socket.socket | None:
    """The connection of the last user, who has gone and waits for the end; none if nobody came."""
    token = secrets.token_hex(8)
    with socket.create_server(("127.0.0.1", 0)) as listener, selectors.DefaultSelector() as waiting:
        print(json.dumps({"uri": uri, "port": listener.getsockname()[1], "token": token}))
        sys.stdout.flush()
        waiting.register(listener, selectors.EVENT_READ)
        users = 0
        while ready := waiting.select(None if users else FIRST_SECONDS):
            for key, _ in ready:
                if key.fileobj is listener:
                    newcomer, _ = listener.accept()
                    newcomer.sendall(token.encode())
                    waiting.register(newcomer, selectors.EVENT_READ)
                    users += 1
                elif isinstance(gone := key.fileobj, socket.socket):
                    users -= 1
                    if not users:
                        return gone
                    waiting.unregister(gone)
                    gone.close()
    return None


def stop(server: "subprocess.Popen[str]") -> None:
    """Asks the server to stop, and ends it when it does not."""
    server.terminate()
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
