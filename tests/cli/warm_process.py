"""Runs the earnorm command in a process that has imported it already: hundreds of tests start one.

As a program it reads requests, a line of JSON each, and answers each with an exit code. A request is
answered by a fork, which then goes the way of any process of the command: nothing of it comes back.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

__all__ = ["WarmProcess"]

_OPTIONS = ("-P", "-W", "error")


class WarmProcess:
    """A process that has imported the command and does nothing else."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *_OPTIONS, __file__],
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "PYTHONIOENCODING": "utf-8",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        atexit.register(self.close)

    def run(
        self, arguments: Sequence[str], *, directory: Path, environment: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """The command with these arguments, in the directory, with the path of Python that `PYTHONPATH` says."""
        with TemporaryDirectory() as place:
            out, err = Path(place) / "out", Path(place) / "err"
            request = {
                "arguments": [*arguments],
                "directory": str(directory),
                "environment": dict(environment),
                "out": str(out),
                "err": str(err),
            }
            requests, answers = self._process.stdin, self._process.stdout
            assert requests is not None
            assert answers is not None
            requests.write(json.dumps(request) + "\n")
            requests.flush()
            code = int(answers.readline())
            return subprocess.CompletedProcess(
                [*arguments], code, out.read_text("utf-8"), err.read_text("utf-8")
            )

    def close(self) -> None:
        """Ends the process."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()


def _serve(requests: IO[str]) -> dict[str, Any] | None:
    """Answers each request by a fork; gives the fork its request, and None at the end."""
    for line in requests:
        if (child := os.fork()) == 0:
            request: dict[str, Any] = json.loads(line)
            return request
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
    return None


def _enter(request: Mapping[str, Any]) -> None:
    """Makes the process what the request asks for."""
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.path[: len(sys.path)] = request["environment"]["PYTHONPATH"].split(os.pathsep)
    sys.argv = ["earnorm", *request["arguments"]]
    for path, descriptor in ((os.devnull, 0), (request["out"], 1), (request["err"], 2)):
        flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(path, flags), descriptor)


if __name__ == "__main__":
    import earnorm.cli.application  # noqa: F401 # what takes the time
    from earnorm.cli import main

    if (request := _serve(sys.stdin)) is not None:
        _enter(request)
        main()
