// <p id="clock-hint" data-now="1764039600" hidden>: shown where the phone's clock is more than 30 s away from the site's.
const hint = document.getElementById("clock-hint");
if (hint) hint.hidden = Math.abs(Date.now() / 1000 - Number(hint.getAttribute("data-now"))) < 30;
