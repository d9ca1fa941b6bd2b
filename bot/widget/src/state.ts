/**
 * The window's states, and what follows from each event. Pure: `step` gives the next state and what is to be done;
 * `Conversation` does it and reports back as further events.
 */

import type { Case, History, Message, Reply, Session } from "./replies.ts";

/** `sending`: on its way. `accepted`: the service has it and will answer. */
export type Fate = "queued" | "sending" | "accepted" | "answered" | "refused";
export type Refusal = "too_long" | "not_taken";

export interface Asked {
  kind: "asked";
  id: string;
  text: string;
  fate: Fate;
}

export interface Answered {
  kind: "reply";
  id: string;
  at: string;
  reply: Reply;
}

export interface State {
  /** `ended`: the conversation is gone: it expired, or was erased elsewhere. `erased`: the delegate had it erased here. */
  phase: "connecting" | "open" | "ended" | "erased";
  /** `down`: nothing gets through. `failing`: something answers, but not the service as it should. */
  link: "up" | "down" | "failing";
  session: Session | null;
  said: readonly (Asked | Answered)[];
  /** What the service does not have yet, in the order it was asked. */
  outbox: readonly Message[];
  sending: string | null;
  listening: boolean;
  /** What came before is known; only then are things asked and listened for. */
  loaded: boolean;
  /** Until `retry` or `online`. */
  pausing: boolean;
  attempts: number;
  cursor: string | null;
  notice: "too_many" | Refusal | null;
  /** The question that waits for a person's answer. */
  waiting: Case | null;
}

export type Call = "open" | "load" | "send" | "listen";

export type Event =
  | { type: "start"; session: Session | null; outbox: readonly Message[] }
  | { type: "opened"; session: Session; replies: readonly Reply[]; at: string }
  | { type: "loaded"; history: History }
  | { type: "asked"; message: Message }
  | { type: "taken"; id: string; replies: readonly Reply[]; at: string; answered: boolean }
  | { type: "refused"; id: string; reason: Refusal }
  | { type: "arrived"; history: History }
  | { type: "lost_place" }
  | { type: "unreachable"; call: Call; link: "down" | "failing"; id?: string }
  | { type: "busy"; call: Call; seconds: number }
  | { type: "retry" }
  | { type: "online" }
  | { type: "offline" }
  | { type: "gone" }
  | { type: "erased" }
  | { type: "restart" }
  | { type: "another_tab"; session: Session | null };

export type Effect =
  | { do: "open" }
  | { do: "load"; session: Session }
  | { do: "send"; session: Session; message: Message }
  | { do: "listen"; session: Session; after: string | null }
  | { do: "wait"; seconds: number }
  | { do: "tell_host" }
  | { do: "keep_session"; session: Session }
  | { do: "keep_message"; message: Message }
  | { do: "drop_message"; id: string }
  | { do: "forget_session" }
  | { do: "forget" };

export const beginning: State = {
  phase: "connecting",
  link: "up",
  session: null,
  said: [],
  outbox: [],
  sending: null,
  listening: false,
  loaded: false,
  pausing: false,
  attempts: 0,
  cursor: null,
  notice: null,
  waiting: null,
};

const LONGEST_PAUSE = 15;

/** Seconds before the next attempt: soon at first, then ever more rarely. */
export const pauseAfter = (attempts: number): number => Math.min(2 ** (attempts - 1), LONGEST_PAUSE);

/** Whether the assistant is at work on something. */
export const isAnswering = (state: State): boolean =>
  state.link === "up" && state.said.some((one) => one.kind === "asked" && (one.fate === "sending" || one.fate === "accepted"));

export const hasAsked = (state: State): boolean => state.said.some((one) => one.kind === "asked");

/** Whether the assistant is taking down a question to a person: its last reply is a step of that form. */
export function fillsForm(state: State): boolean {
  const last = state.said.findLast((one) => one.kind === "reply" && !one.reply.person);
  return last?.kind === "reply" && last.reply.buttons.some(({ payload }) => payload.startsWith("handoff:"));
}

type Step = [State, Effect[]];

export function step(state: State, event: Event): Step {
  switch (event.type) {
    case "start":
      return goOn({ ...beginning, session: event.session, ...queued([], event.outbox) }, []);
    case "opened":
      return goOn(
        through({
          ...state,
          phase: "open",
          loaded: true,
          session: event.session,
          said: [...event.replies.map(answer(event.at)), ...state.said],
          cursor: event.replies.at(-1)?.id ?? null,
        }),
        [{ do: "keep_session", session: event.session }],
      );
    case "loaded":
      return loaded(state, event.history);
    case "asked": {
      if (state.phase === "ended" || state.phase === "erased") return [state, []];
      const outbox = [...state.outbox, event.message];
      return goOn({ ...state, notice: null, ...queued(state.said, [event.message]), outbox }, [
        { do: "keep_message", message: event.message },
      ]);
    }
    case "taken":
      return taken(state, event);
    case "refused":
      return goOn({ ...through(without(state, event.id)), said: fated(state.said, event.id, "refused"), notice: event.reason }, [
        { do: "drop_message", id: event.id },
      ]);
    case "arrived":
      return goOn(...merged(through({ ...state, listening: false }), event.history));
    case "lost_place":
      return goOn({ ...state, listening: false, loaded: false, cursor: null }, []);
    case "unreachable": {
      const attempts = state.attempts + 1;
      const next = { ...ended(state, event.call), link: event.link, attempts, pausing: true };
      return [next, state.pausing ? [] : [{ do: "wait", seconds: pauseAfter(attempts) }]];
    }
    case "busy":
      return [{ ...ended(state, event.call), notice: "too_many", pausing: true }, [{ do: "wait", seconds: event.seconds }]];
    case "retry":
    case "online":
      return state.pausing || state.link !== "up" ? goOn({ ...state, pausing: false, notice: null }, []) : [state, []];
    case "offline":
      return [{ ...state, link: "down", pausing: true }, [{ do: "wait", seconds: LONGEST_PAUSE }]];
    case "gone":
      return state.phase === "erased" ? [state, []] : [over(state), [{ do: "forget_session" }]];
    case "erased":
      return [{ ...beginning, phase: "erased" }, [{ do: "forget" }]];
    case "restart":
      return state.phase === "ended" ? goOn({ ...beginning, ...queued([], state.outbox) }, []) : goOn(beginning, [{ do: "forget" }]);
    case "another_tab":
      return anotherTab(state, event.session);
  }
}

/** Another tab began a conversation, or erased this one; where this tab has one under way it keeps it. */
function anotherTab(state: State, session: Session | null): Step {
  if (session === null) return [state.session ? over(state) : state, []];
  if (session.id === state.session?.id || hasAsked(state) && state.phase === "open") return [state, []];
  return goOn({ ...beginning, session, ...queued([], state.outbox) }, []);
}

/** The conversation is gone with all that was said; what the service never had is kept for the next one. */
const over = (state: State): State => ({ ...beginning, phase: "ended", ...queued([], state.outbox) });

/** What can be done now: open or load first, then one message at a time, listening all the while. */
function goOn(state: State, effects: Effect[]): Step {
  if (state.pausing || state.phase === "ended" || state.phase === "erased") return [state, effects];
  if (state.session === null) return [state, [...effects, { do: "open" }]];
  if (!state.loaded) return [{ ...state, sending: null }, [...effects, { do: "load", session: state.session }]];
  let next = state;
  const message = state.outbox[0];
  if (message && state.sending === null) {
    next = { ...next, sending: message.id, said: fated(next.said, message.id, "sending") };
    effects = [...effects, { do: "send", session: state.session, message }];
  }
  if (!state.listening) {
    next = { ...next, listening: true };
    effects = [...effects, { do: "listen", session: state.session, after: state.cursor }];
  }
  return [next, effects];
}

function taken(state: State, event: Event & { type: "taken" }): Step {
  const said = fated(state.said, event.id, event.answered ? "answered" : "accepted");
  const fresh = event.replies.filter((reply) => !said.some((one) => one.id === reply.id)).map(answer(event.at));
  return goOn({ ...through(without(state, event.id)), said: [...said, ...fresh] }, [{ do: "drop_message", id: event.id }]);
}

/** The whole history, and behind it what the service does not have yet. */
function loaded(state: State, history: History): Step {
  const [known, effects] = merged(through({ ...state, phase: "open", loaded: true, sending: null, said: [] }), history);
  return goOn({ ...known, ...queued(known.said, known.outbox) }, effects);
}

function merged(state: State, { messages: items, case: waiting }: History): Step {
  let said = [...state.said];
  let outbox = state.outbox;
  const effects: Effect[] = [];
  for (const item of items) {
    const known = said.some((one) => one.id === item.cursor);
    if (item.role !== "delegate") {
      if (item.reply && !known) {
        said.push(answer(item.at)(item.reply));
        if (item.reply.person) effects.push({ do: "tell_host" });
      }
      if (item.in_reply_to) said = fated(said, item.in_reply_to, "answered");
      continue;
    }
    const fate: Fate = item.state === "answered" ? "answered" : "accepted";
    if (known && item.cursor !== state.sending) said = fated(said, item.cursor, fate);
    if (!known) said.push({ kind: "asked", id: item.cursor, text: item.text, fate });
    if (item.cursor !== state.sending && outbox.some((message) => message.id === item.cursor)) {
      outbox = outbox.filter((message) => message.id !== item.cursor);
      effects.push({ do: "drop_message", id: item.cursor });
    }
  }
  return [{ ...state, said, outbox, waiting, cursor: items.at(-1)?.cursor ?? state.cursor }, effects];
}

const answer = (at: string) => (reply: Reply): Answered => ({ kind: "reply", id: reply.id, at, reply });

const through = (state: State): State => ({ ...state, link: "up", attempts: 0, notice: null });

const without = (state: State, id: string): State => ({
  ...state,
  sending: state.sending === id ? null : state.sending,
  outbox: state.outbox.filter((message) => message.id !== id),
});

/** The state after a call came to nothing. */
function ended(state: State, call: Call): State {
  if (call === "listen") return { ...state, listening: false };
  if (call !== "send" || state.sending === null) return state;
  return { ...state, sending: null, said: fated(state.said, state.sending, "queued") };
}

const fated = (said: State["said"], id: string, fate: Fate): (Asked | Answered)[] =>
  said.map((one) => (one.kind === "asked" && one.id === id && one.fate !== "answered" ? { ...one, fate } : one));

function queued(said: State["said"], messages: readonly Message[]): Pick<State, "said" | "outbox"> {
  const asked = messages.map(({ id, shown }): Asked => ({ kind: "asked", id, text: shown, fate: "queued" }));
  return { said: [...said, ...asked], outbox: messages };
}
