/** A client that is pasted, opened or dropped, as JSON or CSV. */

import { delimiter, parse } from "./csv.js";
import { byId } from "./dom.js";
import { clientOf } from "./many.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Client} Client */
/** @typedef {import("./form.js").ClientForm} ClientForm */

/** The first client of a text, and how many there are; null without any. @param {string} content @param {(name: string) => boolean} known whether the model has this column @returns {{ client: Client, count: number } | null} */
export function clientIn(content, known) {
  try {
    const read = JSON.parse(content);
    const found = read.data ?? read.inputs ?? read.dataframe_records ?? read;
    const [client, ...others] = Array.isArray(found) ? found : [found];
    return client && typeof client === "object" ? { client, count: others.length + 1 } : null;
  } catch {
    const mark = delimiter(content);
    const [head, row, ...others] = parse(content, mark);
    if (!row || !head.some(known)) return null;
    return { client: clientOf(head, row, mark), count: others.length + 1 };
  }
}

export class Paste {
  /** @param {ClientForm} form @param {Lang} lang @param {(client: Client) => void} load shows a client in the form */
  constructor(form, lang, load) {
    this.form = form;
    this.lang = lang;
    this.load = load;
    this.dialog = /** @type {HTMLDialogElement} */ (byId("paste"));
    const area = /** @type {HTMLTextAreaElement} */ (byId("paste-text"));
    const file = /** @type {HTMLInputElement} */ (byId("paste-file"));
    byId("paste-open").addEventListener("click", () => this.dialog.showModal());
    byId("paste-cancel").addEventListener("click", () => this.dialog.close());
    byId("paste-load").addEventListener("click", () => this.#read(area.value));
    file.addEventListener("change", async () => this.#read((await file.files?.[0]?.text()) ?? ""));
    const place = byId("client");
    for (const name of ["dragover", "dragleave", "drop"]) {
      place.addEventListener(name, (event) => {
        event.preventDefault();
        place.classList.toggle("over", name === "dragover");
      });
    }
    place.addEventListener("drop", async (event) => {
      const found = event.dataTransfer?.files[0];
      if (found) this.#read(await found.text());
    });
  }

  /** Loads the client of a text; where there is none, the dialog says so. @param {string} content */
  #read(content) {
    const found = clientIn(content, (name) => this.form.features.has(name));
    byId("paste-error").hidden = found !== null;
    byId("paste-note").textContent = found && found.count > 1 ? text(this.lang, "first", found.count) : "";
    if (found) {
      this.dialog.close();
      this.load(found.client);
    } else if (!this.dialog.open) this.dialog.showModal();
  }
}
