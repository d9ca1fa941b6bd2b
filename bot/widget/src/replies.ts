/** What the chat API says, as its OpenAPI document describes it. */

export type Language = "en" | "fr" | "es" | "ar" | "zh" | "ru";

export interface Button {
  title: string;
  payload: string;
}

export interface Source {
  title: string;
  url: string;
  date: string;
}

export interface Contact {
  id: string;
  name: string;
  title: string;
}

/** The person, or the office, whose answer a reply is, and the reference of the case. */
export interface Person {
  name: string;
  reference: string;
}

export interface Reply {
  id: string;
  text: string;
  language: Language;
  direction: "ltr" | "rtl";
  outcome: string;
  sources: Source[];
  contact: Contact | null;
  buttons: Button[];
  /** Set where a person answered; else it is the assistant who speaks. */
  person?: Person | null;
}

/** What opens a conversation. */
export interface Session {
  id: string;
  token: string;
}

/** One thing said, from the history; a question's cursor is its client_message_id. */
export interface Said {
  cursor: string;
  role: "delegate" | "assistant" | "person";
  at: string;
  text: string;
  state?: "waiting" | "answered" | null;
  reply?: Reply | null;
  in_reply_to?: string | null;
}

/** A question that a person was asked and has not answered yet. */
export interface Case {
  reference: string;
  contact: Contact;
  /** The day by which an answer can be expected, as 2026-03-10. */
  answer_by: string;
}

export interface History {
  messages: Said[];
  case: Case | null;
}

/** A question typed, or a button pressed: kept until the service has it. */
export interface Message {
  id: string;
  /** When it was asked, in milliseconds: messages are sent in this order. */
  at: number;
  /** What the delegate sees of it. */
  shown: string;
  text?: string;
  payload?: string;
}
