"""`python -m bot.evaluate`: asks all development questions and writes the figures as JSON and as a page."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import jinja2

from bot.evaluate.asking import Running, ask, assistant, converse
from bot.evaluate.benchmark import PUBLISHED, Benchmark, run
from bot.evaluate.dialogues import is_right, load_dialogues
from bot.evaluate.figures import Figures, Verdict, compute
from bot.evaluate.questions import load as load_questions
from bot.settings import ROOT, Settings
from knowledge.base import KnowledgeBase, load
from knowledge.reading import ContentError

QUESTIONS = ROOT / "tests/development"
TEMPLATES = Path(__file__).parent / "templates"


def main() -> int:
    """Runs the evaluation; returns the exit status."""
    try:
        base = load()
        with tempfile.TemporaryDirectory() as folder, assistant(Path(folder)) as running:
            figures = measure(running, base)
        benchmark = run([asked.question.text for asked in load_questions(QUESTIONS, base)])
    except (ContentError, RuntimeError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    written = write(figures, Settings().data / "evaluation", benchmark)
    print(summary(figures, benchmark))
    for path in written:
        print(path)
    return 0


def measure(running: Running, base: KnowledgeBase) -> Figures:
    """The figures of a running assistant on all development questions and dialogues.

    Raises:
        ContentError: a file of them does not fit.
    """
    turns = ask(running, load_questions(QUESTIONS, base))
    lines = converse(running, load_dialogues(QUESTIONS, base))
    return compute(turns, base, [(turn, is_right(line, turn, base)) for line, turn in lines])


def write(figures: Figures, folder: Path, benchmark: Benchmark | None = None) -> list[Path]:
    """Writes the figures into `folder`; returns the paths of the JSON files and of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    as_json, page = folder / "figures.json", folder / "index.html"
    as_json.write_text(figures.model_dump_json(indent=1), encoding="utf-8")
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
    template = templates.get_template("evaluation.html")
    page.write_text(
        template.render(figures=figures, verdicts=list(Verdict), benchmark=benchmark, published=PUBLISHED),
        encoding="utf-8",
    )
    if benchmark is None:
        return [as_json, page]
    hint3 = folder / "hint3.json"
    hint3.write_text(benchmark.model_dump_json(indent=1), encoding="utf-8")
    return [as_json, hint3, page]


def summary(figures: Figures, benchmark: Benchmark | None = None) -> str:
    """The figures in a few lines."""
    lines = [
        f"questions with an answer: {figures.right:.1%} right, {figures.falsely_refused:.1%} refused or referred",
        f"out of scope: {figures.outside_answered:.1%} answered all the same",
        f"expected calibration error of the answers: {figures.calibration_error:.3f}",
        f"turns of dialogues: {figures.dialogue_turns_right:.1%} right",
        f"answered in the language of the question: {figures.language_right:.1%}",
        *(f"{language}: {right:.1%} right" for language, right in figures.languages.items()),
    ]
    for kind, groups in figures.groups.items():
        lines += [f"{kind:9} {g.name:36} {g.turns:4} {g.right:7.1%} right" for g in groups]
    if benchmark:
        compared = {"ours": benchmark.mean("ours"), "Rasa stock": benchmark.mean("stock"), **PUBLISHED}
        lines += [f"HINT3     {name:36} accuracy {s.accuracy:.3f}, AUROC {s.auroc:.3f}" for name, s in compared.items()]
        ours, stock = benchmark.parsing["ours"], benchmark.parsing["stock"]
        lines += [
            f"parsing   {at}: {ours[at]:.1f} ms, stock {stock[at]:.1f} ms, ratio {ours[at] / stock[at]:.2f}"
            for at in ours
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
