/** CSV in and out. */

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[-+]?\d*[.,]?\d+(e[-+]?\d+)?$/i;

/** @param {string} text @returns {string} the mark between the cells of the first line */
export function delimiter(text) {
  const head = text.slice(0, text.search(/[\r\n]|$/)).replace(/"[^"]*"/g, "");
  const counts = [",", ";", "\t"].map((mark) => /** @type {[number, string]} */ ([head.split(mark).length, mark]));
  return counts.reduce((most, found) => (found[0] > most[0] ? found : most))[1];
}

/** @param {string} text @param {string} [mark] @returns {string[][]} rows of cells, empty lines left out */
export function parse(text, mark = delimiter(text)) {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  const source = text.replace(/^\uFEFF/, "");
  for (let at = 0; at < source.length; at++) {
    const sign = source[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[at + 1] === '"') cell += source[++at];
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === mark) {
      row.push(cell);
      cell = "";
    } else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && source[at + 1] === "\n") at++;
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += sign;
  }
  rows.push([...row, cell]);
  return rows.filter((cells) => cells.length > 1 || cells[0] !== "");
}

/** As the service reads it: commas between cells, points in numbers. @param {string[][]} rows @param {string} mark of the file */
export function plain(rows, mark) {
  const point = (/** @type {string} */ cell) => (mark !== "," && /^[-+]?\d+,\d+$/.test(cell) ? cell.replace(",", ".") : cell);
  return rows.map((row) => row.map((cell) => quote(point(cell))).join(",")).join("\n");
}

/** For a spreadsheet: a text that it would take for a formula gets an apostrophe in front. @param {(string | number)[][]} rows */
export function table(rows) {
  const safe = (/** @type {string} */ cell) => (FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell);
  return rows.map((row) => row.map((cell) => quote(safe(String(cell)))).join(",")).join("\r\n") + "\r\n";
}

/** @param {string} cell */
function quote(cell) {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
