"""Opening, reading, writing and erasing conversations."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.outcome import Outcome
from bot.conversation.reply import Reply, ReplyBody
from bot.store.cases import forget_conversation
from bot.store.database import Place, Sessions, are_shared, is_postgresql, writing
from bot.store.nodes import living
from bot.store.record_tables import TurnChangeRow
from bot.store.tables import ConversationRow, FeedbackRow, MessageRow, MessageState, ReplyRow, table_of
from bot.store.traces import Traces
from bot.store.turns import forget_turns, turns_changed
from bot.store.word import said
from knowledge.records import Language

_CONVERSATIONS, _MESSAGES, _REPLIES = (table_of(rows) for rows in (ConversationRow, MessageRow, ReplyRow))
# What every message needs is made once, and goes past the objects.
_BY_TOKEN = select(_CONVERSATIONS).where(_CONVERSATIONS.c.token_hash == bindparam("token_hash"))
_LANGUAGE = select(_CONVERSATIONS.c.language).where(_CONVERSATIONS.c.id == bindparam("conversation"))
_TAKE = (
    select(_CONVERSATIONS.c.said_at, _CONVERSATIONS.c.language)
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .with_for_update(key_share=True)
)
_SAID = (
    update(_CONVERSATIONS)
    .where(_CONVERSATIONS.c.id == bindparam("conversation"))
    .values(said_at=bindparam("at"), language=bindparam("speaks"))
)
_ACCEPT, _REPLY = insert(_MESSAGES).returning(_MESSAGES.c.id), insert(_REPLIES)
_CONVERSATION_OF = select(_MESSAGES.c.conversation_id).where(_MESSAGES.c.id == bindparam("message"))
_ANSWER = (
    update(_MESSAGES)
    .where(_MESSAGES.c.id == bindparam("message"), _MESSAGES.c.state != MessageState.ANSWERED)
    .values(
        state=MessageState.ANSWERED,
        **{name: bindparam(f"new_{name}") for name in ("outcome", "incident", "trace", "answered_at")},
    )
    .returning(_MESSAGES.c.id)
)


@dataclass(frozen=True)
class Answer:
    """How a turn ended, ready to be stored."""

    outcome: Outcome
    replies: tuple[ReplyBody, ...]
    incident: str | None
    trace: dict[str, Any]


class Conversations:
    """The record of conversations. Every method is one transaction.

    What `node` accepts it answers, as long as it lives (bot.store.nodes). Whoever changes a conversation and what is in
    it takes the conversation's row first.
    """

    def __init__(self, sessions: Sessions, node: str | None = None) -> None:
        self._sessions, self._traces, self._node = sessions, Traces(), node

    @property
    def node(self) -> str | None:
        """The machine that answers what it accepts."""
        return self._node

    @property
    def are_shared(self) -> bool:
        """Whether other machines may answer in them."""
        return are_shared(self._sessions)

    async def open(
        self, token_hash: str, language: Language, lifetime: timedelta, welcome: ReplyBody
    ) -> tuple[ConversationRow, Reply]:
        """A new conversation and its first reply."""
        now = datetime.now(UTC)
        row = ConversationRow(
            id=str(uuid.uuid4()),
            token_hash=token_hash,
            language=language.value,
            created_at=now,
            expires_at=now + lifetime,
            said_at=now,
        )
        async with self._sessions.begin() as session:
            session.add(row)
            await session.flush()
            (reply,) = replies_of(row.id, None, [welcome], now)
            await session.execute(_REPLY, reply)
        return row, to_reply(ReplyRow(**reply))

    async def by_token(self, token_hash: str) -> ConversationRow | None:
        """The conversation this token opens, unless it has expired."""
        async with self._sessions() as session:
            found = (await session.execute(_BY_TOKEN, {"token_hash": token_hash})).one_or_none()
        return ConversationRow(**found._mapping) if found and found.expires_at > datetime.now(UTC) else None

    async def accept(
        self, conversation_id: str, client_message_id: str, text: str, payload: str | None
    ) -> MessageRow | None:
        """Stores a message as waiting; the same `client_message_id` again gives the row it already has.

        Gives nothing where the conversation was erased in the same moment.
        """
        new: dict[str, Any] = {
            "conversation_id": conversation_id,
            "client_message_id": client_message_id,
            "text": text,
            "payload": payload,
            "state": MessageState.WAITING,
            "node": self._node,
        }
        try:
            async with writing(self._sessions) as session:
                # So that a conversation's messages are seen in the order of their ids, wherever they come in.
                taken = (await session.execute(_TAKE, {"conversation": conversation_id})).one_or_none()
                if taken is None:
                    return None
                new["created_at"] = at = next_moment(taken.said_at, datetime.now(UTC))
                message_id = await session.scalar(_ACCEPT, new)
                told = {"conversation": conversation_id, "at": at, "speaks": taken.language}
                await session.execute(_SAID, told)
                await said(session, conversation_id)
        except IntegrityError:
            return await self._known(conversation_id, client_message_id)
        return MessageRow(id=message_id, **new)

    async def _known(self, conversation_id: str, client_message_id: str) -> MessageRow | None:
        async with self._sessions() as session:
            return await session.scalar(
                select(MessageRow).where(
                    MessageRow.conversation_id == conversation_id,
                    MessageRow.client_message_id == client_message_id,
                )
            )

    async def answer(self, message_id: int, answer: Answer) -> tuple[Outcome, list[Reply]] | None:
        """Stores a turn's replies and its end, and gives them; nothing when it was answered or erased meanwhile."""
        async with writing(self._sessions) as session:
            conversation_id: str | None = await session.scalar(_CONVERSATION_OF, {"message": message_id})
            if conversation_id is None:
                return None
            taken = (await session.execute(_TAKE, {"conversation": conversation_id})).one_or_none()
            if taken is None:
                return None
            now = next_moment(taken.said_at, datetime.now(UTC))
            ended = {
                "message": message_id,
                "new_outcome": answer.outcome.value,
                "new_incident": answer.incident,
                "new_trace": answer.trace,
                "new_answered_at": now,
            }
            if await session.scalar(_ANSWER, ended) is None:
                return None
            await turns_changed(session, [message_id])
            replies = replies_of(conversation_id, message_id, answer.replies, now)
            if replies:
                await session.execute(_REPLY, replies)
            speaks = answer.replies[-1].language if answer.replies else taken.language
            await session.execute(_SAID, {"conversation": conversation_id, "at": now, "speaks": speaks})
            await said(session, conversation_id)
        return answer.outcome, [to_reply(ReplyRow(**reply)) for reply in replies]

    async def language(self, conversation_id: str) -> str | None:
        """The language the conversation is held in, that of the last reply; nothing where it was erased."""
        async with self._sessions() as session:
            found: str | None = await session.scalar(_LANGUAGE, {"conversation": conversation_id})
            return found

    async def answered(self, message_id: int) -> tuple[Outcome, list[Reply]] | None:
        """How the turn ended, or nothing while it waits."""
        async with self._sessions() as session:
            row = await session.get(MessageRow, message_id)
            if row is None or row.outcome is None:
                return None
            replies = await session.scalars(
                select(ReplyRow).where(ReplyRow.message_id == message_id).order_by(ReplyRow.position)
            )
            return Outcome(row.outcome), [to_reply(reply) for reply in replies]

    async def take_waiting(self, *, of_the_gone: bool = False, limit: int = 200) -> Sequence[MessageRow]:
        """The messages that wait for an answer of ours, oldest first; with those that are nobody's any more.

        With `of_the_gone` also, up to `limit`, those of machines that are not heard of.
        """
        waiting = MessageRow.state == MessageState.WAITING
        wanted: list[ColumnElement[bool]] = [waiting]
        async with self._sessions.begin() as session:
            if is_postgresql(session):
                free: ColumnElement[bool] = MessageRow.node.is_(None)
                if of_the_gone:
                    free = or_(free, MessageRow.node.not_in(living()))
                found = select(MessageRow.id).where(waiting, free).order_by(MessageRow.id).limit(limit)
                ids = (await session.scalars(found.with_for_update(skip_locked=True))).all()
                if ids:
                    await session.execute(update(MessageRow).where(MessageRow.id.in_(ids)).values(node=self._node))
                wanted.append(MessageRow.node == self._node)
            return (await session.scalars(select(MessageRow).where(*wanted).order_by(MessageRow.id))).all()

    async def turn_of(self, message: MessageRow) -> bool | None:
        """Whether it is the message's turn; nothing where it is not ours to answer, or not any more.

        It is not while an earlier message of its conversation waits, wherever that is to be answered.
        """
        async with self._sessions() as session:
            rows = await session.execute(
                select(MessageRow.id, MessageRow.node)
                .where(
                    MessageRow.conversation_id == message.conversation_id,
                    MessageRow.state == MessageState.WAITING,
                    MessageRow.id <= message.id,
                )
                .order_by(MessageRow.id)
            )
            waiting = rows.all()
        if not waiting or waiting[-1].id != message.id or waiting[-1].node != self._node:
            return None
        return len(waiting) == 1

    async def let_go(self) -> None:
        """This machine answers no more: others may take what it has not answered."""
        async with self._sessions.begin() as session:
            if is_postgresql(session):
                ours = MessageRow.node == self._node, MessageRow.state == MessageState.WAITING
                await session.execute(update(MessageRow).where(*ours).values(node=None))

    async def history(self, conversation_id: str) -> tuple[Sequence[MessageRow], Sequence[ReplyRow]]:
        """The messages in the order they were accepted, and the replies in the order they were given."""
        async with self._sessions() as session:
            messages = await session.scalars(
                select(MessageRow).where(MessageRow.conversation_id == conversation_id).order_by(MessageRow.id)
            )
            replies = await session.scalars(
                select(ReplyRow)
                .where(ReplyRow.conversation_id == conversation_id)
                .order_by(ReplyRow.created_at, ReplyRow.position)
            )
            return messages.all(), replies.all()

    async def give_feedback(self, conversation_id: str, reply_id: str, helpful: bool, comment: str | None) -> bool:
        """Stores what the delegate says of a reply; false where the conversation has no such reply."""
        async with self._sessions.begin() as session:
            reply = await session.get(ReplyRow, reply_id)
            if reply is None or reply.conversation_id != conversation_id:
                return False
            await session.merge(
                FeedbackRow(reply_id=reply_id, helpful=helpful, comment=comment, created_at=datetime.now(UTC))
            )
            if reply.message_id is not None:
                await turns_changed(session, [reply.message_id])
            return True

    async def erase(self, conversation_id: str) -> None:
        """Erases the conversation and all that was said in it, from the record and the database's files too.

        Returns when they are free of it, or a few seconds later where another process keeps reading; then that goes on.
        """
        async with writing(self._sessions, Place.RECORD, Place.CASES, Place.REVIEW) as session:
            await erase_conversation(session, conversation_id)
        await self.remove_traces()

    async def expire(self, opened_before: datetime, limit: int = 100) -> Sequence[str]:
        """Erases conversations opened before this time as they were written; the record keeps its masked turns.

        A conversation with a turn that the record does not have yet is left. Returns the ids, at most `limit`.
        """
        async with writing(self._sessions, Place.RECORD, Place.CASES, Place.REVIEW) as session:
            unrecorded = (
                exists()
                .where(MessageRow.conversation_id == ConversationRow.id)
                .where(MessageRow.id == TurnChangeRow.message_id)
            )
            old = select(ConversationRow.id).where(ConversationRow.created_at < opened_before, ~unrecorded)
            ids = (await session.scalars(old.order_by(ConversationRow.created_at).limit(limit))).all()
            for conversation_id in ids:
                await _drop(session, conversation_id)
            return ids

    async def check_writable(self) -> None:
        """Takes the writer's place, writes something that changes nothing, and takes it back."""
        async with self._sessions() as session:
            await session.execute(update(ConversationRow).where(ConversationRow.id == "").values(language=""))
            await session.rollback()

    async def remove_traces(self) -> None:
        """Takes what was erased out of the database's files; also at a start, for what the last process left."""
        engine = self._sessions.kw["bind"]
        if engine.dialect.name == "sqlite":
            await self._traces.remove(engine)

    async def close(self) -> None:
        """Ends what still goes on in the background."""
        await self._traces.close()


async def erase_conversation(session: AsyncSession, conversation_id: str) -> None:
    """Deletes the conversation's rows, and what is found and counted of them."""
    await forget_turns(session, conversation_id)
    await _drop(session, conversation_id)
    await said(session, conversation_id)


def next_moment(last: datetime | None, now: datetime) -> datetime:
    """The time of what is said now in a conversation that was taken, after what was said last.

    It is later than that of all that was said before, though a clock was set back or another machine's is ahead: what
    is said is shown in the order of its times, and whoever has heard a part is told what comes after that.
    """
    return now if last is None or last < now else last + timedelta(microseconds=1)


async def take(session: AsyncSession, conversation_id: str) -> ConversationRow | None:
    """The conversation's row, which nobody else may take until the end of the transaction."""
    return await session.get(ConversationRow, conversation_id, with_for_update={"key_share": True})


async def _drop(session: AsyncSession, conversation_id: str) -> None:
    await take(session, conversation_id)
    await forget_conversation(session, conversation_id)
    # The dependent rows go by the foreign keys' ON DELETE CASCADE.
    await session.execute(delete(ConversationRow).where(ConversationRow.id == conversation_id))


def to_reply(row: ReplyRow) -> Reply:
    """The reply as clients see it."""
    return Reply(id=row.id, **row.body)


def replies_of(
    conversation_id: str, message_id: int | None, bodies: Sequence[ReplyBody], now: datetime
) -> list[dict[str, Any]]:
    """Replies as rows of their table, in order; without a message they are what nobody asked for just now."""
    return [
        {
            "id": str(uuid.uuid4()),
            "conversation_id": conversation_id,
            "message_id": message_id,
            "position": position,
            "body": body.model_dump(mode="json"),
            "created_at": now,
        }
        for position, body in enumerate(bodies)
    ]
