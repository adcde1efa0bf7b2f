// The script panel: type or drop a script, run it, see the error at its line.

import { ask } from "./server.js";

const LARGEST_FILE_BYTES = 16 * 1024 * 1024;

export class Editor {
  #panel = document.getElementById("editor");
  #script = document.getElementById("script");
  #answer = document.getElementById("answer");
  #opener = document.getElementById("open-editor");

  constructor() {
    this.#opener.hidden = false;
    this.#opener.addEventListener("click", () => this.#open(this.#panel.hidden));
    document.getElementById("close-editor").addEventListener("click", () => this.#open(false));
    document.getElementById("run").addEventListener("click", () => this.#run());
    this.#script.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#run();
      if (event.key === "Escape") this.#open(false);
    });
    this.#setUpDrop(document.getElementById("drop"));
  }

  #open(isOpen) {
    this.#panel.hidden = !isOpen;
    this.#opener.setAttribute("aria-expanded", String(isOpen));
    document.body.classList.toggle("has-editor", isOpen);
    if (isOpen) this.#script.focus();
  }

  #setUpDrop(zone) {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      zone.hidden = false;
    });
    addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) zone.hidden = true;
    });
    addEventListener("drop", async (event) => {
      zone.hidden = true;
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      this.#open(true);
      if (file.size > LARGEST_FILE_BYTES) {
        this.#say("error", `${file.name}: ${file.size} bytes, at most ${LARGEST_FILE_BYTES} can be posted`);
        return;
      }
      this.#script.value = await file.text();
      this.#run();
    });
  }

  async #run() {
    this.#say("", "…");
    try {
      const answer = await ask("", {
        method: "POST",
        headers: { "Content-Type": "text/plain;charset=UTF-8" },
        body: this.#script.value,
      });
      if (answer.ok) {
        this.#say("done", `Done: version ${answer.headers.get("X-Inscore-Version") ?? "unchanged"}`);
        return;
      }
      const text = await answer.text();
      this.#say("error", readError(text) || `${answer.status} ${answer.statusText}`);
      this.#showLine();
    } catch {
      this.#say("error", "The server does not answer; nothing was run.");
    }
  }

  #say(kind, text) {
    this.#answer.dataset.kind = kind;
    this.#answer.textContent = text;
  }

  // Puts the selection on the line of the first error.
  #showLine() {
    const lines = this.#script.value.split("\n");
    const line = lineOfError(this.#answer.textContent, lines);
    if (!line) return;
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    this.#script.focus();
    this.#script.setSelectionRange(start, start + lines[line - 1].length);
    const lineHeight = parseFloat(getComputedStyle(this.#script).lineHeight);
    this.#script.scrollTop = Math.max(0, (line - 4) * lineHeight);
  }
}

// Number of the line: "line 3 col 7 : …" names it; an error of execution names
// the message ("incorrect parameters: /ITL/scene/a colour red"). 0 = unknown.
function lineOfError(error, lines) {
  const named = /\bline (\d+)/.exec(error);
  if (named) return Math.min(Number(named[1]), lines.length);
  const message = /(\/\S+)(?: (\S+))?/.exec(error);
  if (!message) return 0;
  const isThere = (line) => line.includes(message[1]) && line.includes(message[2] ?? "");
  return lines.findIndex(isThere) + 1;
}

function readError(text) {
  try {
    const { error } = JSON.parse(text);
    // Errors are separated by ';' in the answer.
    return typeof error === "string" ? error.split(";").map((one) => one.trim()).filter(Boolean).join("\n") : "";
  } catch {
    return text;
  }
}
