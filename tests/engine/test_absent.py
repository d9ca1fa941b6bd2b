"""What serving leaves out can be imported and not used; the rest of Rasa works without it."""

from __future__ import annotations

import subprocess
import sys

PRELUDE = "from bot.engine.absent import LEFT_OUT, LeftOut, leave_out, seal; leave_out()\n"


def run(program: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", PRELUDE + program]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_server_is_imported_without_what_is_left_out() -> None:
    done = run(
        "import sys, rasa.core.run\n"
        "import bot.engine.request_classifier, bot.engine.gazetteer, bot.engine.lighter\n"
        "from importlib.machinery import SourceFileLoader\n"
        "real = [n for n, m in sys.modules.items() if n.split('.')[0] in LEFT_OUT and getattr(m, '__file__', None)]\n"
        "assert not real, real\n"
    )
    assert done.returncode == 0, done.stderr


def test_what_is_used_of_it_is_named() -> None:
    done = run(
        "import tensorflow as tf\nseal()\ntry:\n    tf.constant(1)\nexcept LeftOut as error:\n    print(error)\n"
    )
    assert "tensorflow.constant is used" in done.stdout, done.stderr
    assert "config.yml" in done.stdout


def test_where_a_broker_is_used_what_it_is_spoken_to_by_is_not_left_out() -> None:
    kept = PRELUDE.replace("import LEFT_OUT", "import BROKER, LEFT_OUT").replace(
        "leave_out()", "leave_out(kept=BROKER)"
    )
    program = "import rasa.core.brokers.pika as pika\nseal()\nprint(pika.aio_pika.Message(b'an event').body)\n"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", kept + program], capture_output=True, text=True, check=False
    )
    assert "b'an event'" in done.stdout, done.stderr


def test_what_is_imported_already_cannot_be_left_out() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.modules['keras'] = sys\n" + PRELUDE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "keras cannot be left out" in done.stderr
