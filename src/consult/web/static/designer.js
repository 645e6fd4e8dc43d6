// The designer works without this. It saves as one types, tells what is wrong, and lets one drag.

const bar = document.querySelector("[data-designer]");
const base = bar?.dataset.designer;
const status = document.querySelector("[data-status]");
const DELAY = 300;
const BEAT = 30_000;
let revision = bar?.dataset.revision;
let dirty = new Map(); // by address: what waits to be saved
let sending = false;
let timer;

function say(text) {
  if (status && status.textContent !== text) status.textContent = text;
}

function form(values) {
  const body = new URLSearchParams();
  for (const [name, value] of values) body.append(name, value);
  return body;
}

async function ask(path, values) {
  const answer = await fetch(`${base}/${path}`, { method: "POST", body: form(values), redirect: "error" });
  const json = answer.headers.get("content-type")?.includes("json");
  if (!json) throw new Error(`answered ${answer.status}`);
  return [answer.ok, await answer.json()];
}

// -- saving -----------------------------------------------------------------------------------

function valueOf(field) {
  const all = [...document.querySelectorAll(`form[data-autosave] [name="${CSS.escape(field)}"]`)];
  const shown = all.filter((input) => input.type !== "hidden");
  if (!shown.length) return "";
  if (shown[0].type !== "checkbox") return shown[0].value;
  return shown.filter((box) => box.checked).map((box) => box.value).join(" ");
}

function changed(field, wait) {
  dirty.set(field, valueOf(field));
  say("Saving …");
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

async function send() {
  if (sending || !dirty.size) return;
  sending = true;
  const [field, text] = dirty.entries().next().value;
  dirty.delete(field);
  const question = document.querySelector("form[data-autosave]")?.dataset.question ?? "";
  try {
    const [, said] = await ask("field", [["base", revision], ["question", question], [field, text]]);
    saved(field, said);
  } catch {
    // The service or the line is away: keep what was typed, and try again until it is back.
    if (!dirty.has(field)) dirty.set(field, text);
    say("Not saved: the service does not answer. Trying again …");
    timer = setTimeout(send, 3000);
    sending = false;
    return;
  }
  sending = false;
  if (dirty.size) send();
}

function saved(field, said) {
  revision = String(said.revision);
  for (const input of document.querySelectorAll('input[name="base"]')) input.value = revision;
  const refused = said.refused.find((one) => one.field === field);
  if (refused) say(`Not saved. ${refused.says}`);
  else if (said.clashes.length) for (const clash of said.clashes) ownOrTheirs(clash, said.who);
  else if (!dirty.size) say("Saved");
  tool("undo", said.undo);
  tool("redo", said.redo);
  clearTimeout(soonShown);
  soonShown = setTimeout(showAgain, 700);
  tellProblems(said, field, refused);
}

let soonShown;
function showAgain() {
  const preview = document.querySelector("[data-preview]");
  if (preview?.offsetParent) preview.src = preview.getAttribute("src");
}

function tool(name, what) {
  const button = document.querySelector(`[data-${name}]`);
  if (!button) return;
  button.disabled = !what;
  button.querySelector("span").textContent = what ? `: ${what}` : "";
}

function tellProblems(said, field, refused) {
  const count = document.querySelector("[data-count]");
  if (count) {
    count.textContent = said.count;
    count.classList.toggle("designer-count--none", said.count === 0);
  }
  const by = new Map(said.problems.map((problem) => [problem.field, problem]));
  for (const group of document.querySelectorAll("form[data-autosave] [data-field]")) {
    const error = group.querySelector("[data-error]");
    const problem = by.get(group.dataset.field);
    const text = refused && field === group.dataset.field ? refused.says
      : problem ? `${problem.says}. ${problem.mend}` : "";
    error.hidden = !text;
    error.querySelector("[data-says]").textContent = text;
    group.classList.toggle("govuk-form-group--error", Boolean(text));
  }
  const box = document.querySelector("[data-mending]");
  if (!box) return;
  box.replaceChildren();
  if (!said.problems.length) return;
  box.append(element("h2", "govuk-heading-s", "To be mended"));
  const list = element("ul", "govuk-list govuk-list--bullet");
  for (const problem of said.problems) {
    const item = element("li");
    const link = element("a", "govuk-link", problem.says);
    link.href = problem.href;
    item.append(link, `. ${problem.mend}`);
    list.append(item);
  }
  box.append(list);
}

function element(name, classes = "", text = "") {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  return made;
}

// -- two people at once -------------------------------------------------------------------------

function ownOrTheirs(clash, who) {
  const group = document.querySelector(`[data-field="${CSS.escape(clash.field)}"]`);
  const input = group?.querySelector("textarea, select, input:not([type=hidden])");
  if (!group || !input) return;
  say(`${who || "Somebody else"} changed this too. Choose below which stands.`);
  group.querySelector(".designer-clash")?.remove();
  const box = element("div", "designer-clash");
  box.append(element("p", "govuk-body govuk-!-font-weight-bold", `${who || "Somebody else"} changed this too`));
  box.append(element("p", "designer-text", clash.theirs ?? "It was deleted or renamed."));
  const mine = element("button", "govuk-button govuk-button--secondary", "Use mine");
  const theirs = element("button", "consult-link-button", "Use theirs");
  mine.type = theirs.type = "button";
  mine.addEventListener("click", () => { box.remove(); input.focus(); changed(clash.field, 0); });
  theirs.addEventListener("click", () => {
    if (input.type === "checkbox") input.checked = clash.theirs === "yes";
    else input.value = clash.theirs ?? "";
    box.remove();
    input.focus();
    say("Theirs stands. Yours is in the history.");
  });
  const tools = element("div", "govuk-button-group");
  if (clash.theirs !== null) tools.append(mine);
  tools.append(theirs);
  box.append(tools);
  group.append(box);
}

async function beat() {
  if (document.hidden) return;
  try {
    const [, said] = await ask("here", []);
    const others = document.querySelector("[data-others]");
    const names = said.others.join(" and ");
    const verb = said.others.length === 1 ? "is" : "are";
    let text = names ? `${names} ${verb} also editing.` : "";
    if (said.by && Number(said.revision) > Number(revision)) {
      text += ` ${said.by} has saved changes since you opened this page: load it again to see them.`;
    }
    if (others && others.textContent !== text) others.textContent = text;
  } catch { /* the next beat tries again */ }
}

// -- the builder of conditions --------------------------------------------------------------------

async function conditionChanged(builder) {
  const values = [...new FormData(builder)].filter(([name]) => name.startsWith("when."));
  try {
    const [fine, said] = await ask("when", values);
    if (!fine) return say(`Not saved. ${said.says}`);
    document.querySelector("[data-sentence]").textContent = said.sentence || "Everybody who comes this far.";
    const kind = location.pathname.includes("/pages/") ? "page" : "question";
    dirty.set(`${kind}/${builder.dataset.question}/when`, said.text);
    send();
  } catch { say("Not saved: the service does not answer. Press Save to try again."); }
}

function start() {
  for (const one of document.querySelectorAll("form[data-autosave]")) {
    let soon;
    const react = (event) => {
      const name = event.target.name ?? "";
      if (name.startsWith("when.") && !name.endsWith("new")) {
        clearTimeout(soon);
        soon = setTimeout(() => conditionChanged(one), DELAY);
      } else if (name.includes("/") || name === "population") {
        // A new name or code changes addresses on this page: it waits for Save.
        if (/\/(id|code|type)$/.test(name)) return say("Press Save to keep this.");
        changed(name, event.type === "change" ? 0 : DELAY);
      }
    };
    one.addEventListener("input", react);
    one.addEventListener("change", (event) => {
      if (event.target.matches("select, [type=checkbox], [type=radio]")) react(event);
    });
    one.addEventListener("submit", (event) => {
      // What waits is in the form too: it need not be saved twice. What is on its way must arrive.
      dirty.clear();
      clearTimeout(timer);
      clearTimeout(soon);
      if (!sending) return;
      event.preventDefault();
      const button = event.submitter;
      const wait = setInterval(() => {
        if (sending) return;
        clearInterval(wait);
        one.requestSubmit(button);
      }, 20);
    });
  }
  window.addEventListener("beforeunload", (event) => { if (dirty.size) event.preventDefault(); });
  if (base) { setInterval(beat, BEAT); beat(); }
  const list = document.querySelector("[data-sortable]");
  if (list) import("./vendor/sortable.min.js").then(() => drag(list, window.Sortable)).catch(() => {});
}

function drag(list, Sortable) {
  list.classList.add("designer-outline--drag");
  Sortable.create(list, {
    handle: "[data-handle]",
    forceFallback: true, // the same with a mouse, a finger and a pen
    async onEnd(event) {
      if (event.oldIndex === event.newIndex) return;
      say("Saving …");
      const values = form([["key", event.item.dataset.key], ["to", event.newIndex]]);
      const answer = await fetch(`${base}/do`, { method: "POST", body: values, keepalive: true }).catch(() => null);
      if (answer?.ok) location.reload();
      else say("Not moved: the service does not answer.");
    },
  });
}

start();
