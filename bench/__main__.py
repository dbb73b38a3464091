"""`python -m bench [group …]`: run the groups, print their figures, keep them in var/bench.json."""

import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import bench
from bench import figures

KEPT = Path(__file__).resolve().parent.parent / "var" / "bench.json"


def groups() -> dict[str, Callable[[], Iterable[figures.Figure]]]:
    """Every module of the bench that can be run, by name."""
    found: dict[str, Callable[[], Iterable[figures.Figure]]] = {}
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name not in {"settings", "urls", "bare", "bookers", "__main__"}:  # those need Django
            run = getattr(_load(module.name), "run", None)
            if run is not None:
                found[module.name] = run
    return found


def _load(name: str) -> ModuleType:
    return importlib.import_module(f"bench.{name}")


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def main(names: list[str]) -> int:
    """Run them; 1 when a figure misses what was wanted."""
    known = groups()
    if unknown := set(names) - set(known):
        sys.exit(f"There is no group {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
    # Asked to stop, by whatever way: every group puts its servers and folders away.
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, _stop)
    measured: list[figures.Figure] = []
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for name in names or known:
        for figure in known[name]():
            print(figures.table([figure]), flush=True)
            measured.append(figure)
    figures.write(measured, KEPT)
    missed = [each.name for each in measured if each.ok is False]
    print(f"{len(measured)} figures in {KEPT}" + (f", {len(missed)} miss: {', '.join(missed)}" if missed else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
