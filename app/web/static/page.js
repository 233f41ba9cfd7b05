"use strict";
// Live pages, the door, keys and forms. Everything works without it but the liveness.

const body = document.body;
const tell = (name) => body.dispatchEvent(new CustomEvent(name));

// --- live: the stream says that something changed, htmx fetches what is shown ---
function listen() {
  if (!body.dataset.events) return;
  const pulse = document.getElementById("pulse");
  const words = pulse.querySelector(".pulse-words");
  const say = (on) => {
    pulse.classList.toggle("on", on);
    const now = on ? "live" : "reconnecting";
    if (words.textContent !== now) words.textContent = now;
  };
  let stream = null;
  const close = () => { stream?.close(); stream = null; };
  const open = () => {
    if (stream) return;
    stream = new EventSource(body.dataset.events);
    stream.onopen = () => say(true);
    stream.onerror = () => say(false);
    for (const topic of ["opportunities", "hedges"]) stream.addEventListener(topic, () => tell(topic));
  };
  // A browser keeps six connections to a host: pages that nobody sees hold none.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { close(); return; }
    open();
    tell("tick");
    tell("slow");
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", () => { if (!document.hidden) open(); });
  if (!document.hidden) open();
  setInterval(() => { if (!document.hidden && !isReading()) tell("tick"); }, 2000);
  setInterval(() => { if (!document.hidden && !isReading()) tell("slow"); }, 10000);
}

// Nothing is replaced under a selection, nor under an open disclosure inside it.
function isReading() {
  const picked = window.getSelection();
  if (picked && !picked.isCollapsed) return true;
  return Boolean(document.querySelector("#live details[open]"));
}

// What cannot be fetched must not look fresh; whoever is no longer in sees the door.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) location.reload();
  else unsure();
});
document.addEventListener("htmx:sendError", unsure);
document.addEventListener("htmx:timeout", unsure);
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) body.classList.remove("unsure");
});
function unsure() { body.classList.add("unsure"); }

// --- the door: what follows # never left this browser until now ---
function door() {
  const form = document.getElementById("enter");
  const token = location.hash.slice(1);
  if (!form || !token) return;
  history.replaceState(null, "", location.pathname);
  document.getElementById("token").value = token;
  form.requestSubmit();
}

// --- one click is one request ---
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// A confirmation holds for a while: when it is over the button says so, and the server would too.
const execute = document.getElementById("execute");
if (execute) setTimeout(() => {
  execute.disabled = true;
  execute.textContent = "Too old: make a new preview";
}, Number(execute.dataset.until));

// --- keys ---
const PLACES = { o: "/opportunities", p: "/pairs", m: "/positions", h: "/hedges", a: "/alerts", j: "/jobs", v: "/venues", s: "/settings" };
let going = 0;

function isTyping(target) {
  return target.closest("input:not([type=hidden]), select, textarea, dialog") !== null;
}

function step(by) {
  const rows = [...document.querySelectorAll(".rows .row-link")];
  if (!rows.length) return;
  const now = rows.indexOf(document.activeElement);
  const next = now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + by, 0), rows.length - 1);
  rows[next].focus();
}

function focus(id) {
  const found = document.getElementById(id);
  if (found && !found.disabled) { found.focus(); found.scrollIntoView({ block: "center" }); }
  return Boolean(found);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => focus("q"),
  a: () => focus("approve"),
  r: () => focus("reject"),
  n: () => document.getElementById("next")?.click(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && isTyping(event.target)) { event.target.blur(); return; }
  if (isTyping(event.target)) return;
  if (going && Date.now() - going < 1500 && PLACES[event.key]) {
    going = 0;
    location.assign(PLACES[event.key]);
    return;
  }
  going = event.key === "g" ? Date.now() : 0;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(); }
});
document.getElementById("keys-open")?.addEventListener("click", KEYS["?"]);

document.querySelector(".top nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
listen();
door();
