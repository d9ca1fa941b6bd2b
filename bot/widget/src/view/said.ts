/** One thing said: a question of the delegate's, or a reply with all that belongs to it. Text goes in as text only. */

import { html, nothing, type TemplateResult } from "lit";
import type { Language, Person, Reply } from "../replies.ts";
import type { Answered, Asked } from "../state.ts";
import { directionOf, filled, moment, type Texts } from "../texts.ts";
import { blocksOf, linked, safeAddress, type Part } from "../written.ts";

/** What the delegate said of a reply, as far as they have. */
export interface Opinion {
  helpful: boolean;
  comment: "open" | "sent";
}

export interface Acts {
  choose(payload: string, title: string): void;
  copy(reply: Reply): void;
  judge(reply: Reply, helpful: boolean): void;
  comment(reply: Reply, event: SubmitEvent): void;
}

export function askedView(asked: Asked, texts: Texts): TemplateResult {
  const mark = { queued: texts["not_sent"], refused: texts["refused"], accepted: texts["received"], sending: "", answered: "" }[asked.fate];
  return html`<div class="said delegate ${asked.fate}">
    <span class="unseen">${texts["you"]}: </span>
    <p dir="auto">${asked.text}</p>
    ${mark ? html`<small aria-live="off">${mark}</small>` : nothing}
  </div>`;
}

export function replyView({ reply, at }: Answered, texts: Texts, language: Language, opinion: Opinion | undefined, acts: Acts): TemplateResult {
  const { person } = reply;
  return html`<div class="said ${person ? "person" : "assistant"}" lang=${reply.language} dir=${reply.direction}>
    ${person ? personView(person, texts, language) : html`<span class="unseen" lang=${language}>${texts["assistant"]}: </span>`}
    ${writtenView(reply.text, texts)} ${reply.contact ? contactView(reply.contact, texts) : nothing}
    ${reply.sources.length ? sourcesView(reply, texts) : nothing}
    ${reply.buttons.length
      ? html`<div class="choices">
          ${reply.buttons.map(
            ({ title, payload }) => html`<button type="button" class="plain" @click=${() => acts.choose(payload, title)}>${title}</button>`,
          )}
        </div>`
      : nothing}
    ${footView(reply, at, texts, language, opinion, acts)}
  </div>`;
}

const personView = (person: Person, texts: Texts, language: Language): TemplateResult =>
  html`<p class="by" lang=${language} dir=${directionOf(language)}>
    <strong>${person.name}</strong> <small>${filled(texts["from_person"]!, { reference: person.reference })}</small>
  </p>`;

const writtenView = (text: string, texts: Texts): TemplateResult[] =>
  blocksOf(text).map(({ kind, lines }) =>
    kind === "list"
      ? html`<ul>
          ${lines.map((line) => html`<li>${partsView(line, texts)}</li>`)}
        </ul>`
      : html`<p>${partsView(lines[0] ?? [], texts)}</p>`,
  );

const partsView = (parts: Part[], texts: Texts): (string | TemplateResult)[] =>
  parts.map((part) => (typeof part === "string" ? part : linkView(part.href, part.text, texts)));

const linkView = (href: string, text: string, texts: Texts): TemplateResult =>
  html`<a href=${href} target="_blank" rel="noopener noreferrer"><bdi>${text}</bdi><span class="unseen"> (${texts["new_tab"]})</span></a>`;

const contactView = ({ name, title }: NonNullable<Reply["contact"]>, texts: Texts): TemplateResult =>
  html`<div class="contact">
    <small>${texts["contact"]}</small>
    <strong>${name}</strong>
    <span>${partsView(linked(title), texts)}</span>
  </div>`;

function sourcesView({ sources }: Reply, texts: Texts): TemplateResult {
  const dates = [...new Set(sources.map(({ date }) => date))];
  return html`<details aria-live="off">
    <summary><span>${texts["sources"]} (${sources.length})</span> <small>${dates.slice(0, 2).join(" · ")}${dates.length > 2 ? " …" : ""}</small></summary>
    <ul>
      ${sources.map(({ title, url, date }) => {
        const address = safeAddress(url);
        return html`<li>${address ? linkView(address, title, texts) : title} <small>${date}</small></li>`;
      })}
    </ul>
  </details>`;
}

const isJudged = (reply: Reply): boolean => ["answer", "refer"].includes(reply.outcome);

function footView(reply: Reply, at: string, texts: Texts, language: Language, opinion: Opinion | undefined, acts: Acts): TemplateResult {
  const pressed = (helpful: boolean): "true" | "false" => (opinion?.helpful === helpful ? "true" : "false");
  const judge = (helpful: boolean, text: string | undefined): TemplateResult =>
    html`<button type="button" class="plain" aria-pressed=${pressed(helpful)} @click=${() => acts.judge(reply, helpful)}>${text}</button>`;
  return html`<div class="foot" aria-live="off" lang=${language} dir=${directionOf(language)}>
    <time datetime=${at}>${moment(at, language)}</time>
    ${isJudged(reply) || reply.person
      ? html`<button type="button" class="plain" @click=${() => acts.copy(reply)}>${texts["copy"]}</button>`
      : nothing}
    ${isJudged(reply)
      ? html`<div class="helpful" role="group" aria-label=${texts["helpful"]!}>
            <span aria-hidden="true">${texts["helpful"]}</span> ${judge(true, texts["helpful_yes"])} ${judge(false, texts["helpful_no"])}
          </div>
          ${opinion?.comment === "open"
            ? html`<form class="comment" @submit=${(event: SubmitEvent) => acts.comment(reply, event)}>
                <label>${texts["comment"]}<textarea name="comment" rows="2" maxlength="1000" dir="auto"></textarea></label>
                <button type="submit" class="plain">${texts["comment_send"]}</button>
              </form>`
            : nothing}`
      : nothing}
  </div>`;
}
