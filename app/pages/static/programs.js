/** The request on the page, as a program would send it. */

/** @typedef {import("./api.js").Client} Client */

/** @param {string} origin @param {object} body @param {boolean} keys */
export function curl(origin, body, keys) {
  const lines = [`curl ${origin}/predict_proba`, "-H 'Content-Type: application/json'"];
  if (keys) lines.push('-H "Authorization: Bearer $API_KEY"');
  lines.push(`-d '${JSON.stringify(body).replaceAll("'", "'\\''")}'`);
  return lines.join(" \\\n  ");
}

/** @param {string} origin @param {object} body @param {boolean} keys */
export function python(origin, body, keys) {
  const headers = keys ? '\n    headers={"Authorization": f"Bearer {os.environ[\'API_KEY\']}"},' : "";
  return `${keys ? "import os\n" : ""}import requests

answer = requests.post(
    "${origin}/predict_proba",
    json=${literal(body, "    ")},${headers}
)
print(answer.json())`;
}

/** @param {unknown} value @param {string} indent @returns {string} as Python writes it */
export function literal(value, indent = "") {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(", ")}]`;
  const deeper = `${indent}    `;
  const parts = Object.entries(/** @type {object} */ (value)).map(([name, item]) => `${deeper}${JSON.stringify(name)}: ${literal(item, deeper)},`);
  return `{\n${parts.join("\n")}\n${indent}}`;
}
