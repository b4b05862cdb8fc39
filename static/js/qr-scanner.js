// <qr-scanner data-field="id_code" data-decoder="…/jsqr.min.js">: reads a QR code with the phone's camera, inside the
// page. What it reads is put into the field (with data-param, only that part of a scanned address), and the field's
// form is sent, unless somebody prevents the event "qr-found". Without a camera the button stays hidden and one types.
// With data-auto it starts by itself and passes over what it has just read: a card held out a moment longer.
const PAUSE = 120;
const LARGEST = 800;
const LAST = "qr-scanner-last";

class QrScanner extends HTMLElement {
  connectedCallback() {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
    this.button = this.querySelector("[data-start]");
    this.view = this.querySelector("[data-view]");
    this.video = this.querySelector("video");
    this.button.hidden = false;
    this.button.addEventListener("click", () => { forget(); this.begin(); });
    this.querySelector("[data-stop]").addEventListener("click", () => { this.end(); this.button.focus(); });
    if (this.hasAttribute("data-auto")) this.begin();
  }

  disconnectedCallback() { this.end(); }

  say(text) { this.querySelector("[data-say]").textContent = text || ""; }

  async begin() {
    if (this.stream) return;
    this.say("");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment" } });
      this.video.srcObject = this.stream;
      this.button.hidden = true;
      this.view.hidden = false;
      await this.video.play();
      const read = await reader(this.getAttribute("data-decoder"));
      this.look(read);
    } catch (error) {
      const refused = error && (error.name === "NotAllowedError" || error.name === "SecurityError");
      this.end();
      this.say(this.getAttribute(refused ? "data-refused" : "data-broken"));
    }
  }

  end() {
    clearTimeout(this.timer);
    if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
    this.stream = null;
    if (this.view) { this.view.hidden = true; this.button.hidden = false; }
  }

  async look(read) {
    if (!this.stream) return;
    let text = "";
    try { text = this.video.readyState >= 2 ? await read(this.video) : ""; } catch (error) { text = ""; }
    if (text && this.stream && !isLast(text)) { this.end(); this.found(text); return; }
    this.timer = setTimeout(() => this.look(read), PAUSE);
  }

  found(text) {
    const event = new CustomEvent("qr-found", { bubbles: true, cancelable: true, detail: { text } });
    const field = document.getElementById(this.getAttribute("data-field"));
    if (!this.dispatchEvent(event) || !field) return;
    this.say(this.getAttribute("data-done"));
    remember(text);
    field.value = part(text, this.getAttribute("data-param"));
    if (field.form.requestSubmit) field.form.requestSubmit(); else field.form.submit();
  }
}

// Only a number that stands for what was read is kept, in this tab.
const mark = (text) => String(Array.from(text).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 4294967296, 7));
function remember(text) { try { sessionStorage.setItem(LAST, mark(text)); } catch (error) { /* kept nowhere */ } }
function forget() { try { sessionStorage.removeItem(LAST); } catch (error) { /* kept nowhere */ } }
function isLast(text) { try { return sessionStorage.getItem(LAST) === mark(text); } catch (error) { return false; } }

function part(text, name) {
  if (!name) return text;
  try { return new URL(text).searchParams.get(name) || text; } catch (error) { return text; }
}

// The browser's own detector where there is one; else jsQR, loaded only now.
async function reader(decoder) {
  if ("BarcodeDetector" in window) {
    const formats = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => { const found = await detector.detect(video); return found.length ? found[0].rawValue : ""; };
    }
  }
  const { default: jsQR } = await import(decoder);
  const canvas = document.createElement("canvas");
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, LARGEST / Math.max(video.videoWidth, video.videoHeight));
    const width = canvas.width = Math.round(video.videoWidth * scale);
    const height = canvas.height = Math.round(video.videoHeight * scale);
    paint.drawImage(video, 0, 0, width, height);
    const found = jsQR(paint.getImageData(0, 0, width, height).data, width, height, { inversionAttempts: "dontInvert" });
    return found ? found.data : "";
  };
}

customElements.define("qr-scanner", QrScanner);
