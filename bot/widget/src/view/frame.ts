/** What stands around the conversation: head, menu, notice, status and the field. */

import { html, nothing, type TemplateResult } from "lit";
import type { Case, Language } from "../replies.ts";
import { isAnswering, type State } from "../state.ts";
import { day, filled, LANGUAGES, type Texts } from "../texts.ts";

export interface HeadActs {
  toggleMenu(): void;
  close(): void;
  speak(language: Language): void;
  download(): void;
  ask(about: "erase" | "start_over"): void;
}

export const headView = (texts: Texts, language: Language, menu: boolean, closable: boolean, acts: HeadActs): TemplateResult => html`
  <header aria-label=${texts["title"]!}>
    <div class="name">
      <h1>${texts["title"]}</h1>
      <p>${texts["not_a_person"]}</p>
    </div>
    <button type="button" id="menu-button" class="bare" aria-expanded=${menu} aria-controls="menu" @click=${acts.toggleMenu}>${texts["menu"]}</button>
    ${closable
      ? html`<button type="button" id="close" class="bare" aria-label=${texts["close"]!} @click=${acts.close}><span aria-hidden="true">✕</span></button>`
      : nothing}
  </header>
  <section id="menu" aria-label=${texts["menu"]!} ?hidden=${!menu}>
    <div role="group" aria-labelledby="languages">
      <p id="languages">${texts["language"]}</p>
      <div class="languages">
        ${Object.entries(LANGUAGES).map(
          ([code, name]) => html`<button type="button" class="plain" lang=${code} aria-pressed=${code === language} @click=${() => acts.speak(code as Language)}>${name}</button>`,
        )}
      </div>
    </div>
    <button type="button" class="plain" @click=${acts.download}>${texts["transcript"]}</button>
    <button type="button" class="plain" @click=${() => acts.ask("start_over")}>${texts["start_over"]}</button>
    <button type="button" class="plain" @click=${() => acts.ask("erase")}>${texts["erase"]}</button>
  </section>
`;

/** That a person is to answer, who, and by when. */
export const caseView = ({ reference, contact, answer_by }: Case, texts: Texts, language: Language): TemplateResult =>
  html`<p class="notice case">${filled(texts["case"]!, { reference, contact: contact.name, date: day(answer_by, language) })}</p>`;

/** What is said of the connection and the question under way; an answer that does not come is never an answer. */
export function statusOf(state: State, texts: Texts): string {
  if (state.phase === "ended" || state.phase === "erased") return texts[state.phase] ?? "";
  if (state.link === "down") return texts[state.outbox.length ? "offline_kept" : "offline"] ?? "";
  if (state.link === "failing") return texts[state.outbox.length ? "unreachable_kept" : "unreachable"] ?? "";
  if (state.notice) return texts[state.notice] ?? "";
  if (state.phase === "connecting") return texts["connecting"] ?? "";
  if (state.sending === null && state.said.some((one) => one.kind === "asked" && one.fate === "accepted")) return texts["kept"] ?? "";
  return isAnswering(state) ? (texts["waiting"] ?? "") : "";
}

export function statusView(state: State, said: string, texts: Texts, retry: () => void, anew: () => void): TemplateResult {
  const over = state.phase === "ended" || state.phase === "erased";
  const away = !over && state.link !== "up";
  return html`<div class="status ${away ? "away" : ""}">
    ${isAnswering(state) ? html`<span class="typing" aria-hidden="true"><i></i><i></i><i></i></span>` : nothing}
    <p role="status">${said || statusOf(state, texts)}</p>
    ${away ? html`<button type="button" class="plain" id="retry" @click=${retry}>${texts["retry"]}</button>` : nothing}
    ${over ? html`<button type="button" id="anew" @click=${anew}>${texts["new_conversation"]}</button>` : nothing}
  </div>`;
}

export interface FieldActs {
  submit(event: SubmitEvent): void;
  typed(): void;
  key(event: KeyboardEvent): void;
}

export const fieldView = (texts: Texts, problem: string, acts: FieldActs): TemplateResult => html`
  <form id="question" aria-label=${texts["message"]!} @submit=${acts.submit}>
    <label for="text">${texts["message"]}</label>
    <p id="problem" class="problem" role="alert">${problem}</p>
    <div class="field">
      <textarea id="text" rows="1" dir="auto" autocomplete="off" enterkeyhint="send" aria-invalid=${problem ? "true" : "false"}
        aria-describedby="problem" @input=${acts.typed} @keydown=${acts.key}></textarea>
      <button type="submit">${texts["send"]}</button>
    </div>
  </form>
`;
