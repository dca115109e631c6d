/** Kept decisions: the search, the queue of reviews, and the list of what either found. */

import { addressOf } from "./answer.js";
import { Refusal, request } from "./api.js";
import { byId, element } from "./dom.js";
import { level, moment } from "./formats.js";
import { RecordView } from "./record.js";
import { explained, text } from "./texts.js";

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./form.js").ClientForm} ClientForm */
/** @typedef {import("./record.js").Decision} Decision */

const ADDRESS = /^#decision\/([\w-]+)$/;

/** What the search asks for: days are those of this browser, the last one included. @param {FormData} fields */
export function queryOf(fields) {
  const query = new URLSearchParams();
  for (const name of ["client", "decision"]) {
    const value = String(fields.get(name) || "").trim();
    if (value) query.set(name, value);
  }
  const [from, until] = ["from", "until"].map((name) => String(fields.get(name) || ""));
  if (from) query.set("from", new Date(`${from}T00:00`).toISOString());
  if (until) {
    const end = new Date(`${until}T00:00`);
    end.setDate(end.getDate() + 1);
    query.set("to", end.toISOString());
  }
  return query;
}

/** What came after a decision, in a word or two. @param {Decision} record @param {Lang} lang */
export function stateOf({ contest, reviews, outcome }, lang) {
  const complete = reviews.find((review) => review.complete);
  const states = [];
  if (complete) states.push(complete.action === "confirm" ? "confirmed" : "overridden");
  else if (reviews.length) states.push("inReview");
  else if (contest) states.push("contested");
  if (outcome) states.push(`outcome_${outcome.outcome}`);
  return states.map((state) => text(lang, state)).join(", ");
}

export class Records {
  /** @param {ClientForm} form knows the columns @param {Lang} lang */
  constructor(form, lang) {
    this.lang = lang;
    this.view = new RecordView(form, lang, () => this.list());
    /** what is listed: the queue, unless a search was made @type {URLSearchParams | null} */
    this.query = null;
    byId("records").hidden = false;
    byId("records-search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.query = queryOf(new FormData(/** @type {HTMLFormElement} */ (byId("records-search"))));
      this.list();
    });
    byId("records-queue").addEventListener("click", () => {
      this.query = null;
      this.list();
    });
    window.addEventListener("hashchange", () => this.follow());
    this.list();
    this.follow();
  }

  /** Opens the decision of the page's address. */
  follow() {
    const id = ADDRESS.exec(location.hash)?.[1];
    if (id) this.view.open(id);
    else this.view.close();
  }

  async list() {
    byId("records-error").hidden = true;
    byId("records-more").hidden = true;
    try {
      const answer = await request(this.query ? `/decisions?${this.query}` : "/reviews?open");
      const { decisions, cursor } = await answer.json();
      byId("records-rows").replaceChildren();
      this.#add(decisions, cursor);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {Decision[]} decisions @param {string | null} cursor where the next page begins */
  #add(decisions, cursor) {
    const rows = byId("records-rows");
    rows.append(...decisions.map((record) => this.#row(record)));
    const count = rows.childElementCount;
    const name = this.query ? (cursor ? "listedMore" : "listed") : "queued";
    byId("records-count").textContent = text(this.lang, count ? name : `${name}None`, count);
    byId("records-list").hidden = !count;
    const more = byId("records-more");
    more.hidden = !cursor;
    more.onclick = async () => {
      try {
        const page = await (await request(`/decisions?${this.query}&cursor=${cursor}`)).json();
        this.#add(page.decisions, page.cursor);
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  /** @param {Decision} record */
  #row(record) {
    const { id, client, decision, solvency, time } = record;
    const link = element("a", { href: addressOf(id) }, moment(new Date(time), this.lang));
    return element(
      "tr",
      {},
      element("td", {}, link),
      element("td", {}, client || "–"),
      element("td", { class: decision.toLowerCase() }, text(this.lang, decision.toLowerCase())),
      element("td", { class: "number" }, level(solvency, this.lang)),
      element("td", {}, stateOf(record, this.lang)),
    );
  }

  /** @param {unknown} error */
  #fail(error) {
    if (!(error instanceof Refusal)) throw error;
    byId("records-error").hidden = false;
    byId("records-error").textContent = explained(this.lang, error);
  }
}
