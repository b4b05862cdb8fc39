// A confirmation at the desk on a bad connection: <form data-confirmation> is sent until the server has answered.
// It carries a nonce, so the server does it once however often it arrives. Until there is an answer it lies in this
// phone's localStorage (a reload or a flat battery does not lose it) and the page says in words that it is not sent.
// Nothing here ever says "handed over": that page comes from the server. Without JavaScript it is a plain form.
const KEY = "jindou.desk.confirmations";
const DAY = 24 * 3600 * 1000;
const PATIENCE = 10000;
const box = document.getElementById("unsent");
const words = (name) => box.getAttribute(`data-${name}`) || "";
const clerk = box ? box.getAttribute("data-clerk") : "";
let sending = false;
let timer;
let failures = 0;

function stored() {
  try {
    const all = JSON.parse(window.localStorage.getItem(KEY) || "[]");
    return all.filter((each) => Date.now() - each.at < DAY);
  } catch (error) {
    return [];
  }
}

function keep(all) {
  try {
    if (all.length) window.localStorage.setItem(KEY, JSON.stringify(all));
    else window.localStorage.removeItem(KEY);
  } catch (error) { /* a private window: it still lies in this page */ }
}

const mine = () => stored().filter((each) => each.clerk === clerk);
const forget = (nonce) => keep(stored().filter((each) => each.nonce !== nonce));

function say(text) {
  box.hidden = !text;
  box.textContent = text;
}

const token = () => (document.querySelector("input[name=csrfmiddlewaretoken]") || {}).value || box.getAttribute("data-token");

async function post(one) {
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const body = new URLSearchParams({ ...one.fields, csrfmiddlewaretoken: token() });
    return await fetch(one.action, { method: "POST", body, credentials: "same-origin", signal: stop.signal });
  } finally {
    clearTimeout(clock);
  }
}

function later() {
  failures += 1;
  say(words("waiting"));
  clearTimeout(timer);
  timer = setTimeout(send, Math.min(30000, 1000 * 2 ** Math.min(failures - 1, 5)));
}

async function show(answer) {
  if (answer.redirected) {
    window.location.assign(answer.url);
    return;
  }
  // Refused: the server's own page, put in place of this one; asking again would keep a second refusal.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  document.getElementById("main").replaceWith(page.getElementById("main"));
  const dock = document.querySelector(".dock");
  if (dock) dock.remove();
  const alert = document.querySelector("[role=alert]");
  if (alert) { alert.tabIndex = -1; alert.focus(); }
}

async function send() {
  const one = mine()[0] || send.unkept;
  if (!one || sending) return;
  sending = true;
  clearTimeout(timer);
  say(words(failures ? "waiting" : "sending"));
  const answer = await post(one).catch(() => null);
  sending = false;
  if (!answer || answer.status >= 500) { later(); return; }
  if (answer.status === 403 || new URL(answer.url).pathname.startsWith(words("sign-in"))) { say(words("stopped")); return; }
  failures = 0;
  forget(one.nonce);
  send.unkept = null;
  say("");
  await show(answer);
}

function confirmed(event) {
  const form = event.target.closest("form[data-confirmation]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  if (sending || timer) { send(); return; }
  const fields = Object.fromEntries(new FormData(form).entries());
  delete fields.csrfmiddlewaretoken;
  const one = { action: form.action, fields, nonce: fields.nonce, clerk, at: Date.now() };
  if (!mine().some((each) => each.fields.code === fields.code)) keep([...stored(), one]);
  send.unkept = one;
  form.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  send();
}

if (box) {
  document.addEventListener("submit", confirmed);
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  keep(stored());
  if (mine().length) send();
}
