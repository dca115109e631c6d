/** Values as a person reads and writes them, by the format that the contract gives their column. */

/** @typedef {import("./api.js").Feature} Feature */
/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Value} Value */

export class Unreadable extends Error {}

const DAY = 24 * 60 * 60 * 1000;
const YEAR = 365.25;
const LOCALES = { en: "en-GB", fr: "fr-FR" };
const NEGATED = new Set(["days_ago", "months_ago"]);
const YES = { en: "Yes", fr: "Oui" };
const NO = { en: "No", fr: "Non" };
/** @type {Record<string, { en: string, fr: string }>} */
const UNITS = {
  percent: { en: "%", fr: "%" },
  days: { en: "days", fr: "jours" },
  days_ago: { en: "days ago", fr: "jours avant ce jour" },
  months: { en: "months", fr: "mois" },
  months_ago: { en: "months ago", fr: "mois avant ce mois" },
};

/** @param {number} value @param {Lang} lang @param {number} digits decimals at most */
export function number(value, lang, digits) {
  return value.toLocaleString(LOCALES[lang], { maximumFractionDigits: digits });
}

/** As exact as a person needs it: whole from 100 on, four digits below. @param {number} value @param {Lang} lang */
export function rounded(value, lang) {
  const digits = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 };
  return value.toLocaleString(LOCALES[lang], digits);
}

/** @param {number} value a fraction @param {Lang} lang @param {number} [digits] */
export function percent(value, lang, digits = 0) {
  return value.toLocaleString(LOCALES[lang], { style: "percent", maximumFractionDigits: digits });
}

/** A solvency, with enough digits to compare it with the threshold. @param {number} value @param {Lang} lang */
export function level(value, lang) {
  return value.toLocaleString(LOCALES[lang], { minimumFractionDigits: 3, maximumFractionDigits: 3 });
}

/** @param {number} value a difference of solvencies @param {Lang} lang @returns {string} in points of 100 */
export function points(value, lang) {
  const sign = { signDisplay: /** @type {const} */ ("exceptZero") };
  return (100 * value).toLocaleString(LOCALES[lang], { minimumFractionDigits: 1, maximumFractionDigits: 1, ...sign });
}

/**
 * A number written the English or the French way: 450,000.50 or 450 000,50.
 * @param {string} text @param {Lang} lang
 */
export function parseNumber(text, lang) {
  let plain = text.replace(/[\s'’€$£%]/g, "").replace(/^[−–]/, "-");
  if (/^[-+]?\d*\.?\d+e[-+]?\d+$/i.test(plain)) return Number(plain);
  const last = Math.max(plain.lastIndexOf("."), plain.lastIndexOf(","));
  if (last >= 0) {
    const mark = plain[last];
    const other = mark === "." ? "," : ".";
    const once = plain.indexOf(mark) === last;
    const thousands = /^[-+]?[1-9]\d{0,2}([.,]\d{3})+$/.test(plain) && (!once || (lang === "en" && mark === ","));
    if (thousands && !plain.includes(other)) plain = plain.split(mark).join("");
    else plain = plain.slice(0, last).split(other).join("") + "." + plain.slice(last + 1);
  }
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain)) throw new Unreadable(text);
  return Number(plain);
}

/** @param {Feature} feature */
export function formatOf(feature) {
  return feature.display?.format || (feature.kind === "category" ? "category" : "number");
}

/** @param {Feature} feature @param {Lang} lang */
export function label(feature, lang) {
  return feature.display?.label?.[lang] || feature.display?.label?.en || feature.name;
}

/** @param {Feature} feature @param {Lang} lang */
export function unit(feature, lang) {
  return feature.display?.unit?.[lang] || UNITS[formatOf(feature)]?.[lang] || "";
}

/** @param {Feature} feature @param {Lang} lang @returns {[Value, string][]} values to choose from, empty for others */
export function choices(feature, lang) {
  if (formatOf(feature) === "flag" && feature.kind === "number") return [[1, YES[lang]], [0, NO[lang]]];
  const names = feature.display?.names || {};
  const found = (feature.categories || []).map(
    (value) => /** @type {[Value, string]} */ ([value, names[value]?.[lang] || value]),
  );
  return found.length > 6 ? found.sort((one, other) => one[1].localeCompare(other[1], lang)) : found;
}

/** Days from the application, which is today, as an ISO date. @param {number} days @param {Date} today */
export function toDate(days, today) {
  const noon = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  return new Date(noon + Math.round(days) * DAY).toISOString().slice(0, 10);
}

/** @param {string} date @param {Date} today */
export function fromDate(date, today) {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!parts) throw new Unreadable(date);
  const noon = Date.UTC(today.getFullYear(), today.getMonth(), today.getDate());
  return Math.round((Date.UTC(+parts[1], +parts[2] - 1, +parts[3]) - noon) / DAY);
}

/** What a field of the form shows; the exact value is kept beside it. @param {Feature} feature @param {Value} value @param {Lang} lang @param {Date} today */
export function write(feature, value, lang, today) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  const format = formatOf(feature);
  if (format === "date") return toDate(value, today);
  if (format === "percent") return rounded(100 * value, lang);
  return rounded(NEGATED.has(format) ? 0 - value : value, lang);
}

/** The value that a field's text means; null if empty. @param {Feature} feature @param {string} text @param {Lang} lang @param {Date} today */
export function read(feature, text, lang, today) {
  if (text.trim() === "") return null;
  const format = formatOf(feature);
  if (format === "date") return fromDate(text, today);
  const found = parseNumber(text, lang);
  if (format === "percent") return Number((found / 100).toPrecision(12));
  return NEGATED.has(format) ? 0 - found : found;
}

/** @param {Date} date @param {Lang} lang */
export function day(date, lang) {
  return date.toLocaleDateString(LOCALES[lang], { dateStyle: "long" });
}

/** @param {Date} time @param {Lang} lang */
export function moment(time, lang) {
  return time.toLocaleString(LOCALES[lang], { dateStyle: "medium", timeStyle: "short" });
}

/** Years in words. @param {number} days @param {Lang} lang */
export function years(days, lang) {
  const count = Math.floor(Math.abs(days) / YEAR);
  if (lang === "fr") return `${count} an${count > 1 ? "s" : ""}`;
  return `${count} year${count === 1 ? "" : "s"}`;
}

/** A value within a text, with its unit. @param {Feature} feature @param {Value} value @param {Lang} lang @param {Date} today */
export function readable(feature, value, lang, today) {
  if (value === null || value === undefined) return "";
  const named = choices(feature, lang).find(([choice]) => choice === value || String(choice) === String(value));
  if (named) return named[1];
  if (typeof value !== "number") return String(value);
  if (formatOf(feature) === "date") {
    return `${day(new Date(`${toDate(value, today)}T12:00:00`), lang)} (${years(value, lang)})`;
  }
  if (formatOf(feature) === "percent") return percent(value, lang, 1);
  const text = rounded(NEGATED.has(formatOf(feature)) ? 0 - value : value, lang);
  const words = UNITS[formatOf(feature)]?.[lang] || "";
  return words ? `${text} ${words}` : text;
}
