// A tablet at an event: one person after another, without a connection, and nothing of anyone left over.
// Answers are in this page's memory alone until they are sealed.
const script = document.querySelector("script[data-engine]");
const { gather, journey, orderOf, wording } = await import(script.dataset.engine);

const BASE = document.body.dataset.kiosk;
const queue = self.consultQueue;
const IDLE = 60_000;
const WARNING = 20;
const THANKS = 15_000;
const main = document.getElementById("main-content");
const above = document.getElementById("above");
const waiting = document.getElementById("waiting");
const make = (html) => document.createRange().createContextualFragment(html);

const bundle = await (await fetch(`${BASE}/bundle.json`)).json();
const { rules } = bundle;
const screens = Object.fromEntries(
  bundle.languages.map((code) => {
    const sections = make(bundle.words[code].screens).querySelectorAll("[data-screen]");
    return [code, Object.fromEntries([...sections].map((section) => [section.dataset.screen, section]))];
  }),
);

let language = bundle.languages[0];
let person = null;
let timer = 0;

// -- what is shown -------------------------------------------------------------------------------

const screen = (name) => screens[language][name].cloneNode(true);

function speak(code) {
  language = code;
  const { direction } = bundle.words[code];
  document.documentElement.lang = code;
  document.documentElement.dir = direction;
  const styles = document.getElementById("styles");
  const wanted = styles.dataset[direction];
  if (styles.getAttribute("href") !== wanted) styles.setAttribute("href", wanted);
}

function show(...parts) {
  main.replaceChildren(...parts);
  above.replaceChildren();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

function tongues() {
  const row = document.createElement("p");
  row.className = "govuk-body consult-language";
  for (const code of bundle.languages.filter((each) => each !== language)) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "consult-link-button", lang: code });
    button.textContent = bundle.words[code].name;
    button.dataset.language = code;
    row.append(button);
  }
  return row;
}

function say(message, params) {
  const text = bundle.words[language].messages[message] ?? message;
  return text.replace(/%\((\w+)\)s/g, (_, name) => params[name]);
}

// -- one person after another --------------------------------------------------------------------

async function begin() {
  person = null;
  clearTimeout(timer);
  document.querySelector("dialog")?.remove();
  speak(bundle.languages[0]);
  const now = Date.now();
  const count = await queue.count();
  if (now >= rules.closes) show(screen("closed"));
  else if (rules.opens && now < rules.opens) show(screen("not_open"));
  else if (count >= bundle.most) show(screen("full"));
  else show(screen("start"), tongues());
  await tell();
}

async function start() {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
  person = { id: crypto.randomUUID(), seed, order: await orderOf(rules, seed), raw: {}, page: null };
  touched();
  onward();
}

const closed = () => Object.keys(rules.parts).filter((part) => Date.now() >= rules.parts[part]);
const travelled = () => journey(rules, person.raw, closed(), person.order);

function onward() {
  const { steps } = travelled();
  const at = steps.findIndex((step) => step.page === person.page);
  const next = steps[at + 1];
  if (next) ask(next.page);
  else check();
}

function back() {
  const { steps } = travelled();
  const at = person.page === null ? steps.length : steps.findIndex((step) => step.page === person.page);
  if (at > 0) ask(steps[at - 1].page);
  else begin();
}

// -- a page of questions -------------------------------------------------------------------------

function ask(page, errors = {}) {
  person.page = page;
  const { steps, live } = travelled();
  const step = steps.find((each) => each.page === page);
  const { heading, alone, fields } = bundle.words[language].pages[page];
  const shown = screen("question");
  const place = shown.querySelector("[data-fields]");
  const words = wording(rules, bundle.words[language], live);
  const caption = shown.dataset.caption.replace("{number}", steps.indexOf(step) + 1);
  place.before(headed(heading ? "span" : alone ? "span" : "h1", "govuk-caption-l", caption));
  if (heading) place.before(headed("h1", "govuk-heading-l", heading));
  for (const id of step.shown) {
    const byBand = fields[id];
    const band = rules.precept ? live[rules.precept.band] : "";
    const field = make(byBand[band] ?? byBand[""]);
    fill(field, words.fill);
    shuffled(field, id);
    place.append(field);
  }
  retype(shown, step);
  revealing(shown);
  const summary = wrong(shown, errors);
  show(...(summary ? [summary] : []), shown);
  above.replaceChildren(screen("above"));
  (summary?.querySelector(".govuk-error-summary") ?? main).focus();
}

function headed(tag, className, text) {
  const made = document.createElement(tag);
  Object.assign(made, { className, textContent: text });
  return made;
}

// Piped answers go in as text, so that no answer becomes markup.
function fill(node, filled) {
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (text.data.includes("\ue000")) text.data = filled(text.data);
  }
}

// Options in this person's order; those that stay keep their places.
function shuffled(field, id) {
  const order = person.order.options[id];
  if (!order) return;
  const groups = new Map();
  for (const control of field.querySelectorAll("input, option")) {
    const [name, code] = control.matches("option")
      ? [control.parentElement.name, control.value]
      : control.type === "text" ? [id, control.name.slice(id.length + 1)] : [control.name, control.value];
    if (!order.includes(code)) continue;
    const item = control.closest(".govuk-radios__item, .govuk-checkboxes__item, .govuk-form-group, option");
    groups.set(name, (groups.get(name) ?? new Map()).set(code, control.matches("option") ? control : item));
  }
  for (const items of groups.values()) {
    const places = [...items.values()].map((item) => {
      const mark = document.createComment("");
      item.replaceWith(mark);
      return mark;
    });
    order.filter((code) => items.has(code)).forEach((code, n) => places[n].replaceWith(items.get(code)));
  }
}

function retype(shown, step) {
  for (const id of step.shown.flatMap((each) => [each, ...(rules.questions[each]?.companions ?? []).map((c) => c.id)])) {
    const texts = person.raw[id];
    const { kind } = rules.questions[id] ?? {};
    if (!texts || !kind) continue;
    const parted = ["ranking", "points", "pair", "date"].includes(kind);
    for (const text of texts) {
      const at = text.indexOf("=");
      const [name, value] = parted ? [`${id}.${text.slice(0, at)}`, text.slice(at + 1)] : [id, text];
      for (const control of shown.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
        if (control.matches("[type=radio], [type=checkbox]")) control.checked ||= control.value === value;
        else control.value = value;
      }
    }
  }
}

// "Other, please say" is asked once its option is picked; one that stands alone clears the others.
function revealing(shown) {
  const boxes = [...shown.querySelectorAll("[data-consult-wanted-by]")].map((box) => {
    const named = shown.querySelectorAll(`[name="${CSS.escape(box.dataset.of)}"]`);
    return [box, [...named].find((each) => each.value === box.dataset.consultWantedBy)];
  });
  for (const control of shown.querySelectorAll("[data-aria-controls]")) {
    boxes.push([shown.querySelector(`[id="${CSS.escape(control.dataset.ariaControls)}"]`), control]);
  }
  const tell = () => boxes.forEach(([box, control]) => {
    box.classList.remove("govuk-checkboxes__conditional--hidden");
    box.hidden = !control.checked;
  });
  shown.addEventListener("change", ({ target }) => {
    if (target.type === "checkbox" && target.checked) {
      const alone = target.dataset.behaviour === "exclusive";
      for (const other of shown.querySelectorAll(`[name="${CSS.escape(target.name)}"]`)) {
        if (other !== target && (alone || other.dataset.behaviour === "exclusive")) other.checked = false;
      }
    }
    tell();
  });
  tell();
}

// What is wrong, above the page and at each field.
function wrong(shown, errors) {
  if (!Object.keys(errors).length) return null;
  const summary = screen("errors");
  const list = summary.querySelector("ul");
  for (const [id, { message, params }] of Object.entries(errors)) {
    const text = say(message, params);
    const control = shown.querySelector(`[name="${CSS.escape(id)}"], [name^="${CSS.escape(`${id}.`)}"]`);
    const item = document.createElement("li");
    const link = Object.assign(document.createElement("a"), { href: `#${control.id}`, textContent: text });
    item.append(link);
    list.append(item);
    const said = headed("p", "govuk-error-message", text);
    said.id = `${id}-error`;
    const prefix = headed("span", "govuk-visually-hidden", `${bundle.words[language].error}: `);
    said.prepend(prefix);
    const fieldset = control.closest("fieldset");
    const group = (fieldset ?? control).closest(".govuk-form-group");
    group.classList.add("govuk-form-group--error");
    (fieldset?.querySelector("legend") ?? group.querySelector("label")).after(said);
    const described = fieldset ?? control;
    const before = described.getAttribute("aria-describedby") ?? "";
    described.setAttribute("aria-describedby", `${before} ${said.id}`.trim());
  }
  return summary;
}

function answered(form) {
  const fields = {};
  for (const [name, value] of new FormData(form)) (fields[name] ??= []).push(value);
  const step = travelled().steps.find((each) => each.page === person.page);
  const asked = step.shown.filter((id) => rules.questions[id]);
  for (const id of asked.flatMap((each) => [each, ...rules.questions[each].companions.map((c) => c.id)])) {
    person.raw[id] = gather(rules.questions[id], id, fields);
  }
  const { steps, errors } = travelled();
  const now = steps.find((each) => each.page === person.page);
  const own = Object.fromEntries(Object.entries(errors).filter(([id]) => now?.asked.includes(id)));
  if (Object.keys(own).length) ask(person.page, own);
  else onward();
}

// -- the end ---------------------------------------------------------------------------------------

function check() {
  const { steps, live, errors } = travelled();
  const missing = steps.find((step) => step.asked.some((id) => errors[id]));
  if (missing) {
    ask(missing.page);
    return;
  }
  person.page = null;
  const shown = screen("check");
  const words = wording(rules, bundle.words[language], live);
  for (const id of steps.flatMap((step) => step.asked)) {
    const row = headed("div", "govuk-summary-list__row", "");
    const said = live[id] === undefined ? shown.dataset.none : words.review(id);
    row.append(
      headed("dt", "govuk-summary-list__key", words.fill(bundle.words[language].questions[id].short)),
      headed("dd", "govuk-summary-list__value consult-answer", said),
    );
    shown.querySelector("[data-rows]").append(row);
  }
  show(shown);
  above.replaceChildren(screen("above"));
}

// The day where the respondents live; more of the time is not kept.
const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/London" }).format(new Date());

async function send() {
  const { answers } = travelled();
  const { id, seed } = person;
  const response = { id, language, version: bundle.version, seed, answers, day: today() };
  let kept = false;
  try {
    kept = await queue.put(response, bundle.key, bundle.most);
  } catch {
    show(screen("failed"));
    return;
  }
  person = null;
  show(screen(kept ? "thanks" : "full"));
  clearTimeout(timer);
  timer = setTimeout(begin, THANKS);
  await tell();
  const registration = await navigator.serviceWorker?.ready;
  registration?.sync?.register("consult").catch(() => {});
  sync();
}

// -- nobody there ----------------------------------------------------------------------------------

function touched() {
  if (person === null || document.querySelector("dialog")) return;
  clearTimeout(timer);
  timer = setTimeout(warn, IDLE);
}

function warn() {
  const dialog = document.createElement("dialog");
  dialog.className = "consult-idle";
  dialog.setAttribute("aria-labelledby", "idle-title");
  dialog.append(screen("idle"));
  const told = dialog.querySelector("p");
  const pattern = told.textContent;
  document.body.append(dialog);
  let left = WARNING;
  const count = () => {
    told.textContent = pattern.replace("{seconds}", left);
    if (left === 0) begin();
    else {
      left -= 1;
      timer = setTimeout(count, 1000);
    }
  };
  // Escape is somebody there.
  dialog.addEventListener("close", () => stay(dialog));
  dialog.showModal();
  count();
}

function stay(dialog) {
  clearTimeout(timer);
  dialog.remove();
  touched();
}

// -- the line --------------------------------------------------------------------------------------

async function tell() {
  const count = await queue.count();
  const full = count >= bundle.nearly ? ` This device holds ${bundle.most} at most: connect it soon.` : "";
  waiting.textContent = count ? `For staff: ${count} waiting to be sent.${full}` : "For staff: everything is sent.";
  waiting.dataset.count = count;
}

async function sync() {
  if (!navigator.onLine) return;
  try {
    const state = await queue.sync(BASE);
    await tell();
    if (state === "ended") waiting.textContent += " This kiosk was ended, or its key is gone: set it up again.";
  } catch {
    // No line, whatever the browser says: the next try comes by itself.
  }
}

const DO = {
  start, back, send, next: begin, leave: begin, stay: () => document.querySelector("dialog").close(),
};
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-do], [data-language]");
  if (button?.dataset.language) {
    speak(button.dataset.language);
    show(screen("start"), tongues());
  } else if (button) DO[button.dataset.do]();
  const link = target.closest(".govuk-error-summary a");
  if (link) document.getElementById(link.getAttribute("href").slice(1)).focus();
});
document.addEventListener("submit", (event) => {
  event.preventDefault();
  answered(event.target);
});
for (const sign of ["pointerdown", "keydown", "input"]) document.addEventListener(sign, touched);
// A page that a browser kept in its history must not show the last person's.
window.addEventListener("pageshow", ({ persisted }) => persisted && begin());
window.addEventListener("online", sync);
setInterval(sync, 10_000);

if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register(`${BASE}/worker.js`, { scope: BASE });
  const registration = await navigator.serviceWorker.ready;
  registration.active.postMessage("refresh");
  navigator.storage?.persist?.();
}
await begin();
sync();
document.body.dataset.ready = "1";
