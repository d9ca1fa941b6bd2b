/** The chat API over HTTP. */

import type { History, Language, Message, Reply, Session } from "./replies.ts";

const BASE = "/api/v1/conversations";
/** Seconds the service may hold a call for what was said since; most proxies cut at 30 or 60. */
const LISTENING = 25;
const PATIENCE = 15;

/** Nothing got through, or something that is not the service answered. */
export class Unreachable extends Error {
  readonly link: "down" | "failing";
  constructor(link: "down" | "failing") {
    super(link);
    this.link = link;
  }
}

/** The service does not know the conversation (any more). */
export class Gone extends Error {}

export class Busy extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super();
    this.seconds = seconds;
  }
}

/** The service will never take this, as it is. */
export class Refused extends Error {
  readonly reason: "too_long" | "not_taken";
  constructor(reason: "too_long" | "not_taken") {
    super(reason);
    this.reason = reason;
  }
}

interface Problem {
  state?: string;
  reason?: string;
}

async function call(method: string, path: string, session: Session | null, body?: object, seconds = PATIENCE): Promise<Response> {
  const headers: Record<string, string> = {};
  if (session) headers["Authorization"] = `Bearer ${session.token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      signal: AbortSignal.timeout(seconds * 1000),
      credentials: "omit",
    });
  } catch {
    throw new Unreachable("down");
  }
  if (response.ok) return response;
  if (response.status === 401 || response.status === 403) throw new Gone();
  if (response.status === 429) throw new Busy(Number(response.headers.get("Retry-After")) || 2);
  if (response.status < 500 && response.status !== 408) {
    const problem = (await response.json().catch(() => ({}))) as Problem;
    throw new Refused(problem.reason === "too_long" ? "too_long" : "not_taken");
  }
  if (response.status === 503) {
    const problem = (await response.clone().json().catch(() => ({}))) as Problem;
    if (problem.state === "waiting") return response;
  }
  throw new Unreachable("failing");
}

/** What came back, as JSON; a captive portal's page is not the service. */
async function json<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new Unreachable("failing");
  }
}

export async function open(language: Language): Promise<{ session: Session; replies: Reply[] }> {
  const { id, token, replies } = await json<Session & { replies: Reply[] }>(await call("POST", "", null, { language }));
  return { session: { id, token }, replies };
}

/** The answer's replies, or nothing where the service has the message and will answer later. */
export async function send(session: Session, message: Message): Promise<Reply[] | null> {
  const what = message.payload === undefined ? { text: message.text } : { payload: message.payload };
  const response = await call("POST", `/${session.id}/messages`, session, { ...what, client_message_id: message.id });
  return response.status === 503 ? null : (await json<{ replies: Reply[] }>(response)).replies;
}

/** All that was said; with `after`, what was said since, as soon as there is something. And the case that is open. */
export async function history(session: Session, after?: string | null): Promise<History> {
  const query = after === undefined ? "" : `?${after === null ? "" : `after=${after}&`}wait=${LISTENING}`;
  return json<History>(await call("GET", `/${session.id}/messages${query}`, session, undefined, LISTENING + PATIENCE));
}

export async function giveFeedback(session: Session, reply: string, helpful: boolean, comment?: string): Promise<void> {
  await call("POST", `/${session.id}/feedback`, session, { reply_id: reply, helpful, ...(comment ? { comment } : {}) });
}

export async function transcript(session: Session): Promise<Blob> {
  return (await call("GET", `/${session.id}/transcript`, session)).blob();
}

/** Erases the conversation; one that is gone already is erased. */
export async function erase(session: Session): Promise<void> {
  await call("DELETE", `/${session.id}`, session).catch((error: unknown) => {
    if (!(error instanceof Gone)) throw error;
  });
}
