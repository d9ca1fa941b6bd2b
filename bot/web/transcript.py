"""A conversation as plain text, for the delegate to keep."""

from __future__ import annotations

from collections.abc import Iterable

from bot.web.bodies import Said
from knowledge.phrases import Phrases


def transcript(said: Iterable[Said], phrases: Phrases) -> str:
    """Who said what and when (UTC), with the sources and the contact under each answer."""
    blocks = []
    for one in said:
        lines = [f"[{one.at:%Y-%m-%d %H:%M} UTC] {_who(one, phrases)}: {one.text}"]
        if one.reply:
            lines += [f"  {phrases('window.sources')}: {s.title} ({s.date}) {s.url}" for s in one.reply.sources]
            if one.reply.contact:
                lines.append(f"  {phrases('window.contact')}: {one.reply.contact.name}, {one.reply.contact.title}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _who(one: Said, phrases: Phrases) -> str:
    if one.reply and one.reply.person:
        marked = phrases("window.from_person", reference=one.reply.person.reference)
        return f"{one.reply.person.name} ({marked})"
    return phrases("window.you" if one.role == "delegate" else "window.assistant")
