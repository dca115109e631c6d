/** Every text of the page, in English and in French. `{}` marks are filled in by `text`. */

/** @typedef {import("./api.js").Lang} Lang */
/** @typedef {import("./api.js").Detail} Detail */
/** @typedef {import("./api.js").Refusal} Refusal */

/** @type {Record<string, [string, string]>} */
const TEXTS = {
  title: ["Credit scoring", "Score de crédit"],
  subtitle: ["Enter a client and read whether to lend, and why.", "Saisissez un client et lisez s'il faut prêter, et pourquoi."],
  skip: ["Skip to the answer", "Aller à la réponse"],
  language: ["Français", "English"],
  generated: ["This model was trained on made-up clients. It is for trying the software, and for no real decision.", "Ce modèle a été entraîné sur des clients fictifs. Il sert à essayer le logiciel, jamais à une vraie décision."],
  loading: ["Loading…", "Chargement…"],
  keyTitle: ["API key", "Clé d'API"],
  keyHint: ["This service needs a key. It is kept for this tab alone.", "Ce service demande une clé. Elle n'est gardée que pour cet onglet."],
  keyWrong: ["This key is not known.", "Cette clé n'est pas connue."],
  open: ["Open", "Ouvrir"],
  forgetKey: ["Forget the key", "Oublier la clé"],
  client: ["Client", "Client"],
  clientHint: ["Leave empty what is not known.", "Laissez vide ce qui n'est pas connu."],
  examples: ["Load an example:", "Charger un exemple :"],
  exampleYes: ["a Yes", "un Oui"],
  exampleNo: ["a No", "un Non"],
  exampleBorder: ["borderline", "à la limite"],
  clear: ["Clear", "Effacer"],
  paste: ["Paste or open a file…", "Coller ou ouvrir un fichier…"],
  pasteTitle: ["Paste a client", "Coller un client"],
  pasteHint: ["JSON or CSV with the model's column names. You can also drop a file on the form.", "JSON ou CSV avec les noms de colonnes du modèle. Vous pouvez aussi déposer un fichier sur le formulaire."],
  pasteLoad: ["Load", "Charger"],
  pasteFile: ["Open a file", "Ouvrir un fichier"],
  pasteWrong: ["This is neither JSON nor CSV with a client.", "Ce n'est ni du JSON ni du CSV avec un client."],
  cancel: ["Cancel", "Annuler"],
  first: ["Only the first of {} clients was loaded. “Many clients” below scores them all.", "Seul le premier des {} clients est chargé. « Plusieurs clients », plus bas, les évalue tous."],
  id: ["Client number", "Numéro de client"],
  other: ["Other", "Autres"],
  more: ["More: {} inputs of less weight", "Plus : {} données de moindre poids"],
  search: ["Search an input", "Chercher une donnée"],
  found: ["{} found", "{} trouvées"],
  unknown: ["not known", "non connu"],
  typical: ["typically {}", "en général {}"],
  score: ["Score this client", "Évaluer ce client"],
  answer: ["Decision", "Décision"],
  waiting: ["The decision appears here.", "La décision apparaît ici."],
  yes: ["Yes", "Oui"],
  no: ["No", "Non"],
  unsure: ["Not enough is known", "Données insuffisantes"],
  yesMeans: ["The solvency reaches the threshold.", "La solvabilité atteint le seuil."],
  noMeans: ["The solvency is below the threshold.", "La solvabilité est inférieure au seuil."],
  unsureMeans: ["Only {} of what the model goes by is known. Fill in more before you decide.", "Seuls {} de ce que le modèle utilise sont connus. Complétez avant de décider."],
  clientNumber: ["Client {}", "Client {}"],
  solvency: ["Solvency", "Solvabilité"],
  threshold: ["Threshold", "Seuil"],
  known: ["Known", "Connu"],
  knownMeans: ["{} of what the model goes by is known of this client.", "{} de ce que le modèle utilise est connu pour ce client."],
  margin: ["Margin, points", "Marge, points"],
  point: ["{} points", "{} points"],
  reasonsFor: ["For", "Pour"],
  reasonsAgainst: ["Against", "Contre"],
  reasonsHint: ["In points of solvency.", "En points de solvabilité."],
  noReasons: ["none", "aucune"],
  warnings: ["Please check", "À vérifier"],
  whatIf: ["What if", "Et si"],
  whatIfHint: ["Change any value: the answer follows.", "Changez une valeur : la réponse suit."],
  changed: ["{} → {}", "{} → {}"],
  undo: ["Undo all", "Tout annuler"],
  undoOne: ["Undo", "Annuler"],
  changesTitle: ["Nearest changes that lead to a Yes", "Plus petits changements qui mènent à un Oui"],
  try: ["Try", "Essayer"],
  noChanges: ["No small change leads to a Yes.", "Aucun petit changement ne mène à un Oui."],
  stands: ["Among past clients", "Parmi les clients passés"],
  standsRank: ["{} of past clients had a lower solvency.", "{} des clients passés avaient une solvabilité plus basse."],
  standsOdds: ["Of those with about this solvency, {} defaulted ({} of {}).", "Parmi ceux de solvabilité proche, {} ont fait défaut ({} sur {})."],
  repaid: ["Repaid", "Ont remboursé"],
  defaulted: ["Defaulted", "Ont fait défaut"],
  thisClient: ["this client", "ce client"],
  histogram: ["Distribution of the solvency of past clients who repaid and who defaulted", "Répartition de la solvabilité des clients passés qui ont remboursé et qui ont fait défaut"],
  print: ["Print", "Imprimer"],
  values: ["Values entered", "Données saisies"],
  printed: ["Printed on {}", "Imprimé le {}"],
  many: ["Many clients", "Plusieurs clients"],
  manyHint: ["A CSV or Parquet file with a client a row. At most {} for Parquet, which is sent whole.", "Un fichier CSV ou Parquet, un client par ligne. Au plus {} pour Parquet, envoyé en une fois."],
  manyFile: ["CSV or Parquet file", "Fichier CSV ou Parquet"],
  manyLimit: ["{} clients and {} MB", "{} clients et {} Mo"],
  manyWrong: ["This file has no rows of clients.", "Ce fichier ne contient aucun client."],
  progress: ["{} of {} scored", "{} sur {} évalués"],
  summary: ["{} clients: {} Yes, {} No, {} could not be scored", "{} clients : {} Oui, {} Non, {} non évalués"],
  stop: ["Stop", "Arrêter"],
  download: ["Download as CSV", "Télécharger en CSV"],
  decision: ["Decision", "Décision"],
  problem: ["Problem", "Problème"],
  look: ["Open", "Ouvrir"],
  shown: ["The first {} rows are shown; the download has all.", "Les {} premières lignes sont affichées ; le téléchargement les contient toutes."],
  programs: ["For programs", "Pour les programmes"],
  programsHint: ["Exactly this request:", "Exactement cette requête :"],
  copy: ["Copy", "Copier"],
  copied: ["Copied", "Copié"],
  reference: ["API reference", "Référence de l'API"],
  model: ["Model", "Modèle"],
  trained: ["trained on {}", "entraîné le {}"],
  card: ["Model card", "Fiche du modèle"],
  close: ["Close", "Fermer"],
  auc: ["AUC", "AUC"],
  business_cost: ["cost per client", "coût par client"],
  accepted_share: ["accepted", "acceptés"],
  clients: ["past clients", "clients passés"],
  noDecision: ["No decision", "Pas de décision"],
  retry: ["Try again", "Réessayer"],
  requestId: ["Request {}", "Requête {}"],
  row: ["row {}", "ligne {}"],
  wrongNumber: ["{}: a number is expected", "{} : un nombre est attendu"],
  wrongId: ["The client number is missing", "Le numéro de client manque"],
  expected: ["{}: expected {}", "{} : attendu {}"],
  error0: ["The service does not answer. Check the connection and try again.", "Le service ne répond pas. Vérifiez la connexion et réessayez."],
  error401: ["The service needs an API key that it knows.", "Le service demande une clé d'API qu'il connaît."],
  error403: ["This key may not do this.", "Cette clé n'y donne pas droit."],
  error404: ["The service does not have this.", "Le service n'a pas cela."],
  error413: ["This is more than the service takes at once.", "C'est plus que le service n'accepte en une fois."],
  error422: ["A value cannot be used.", "Une valeur ne peut pas être utilisée."],
  error429: ["Too many requests. Wait a moment and try again.", "Trop de requêtes. Patientez et réessayez."],
  error503: ["The service is busy or starting. Try again in a moment.", "Le service est occupé ou démarre. Réessayez dans un instant."],
  error504: ["Scoring took too long. Try again.", "L'évaluation a pris trop de temps. Réessayez."],
  errorAny: ["The request failed.", "La requête a échoué."],
};

/** What the service says, in French. @type {[RegExp, string][]} */
const FRENCH = [
  [/^a category that training did not see, counted as missing$/, "catégorie inconnue du modèle, comptée comme manquante"],
  [/^infinite, counted as missing$/, "valeur infinie, comptée comme manquante"],
  [/^cannot be zero$/, "ne peut pas être nul"],
  [/^cannot be negative$/, "ne peut pas être négatif"],
  [/^far outside what training saw$/, "très éloigné de ce que le modèle a vu"],
  [/^little is known of this client$/, "ce client est peu connu"],
  [/^not a column of the model: (.*) may be meant$/, "n'est pas une colonne du modèle : peut-être $1"],
  [/^a number$/, "un nombre"],
  [/^a category name or its position in the contract's list$/, "un nom de catégorie ou sa position dans la liste"],
];

/** @param {Lang} lang @param {string} name @param {...(string | number)} filled @returns {string} */
export function text(lang, name, ...filled) {
  const words = TEXTS[name]?.[lang === "fr" ? 1 : 0] ?? name;
  return filled.reduce((/** @type {string} */ said, value) => said.replace("{}", String(value)), words);
}

/** A sentence of the service in the page's language, where it is known. @param {Lang} lang @param {string} sentence */
export function translated(lang, sentence) {
  const known = lang === "fr" ? FRENCH.find(([pattern]) => pattern.test(sentence)) : undefined;
  return known ? sentence.replace(known[0], known[1]) : sentence;
}

/** @param {Lang} lang @param {Refusal} refusal */
export function explained(lang, refusal) {
  const name = `error${refusal.status}`;
  if (name in TEXTS) return text(lang, name);
  return lang === "en" && refusal.message ? refusal.message : text(lang, "errorAny");
}

/** @param {Lang} lang @param {Detail} detail @param {(column: string) => string} label */
export function detailed(lang, { column, expected }, label) {
  return text(lang, "expected", column ? label(column) : text(lang, "client"), translated(lang, expected || ""));
}
