"""The content's own commands: check it, derive from it, exchange its translations, show it to reviewers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from knowledge import review, rules, training_data, xliff
from knowledge.base import CONTENT, KnowledgeBase, load
from knowledge.reading import ContentError
from knowledge.records import Language

ROOT = CONTENT.parent


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns the exit status."""
    given = _parser().parse_args(arguments)
    try:
        base = load(CONTENT)
        match given.command:
            case "check":
                return _check(base, ROOT)
            case "derive":
                return _derive(base, ROOT)
            case "export":
                return _export(base, Language(given.language), given.path)
            case "import":
                return _import(base, given.path, ROOT)
            case _:
                return _review(base, given.path)
    except ContentError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="knowledge", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("check", help="hold the content to its rules")
    commands.add_parser("derive", help="write what Rasa learns from the content")
    command = commands.add_parser("export", help="write what needs review in a language, for a translators' tool")
    command.add_argument("language", choices=[str(language) for language in xliff.TARGETS])
    command.add_argument("path", nargs="?", type=Path, help="the XLIFF file; var/xliff/<language>.xlf if not given")
    command = commands.add_parser("import", help="take over what came back from a translators' tool")
    command.add_argument("path", type=Path, help="the XLIFF file")
    command = commands.add_parser("review", help="write the page for language reviewers")
    default = ROOT / "var/review/index.html"
    command.add_argument("path", nargs="?", type=Path, default=default, help="var/review/index.html if not given")
    return parser


def _check(base: KnowledgeBase, root: Path) -> int:
    findings = [str(finding) for finding in rules.check(base)]
    stale = training_data.out_of_date(training_data.derive(base, root))
    findings += [f"{path}: not what knowledge/ says; run `make derive` and commit it" for path in stale]
    for finding in findings:
        print(finding, file=sys.stderr)
    used, known = rules.coverage(base)
    entries = sum(entry.answered for entry in base.entries.values())
    print(f"{entries} entries and {len(base.entries) - entries} gaps; {used} of {known} facts used")
    return 1 if findings else 0


def _derive(base: KnowledgeBase, root: Path) -> int:
    for path in training_data.write(training_data.derive(base, root)):
        print(f"wrote {path.relative_to(root)}")
    return 0


def _export(base: KnowledgeBase, language: Language, path: Path | None) -> int:
    count = sum(entry.needs_review_in(language) for entry in base.entries.values())
    if not count:
        print(f"nothing needs review in {language}")
        return 0
    path = path or ROOT / f"var/xliff/{language}.xlf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(xliff.export(base, language), encoding="utf-8")
    print(f"wrote {path}: {count} of {len(base.entries)} entries need review in {language}")
    return 0


def _import(base: KnowledgeBase, path: Path, root: Path) -> int:
    try:
        written = xliff.import_(base, path.read_text(encoding="utf-8-sig"), root)
    except xliff.DocumentError as error:
        print(f"{path}:{error.line}: {error.problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{path}: {error.strerror}; give the path of an XLIFF file", file=sys.stderr)
        return 1
    except UnicodeDecodeError:
        print(f"{path}: not UTF-8; save it as UTF-8 in your tool", file=sys.stderr)
        return 1
    for file in written:
        print(f"wrote {file.relative_to(root)}")
    if not written:
        print("nothing in it is new")
        return 0
    load(CONTENT)  # A translation that is new may have no questions yet; this says so.
    print("run `make derive`, then `make check`")
    return 0


def _review(base: KnowledgeBase, path: Path) -> int:
    review.write(base, path)
    print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
