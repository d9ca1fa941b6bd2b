/** What the window asks back before it does something: a modal dialog, closed by Escape. */

import { html, type TemplateResult } from "lit";
import type { Finding } from "../personal-data.ts";
import type { Texts } from "../texts.ts";

export type Asking =
  | { about: "erase" | "start_over" }
  | { about: "personal_data"; text: string; found: Finding[] };

export interface Answers {
  cancel(): void;
  erase(then: "erased" | "restart"): void;
  sendWithout(asking: Asking & { about: "personal_data" }): void;
  sendAnyway(asking: Asking & { about: "personal_data" }): void;
}

export function askingView(asking: Asking, texts: Texts, answers: Answers): TemplateResult {
  return html`<dialog aria-labelledby="asked-back" @cancel=${(event: Event) => (event.preventDefault(), answers.cancel())}>
    ${asking.about === "personal_data" ? personalDataView(asking, texts, answers) : eraseView(asking.about, texts, answers)}
  </dialog>`;
}

const eraseView = (about: "erase" | "start_over", texts: Texts, answers: Answers): TemplateResult => html`
  <p id="asked-back">${texts[`${about}_confirm`]}</p>
  <div class="choices">
    <button type="button" @click=${() => answers.erase(about === "erase" ? "erased" : "restart")}>${texts[`${about}_do`]}</button>
    <button type="button" class="plain" autofocus @click=${answers.cancel}>${texts["cancel"]}</button>
  </div>
`;

const personalDataView = (asking: Asking & { about: "personal_data" }, texts: Texts, answers: Answers): TemplateResult => html`
  <p id="asked-back">${texts["personal"]}</p>
  <ul>
    ${asking.found.map(
      ({ kind, start, end }) => html`<li>${texts[`personal_${kind}`]}: <strong><bdi>${asking.text.slice(start, end)}</bdi></strong></li>`,
    )}
  </ul>
  <p>${texts["personal_why"]}</p>
  <div class="choices">
    <button type="button" autofocus @click=${() => answers.sendWithout(asking)}>${texts["personal_remove"]}</button>
    <button type="button" class="plain" @click=${() => answers.sendAnyway(asking)}>${texts["personal_send"]}</button>
    <button type="button" class="plain" @click=${answers.cancel}>${texts["personal_edit"]}</button>
  </div>
`;
