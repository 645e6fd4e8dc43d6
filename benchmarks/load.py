"""The service under load, beside PostgreSQL's own speed on the same machine at the same time.

    python -m benchmarks.load send        final POSTs, 64 connections, against pgbench's inserts
    python -m benchmarks.load page        question pages, 32 connections, against the same control
    python -m benchmarks.load evening     10,000 residents in ten minutes, each a whole journey
    …                     --workers 2     web processes (2)

The control is ``pgbench`` with 32 clients, inserting the same row of 2 KB; rounds of it stand
between those of the service, so that a noisy machine slows both. Ratios are what to compare.
The driver runs on the same cores and takes its share of them. A second control, pages of the
same size that the framework serves with nothing behind them, says what could be had at most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable

import asyncpg

from benchmarks.client import Browser
from benchmarks.machine import Machine, empty_pages, machine, pgbench
from benchmarks.residents import BASE, STATIC, WAY, Resident, sent

ROUNDS = 3
CONTROL_SECONDS = 5
ANSWERS = json.dumps({name: form[name] for name, form in WAY.items()})


def percentile(times: list[float], share: float) -> float:
    """The time within which ``share`` of requests were answered."""
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


async def among(count: int, work: Callable[[int], Awaitable[None]], total: int) -> None:
    """``total`` pieces of work, ``count`` at a time."""
    numbers = iter(range(total))

    async def one() -> None:
        for number in numbers:
            await work(number)

    await asyncio.gather(*(one() for _ in range(count)))


# -- final POSTs -----------------------------------------------------------------------------------


async def send_round(target: Machine, total: int, connections: int) -> dict[str, float]:
    """Residents are led to the check page, then all press the last button."""
    browsers = [Browser(target.host, target.port) for _ in range(total)]
    forms: list[dict[str, str]] = [{} for _ in range(total)]

    async def lead(number: int) -> None:
        resident = Resident(browsers[number])
        forms[number] = await resident.to_the_check_page()
        browsers[number].close()

    await among(32, lead, total)
    requests = [b.request("POST", f"{BASE}/check", f) for b, f in zip(browsers, forms, strict=True)]
    lines = [Browser(target.host, target.port) for _ in range(connections)]
    for line in lines:  # connected before the clock starts
        await line.get("/health")
    times: list[float] = []
    queue = iter(requests)

    async def press(line: Browser) -> None:
        for request in queue:
            began = time.perf_counter()
            sent(await line.send(request))
            times.append(time.perf_counter() - began)

    cpu, pg, began = target.cpu_seconds(), target.postgres_cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(press(line) for line in lines))
    took = time.perf_counter() - began
    return {
        "rate": total / took,
        "cpu_ms": (target.cpu_seconds() - cpu) / total * 1000,
        "postgres_cpu_ms": (target.postgres_cpu_seconds() - pg) / total * 1000,
        "p99_ms": percentile(times, 0.99) * 1000,
    }


# -- pages -----------------------------------------------------------------------------------------


async def page_round(target: Machine, total: int, connections: int) -> dict[str, float]:
    """Residents open the page they are at, over and over."""
    lines = [Browser(target.host, target.port) for _ in range(connections)]
    requests = []
    for number, line in enumerate(lines):
        resident = Resident(line)
        await resident.begin()
        names = list(WAY)[: number % 12]
        for name in names:
            await resident.page(name)
        requests.append(line.request("GET", f"{BASE}/q/{list(WAY)[len(names)]}"))
    times: list[float] = []
    left = iter(range(total))

    async def read(line: Browser, request: bytes) -> None:
        for _ in left:
            began = time.perf_counter()
            answer = await line.send(request)
            times.append(time.perf_counter() - began)
            if answer.status != 200:
                raise SystemExit(f"a page was answered {answer.status}")

    cpu, pg, began = target.cpu_seconds(), target.postgres_cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(read(*pair) for pair in zip(lines, requests, strict=True)))
    took = time.perf_counter() - began
    return {
        "rate": total / took,
        "cpu_ms": (target.cpu_seconds() - cpu) / total * 1000,
        "postgres_cpu_ms": (target.postgres_cpu_seconds() - pg) / total * 1000,
        "p50_ms": percentile(times, 0.5) * 1000,
        "p99_ms": percentile(times, 0.99) * 1000,
    }


async def empty_round(port: int, total: int, connections: int) -> float:
    """Pages a second of the framework with nothing behind them."""
    lines = [Browser("127.0.0.1", port) for _ in range(connections)]
    left = iter(range(total))

    async def read(line: Browser) -> None:
        for _ in left:
            await line.get(f"{BASE}/q/why")

    began = time.perf_counter()
    await asyncio.gather(*(read(line) for line in lines))
    return total / (time.perf_counter() - began)


def compared(
    target: Machine, work: Callable[[Machine, int, int], Awaitable[dict[str, float]]],
    total: int, connections: int, workers: int,
) -> None:  # fmt: skip
    """Rounds of ``work`` between rounds of the controls, and their medians."""
    asyncio.run(work(target, total // 4, connections))  # warm
    controls, empties, found = [], [], []
    with empty_pages(workers) as port:
        for _ in range(ROUNDS):
            controls.append(pgbench(target.database, ANSWERS, CONTROL_SECONDS))
            empties.append(asyncio.run(empty_round(port, total, connections)))
            found.append(asyncio.run(work(target, total, connections)))
            print(
                f"  control {controls[-1]:.0f}/s  empty pages {empties[-1]:.0f}/s  "
                + _said(found[-1]),
                flush=True,
            )
    middle = {key: statistics.median(each[key] for each in found) for key in found[0]}
    control, empty = statistics.median(controls), statistics.median(empties)
    print(f"median: control {control:.0f}/s, empty pages {empty:.0f}/s, {_said(middle)}")
    print(f"ratio to the control: {middle['rate'] / control:.2f}")
    print(f"ratio to empty pages: {middle['rate'] / empty:.2f}")


def _said(found: dict[str, float]) -> str:
    return "  ".join(f"{key} {value:.2f}" for key, value in found.items())


# -- an evening ------------------------------------------------------------------------------------


async def evening(target: Machine, residents: int, seconds: float, seed: int) -> None:
    """Residents come by chance, each on their own time, whether or not the service keeps up."""
    chance = random.Random(seed)  # noqa: S311  arrivals, no secret
    times: dict[str, list[float]] = {"GET": [], "POST": [], "send": []}
    wrong: list[str] = []
    fetched: list[str] = []

    async def come(after: float, pauses: list[float]) -> None:
        await asyncio.sleep(after)
        browser = Browser(target.host, target.port)
        ask = browser.send

        async def timed(request: bytes) -> object:
            began = time.perf_counter()
            answer = await ask(request)
            kind = "send" if b"/check HTTP" in request and request[:4] == b"POST" else None
            times[kind or request[:4].decode().strip()].append(time.perf_counter() - began)
            return answer

        browser.send = timed  # the same, with a clock
        try:
            resident = Resident(browser)
            for path in fetched:
                await browser.get(path)
            await resident.begin()
            for name, pause in zip(WAY, pauses, strict=True):
                await asyncio.sleep(pause)
                await resident.page(name)
            form = await resident.check()
            sent(await browser.post(f"{BASE}/check", form))
            await browser.get(f"{BASE}/sent")
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        finally:
            browser.close()

    first = await Browser(target.host, target.port).get(BASE)
    fetched += STATIC.findall(first.body.decode())
    began = time.perf_counter()
    came = [
        come(chance.uniform(0, seconds), [chance.expovariate(1 / 1.5) for _ in WAY])
        for _ in range(residents)
    ]
    await asyncio.gather(*came)
    took = time.perf_counter() - began
    for kind, each in times.items():
        shares = ", ".join(
            f"p{s * 100:g} {percentile(each, s) * 1000:.0f} ms" for s in (0.5, 0.95, 0.99)
        )
        print(f"{kind:5} {len(each):7} requests: {shares}, longest {max(each) * 1000:.0f} ms")
    every = [t for each in times.values() for t in each]
    print(f"all   {len(every):7} requests: p99 {percentile(every, 0.99) * 1000:.0f} ms")
    print(f"{residents} residents in {took:.0f} s, {len(wrong)} with an error {wrong[:3]}")
    connection = await asyncpg.connect(target.database.dsn)
    stored = await connection.fetchval("SELECT count(*) FROM response")
    print(f"{stored} responses stored")
    await connection.close()


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["send", "page", "evening"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--residents", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--total", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with machine(args.workers) as target:
        if args.what == "send":
            compared(target, send_round, args.total, 64, args.workers)
        elif args.what == "page":
            compared(target, page_round, args.total * 4, 32, args.workers)
        else:
            asyncio.run(evening(target, args.residents, args.seconds, args.seed))


if __name__ == "__main__":
    main()
