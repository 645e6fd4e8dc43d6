// The rules of answering, as questionnaire/routing.py, order.py and answers/ have them.
// tests/properties/test_kiosk_engine.py holds every one of them to the Python. No page is touched
// here, and nothing is kept.

const hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
const digest = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

// The place of a thing is the hash of seed:what:its name, sorted.
async function byChance(things, seed, what, name) {
  const keyed = await Promise.all(things.map(async (it) => [await digest(`${seed}:${what}:${name(it)}`), it]));
  return keyed.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)).map((pair) => pair[1]);
}

const smallest = (texts) => [...texts].sort(compare)[0];

// The order of pages, questions and options for one person.
export async function orderOf(rules, seed) {
  const arranged = [];
  for (const run of rules.runs) {
    let groups = [];
    for (const group of run.groups) {
      groups.push(group.moves ? await byChance(group.pages, seed, group.name, (id) => id) : group.pages);
    }
    if (run.shuffle) groups = await byChance(groups, seed, `${run.section ?? "None"}`, smallest);
    arranged.push(groups.flat());
  }
  const moving = [...rules.runs.keys()].filter((n) => rules.shuffle_sections.includes(rules.runs[n].section));
  const taken = await byChance(moving, seed, "sections", (n) => `${rules.runs[n].section ?? "None"}`);
  const swapped = new Map(moving.map((n, place) => [n, taken[place]]));
  const pages = rules.runs.flatMap((_, n) => arranged[swapped.get(n) ?? n]);
  const questions = {};
  for (const [id, page] of Object.entries(rules.pages)) {
    const movers = page.shuffle ? page.questions.filter((q) => q.takes) : [];
    const shuffled = (await byChance(movers, seed, id, (q) => q.id))[Symbol.iterator]();
    questions[id] = page.questions.map((q) => (page.shuffle && q.takes ? shuffled.next().value : q));
  }
  const options = {};
  for (const [id, question] of Object.entries(rules.questions)) {
    if (question.moving?.length) options[id] = await byChance(question.moving, seed, id, (code) => code);
  }
  return { pages, questions, options };
}

// -- conditions --------------------------------------------------------------------------------

// By code points, as Python and CEL compare texts; JavaScript's own < goes by halves of characters.
function compare(a, b) {
  const [left, right] = [[...a], [...b]];
  for (let n = 0; n < Math.min(left.length, right.length); n += 1) {
    const by = left[n].codePointAt(0) - right[n].codePointAt(0);
    if (by) return by;
  }
  return left.length - right.length;
}

const COMPARED = {
  "==": (by) => by === 0, "!=": (by) => by !== 0, "<": (by) => by < 0,
  "<=": (by) => by <= 0, ">": (by) => by > 0, ">=": (by) => by >= 0,
};

// Whether a condition holds. An unanswered question differs from everything and has nothing.
export function holds(condition, live) {
  if ("every" in condition) {
    return condition.every
      ? condition.of.every((part) => holds(part, live))
      : condition.of.some((part) => holds(part, live));
  }
  if ("answered" in condition) return condition.answered in live !== condition.not;
  if ("is" in condition) {
    if (!(condition.is in live)) return condition.op === "!=";
    const value = live[condition.is];
    const by = condition.number ? Number(value) - Number(condition.value) : compare(value, condition.value);
    return COMPARED[condition.op](by);
  }
  if ("has" in condition) {
    const value = live[condition.has];
    if (value === undefined) return condition.not;
    const chosen = Array.isArray(value) ? value : Object.keys(value).filter((code) => value[code]);
    return chosen.includes(condition.code) !== condition.not;
  }
  const value = live[condition.within];
  return value === undefined ? condition.not : value.includes(condition.text) !== condition.not;
}

// -- the path ----------------------------------------------------------------------------------

const chosenOf = (value) => (Array.isArray(value) ? value : [value]);

// The path that answers lead through: steps in order, and the answers that count.
export function route(rules, answers, closed, order) {
  const live = {};
  const steps = [];
  const met = (when) => when === null || holds(when, live);
  for (const id of order.pages) {
    const page = rules.pages[id];
    if ((page.part !== null && closed.includes(page.part)) || !met(page.when)) continue;
    const shown = order.questions[id].filter((q) => met(q.when));
    if (!shown.length) continue;
    const asked = [];
    for (const q of shown.filter((each) => each.takes)) {
      asked.push(q.id);
      const value = answers[q.id];
      for (const made of rules.questions[q.id].companions) {
        if (value !== undefined && chosenOf(value).includes(made.code)) asked.push(made.id);
      }
    }
    steps.push({ page: id, shown: shown.map((q) => q.id), asked });
    for (const name of asked) if (answers[name] !== undefined) live[name] = answers[name];
  }
  return { steps, live };
}

// -- one answer --------------------------------------------------------------------------------

class Wrong extends Error {
  constructor(message, params = {}) {
    super(message);
    this.params = params;
  }
}
const wrong = (message, params) => {
  throw new Wrong(message, params);
};
const LISTED = "Select from the options listed";
const first = (raw) => (raw[0] ?? "").trim();
// Urdu and Arabic digits are digits to Python as well.
const figures = (text) => text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (d) => d.charCodeAt(0) & 15);
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");

function inParts(raw, parts) {
  const given = {};
  for (const entry of raw) {
    const at = entry.indexOf("=");
    const [part, text] = [entry.slice(0, at), entry.slice(at + 1).trim()];
    if (!parts.includes(part)) wrong(LISTED);
    if (text) given[part] = text;
  }
  return given;
}

function whole(text, highest) {
  const message = "Enter whole numbers from 0 to %(maximum)s";
  if (!/^[0-9]+$/.test(text) || text.length > String(highest).length || Number(text) > highest) {
    wrong(message, { maximum: highest });
  }
  return Number(text);
}

function one(question, raw) {
  const chosen = raw.filter(Boolean);
  if (!chosen.length) return undefined;
  if (new Set(chosen).size > 1 || !question.codes.includes(chosen[0])) wrong("Select one of the options");
  return chosen[0];
}

function several(question, raw) {
  const chosen = new Set(raw.filter(Boolean));
  if (!chosen.size) return undefined;
  if ([...chosen].some((code) => !question.codes.includes(code))) wrong(LISTED);
  const alone = question.alone.some((code) => chosen.has(code));
  if (alone && chosen.size > 1) wrong("Select either the option that stands alone, or any of the others");
  const { minimum, maximum } = question;
  if (maximum && chosen.size > maximum) wrong("Select %(maximum)s options or fewer", { maximum });
  if (minimum && chosen.size < minimum && !alone) wrong("Select %(minimum)s options or more", { minimum });
  return question.codes.filter((code) => chosen.has(code));
}

function ranking(question, raw) {
  const places = Array.from({ length: question.places }, (_, n) => String(n + 1));
  const given = inParts(raw, places);
  if (!Object.keys(given).length) return undefined;
  const chosen = places.map((place) => given[place] ?? "");
  const filled = chosen.filter(Boolean);
  if (filled.some((code) => !question.codes.includes(code))) wrong(LISTED);
  if (new Set(filled).size < filled.length) wrong("Select a different answer for each place");
  if (filled.some((code, n) => chosen[n] !== code)) wrong("Fill the places in order, from the first");
  return filled;
}

function points(question, raw) {
  const given = inParts(raw, question.codes);
  if (!Object.keys(given).length) return undefined;
  const shared = Object.fromEntries(question.codes.map((code) => [code, whole(given[code] ?? "0", question.total)]));
  const together = Object.values(shared).reduce((sum, each) => sum + each, 0);
  if (together !== question.total) {
    const message = "Your points must add up to %(total)s; now they add up to %(together)s";
    wrong(message, { total: question.total, together });
  }
  return shared;
}

function pair(question, raw) {
  const given = inParts(raw, ["best", "worst"]);
  if (!Object.keys(given).length) return undefined;
  if (Object.values(given).some((code) => !question.codes.includes(code))) wrong(LISTED);
  if (Object.keys(given).length < 2) wrong("Select one for each of the two questions");
  if (given.best === given.worst) wrong("Select two different answers");
  return [given.best, given.worst];
}

// Figures as a whole number of millionths, exactly: nothing passes through floating point.
function millionths(text) {
  const [, sign, before, after = ""] = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text);
  const scaled = BigInt(`${before || "0"}${after.padEnd(6, "0").slice(0, 6)}`);
  return sign === "-" ? -scaled : scaled;
}

function number(question, raw) {
  let text = figures(first(raw).replaceAll("£", "").trim());
  if (!text) return undefined;
  const typed = text;
  const { example, places, minimum, maximum, step } = question;
  if (/^-?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text)) text = text.replaceAll(",", "");
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) || typed.length > 15) {
    wrong("Enter a number, like %(example)s", { example });
  }
  const decimals = (text.split(".")[1] ?? "").replace(/0+$/, "");
  if (decimals.length > places) {
    if (!places) wrong("Enter a whole number, like %(example)s", { example });
    wrong("Enter a number with at most %(places)s decimals", { places });
  }
  const value = millionths(text);
  if (minimum && value < millionths(minimum[0])) wrong("Enter %(minimum)s or more", { minimum: minimum[1] });
  if (maximum && value > millionths(maximum[0])) wrong("Enter %(maximum)s or less", { maximum: maximum[1] });
  if (step && (value - millionths(minimum[0])) % millionths(step[0])) {
    wrong("Enter an amount in steps of £%(step)s, like £%(example)s", { step: step[1], example: step[2] });
  }
  const size = String(value < 0n ? -value : value).padStart(7, "0");
  const shown = places ? `${size.slice(0, -6)}.${size.slice(-6).slice(0, places)}` : size.slice(0, -6);
  return value < 0n ? `-${shown}` : shown;
}

const spoken = (day) => day.split("-").reverse().join("/");

function date(question, raw) {
  const parts = ["day", "month", "year"];
  const given = inParts(raw, parts);
  if (!Object.keys(given).length) return undefined;
  const missing = parts.find((part) => !(part in given));
  if (missing) wrong(`The date must include a ${missing}`);
  if (!/^[0-9]{4}$/.test(given.year)) wrong("The year must have four numbers, like 2026");
  const unreal = "Enter a real date, like 27 3 2026";
  const [day, month, year] = parts.map((part) => Number(figures(given[part])));
  if (!Number.isInteger(day) || !Number.isInteger(month)) wrong(unreal);
  const made = new Date(0);
  made.setUTCFullYear(year, month - 1, day);
  if (year < 1 || made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day) wrong(unreal);
  const value = made.toISOString().slice(0, 10);
  if (question.minimum && value < question.minimum) {
    wrong("Enter a date on or after %(day)s", { day: spoken(question.minimum) });
  }
  if (question.maximum && value > question.maximum) {
    wrong("Enter a date on or before %(day)s", { day: spoken(question.maximum) });
  }
  return value;
}

function within(question, text) {
  const length = [...text].length;
  if (length > question.maximum) {
    const params = { maximum: grouped(question.maximum), length: grouped(length) };
    wrong("Your answer must be %(maximum)s characters or fewer; it has %(length)s", params);
  }
  return text || undefined;
}

const READERS = {
  one, consent: one, several, ranking, points, pair, number, date,
  line: (question, raw) => within(question, first(raw).replace(/[\s\0]+/g, " ").trim()),
  lines: (question, raw) =>
    within(question, (raw[0] ?? "").replace(/\r\n?/g, "\n").replaceAll("\0", "").trim()),
};

// The stored value of form text, undefined where nothing was answered; or what is wrong with it.
export function parse(question, raw) {
  try {
    return { value: READERS[question.kind](question, raw) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { error: { message: error.message, params: error.params } };
  }
}

// The form text of a question among a form's fields.
export function gather(question, id, fields) {
  const parts = {
    ranking: () => Array.from({ length: question.places }, (_, n) => String(n + 1)),
    points: () => question.codes, pair: () => ["best", "worst"], date: () => ["day", "month", "year"],
  }[question.kind]?.();
  if (!parts) return fields[id] ?? [];
  return parts.map((part) => [part, first(fields[`${id}.${part}`] ?? [])])
    .filter(([, text]) => text).map(([part, text]) => `${part}=${text}`);
}

// Everything at once: all answers, the path, and what is wrong on it.
export function journey(rules, raw, closed, order) {
  const answers = {};
  const broken = {};
  for (const [id, question] of Object.entries(rules.questions)) {
    const { value, error } = parse(question, raw[id] ?? []);
    if (error) broken[id] = error;
    else if (value !== undefined) answers[id] = value;
  }
  const { steps, live } = route(rules, answers, closed, order);
  const errors = {};
  for (const id of steps.flatMap((step) => step.asked)) {
    const { kind, required } = rules.questions[id];
    if (broken[id]) errors[id] = broken[id];
    else if (required && answers[id] === undefined) {
      const picked = ["one", "several", "ranking", "pair"].includes(kind);
      const message = kind === "consent" ? "Tick the box if you agree" : picked ? "Select an answer" : "Enter an answer";
      errors[id] = { message, params: {} };
    }
  }
  return { answers, steps, live, errors };
}

// -- an answer in words --------------------------------------------------------------------------

const [OPEN, CLOSE] = ["\ue000", "\ue001"];

// What a mark stands for, and texts with their marks filled.
export function wording(rules, words, live) {
  const inside = [];
  const named = (id, code) => fill(words.questions[id].options[code] ?? code);
  const review = (id) => {
    const [question, value] = [rules.questions[id], live[id]];
    switch (question.kind) {
      case "one": case "consent": return named(id, value);
      case "several": return value.map((code) => named(id, code)).join("\n");
      case "ranking": return value.map((code, n) => `${n + 1}. ${named(id, code)}`).join("\n");
      case "points":
        return question.codes.filter((code) => value[code]).map((code) => `${named(id, code)}: ${value[code]}`).join("\n");
      case "pair": return `+ ${named(id, value[0])}\n− ${named(id, value[1])}`;
      case "date": return spoken(value);
      case "number": {
        const [, sign, before, after = ""] = /^(-?)(\d+)(\.\d+)?$/.exec(value);
        const { money, suffix } = words.questions[id];
        return money ? `${sign}£${grouped(before)}${after}` : `${sign}${grouped(before)}${after}${suffix ? ` ${suffix}` : ""}`;
      }
      default: return value;
    }
  };
  const resolve = (name) => {
    const costs = rules.precept?.values[name];
    if (costs) return costs[live[rules.precept.band] ?? ""] ?? costs[""];
    const unanswered = words.questions[name]?.unanswered ?? "";
    if (live[name] === undefined || inside.includes(name)) return unanswered;
    inside.push(name);
    const said = review(name);
    inside.pop();
    return said;
  };
  function fill(text) {
    return text.replace(new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, "g"), (_, name) => resolve(name));
  }
  return { fill, review };
}
