/** Carries out what the state machine asks for, and tells it what came of it. */

import type { Language, Message, Session } from "./replies.ts";
import * as service from "./service.ts";
import { beginning, step, type Call, type Effect, type Event, type State } from "./state.ts";
import * as store from "./store.ts";

export class Conversation {
  state: State = beginning;
  language: Language;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly changed: () => void;
  private readonly answered: () => void;

  /** `answered` is called when a person's answer arrives. */
  constructor(language: Language, changed: () => void, answered: () => void) {
    this.language = language;
    this.changed = changed;
    this.answered = answered;
  }

  start(): void {
    store.onAnotherTab((session) => this.tell({ type: "another_tab", session }));
    addEventListener("online", () => this.tell({ type: "online" }));
    addEventListener("offline", () => this.tell({ type: "offline" }));
    this.tell({ type: "start", session: store.session(), outbox: store.outbox() });
  }

  ask(what: { text: string } | { payload: string }, shown: string): void {
    this.tell({ type: "asked", message: { id: newId(), at: Date.now(), shown, ...what } });
  }

  retry(): void {
    this.tell({ type: "retry" });
  }

  /** Erases what was said; then rests, or begins anew. Throws where the service cannot be reached. */
  async erase(then: "erased" | "restart"): Promise<void> {
    if (this.state.session) await service.erase(this.state.session);
    this.tell({ type: then });
  }

  tell(event: Event): void {
    const [state, effects] = step(this.state, event);
    this.state = state;
    for (const effect of effects) this.perform(effect);
    this.changed();
  }

  private perform(effect: Effect): void {
    switch (effect.do) {
      case "open":
        return void this.attempt("open", async () => {
          const opened = await service.open(this.language);
          this.tell({ type: "opened", at: new Date().toISOString(), ...opened });
        });
      case "load":
        return void this.attempt("load", async () => {
          this.unlessLeft(effect.session, { type: "loaded", history: await service.history(effect.session) });
        });
      case "send":
        return void this.send(effect.session, effect.message);
      case "listen":
        return void this.listen(effect.session, effect.after);
      case "wait":
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.retry(), effect.seconds * 1000);
        return;
      case "tell_host":
        return this.answered();
      case "keep_session":
        return store.keepSession(effect.session);
      case "keep_message":
        return store.keepMessage(effect.message);
      case "drop_message":
        return store.dropMessage(effect.id);
      case "forget_session":
        return store.forgetSession();
      case "forget":
        return store.forget();
    }
  }

  private async send(session: Session, message: Message): Promise<void> {
    store.keepSession(session);
    await this.attempt("send", async () => {
      try {
        const replies = await service.send(session, message);
        const at = new Date().toISOString();
        this.unlessLeft(session, { type: "taken", id: message.id, replies: replies ?? [], at, answered: replies !== null });
      } catch (error) {
        if (!(error instanceof service.Refused)) throw error;
        this.unlessLeft(session, { type: "refused", id: message.id, reason: error.reason });
      }
    }, session);
  }

  private async listen(session: Session, after: string | null): Promise<void> {
    await this.attempt("listen", async () => {
      await seen();
      try {
        this.unlessLeft(session, { type: "arrived", history: await service.history(session, after) });
      } catch (error) {
        if (!(error instanceof service.Refused)) throw error;
        this.unlessLeft(session, { type: "lost_place" });
      }
    }, session);
  }

  private async attempt(call: Call, what: () => Promise<void>, session: Session | null = this.state.session): Promise<void> {
    try {
      await what();
    } catch (error) {
      if (error instanceof service.Gone) this.unlessLeft(session, { type: "gone" });
      else if (error instanceof service.Busy) this.unlessLeft(session, { type: "busy", call, seconds: error.seconds });
      else this.unlessLeft(session, { type: "unreachable", call, link: error instanceof service.Unreachable ? error.link : "failing" });
    }
  }

  /** What a call of an earlier conversation brings no longer counts. */
  private unlessLeft(session: Session | null, event: Event): void {
    if (this.state.session?.id === session?.id) this.tell(event);
  }
}

/** Until the tab is in front: browsers keep few lines to one service, and tabs behind would hold them all. */
async function seen(): Promise<void> {
  while (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}

/** A random UUID; crypto.randomUUID exists only where pages are served securely. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
