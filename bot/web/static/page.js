// The conversation on the first page, over the chat API alone. All text comes from the page's block of sentences or
// from the API, and is put in as text, never as markup.

const sentences = JSON.parse(document.getElementById("sentences").textContent);
const conversation = document.getElementById("conversation");
const status = document.getElementById("status");
const form = document.getElementById("question");
const field = document.getElementById("text");

const API = "/api/v1/conversations";
const KEPT = "conversation";
let opened = null;

const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

function keep(value) {
  opened = value;
  try {
    if (value) sessionStorage.setItem(KEPT, JSON.stringify(value));
    else sessionStorage.removeItem(KEPT);
  } catch { /* Storage may be closed to us: then the conversation lives as long as the page. */ }
}

function kept() {
  try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; }
}

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

async function call(method, path, body) {
  const headers = {};
  if (opened) headers.Authorization = `Bearer ${opened.token}`;
  if (body) headers["Content-Type"] = "application/json";
  return fetch(API + path, { method, headers, body: body && JSON.stringify(body) });
}

// A random UUID; crypto.randomUUID exists only on pages served securely.
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function show(node) {
  conversation.append(node);
  node.scrollIntoView({ block: "nearest" });
}

function showQuestion(text) {
  show(make("div", { class: "said delegate" }, make("span", { class: "hidden" }, `${sentences.you}: `), make("p", { dir: "auto" }, text)));
}

function showReply(reply) {
  const said = make("div", { class: "said assistant", lang: reply.language, dir: reply.direction });
  said.append(make("span", { class: "hidden" }, `${sentences.assistant}: `), make("p", {}, reply.text));
  if (reply.contact) {
    said.append(make("p", { class: "contact" }, make("strong", {}, reply.contact.name), make("br"), reply.contact.title));
  }
  if (reply.sources.length) said.append(sourcesOf(reply));
  if (reply.buttons.length) said.append(choicesOf(reply));
  if (["answer", "refer"].includes(reply.outcome)) said.append(helpfulOf(reply));
  show(said);
}

function sourcesOf(reply) {
  const lines = reply.sources.map((source) =>
    make("li", {}, make("a", { href: source.url, target: "_blank", rel: "noopener noreferrer" }, source.title), ` (${source.date})`));
  return make("details", {}, make("summary", {}, `${sentences.sources} (${lines.length})`), make("ul", {}, ...lines));
}

function choicesOf(reply) {
  const buttons = reply.buttons.map((choice) => {
    const button = make("button", { type: "button" }, choice.title);
    button.addEventListener("click", () => ask({ payload: choice.payload }, choice.title));
    return button;
  });
  return make("div", { class: "choices" }, ...buttons);
}

function helpfulOf(reply) {
  const line = make("div", { class: "helpful" }, make("span", {}, sentences.helpful));
  for (const [helpful, label] of [[true, sentences.helpful_yes], [false, sentences.helpful_no]]) {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", async () => {
      await call("POST", `/${opened.id}/feedback`, { reply_id: reply.id, helpful });
      line.replaceChildren(sentences.feedback_thanks);
    });
    line.append(button);
  }
  return line;
}

async function open() {
  const response = await call("POST", "", { language: document.documentElement.lang });
  if (!response.ok) throw new Error(response.status);
  const { id, token, replies } = await response.json();
  keep({ id, token });
  replies.forEach(showReply);
}

async function resume() {
  keep(kept());
  if (opened) {
    const response = await call("GET", `/${opened.id}/messages`);
    if (response.ok) {
      for (const said of (await response.json()).messages) {
        if (said.reply) showReply(said.reply);
        else {
          showQuestion(said.text);
          if (said.state === "waiting") untilAnswered({ text: said.text, client_message_id: said.cursor });
        }
      }
      return;
    }
    keep(null);
  }
  await open();
}

// Sends the same message until it is answered: its client_message_id makes that safe.
async function untilAnswered(message) {
  for (let pause = 1; ; pause = Math.min(pause * 2, 15)) {
    let response;
    try {
      response = await call("POST", `/${opened.id}/messages`, message);
    } catch {
      status.textContent = sentences.offline;
      await sleep(pause);
      continue;
    }
    if (response.ok) {
      status.textContent = "";
      (await response.json()).replies.forEach(showReply);
      return;
    }
    if (response.status !== 503 && response.status !== 429) {
      const problem = await response.json();
      status.textContent = problem.reason === "too_long" ? sentences.too_long : sentences.not_taken;
      return;
    }
    status.textContent = response.status === 429 ? sentences.too_many : sentences.kept;
    await sleep(Number(response.headers.get("Retry-After")) || pause);
  }
}

async function ask(what, shown) {
  showQuestion(shown);
  status.textContent = sentences.waiting;
  await untilAnswered({ ...what, client_message_id: newId() });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text || !opened) return;
  field.value = "";
  ask({ text }, text);
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.getElementById("start-over").addEventListener("click", async () => {
  if (!confirm(sentences.start_over_confirm)) return;
  await call("DELETE", `/${opened.id}`);
  keep(null);
  conversation.replaceChildren();
  await open();
  field.focus();
});

(async () => {
  while (!opened) {
    try {
      await resume();
      status.textContent = "";
    } catch {
      status.textContent = sentences.offline;
      await sleep(3);
    }
  }
})();
