/** Many clients: a file, scored piece by piece. */

import { Refusal, scoreTable } from "./api.js";
import * as csv from "./csv.js";
import { byId, element, save } from "./dom.js";
import { level } from "./formats.js";
import { detailed, explained, text } from "./texts.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Model} Model */
/** @typedef {import("./api.js").Client} Client */
/** @typedef {import("./form.js").ClientForm} ClientForm */
/** @typedef {{ place: number, id: string, solvency: number | null, threshold: number | null, decision: string, problem: string, client: Client | null }} Row */

const PIECE = 200;
const SHOWN = 500;
const PARQUET = "application/vnd.apache.parquet";
const COLUMNS = /** @type {const} */ (["id", "solvency", "decision", "problem"]);

export class Many {
  /** @param {Model} model @param {ClientForm} form @param {Lang} lang @param {(client: Client) => void} look shows one of the clients in the form */
  constructor(model, form, lang, look) {
    this.model = model;
    this.form = form;
    this.lang = lang;
    this.look = look;
    /** @type {Row[]} */
    this.rows = [];
    /** @type {{ column: keyof Row, sign: number }} */
    this.order = { column: "place", sign: 1 };
    this.turn = 0;
    const mega = model.limits.bytes / 2 ** 20;
    const limit = text(lang, "manyLimit", model.limits.rows, mega >= 1 ? Math.floor(mega) : mega.toPrecision(2));
    byId("many-hint").textContent = text(lang, "manyHint", limit);
    const input = /** @type {HTMLInputElement} */ (byId("many-file"));
    input.addEventListener("change", () => input.files?.[0] && this.open(input.files[0]));
    byId("many-stop").addEventListener("click", () => this.#stop());
    byId("many-download").addEventListener("click", () => this.download());
    byId("many-head").replaceChildren(...COLUMNS.map((column) => this.#heading(column)), element("td"));
  }

  /** @param {(typeof COLUMNS)[number]} column */
  #heading(column) {
    const name = text(this.lang, column);
    const sort = () => {
      this.order = { column, sign: this.order.column === column ? -this.order.sign : 1 };
      this.#draw();
    };
    return element("th", { scope: "col", "data-column": column }, element("button", { type: "button", class: "quiet", click: sort }, name));
  }

  #stop() {
    this.turn += 1;
    this.#progress(0, 0);
  }

  /** @param {File} file */
  async open(file) {
    const turn = (this.turn += 1);
    this.rows = [];
    byId("many-error").hidden = true;
    try {
      const parquet = new Uint8Array(await file.slice(0, 4).arrayBuffer());
      if (String.fromCharCode(...parquet) === "PAR1") await this.#parquet(file);
      else await this.#table(await file.text(), turn);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      byId("many-error").hidden = false;
      const details = error.details.slice(0, 5).map((detail) => detailed(this.lang, detail, (column) => this.form.label(column)));
      byId("many-error").textContent = [explained(this.lang, error), ...details].join(" ");
    }
    if (turn === this.turn) this.#progress(0, 0);
    this.#draw();
  }

  /** @param {File} file */
  async #parquet(file) {
    this.#progress(0, 1);
    const found = await scoreTable(file, PARQUET);
    this.rows = found.map((answer, place) => this.#row(place, answer[this.model.id], answer, null));
  }

  /** @param {string} content @param {number} turn */
  async #table(content, turn) {
    const mark = csv.delimiter(content);
    const [head, ...cells] = csv.parse(content, mark);
    if (!head || !cells.length) {
      byId("many-error").hidden = false;
      byId("many-error").textContent = text(this.lang, "manyWrong");
      return;
    }
    const id = head.indexOf(this.model.id);
    const size = Math.min(PIECE, this.model.limits.rows);
    for (let start = 0; start < cells.length && turn === this.turn; start += size) {
      this.#progress(start, cells.length);
      const piece = cells.slice(start, start + size).map((row, at) => ({ place: start + at, row }));
      const done = await this.#piece(head, piece, mark);
      if (turn !== this.turn) return;
      for (const { place, row, answer, problem } of done) {
        const name = id < 0 ? String(place + 1) : row[id];
        this.rows.push(this.#row(place, name, answer, clientOf(head, row, mark), problem));
      }
    }
  }

  /**
   * Scores a piece of a table; rows that the service refuses are left out and named.
   * @param {string[]} head @param {{ place: number, row: string[] }[]} piece @param {string} mark
   * @returns {Promise<{ place: number, row: string[], answer?: any, problem?: string }[]>}
   */
  async #piece(head, piece, mark) {
    /** @type {{ place: number, row: string[], answer?: any, problem?: string }[]} */
    const refused = [];
    let rest = piece;
    while (rest.length) {
      try {
        const body = csv.plain([head, ...rest.map(({ row }) => row)], mark);
        const answers = await scoreTable(body, "text/csv");
        return [...rest.map((found, at) => ({ ...found, answer: answers[at] })), ...refused].sort((one, other) => one.place - other.place);
      } catch (error) {
        if (!(error instanceof Refusal) || error.status !== 422) throw error;
        const problems = new Map(error.details.map((detail) => [detail.row, detailed(this.lang, detail, (column) => this.form.label(column))]));
        const bad = rest.filter((_, at) => problems.has(at));
        if (!bad.length) throw error;
        for (const found of bad) refused.push({ ...found, problem: problems.get(rest.indexOf(found)) });
        rest = rest.filter((found) => !bad.includes(found));
      }
    }
    return refused;
  }

  /** @param {number} place @param {unknown} id @param {any} answer @param {Client | null} client @param {string} [problem] @returns {Row} */
  #row(place, id, answer, client, problem = "") {
    const { solvency = null, threshold = null, decision = "" } = answer || {};
    return { place, id: String(id), solvency, threshold, decision, problem, client };
  }

  /** @param {number} done @param {number} all 0: nothing is going on */
  #progress(done, all) {
    byId("many-progress").hidden = !all;
    const bar = /** @type {HTMLProgressElement} */ (byId("many-bar"));
    bar.max = all || 1;
    bar.value = done;
    byId("many-done").textContent = all ? text(this.lang, "progress", done, all) : "";
    if (all) this.#draw();
  }

  #draw() {
    const { column, sign } = this.order;
    const sorted = [...this.rows].sort((one, other) => sign * compare(one[column], other[column]) || one.place - other.place);
    const yes = this.rows.filter(({ decision }) => decision === "Yes").length;
    const no = this.rows.filter(({ decision }) => decision === "No").length;
    byId("many-result").hidden = !this.rows.length;
    byId("many-summary").textContent = text(this.lang, "summary", this.rows.length, yes, no, this.rows.length - yes - no);
    byId("many-shown").textContent = sorted.length > SHOWN ? text(this.lang, "shown", SHOWN) : "";
    byId("many-rows").replaceChildren(...sorted.slice(0, SHOWN).map((row) => this.#line(row)));
    for (const heading of byId("many-head").querySelectorAll("th")) {
      const current = heading.dataset.column === column;
      if (current) heading.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      else heading.removeAttribute("aria-sort");
    }
  }

  /** @param {Row} row */
  #line({ id, solvency, decision, problem, client }) {
    const said = decision ? text(this.lang, decision.toLowerCase()) : "";
    const button = client && element("button", { type: "button", class: "quiet", "aria-label": `${text(this.lang, "look")} ${id}`, click: () => this.look(client) }, text(this.lang, "look"));
    return element(
      "tr",
      {},
      element("td", {}, id),
      element("td", { class: "number" }, solvency === null ? "" : level(solvency, this.lang)),
      element("td", { class: decision.toLowerCase() }, said),
      element("td", { class: "problem" }, problem),
      element("td", {}, ...(button ? [button] : [])),
    );
  }

  download() {
    const rows = [...this.rows].sort((one, other) => one.place - other.place);
    const head = [this.model.id, "solvency", "threshold", "decision", "problem"];
    const cells = rows.map((row) => [row.id, row.solvency ?? "", row.threshold ?? "", row.decision, row.problem]);
    save(csv.table([head, ...cells]), "text/csv", "scores.csv");
  }
}

/** @param {any} one @param {any} other */
function compare(one, other) {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one === "number") return one - other;
  return String(one).localeCompare(String(other), undefined, { numeric: true });
}

/** A row of a CSV file as a client: texts that are numbers become numbers. @param {string[]} head @param {string[]} row @param {string} mark @returns {Client} */
export function clientOf(head, row, mark) {
  return Object.fromEntries(
    head.map((name, at) => {
      const cell = (row[at] ?? "").trim();
      const point = mark === "," ? cell : cell.replace(/^([-+]?\d+),(\d+)$/, "$1.$2");
      if (cell === "" || cell === "NA" || cell === "NaN") return [name, null];
      return [name, Number.isFinite(Number(point)) ? Number(point) : cell];
    }),
  );
}
