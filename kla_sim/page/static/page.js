// The page's own script: asks the server, puts the pieces of its answers in place, and keeps a
// number of an old value from ever being shown. Everything else is the server's.
"use strict";
const form = document.getElementById("plan");
const text = document.getElementById("text");
const words = document.getElementById("words").dataset;
const asked = new Map(); // path -> what stops the latest question put there
const moved = new Map(); // levers that the text does not say yet, with their values
let written = text.value; // the text as the server knows it
let saved = text.value;
let timer;

function question(more) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of moved) body.append("lever", `${name}=${value}`);
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
    for (const block of blocks) {
      const data = block.split("\r\n").find((line) => line.startsWith("data: "));
      if (data) yield JSON.parse(data.slice(6));
    }
  }
}

async function ask(path, more = {}) {
  asked.get(path)?.abort();
  const mine = new AbortController();
  asked.set(path, mine);
  try {
    const answer = await fetch(path, { method: "POST", body: question(more), signal: mine.signal });
    if (!answer.ok) throw new Error(await answer.text());
    document.getElementById("lost").hidden = true;
    for await (const event of eventsOf(answer)) {
      if (asked.get(path) !== mine) return;
      put(event);
    }
  } catch (error) {
    if (asked.get(path) === mine && error.name !== "AbortError") lose(error);
  }
}

function lose(error) {
  const lost = document.getElementById("lost");
  lost.dataset.reason = error.message;
  lost.hidden = false;
  say("");
}

function put({ id, html, values, text: news, announce, mark }) {
  if (news !== undefined) write(news);
  if (values) for (const [name, value] of Object.entries(values)) show(name, value);
  if (mark !== undefined) document.getElementById("mark").value = mark, saved = text.value;
  if (announce !== undefined) say(announce);
  if (id === undefined) return;
  const held = document.activeElement?.id;
  const open = [...document.querySelectorAll(`#${id} details[open][id]`)].map((one) => one.id);
  document.getElementById(id).outerHTML = html;
  for (const one of open) document.getElementById(one)?.setAttribute("open", "");
  if (held && document.activeElement?.id !== held) document.getElementById(held)?.focus();
}

function write(news) {
  moved.clear();
  written = news;
  if (text.value === news) return;
  const { selectionStart, selectionEnd, scrollTop } = text;
  text.value = news;
  text.setSelectionRange(selectionStart, selectionEnd);
  text.scrollTop = scrollTop;
}

function show(name, value) {
  for (const field of fieldsOf(name)) if (field !== document.activeElement) field.value = value;
}

function fieldsOf(name) {
  return document.querySelectorAll(`[data-lever="${CSS.escape(name)}"] :is(input, select)`);
}

function say(sentence) {
  document.getElementById("status").textContent = sentence;
}

function change() {
  asked.get("/odds")?.abort();
  asked.delete("/odds");
  const odds = document.getElementById("odds");
  odds.setAttribute("aria-busy", "true");
  odds.dataset.note = words.stale;
  say("");
  clearTimeout(timer);
  timer = setTimeout(() => ask("/odds", { edited: text.value === written ? "" : "yes" }), 60);
}

document.addEventListener("input", (event) => {
  const lever = event.target.closest("[data-lever]")?.dataset.lever;
  if (lever && event.target.value !== "") {
    moved.set(lever, event.target.value);
    for (const field of fieldsOf(lever)) if (field !== event.target) field.value = event.target.value;
    change();
  } else if (event.target === text || event.target.id === "seed") change();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-ask], button[data-line]");
  if (button?.dataset.ask) ask(button.dataset.ask, { ...button.dataset });
  else if (button) goTo(Number(button.dataset.line));
});
addEventListener("beforeunload", (event) => {
  if (text.value !== saved && document.activeElement?.name !== "language") event.preventDefault();
});

function goTo(line) {
  const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
  text.focus();
  text.setSelectionRange(before + (line > 1), before + (line > 1));
}
change();
