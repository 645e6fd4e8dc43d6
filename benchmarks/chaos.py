"""What happens when things are killed, full or slow, under load.

    python -m benchmarks.chaos kills --times 50   SIGKILL of the service, PostgreSQL, one backend
    python -m benchmarks.chaos full               the disk runs full and is emptied (Linux, as root)
    python -m benchmarks.chaos slow               1,000 clients that send a byte now and then

``kills`` and ``full`` insist: no acknowledged response lost, none stored twice, no draft gone.
The residents are those of ``tests/integration/test_crash.py``, who try again as people do.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from benchmarks.client import Browser
from benchmarks.load import percentile
from benchmarks.machine import Machine, machine
from benchmarks.residents import BASE, Resident
from tests.integration import test_crash as crash
from tests.integration.service import Service

CLIENTS = 16
#: Confirmed responses between one kill and the next.
BETWEEN = 12


@contextmanager
def service(folder: Path, **environment: str) -> Iterator[Service]:
    """The tests' survey, served from a folder."""
    folder.chmod(0o711)
    made = Service(folder)
    made.environment |= {"CONSULT_RATE_LIMITS": "off", "CONSULT_WORKERS": "2", **environment}
    try:
        made.command("migrate")
        made.command("survey", "publish", str(crash.SURVEY))
        made.start()
        yield made
    finally:
        made.close()


def kill_web(target: Service) -> None:
    """One web process; its supervisor starts another."""
    main = psutil.Process(target.process.pid)
    web = [p for p in main.children() if p.name() != "postgres" and "worker" not in p.cmdline()]
    web[-1].kill()


def kill_backend(target: Service) -> None:
    """One of PostgreSQL's processes: it ends them all and recovers by itself."""
    names = ("client backend", "idle", "INSERT", "UPDATE", "SELECT", "COMMIT")
    backends = [
        child
        for child in target.postmaster().children()
        if any(name in " ".join(child.cmdline()) for name in names)
    ]
    if backends:
        backends[0].kill()


def kill_postgres(target: Service) -> None:
    """PostgreSQL's first process; the service starts it again."""
    target.postmaster().kill()


def until_well(target: Service) -> float:
    """Seconds until a page that needs the database is there again, asked every 20 ms."""
    began = time.monotonic()
    while True:
        try:
            if httpx.get(f"{target.url}/s/everything/en", timeout=5).status_code == 200:
                return time.monotonic() - began
        except httpx.TransportError:
            pass
        time.sleep(0.02)


def judged(target: Service, tally: crash.Tally) -> None:
    """Compare what was acknowledged with what is there. Ends the program if they differ."""
    target.stop()
    rows = crash.responses(target.data)
    ids = list(tally.confirmed.values())
    lost = [each for each in ids if each not in rows]
    print(
        f"{len(ids)} acknowledged, {len(rows)} stored, {len(lost)} lost, "
        f"{len(ids) - len(set(ids))} twice, {tally.started_over} drafts gone, "
        f"{tally.retries} requests tried again ({tally.retried_sends} of a submission)"
    )
    if lost or len(set(ids)) != len(ids) or tally.started_over or len(rows) != len(ids):
        raise SystemExit("something was lost or doubled")


def kills(times: int) -> None:
    """Kill something again and again while residents answer."""
    folder = Path(tempfile.mkdtemp(prefix="consult-chaos-"))
    took: dict[str, list[float]] = {}
    orders: dict[str, Callable[[Service], None]] = {
        "web process": kill_web, "PostgreSQL": kill_postgres, "backend": kill_backend
    }  # fmt: skip
    with service(folder) as target, ThreadPoolExecutor(CLIENTS) as pool:
        tally = crash.Tally()
        numbers = iter(range((times + 1) * BETWEEN + CLIENTS))
        clients = [pool.submit(crash.reside, target.url, tally, numbers) for _ in range(CLIENTS)]
        for count, name in zip(range(1, times + 1), itertools.cycle(orders), strict=False):
            crash.kill_in_flight(tally, count * BETWEEN, lambda name=name: orders[name](target))
            took.setdefault(name, []).append(until_well(target))
        for client in clients:
            client.result()
        for name, seconds in took.items():
            print(
                f"{name}: killed {len(seconds)} times, answering again after "
                f"{statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (longest)"
            )
        judged(target, tally)
    shutil.rmtree(folder, ignore_errors=True)


def full() -> None:
    """Fill the disk under the database while residents answer, and empty it."""
    folder = Path(tempfile.mkdtemp(prefix="consult-full-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)  # noqa: S603  Linux's own
    folder.chmod(0o711)
    (folder / "service").mkdir()
    try:
        with service(folder / "service") as target, ThreadPoolExecutor(CLIENTS) as pool:
            tally = crash.Tally()
            clients = [
                pool.submit(crash.reside, target.url, tally, iter_) for iter_ in _shares(400)
            ]
            _wait(lambda: len(tally.confirmed) > 60)
            ballast = folder / "ballast"
            with ballast.open("wb", buffering=0) as file:
                while True:
                    try:
                        file.write(bytes(65536))
                    except OSError:
                        break
            before = tally.retries
            seen = _statuses(target, 10)
            print(
                f"disk full: pages answered {seen}, {tally.retries - before} requests tried again"
            )
            ballast.unlink()
            print(f"emptied: well after {until_well(target):.2f} s")
            for client in clients:
                client.result()
            judged(target, tally)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S603, S607  the same
        shutil.rmtree(folder, ignore_errors=True)


def _shares(total: int) -> list[Iterator[int]]:
    numbers = iter(range(total))
    return [numbers] * CLIENTS


def _wait(done: Callable[[], bool]) -> None:
    while not done():
        time.sleep(0.05)


def _statuses(target: Service, seconds: float) -> dict[int, int]:
    """What starting a survey (which is stored) is answered for some seconds."""
    seen: dict[int, int] = {}
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            status = httpx.post(f"{target.url}/s/everything/en/start", timeout=10).status_code
        except httpx.TransportError:
            status = 0
        seen[status] = seen.get(status, 0) + 1
        time.sleep(0.1)
    return seen


# -- slow clients ----------------------------------------------------------------------------------


def slow(clients: int) -> None:
    """The time of pages with and without clients that hold a connection and hardly send."""
    with machine(2) as target:
        asyncio.run(_slow(target, clients))


async def _slow(target: Machine, clients: int) -> None:
    line = Browser(target.host, target.port)
    await Resident(line).begin()
    request = line.request("GET", f"{BASE}/q/lives")

    async def pages(total: int) -> list[float]:
        lines = [Browser(target.host, target.port, dict(line.cookies)) for _ in range(8)]
        times: list[float] = []

        async def read(one: Browser) -> None:
            for _ in range(total // 8):
                began = time.perf_counter()
                await one.send(request)
                times.append(time.perf_counter() - began)
                await asyncio.sleep(0.005)

        await asyncio.gather(*(read(one) for one in lines))
        return times

    async def dawdle() -> None:
        _, writer = await asyncio.open_connection(target.host, target.port)
        try:
            for byte in itertools.cycle(request[:-2]):
                writer.write(bytes([byte]))
                await asyncio.sleep(1)
        except OSError:
            return
        finally:
            writer.close()

    await pages(800)
    ratios = []
    for _ in range(3):
        alone = percentile(await pages(2400), 0.99)
        slows = [asyncio.create_task(dawdle()) for _ in range(clients)]
        await asyncio.sleep(2)
        among = percentile(await pages(2400), 0.99)
        for task in slows:
            task.cancel()
        await asyncio.gather(*slows, return_exceptions=True)
        ratios.append(among / alone)
        print(f"p99 alone {alone * 1000:.1f} ms, among {clients} {among * 1000:.1f} ms")
    print(f"ratio (median): {statistics.median(ratios):.2f}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["kills", "full", "slow"])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--clients", type=int, default=1000)
    args = parser.parse_args()
    if args.what == "kills":
        kills(args.times)
    elif args.what == "full":
        full()
    else:
        slow(args.clients)


if __name__ == "__main__":
    main()
