import assert from "node:assert/strict";
import { test } from "node:test";
import type { Case, History, Message, Reply, Said, Session } from "../src/replies.ts";
import { beginning, fillsForm, isAnswering, pauseAfter, step, type Effect, type Event, type State } from "../src/state.ts";

const SESSION: Session = { id: "c", token: "t" };
const AT = "2026-01-01T00:00:00Z";

const message = (id: string): Message => ({ id, at: Number(id.slice(1)), shown: `question ${id}`, text: `question ${id}` });
const reply = (id: string): Reply => ({
  id, text: id, language: "en", direction: "ltr", outcome: "answer", sources: [], contact: null, buttons: [],
});
const replied = (id: string, to: string | null = null): Said => ({ cursor: id, role: "assistant", at: AT, text: id, reply: reply(id), in_reply_to: to });
const history = (...messages: Said[]): History => ({ messages, case: null });
const asked = (id: string, state: "waiting" | "answered"): Said => ({ cursor: id, role: "delegate", at: AT, text: `question ${id}`, state });

/** The state after the events, and what the last of them asked for. */
function after(...events: Event[]): [State, Effect[]] {
  return events.reduce<[State, Effect[]]>(([state], event) => step(state, event), [beginning, []]);
}

const START: Event = { type: "start", session: null, outbox: [] };
const OPENED: Event = { type: "opened", session: SESSION, replies: [reply("welcome")], at: AT };
const ask = (id: string): Event => ({ type: "asked", message: message(id) });
const taken = (id: string, ...replies: string[]): Event => ({ type: "taken", id, replies: replies.map(reply), at: AT, answered: replies.length > 0 });
const LOST: Event = { type: "unreachable", call: "send", link: "down" };
const sent = (effects: Effect[]): string[] => effects.flatMap((effect) => (effect.do === "send" ? [effect.message.id] : []));
const does = (effects: Effect[]): string[] => effects.map((effect) => effect.do);
const shown = (state: State): string[] => state.said.map((one) => (one.kind === "asked" ? `${one.id}:${one.fate}` : one.id));

test("a new window opens a conversation, shows its welcome and listens from there", () => {
  assert.deepEqual(does(after(START)[1]), ["open"]);
  const [state, effects] = after(START, OPENED);
  assert.equal(state.phase, "open");
  assert.deepEqual(shown(state), ["welcome"]);
  assert.deepEqual(effects.at(-1), { do: "listen", session: SESSION, after: "welcome" });
});

test("a window whose conversation is known loads what was said instead of opening another", () => {
  const [state, effects] = after({ type: "start", session: SESSION, outbox: [] });
  assert.deepEqual(effects, [{ do: "load", session: SESSION }]);
  const [loaded, next] = step(state, { type: "loaded", history: history(replied("welcome"), asked("m1", "answered"), replied("r1", "m1")) });
  assert.deepEqual(shown(loaded), ["welcome", "m1:answered", "r1"]);
  assert.deepEqual(next, [{ do: "listen", session: SESSION, after: "r1" }]);
});

test("a question is kept before it is sent, and let go when the service has it", () => {
  const [, effects] = after(START, OPENED, ask("m1"));
  assert.deepEqual(does(effects), ["keep_message", "send"]);
  const [state, done] = after(START, OPENED, ask("m1"), taken("m1", "r1"));
  assert.deepEqual(does(done), ["drop_message"]);
  assert.deepEqual(shown(state), ["welcome", "m1:answered", "r1"]);
});

test("a question asked while connecting is sent once the conversation is open", () => {
  const [state, effects] = after(START, ask("m1"), OPENED);
  assert.deepEqual(sent(effects), ["m1"]);
  assert.deepEqual(shown(state), ["welcome", "m1:sending"]);
});

test("questions are sent one after another, in their order", () => {
  const [waiting, nothing] = after(START, OPENED, ask("m1"), ask("m2"));
  assert.deepEqual(sent(nothing), []);
  assert.deepEqual(sent(step(waiting, taken("m1", "r1"))[1]), ["m2"]);
});

test("a question whose answer never came back is sent again as the same message, before those behind it", () => {
  const [lost, effects] = after(START, OPENED, ask("m1"), ask("m2"), LOST);
  assert.equal(lost.link, "down");
  assert.deepEqual(effects, [{ do: "wait", seconds: 1 }]);
  assert.deepEqual(shown(lost), ["welcome", "m1:queued", "m2:queued"]);
  const [back, again] = step(lost, { type: "online" });
  assert.deepEqual(sent(again), ["m1"]);
  assert.deepEqual(sent(step(back, taken("m1", "r1"))[1]), ["m2"]);
});

test("nothing is sent while offline, and nothing twice when several attempts fall together", () => {
  const [state, effects] = after(START, OPENED, { type: "offline" }, ask("m1"));
  assert.deepEqual(does(effects), ["keep_message"]);
  const [once, first] = step(state, { type: "online" });
  const [, second] = step(once, { type: "retry" });
  assert.deepEqual([sent(first), sent(second)], [["m1"], []]);
});

test("attempts become rarer, and begin anew once something gets through", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(pauseAfter), [1, 2, 4, 8, 15, 15]);
  const [state] = after(START, OPENED, ask("m1"), LOST, { type: "retry" }, LOST);
  assert.equal(state.attempts, 2);
  assert.equal(after(START, OPENED, ask("m1"), LOST, { type: "retry" }, taken("m1", "r1"))[0].attempts, 0);
});

test("what was not sent before a reload is sent after it, and shown behind what was said", () => {
  const start: Event = { type: "start", session: SESSION, outbox: [message("m2"), message("m3")] };
  const [state, effects] = after(start, { type: "loaded", history: history(replied("welcome"), asked("m1", "answered"), replied("r1", "m1")) });
  assert.deepEqual(shown(state), ["welcome", "m1:answered", "r1", "m2:sending", "m3:queued"]);
  assert.deepEqual(sent(effects), ["m2"]);
});

test("what the service had already before the reload is not sent again", () => {
  const start: Event = { type: "start", session: SESSION, outbox: [message("m1")] };
  const [state, effects] = after(start, { type: "loaded", history: history(replied("welcome"), asked("m1", "waiting")) });
  assert.deepEqual(shown(state), ["welcome", "m1:accepted"]);
  assert.deepEqual(does(effects), ["drop_message", "listen"]);
});

test("an answer that comes later is shown once, whichever way it comes first", () => {
  const later: Event = { type: "arrived", history: history(asked("m1", "waiting"), replied("r1", "m1")) };
  const [accepted] = after(START, OPENED, ask("m1"), taken("m1"));
  assert.deepEqual(shown(accepted), ["welcome", "m1:accepted"]);
  assert.ok(isAnswering(accepted));
  assert.deepEqual(shown(step(accepted, later)[0]), ["welcome", "m1:answered", "r1"]);
  assert.deepEqual(shown(after(START, OPENED, ask("m1"), later, taken("m1", "r1"))[0]), ["welcome", "m1:answered", "r1"]);
});

test("what is asked in another tab appears here, and listening goes on from there", () => {
  const [state, effects] = after(START, OPENED, { type: "arrived", history: history(asked("m9", "waiting")) });
  assert.deepEqual(shown(state), ["welcome", "m9:accepted"]);
  assert.deepEqual(effects, [{ do: "listen", session: SESSION, after: "m9" }]);
});

test("a service that answers wrongly is told apart from a connection that is gone", () => {
  assert.equal(after(START, { type: "unreachable", call: "open", link: "failing" })[0].link, "failing");
  assert.equal(after(START, { type: "unreachable", call: "open", link: "down" })[0].link, "down");
});

test("too many questions wait as long as the service asks", () => {
  const [state, effects] = after(START, OPENED, ask("m1"), { type: "busy", call: "send", seconds: 7 });
  assert.deepEqual(effects, [{ do: "wait", seconds: 7 }]);
  assert.equal(state.notice, "too_many");
  assert.equal(state.link, "up");
  assert.deepEqual(sent(step(state, { type: "retry" })[1]), ["m1"]);
});

test("a question that is refused is not tried again and does not hold up the next", () => {
  const [state, effects] = after(START, OPENED, ask("m1"), ask("m2"), { type: "refused", id: "m1", reason: "not_taken" });
  assert.deepEqual(shown(state), ["welcome", "m1:refused", "m2:sending"]);
  assert.deepEqual(does(effects), ["drop_message", "send"]);
  assert.equal(state.notice, "not_taken");
});

test("a conversation that is gone leaves the screen; what was never sent goes into the next one", () => {
  const [state, effects] = after(START, OPENED, ask("m1"), { type: "gone" });
  assert.equal(state.phase, "ended");
  assert.deepEqual(shown(state), ["m1:queued"]);
  assert.deepEqual(does(effects), ["forget_session"]);
  const [anew, opens] = step(state, { type: "restart" });
  assert.deepEqual(does(opens), ["open"]);
  assert.deepEqual(sent(step(anew, OPENED)[1]), ["m1"]);
});

test("an erased conversation leaves nothing and takes nothing until a new one begins", () => {
  const [state, effects] = after(START, OPENED, ask("m1"), { type: "erased" });
  assert.deepEqual([state.phase, state.said, state.outbox], ["erased", [], []]);
  assert.deepEqual(effects, [{ do: "forget" }]);
  assert.deepEqual(step(state, ask("m2")), [state, []]);
  assert.deepEqual(does(step(state, { type: "restart" })[1]), ["forget", "open"]);
});

test("erasing in another tab clears this one; beginning anew there is followed here", () => {
  const [cleared] = after(START, OPENED, ask("m1"), taken("m1", "r1"), { type: "another_tab", session: null });
  assert.deepEqual([cleared.phase, cleared.said], ["ended", []]);
  const [, effects] = step(cleared, { type: "another_tab", session: { id: "d", token: "u" } });
  assert.deepEqual(does(effects), ["load"]);
});

test("two tabs that open at once end in one conversation, but one under way is not given up", () => {
  const other: Event = { type: "another_tab", session: { id: "d", token: "u" } };
  assert.equal(after(START, OPENED, other)[0].session?.id, "d");
  assert.equal(after(START, OPENED, ask("m1"), other)[0].session?.id, "c");
});

test("a lost place is found again by loading everything", () => {
  assert.deepEqual(does(after(START, OPENED, { type: "lost_place" })[1]), ["load"]);
});

const CASE: Case = { reference: "7KQ4-M2XP-9S", contact: { id: "focal_point", name: "Mr. A", title: "" }, answer_by: "2026-03-10" };
const byPerson = (id: string): Said => {
  const said = replied(id);
  return { ...said, role: "person", reply: { ...said.reply!, outcome: "handoff", person: { name: "Mr. A", reference: CASE.reference } } };
};
const waits: Event = { type: "arrived", history: { messages: [asked("m1", "answered"), replied("r1", "m1")], case: CASE } };

test("while a person is asked the window says so, until the answer arrives, of which the page is told once", () => {
  const [waiting] = after(START, OPENED, waits);
  assert.deepEqual(waiting.waiting, CASE);
  assert.deepEqual(step(waiting, { type: "arrived", history: { messages: [], case: CASE } })[0].waiting, CASE);
  const [answered, effects] = step(waiting, { type: "arrived", history: history(byPerson("p1")) });
  assert.equal(answered.waiting, null);
  assert.deepEqual(shown(answered), ["welcome", "m1:answered", "r1", "p1"]);
  assert.deepEqual(effects, [{ do: "tell_host" }, { do: "listen", session: SESSION, after: "p1" }]);
  assert.deepEqual(does(step(answered, { type: "arrived", history: history(byPerson("p1")) })[1]), ["listen"]);
});

test("a person's answer is there after a reload, and the case that is still open", () => {
  const start: Event = { type: "start", session: SESSION, outbox: [] };
  const [state] = after(start, { type: "loaded", history: { messages: [replied("welcome"), byPerson("p1")], case: CASE } });
  assert.deepEqual(shown(state), ["welcome", "p1"]);
  assert.deepEqual(state.waiting, CASE);
  assert.equal(step(state, { type: "gone" })[0].waiting, null);
});

test("while a question to a person is taken down, nobody is warned of giving their name and address", () => {
  const aStep = { ...reply("r1"), outcome: "handoff", buttons: [{ title: "Cancel", payload: "handoff:cancel" }] };
  const taking = (last: Reply): Event => ({ type: "taken", id: "m1", replies: [last], at: AT, answered: true });
  assert.equal(fillsForm(after(START, OPENED)[0]), false);
  assert.equal(fillsForm(after(START, OPENED, ask("m1"), taking(aStep))[0]), true);
  assert.equal(fillsForm(after(START, OPENED, ask("m1"), taking(aStep), ask("m2"))[0]), true);
  const answered: Event = { type: "arrived", history: history(byPerson("p1")) };
  assert.equal(fillsForm(after(START, OPENED, ask("m1"), taking(aStep), answered)[0]), true);
  assert.equal(fillsForm(after(START, OPENED, ask("m1"), taking({ ...aStep, buttons: [] }))[0]), false);
});
