/** The page the window stands in, which may be anybody's: it and the window tell each other only this. */

/** From the page: the window was opened, with a question to begin with or without. */
export interface Opened {
  type: "opened";
  question?: string;
}

/** To the page: the window listens; it wants to be closed; a person has answered, which the launcher says in this text. */
export type ToHost = { type: "listening" } | { type: "close" } | { type: "answered"; text: string };

const origin = new URLSearchParams(location.search).get("origin");

export const isEmbedded = parent !== window && !!origin;

export function tellHost(message: ToHost): void {
  if (isEmbedded) parent.postMessage(message, origin!);
}

/** Only the page that put the window here is listened to, at the origin it named. */
export function onOpened(act: (question: string | undefined) => void): void {
  addEventListener("message", (event: MessageEvent<Opened>) => {
    if (!isEmbedded || event.source !== parent || event.origin !== origin) return;
    if (event.data?.type === "opened") act(typeof event.data.question === "string" ? event.data.question : undefined);
  });
}
