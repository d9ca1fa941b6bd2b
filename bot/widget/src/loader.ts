/** Puts a launcher and the chat window on the page whose script tag loads this. The service fills in LABELS. */

import { inkOn, isColour } from "./colour.ts";
import type { Opened, ToHost } from "./host.ts";

declare const LABELS: Record<string, string>;
declare global {
  interface Window {
    helpForDelegates?: { open(question?: string): void; close(): void };
  }
}

const labels = LABELS;
const tag = document.currentScript as HTMLScriptElement;
const { language: asked, position, color, open: opens } = tag.dataset;
const origin = new URL(tag.src).origin;
const language = [asked, document.documentElement.lang.slice(0, 2), "en"].find((code) => code && labels[code])!;

const root = document.createElement("help-for-delegates");
const shadow = root.attachShadow({ mode: "open" });
const sheet = new CSSStyleSheet();
const brand = isColour(color) ? color : "#0b4f8a";
sheet.replaceSync(`:host{all:initial}
button,iframe{position:fixed;z-index:2147483647;inset-inline-${position === "start" ? "start" : "end"}:1em;border:0}
button{inset-block-end:1em;min-height:3em;padding:0 1.3em;border:2px solid ${inkOn(brand)};border-radius:1.5em;font:600 1em/1.2 system-ui,sans-serif;color:${inkOn(brand)};background:${brand};box-shadow:0 2px 8px #0006;cursor:pointer}
button:focus-visible{outline:3px solid ${brand};outline-offset:3px}
iframe{inset-block-end:5em;width:25em;height:min(42em,100dvh - 6em);border-radius:1em;box-shadow:0 4px 24px #0006;color-scheme:normal}
[hidden]{display:none}
@media(max-width:30em),(max-height:30em){iframe{inset:0!important;width:100%;height:100%;border-radius:0}[aria-expanded=true]{display:none}}`);
shadow.adoptedStyleSheets = [sheet];

const launcher = document.createElement("button");
launcher.type = "button";
const frame = document.createElement("iframe");
frame.title = labels[language]!;
frame.allow = "clipboard-write";
frame.hidden = true;
root.lang = language;
root.dir = language === "ar" ? "rtl" : "ltr";
shadow.append(launcher, frame);

let listening = false;
/** The window is to have the focus, and the field this question, as soon as it listens. */
let wanted: Opened | undefined;

const tell = (): void => {
  if (!wanted) return;
  frame.focus();
  if (!listening) return;
  frame.contentWindow!.postMessage(wanted, origin);
  wanted = undefined;
};
const show = (open: boolean): void => {
  frame.hidden = !open;
  launcher.ariaExpanded = String(open);
  launcher.textContent = labels[language]!;
};
const appear = (): void => {
  frame.src ||= `${origin}/widget/frame?${new URLSearchParams({ language, color: brand, origin: location.origin })}`;
  show(true);
};
const open = (question?: string): void => {
  wanted = { type: "opened", ...(question ? { question } : {}) };
  appear();
  tell();
};
const close = (): void => {
  show(false);
  launcher.focus();
};

launcher.onclick = () => (frame.hidden ? open() : close());
launcher.onkeydown = ({ key }) => {
  if (key === "Escape" && !frame.hidden) close();
};
addEventListener("message", ({ source, origin: from, data }: MessageEvent<ToHost>) => {
  if (source !== frame.contentWindow || from !== origin) return;
  if (data.type === "close") close();
  else if (data.type === "answered") {
    if (frame.hidden) launcher.textContent = data.text;
  } else if (data.type === "listening") {
    listening = true;
    tell();
  }
});

const begin = (): void => {
  document.body.append(root);
  show(false);
  if (opens !== undefined && opens !== "false") appear();
};
window.helpForDelegates = { open, close };
if (document.body) begin();
else addEventListener("DOMContentLoaded", begin);
