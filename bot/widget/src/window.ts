/** The chat window: one element that shows the conversation's state and turns what the delegate does into events. */

import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { inkOn, isColour } from "./colour.ts";
import { Conversation } from "./conversation.ts";
import { isEmbedded, onOpened, tellHost } from "./host.ts";
import { find, remove } from "./personal-data.ts";
import type { Language, Reply } from "./replies.ts";
import * as service from "./service.ts";
import { fillsForm, hasAsked } from "./state.ts";
import * as store from "./store.ts";
import { directionOf, fetchTexts, isLanguage, type Settings, type Texts } from "./texts.ts";
import { askingView, type Asking } from "./view/asking.ts";
import { caseView, fieldView, headView, statusView } from "./view/frame.ts";
import { askedView, replyView, type Opinion } from "./view/said.ts";

/** Milliseconds in which a history that is shown again is not read out. */
const SILENCE = 1000;
/** Pixels left above what is shown. */
const MARGIN = 8;

class HelpWindow extends LitElement {
  static override properties = {
    texts: { state: true },
    menu: { state: true },
    asking: { state: true },
    problem: { state: true },
    said: { state: true },
    silent: { state: true },
  };
  declare texts: Texts;
  declare menu: boolean;
  declare asking: Asking | null;
  declare problem: string;
  /** What the status line says for a moment instead of the conversation's state. */
  declare said: string;
  declare silent: boolean;
  private readonly settings: Settings;
  private readonly conversation: Conversation;
  private readonly opinions = new Map<string, Opinion>();
  /** How much was said and how the connection stood, when that last came into view. */
  private shown = "";

  constructor() {
    super();
    this.settings = JSON.parse(document.getElementById("settings")!.textContent!) as Settings;
    this.texts = this.settings.texts;
    this.menu = false;
    this.asking = null;
    this.problem = "";
    this.said = "";
    this.silent = store.session() !== null;
    this.conversation = new Conversation(
      this.settings.language,
      () => {
        this.said = "";
        this.requestUpdate();
      },
      () => tellHost({ type: "answered", text: this.texts["answered"]! }),
    );
  }

  override createRenderRoot(): this {
    return this;
  }

  override async firstUpdated(): Promise<void> {
    onOpened((question) => this.begin(question));
    addEventListener("keydown", (event) => this.escape(event));
    tellHost({ type: "listening" });
    const chosen = store.language();
    if (isLanguage(chosen) && chosen !== this.settings.language) await this.show(chosen).catch(() => undefined);
    this.conversation.start();
  }

  override updated(_: PropertyValues): void {
    const dialog = this.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    const { said, phase, link } = this.conversation.state;
    const shown = said.length + link;
    if (shown !== this.shown && hasAsked(this.conversation.state)) this.showLatest();
    this.shown = shown;
    if (this.silent && phase !== "connecting") setTimeout(() => (this.silent = false), SILENCE);
    this.dataset["ready"] = String(phase === "open");
  }

  override render(): TemplateResult {
    const { state, language } = this.conversation;
    const { texts } = this;
    const over = state.phase === "ended" || state.phase === "erased";
    return html`
      ${headView(texts, language, this.menu, isEmbedded, {
        toggleMenu: () => (this.menu = !this.menu),
        close: () => tellHost({ type: "close" }),
        speak: (chosen) => void this.speak(chosen),
        download: () => void this.download(),
        ask: (about) => (this.asking = { about }),
      })}
      <main aria-label=${texts["title"]!}>
        ${state.waiting ? caseView(state.waiting, texts, language) : nothing}
        <div id="scroll" role="region" tabindex="0" aria-label=${texts["conversation"]!}>
          <p class="notice">
            ${texts["privacy"]} <a href=${`/notice?language=${language}`} target="_blank" rel="noopener">${texts["notice"]}</a>
          </p>
          <div id="log" role="log" aria-label=${texts["conversation"]!} aria-live=${this.silent ? "off" : "polite"}>
            ${repeat(
              state.said,
              (one) => one.id,
              (one) =>
                one.kind === "asked" ? askedView(one, texts) : replyView(one, texts, language, this.opinions.get(one.id), this),
            )}
          </div>
        </div>
        ${statusView(state, this.said, texts, () => this.conversation.retry(), () => this.anew())}
      </main>
      ${over
        ? nothing
        : fieldView(texts, this.problem, {
            submit: (event) => this.submit(event),
            typed: () => (this.problem = ""),
            key: (event) => this.key(event),
          })}
      ${this.asking
        ? askingView(this.asking, texts, {
            cancel: () => this.closeDialog(),
            erase: (then) => void this.erase(then),
            sendWithout: ({ text, found }) => this.send(remove(text, found, texts["personal_removed"]!)),
            sendAnyway: ({ text }) => this.send(text),
          })
        : nothing}
    `;
  }

  choose(payload: string, title: string): void {
    this.conversation.ask({ payload }, title);
  }

  copy(reply: Reply): void {
    const sources = reply.sources.map(({ title, date, url }) => `${title} (${date}) ${url}`);
    const contact = reply.contact ? [`${reply.contact.name}, ${reply.contact.title}`] : [];
    void this.tried(async () => {
      await navigator.clipboard.writeText([reply.text, ...contact, ...sources].join("\n"));
      return "copied";
    }, "not_copied");
  }

  judge(reply: Reply, helpful: boolean): void {
    void this.tried(async () => {
      await service.giveFeedback(this.conversation.state.session!, reply.id, helpful);
      this.opinions.set(reply.id, { helpful, comment: "open" });
      return "feedback_thanks";
    });
  }

  comment(reply: Reply, event: SubmitEvent): void {
    event.preventDefault();
    const comment = String(new FormData(event.target as HTMLFormElement).get("comment")).trim();
    const opinion = this.opinions.get(reply.id);
    if (!comment || !opinion) return;
    void this.tried(async () => {
      await service.giveFeedback(this.conversation.state.session!, reply.id, opinion.helpful, comment);
      this.opinions.set(reply.id, { ...opinion, comment: "sent" });
      this.field?.focus();
      return "feedback_thanks";
    });
  }

  /** The last question, or what a person wrote since, at the top; below it as much of its answer as there is room for. */
  private showLatest(): void {
    const question = [...this.querySelectorAll(".delegate, .person")].at(-1)!;
    const above = (element: Element): number => element.getBoundingClientRect().top;
    const list = this.querySelector("#scroll")!;
    list.scrollTop += above(question) - above(list) - MARGIN;
    // On the lowest screens the document scrolls instead; the page around the frame never does.
    document.documentElement.scrollTop += above(question) - MARGIN;
  }

  private get field(): HTMLTextAreaElement | null {
    return this.querySelector("#text");
  }

  /** Shows the text that the act names; where it failed, that it did, and that the service is not reached if so. */
  private async tried(act: () => Promise<string>, otherwise = "unreachable"): Promise<void> {
    let key = otherwise;
    try {
      key = await act();
    } catch (error) {
      if (error instanceof service.Gone) this.conversation.tell({ type: "gone" });
    }
    this.said = this.texts[key] ?? "";
    this.requestUpdate();
  }

  private begin(question: string | undefined): void {
    if (this.field && question) this.field.value = question;
    this.field?.focus();
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing || this.asking) return;
    if (this.menu) {
      this.menu = false;
      this.querySelector<HTMLElement>("#menu-button")?.focus();
    } else tellHost({ type: "close" });
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.field?.form?.requestSubmit();
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.field?.value.trim() ?? "";
    if (!text) return this.field?.focus();
    if ([...text].length > this.settings.longest) {
      this.problem = this.texts["too_long"]!;
      return;
    }
    // Who is asked for a name and an address need not be warned of giving them.
    const found = fillsForm(this.conversation.state) ? [] : find(text);
    if (found.length) this.asking = { about: "personal_data", text, found };
    else this.send(text);
  }

  private send(text: string): void {
    if (this.field) this.field.value = "";
    this.closeDialog();
    this.conversation.ask({ text }, text);
  }

  private closeDialog(): void {
    const about = this.asking?.about;
    this.querySelector("dialog")?.close();
    this.asking = null;
    if (about) (about === "personal_data" ? this.field : this.querySelector<HTMLElement>("#menu-button"))?.focus();
  }

  private async erase(then: "erased" | "restart"): Promise<void> {
    this.closeDialog();
    this.menu = false;
    try {
      await this.conversation.erase(then);
    } catch {
      this.said = this.texts["not_erased"]!;
      return;
    }
    this.opinions.clear();
    await this.updateComplete;
    (then === "erased" ? this.querySelector<HTMLElement>("#anew") : this.field)?.focus();
  }

  private async anew(): Promise<void> {
    this.conversation.tell({ type: "restart" });
    await this.updateComplete;
    this.field?.focus();
  }

  private async download(): Promise<void> {
    await this.tried(async () => {
      const address = URL.createObjectURL(await service.transcript(this.conversation.state.session!));
      Object.assign(document.createElement("a"), { href: address, download: "transcript.txt" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
      return "transcript_done";
    });
  }

  /** Changes the language of the window, and asks for the last answer again in it. */
  private async speak(language: Language): Promise<void> {
    const { state } = this.conversation;
    if (language === this.conversation.language) return;
    try {
      await this.show(language);
      store.keepLanguage(language);
      if (hasAsked(state)) this.conversation.ask({ payload: `language:${language}` }, this.texts["language_name"]!);
      else if (state.phase === "open") await this.conversation.erase("restart");
    } catch {
      this.said = this.texts["unreachable"]!;
    }
    this.menu = false;
    this.querySelector<HTMLElement>("#menu-button")?.focus();
  }

  private async show(language: Language): Promise<void> {
    this.texts = await fetchTexts(language);
    this.conversation.language = language;
    const root = document.documentElement;
    [root.lang, root.dir, document.title] = [language, directionOf(language), this.texts["title"]!];
  }
}

const colour = new URLSearchParams(location.search).get("color");
if (isColour(colour)) {
  document.documentElement.style.setProperty("--brand", colour);
  document.documentElement.style.setProperty("--on-brand", inkOn(colour));
}
customElements.define("help-window", HelpWindow);
