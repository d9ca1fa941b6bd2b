"""Work shared out to all cores, in training: what one process would do one after the other."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")


def at_once(*works: Callable[[], Result]) -> list[Result]:
    """The results of these works in their order, each but the first done in a process forked from this one.

    A forked process has everything that this one has loaded, and starts at once. Each has one thread for its matrices.
    OpenMP's threads do not survive a fork: who uses it must do with one.

    Raises:
        RuntimeError: a process ended without a result; its traceback is on the standard error.
    """
    context = multiprocessing.get_context("fork")
    running = []
    for work in works[1:]:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_send, args=(work, theirs))
        process.start()
        theirs.close()
        running.append((process, ours))
    with threadpool_limits(1):
        results = [works[0]()]
    for process, ours in running:
        try:
            results.append(ours.recv())
        except EOFError as gone:
            process.join()
            raise RuntimeError(f"a training process ended with status {process.exitcode}; see above") from gone
        process.join()
    return results


def shared_out(work: Callable[[Sequence[Item]], Iterable[Result]], items: Sequence[Item]) -> list[Result]:
    """`work` on all items, dealt to as many processes as there are cores; its results in the order of the items."""
    cores = min(len(os.sched_getaffinity(0)), max(1, len(items)))
    shares = at_once(*(_bound(work, items[start::cores]) for start in range(cores)))
    results: list[Result] = [None] * len(items)  # type: ignore[list-item]
    for start, share in enumerate(shares):
        results[start::cores] = share
    return results


def _bound(work: Callable[[Sequence[Item]], Iterable[Result]], share: Sequence[Item]) -> Callable[[], Iterable[Result]]:
    return lambda: work(share)


def _send(work: Callable[[], Result], to: Connection) -> None:
    with threadpool_limits(1):
        to.send(work())
    to.close()
