/**
 * What the browser keeps for the delegate: the open conversation, what is not sent yet, and the language chosen.
 * In `localStorage`, which other tabs share; where the browser closes that to a frame, as long as the page lives.
 */

import type { Language, Message, Session } from "./replies.ts";

const PREFIX = "help-for-delegates.";
const SESSION = `${PREFIX}session`;
const LANGUAGE = `${PREFIX}language`;
const OUTBOX = `${PREFIX}outbox.`;
/** A conversation left alone so long is not shown again: the device may be somebody else's by then. */
const HOURS = 24;

interface Kept extends Session {
  until: number;
}

function storage(): Storage | Map<string, string> {
  try {
    localStorage.setItem(`${PREFIX}try`, "");
    localStorage.removeItem(`${PREFIX}try`);
    return localStorage;
  } catch {
    return new Map();
  }
}

const kept = storage();
const get = (key: string): string | null => (kept instanceof Map ? (kept.get(key) ?? null) : kept.getItem(key));
const remove = (key: string): void => void (kept instanceof Map ? kept.delete(key) : kept.removeItem(key));
const keys = (): string[] => (kept instanceof Map ? [...kept.keys()] : Object.keys(kept));

function set(key: string, value: string): void {
  try {
    if (kept instanceof Map) kept.set(key, value);
    else kept.setItem(key, value);
  } catch {
    // Full: then it lives as long as the page.
  }
}

function parsed<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

function sessionIn(text: string | null): Session | null {
  const found = parsed<Kept>(text);
  return found && found.until > Date.now() ? { id: found.id, token: found.token } : null;
}

export const session = (): Session | null => sessionIn(get(SESSION));

export const keepSession = ({ id, token }: Session): void =>
  set(SESSION, JSON.stringify({ id, token, until: Date.now() + HOURS * 3_600_000 }));

export const outbox = (): Message[] =>
  keys()
    .filter((key) => key.startsWith(OUTBOX))
    .map((key) => parsed<Message>(get(key)))
    .filter((message) => message !== null)
    .sort((one, other) => one.at - other.at);

export const keepMessage = (message: Message): void => set(OUTBOX + message.id, JSON.stringify(message));

export const dropMessage = (id: string): void => remove(OUTBOX + id);

export const forgetSession = (): void => remove(SESSION);

export function forget(): void {
  forgetSession();
  for (const key of keys()) if (key.startsWith(OUTBOX)) remove(key);
}

export const language = (): Language | null => get(LANGUAGE) as Language | null;

export const keepLanguage = (chosen: Language): void => set(LANGUAGE, chosen);

/** Calls back with the conversation that another tab began, or with nothing when it erased the one there was. */
export function onAnotherTab(changed: (session: Session | null) => void): void {
  addEventListener("storage", (event) => {
    if (event.key === SESSION && event.storageArea === kept) {
      const before = sessionIn(event.oldValue);
      const now = sessionIn(event.newValue);
      if (before?.id !== now?.id) changed(now);
    }
  });
}
