// <div id="live" data-live="10">: takes itself anew from the server after so many seconds while it is looked at, and
// keeps the screen from going dark. Without JavaScript the page renews itself.
const box = document.getElementById("live");
let timer;

function wait() {
  clearTimeout(timer);
  timer = setTimeout(look, 1000 * Math.max(2, Number(box.getAttribute("data-live")) || 10));
}

async function look() {
  if (document.hidden) { wait(); return; }
  const answer = await fetch(window.location.href, { credentials: "same-origin" }).catch(() => null);
  if (answer && answer.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!fresh) { window.location.reload(); return; }
    box.innerHTML = fresh.innerHTML;
    box.setAttribute("data-live", fresh.getAttribute("data-live"));
  }
  wait();
}

function stayAwake() {
  if (navigator.wakeLock && !document.hidden) navigator.wakeLock.request("screen").catch(() => {});
}

if (box) {
  wait();
  stayAwake();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { stayAwake(); look(); } });
}
