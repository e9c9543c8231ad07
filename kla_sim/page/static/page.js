// The page's own script: asks the server, puts the pieces of its answers in place, and keeps a
// number of an old value from being shown as a new one. Everything else is the server's.
"use strict";
const form = document.getElementById("plan");
const text = document.getElementById("text");
const words = document.getElementById("words").dataset;
const asked = new Map(); // path -> what stops the latest question put there
const moved = new Map(); // levers that the text does not say yet, with their values
let written = text.value; // the text as the server knows it
let saved = words.saved === "yes" ? text.value : null; // the text as it is on disk, if that is known
let timer;

function question(more) {
  const body = new URLSearchParams(new FormData(form));
  for (const lever of moved) body.append("lever", lever.join("="));
  for (const [name, value] of Object.entries(more)) body.append(name, value);
  return body;
}

async function* eventsOf(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\r\n\r\n");
    rest = blocks.pop();
    for (const block of blocks)
      if (block.startsWith("data: ")) yield JSON.parse(block.slice(6));
  }
}

async function ask(path, more = {}) {
  asked.get(path)?.abort();
  const mine = new AbortController();
  asked.set(path, mine);
  try {
    const answer = await fetch(path, { method: "POST", body: question(more), signal: mine.signal });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    lost("");
    for await (const event of eventsOf(answer)) {
      if (asked.get(path) !== mine) return;
      put(event);
    }
  } catch (error) {
    if (asked.get(path) === mine && error.name !== "AbortError") lost(error.message);
  }
}

function put(event) {
  if (event.text !== undefined) write(event.text);
  if (event.saved) saved = text.value;
  for (const [name, value] of Object.entries(event.values ?? {})) show(name, value, document.activeElement);
  if (event.announce !== undefined) say(event.announce);
  if (event.note) document.getElementById("odds").dataset.note = event.note;
  if (event.id !== undefined) replace(event.id, event.html);
  if (event.again) change("yes");
}

function replace(id, html) {
  const held = document.activeElement?.id;
  const open = [...document.querySelectorAll(`#${id} details[open]`)].map((one) => one.id);
  document.getElementById(id).outerHTML = html;
  for (const one of open) document.getElementById(one)?.setAttribute("open", "");
  if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus();
}

function write(news) {
  moved.clear();
  written = news;
  if (text.value === news) return;
  const { selectionStart, selectionEnd } = text;
  text.value = news;
  text.setSelectionRange(selectionStart, selectionEnd);
}

function show(name, value, but) {
  const fields = document.querySelectorAll(`[data-lever="${CSS.escape(name)}"] :is(input, select)`);
  for (const field of fields) if (field !== but) field.value = value;
}

const say = (sentence) => (document.getElementById("status").textContent = sentence);

function lost(reason) {
  document.getElementById("lost").hidden = !reason;
  document.getElementById("reason").textContent = reason;
}

function change(edited) {
  asked.get("/odds")?.abort();
  asked.delete("/odds");
  const odds = document.getElementById("odds");
  odds.setAttribute("aria-busy", "true");
  odds.dataset.note = words.stale;
  say("");
  clearTimeout(timer);
  timer = setTimeout(() => ask("/odds", { edited }), 60);
}

document.addEventListener("input", ({ target }) => {
  const lever = target.closest("[data-lever]")?.dataset.lever;
  if (lever && target.value !== "") {
    moved.set(lever, target.value);
    show(lever, target.value, target);
    change(text.value === written ? "" : "yes");
  } else if (target === text || target.id === "seed") change(target === text ? "yes" : "");
});
document.addEventListener("click", ({ target }) => {
  const button = target.closest("button[data-ask], button[data-line]");
  if (button?.dataset.line) goTo(button.dataset.line - 1);
  else if (button) ask(button.dataset.ask, { ...button.dataset });
});
addEventListener("beforeunload", (event) => {
  if (saved !== null && text.value !== saved && document.activeElement?.name !== "language") event.preventDefault();
});
function goTo(line) {
  const before = text.value.split("\n").slice(0, line).join("\n").length + (line > 0);
  text.focus();
  text.setSelectionRange(before, before);
}
change("");
