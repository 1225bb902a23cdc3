"""The stand-ins as they lie ready to be started: fetched and built once, outside the checkout."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

SOURCES = Path(__file__).parent


class BuildFailedError(RuntimeError):
    """A stand-in could not be fetched or built; the message is what the tool said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """A server that is fetched by the tools of its language."""

    kind: str
    sources: Path
    tools: tuple[str, ...]
    """The programs that must be on PATH."""
    remedy: str
    """What to install to have them."""
    build: Callable[[Path, Path], None]
    """Builds the sources in the first directory into the second, which is empty."""
    command: Callable[[Path], Sequence[str]]
    """What starts the server that was built into the directory."""


def built(stand_in: StandIn, cache: Path) -> Sequence[str]:
    """The command that starts the stand-in, which is built first if this was never done.

    Safe across processes: one builds, and the others wait for it.
    """
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / f"{stand_in.kind}-{fingerprint(stand_in.sources)}"
    with FileLock(cache / f"{stand_in.kind}.lock"):
        if not target.exists():
            half = target.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            stand_in.build(stand_in.sources, half)
            half.rename(target)
    return stand_in.command(target)


def fingerprint(sources: Path) -> str:
    """Differs when any of the sources does."""
    digest = hashlib.sha256()
    for path in sorted(sources.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """Where builds outlive the run: `earnorm-tests` in the person's cache."""
    caches = environment.get("XDG_CACHE_HOME")
    return (Path(caches) if caches else Path.home() / ".cache") / "earnorm-tests"


def _run(command: Sequence[str], cwd: Path) -> None:
    # Windows starts `mvn.cmd` only by its full name.
    program = shutil.which(command[0]) or command[0]
    done = subprocess.run(
        [program, *command[1:]],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise BuildFailedError(f"{' '.join(command)}\n{done.stdout[-4000:]}")


def _build_mongo_java_server(sources: Path, target: Path) -> None:
    pom = str(sources / "pom.xml")
    libraries = f"-DoutputDirectory={target / 'libraries'}"
    copy = "dependency:copy-dependencies"
    _run(["mvn", "-B", "-q", "-f", pom, copy, libraries, "-DincludeScope=runtime"], target)
    main = str(sources / "Main.java")
    _run(["javac", "-cp", str(target / "libraries" / "*"), "-d", str(target), main], target)


def _start_mongo_java_server(target: Path) -> Sequence[str]:
    path = f"{target / 'libraries' / '*'}{os.pathsep}{target}"
    # The first compiler alone: half the start-up time, and less of it taken from the tests.
    return ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", path, "Main"]


def _build_ferretdb(sources: Path, target: Path) -> None:
    # Without symbols the linker is quicker and the program a third smaller.
    flags = ["-mod=readonly", "-trimpath", "-ldflags=-s -w"]
    _run(["go", "build", *flags, "-o", str(target / "ferretdb"), "."], sources)


def _start_ferretdb(target: Path) -> Sequence[str]:
    return [str(target / "ferretdb")]


MONGO_JAVA_SERVER = StandIn(
    kind="mongo-java-server",
    sources=SOURCES / "mongo_java_server",
    tools=("java", "javac", "mvn"),
    remedy="a JDK from 17 on and Maven",
    build=_build_mongo_java_server,
    command=_start_mongo_java_server,
)
FERRETDB = StandIn(
    kind="ferretdb",
    sources=SOURCES / "ferretdb",
    tools=("go",),
    remedy="Go from 1.24 on",
    build=_build_ferretdb,
    command=_start_ferretdb,
)
STAND_INS = {stand_in.kind: stand_in for stand_in in (MONGO_JAVA_SERVER, FERRETDB)}
