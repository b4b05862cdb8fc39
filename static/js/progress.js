// <section id="progress" data-refresh="3">: looks at its own page again and takes over the bar; when the work is
// over the section is gone, and the whole page is loaded anew. Without JavaScript the page renews itself.
const box = document.getElementById("progress");
if (box) {
  const seconds = Math.max(1, Number(box.getAttribute("data-refresh")) || 3);
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(window.location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("progress");
    if (!fresh) { window.location.reload(); return; }
    box.querySelector("progress").value = fresh.querySelector("progress").value;
    box.querySelector("[role=status]").textContent = fresh.querySelector("[role=status]").textContent;
  };
  setInterval(look, seconds * 1000);
}
