/** What the staff's pages do by themselves: keyboard shortcuts, and a word where a part of a page could not be had. */

import { plots } from "./plots";

/**
 * htmx takes a page of ours apart with DOMParser, which Trusted Types would refuse. HTML is let through, since the
 * policy of the page keeps any script in it from running; script and the addresses of scripts stay refused.
 */
window.trustedTypes?.createPolicy("default", { createHTML: (html) => html });

const OFF = "staff.keys-off";

/** Storage may be refused to us. */
function stored(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches("input, select, textarea"));

/**
 * An element with `data-key="r"` is pressed by that key; a field is put the cursor into. One character key can be
 * dictated by accident, so that all of them can be turned off (WCAG 2.1.4).
 */
function press(event: KeyboardEvent) {
  if (event.key === "Escape" && event.target instanceof HTMLElement && event.target.dataset["key"]) {
    // A search field would be emptied, and the list with it.
    event.preventDefault();
    event.target.blur();
  }
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  if (stored()?.getItem(OFF)) return;
  if ((event.key === "j" && step(1)) || (event.key === "k" && step(-1))) return event.preventDefault();
  const wanted = [...document.querySelectorAll<HTMLElement>("[data-key]")].find(
    (element) => element.dataset["key"] === event.key && element.checkVisibility(),
  );
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  if (!isTyping(wanted)) wanted.click();
}

/** In a list, j and k lead from line to line; Enter opens the one that has the focus, as ever. */
function step(by: number): boolean {
  const lines = [...document.querySelectorAll<HTMLElement>("[data-line]")];
  const at = lines.findIndex((line) => line === document.activeElement);
  const next = at < 0 ? lines.at(by > 0 ? 0 : -1) : lines[at + by];
  next?.focus();
  return lines.length > 0;
}

/** The button in the footer that turns the shortcuts off and on; shown only where the page has any. */
function showSwitch() {
  const button = document.querySelector<HTMLButtonElement>("#keys");
  if (!button) return;
  button.hidden = document.querySelector("[data-key], [data-line]") === null;
  const off = Boolean(stored()?.getItem(OFF));
  button.textContent = (off ? button.dataset["off"] : button.dataset["on"]) ?? "";
}

/** Says to assistive technology which key presses what. */
function announceKeys() {
  for (const element of document.querySelectorAll<HTMLElement>("[data-key]")) {
    element.setAttribute("aria-keyshortcuts", element.dataset["key"] ?? "");
  }
  showSwitch();
}

/** Words are looked for when they are sent. To leave the field would have the same list drawn again, under the keyboard. */
function ignoreLeaving(event: Event) {
  if (event.target instanceof HTMLInputElement && event.target.type === "search") event.stopPropagation();
}

document.addEventListener("DOMContentLoaded", plots);
document.addEventListener("change", ignoreLeaving, true);
document.addEventListener("keydown", press);
document.querySelector("#keys")?.addEventListener("click", () => {
  if (stored()?.getItem(OFF)) stored()?.removeItem(OFF);
  else stored()?.setItem(OFF, "1");
  showSwitch();
});
announceKeys();
document.addEventListener("htmx:afterSettle", announceKeys);
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    const place = document.querySelector("#problem");
    if (place) place.textContent = document.body.dataset["failed"] ?? "";
  });
}
document.addEventListener("htmx:beforeRequest", () => document.querySelector("#problem")?.replaceChildren());
