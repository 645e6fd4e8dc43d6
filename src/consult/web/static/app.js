// The pages work without this; it only makes their components a little more helpful.
import { ExitThisPage, initAll } from "./vendor/govuk-frontend.min.js";

const { consultLeave: leave, consultExit: exit, consultIdle: idle } = document.body.dataset;
const { consultAway: away } = document.body.dataset;

// Gone at once, and nothing of the survey behind the back button: the neutral site takes this
// page's place in the history, and the server forgets this browser's answers meanwhile.
let gone = false;

function leaveAtOnce() {
  if (gone) return;
  gone = true;
  const [, s, slug] = leave.split("/");
  // A moment that no form asked for since can be later than, until the server says which it was.
  document.cookie = `consult_left=${"9".repeat(13)}; path=/${s}/${slug}; max-age=600; samesite=lax`;
  document.documentElement.replaceChildren();
  fetch(leave, { method: "POST", keepalive: true, redirect: "manual" }).catch(() => {});
  location.replace(exit);
}

if (leave) {
  ExitThisPage.prototype.exitPage = leaveAtOnce;
  // Nothing else can be pressed while a dialog asks whether anyone is there.
  document.querySelector("[data-consult-leave-now]")?.addEventListener("click", leaveAtOnce);
  // Page after page takes the place of the one before: the history has one entry to replace.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='/']");
    if (!link || link.hasAttribute("download") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    if (!link.matches(".govuk-exit-this-page__button, .govuk-js-exit-this-page-skiplink")) {
      location.replace(link.href);
    }
  });
  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    const body = new URLSearchParams(new FormData(form, submitter));
    // Not form.action, which a question of that name would stand for.
    const action = form.getAttribute("action");
    if (form.getAttribute("method") === "get") {
      location.replace(`${action}?${body}`);
      return;
    }
    try {
      const answer = await fetch(action, { method: "POST", body });
      if (answer.redirected) {
        location.replace(answer.url);
        return;
      }
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // No network: the browser says so itself, and its back button has the page again.
      for (const name of submitter?.name ? [submitter.name] : []) {
        const field = document.createElement("input");
        Object.assign(field, { type: "hidden", name, value: submitter.value });
        form.append(field);
      }
      HTMLFormElement.prototype.submit.call(form);
    }
  });
}

// A page that comes in answer to a form that was fetched, in place of this one.
function show(page) {
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  enhance();
}

// A link from an email carries its code where no server sees it; the address keeps none of it.
function takeCodeFromLink() {
  const field = document.querySelector("#code");
  if (!field || !location.hash) return;
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}

let clock;

async function enhance() {
  clearInterval(clock);
  document.body.classList.add("js-enabled", "govuk-frontend-supported");
  initAll();
  takeCodeFromLink();
  watchIdleness();
  openOtherWords();
  shareOutPoints();
  slidePrecepts();
  await makeListsTypable();
}

// A page that nobody touches asks whether anyone is there, and then hides what was answered.
function watchIdleness() {
  const asking = document.getElementById("consult-idle");
  if (!idle || !asking) return;
  const [warnAfter, hideAfter] = idle.split(" ").map(Number);
  const told = asking.querySelector("[data-consult-told]");
  const left = asking.querySelector("[data-consult-left]");
  let touched = Date.now();
  const inWords = (seconds) => {
    const minutes = Math.ceil(seconds / 60);
    if (seconds <= 60) return told.dataset.seconds.replace("{number}", Math.max(seconds, 0));
    return minutes === 1 ? told.dataset.minute : told.dataset.minutes.replace("{number}", minutes);
  };
  const stay = () => {
    touched = Date.now();
    if (asking.open) asking.close();
  };
  const hide = () => {
    clearInterval(clock);
    const form = document.getElementById("answers");
    if (form && !leave) {
      // What was typed and not yet sent is kept too.
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "idle", value: "1" });
      form.append(field);
      HTMLFormElement.prototype.submit.call(form);
    } else if (leave) {
      leaveAtOnce();
    } else {
      location.replace(away);
    }
  };
  const look = () => {
    const still = Math.round((Date.now() - touched) / 1000);
    if (still >= hideAfter) {
      hide();
    } else if (still >= warnAfter) {
      const seconds = hideAfter - still;
      left.textContent = inWords(seconds);
      if (!asking.open) asking.showModal();
      // Said aloud once a minute, and ten seconds before the end.
      if (seconds % 60 === 0 || seconds === 10 || !told.textContent) {
        told.textContent = inWords(seconds);
      }
    }
  };
  clock = setInterval(look, 1000);
  for (const sign of ["keydown", "pointerdown", "input", "scroll"]) {
    document.addEventListener(sign, () => asking.open || stay(), { passive: true });
  }
  asking.querySelector("[data-consult-stay]").addEventListener("click", stay);
  asking.addEventListener("close", stay);
}

// "Other, please say": asked once that option is picked.
function openOtherWords() {
  for (const box of document.querySelectorAll("[data-consult-wanted-by]")) {
    const radios = [...document.getElementsByName(box.dataset.of)];
    const show = () => {
      const picked = radios.find((radio) => radio.checked);
      box.hidden = picked?.value !== box.dataset.consultWantedBy;
    };
    for (const radio of radios) radio.addEventListener("change", show);
    show();
  }
}

// A long list of options becomes one to type into.
async function makeListsTypable() {
  const lists = document.querySelectorAll("[data-consult-list]");
  if (lists.length) {
    await import("./vendor/accessible-autocomplete.min.js");
    for (const select of lists) {
      self.accessibleAutocomplete.enhanceSelectElement({
        selectElement: select,
        defaultValue: select.value ? select.selectedOptions[0].text : "",
        preserveNullOptions: true,
        confirmOnBlur: false,
      });
    }
  }
}

// How many points are left to share out.
function shareOutPoints() {
  for (const box of document.querySelectorAll("[data-consult-points]")) {
    const total = Number(box.dataset.consultPoints);
    const inputs = [...box.querySelectorAll("input")];
    const told = box.querySelector("[data-consult-sum]");
    const tell = () => {
      const shared = inputs.reduce((sum, input) => sum + (Number.parseInt(input.value, 10) || 0), 0);
      told.textContent = told.dataset.left.replace("{left}", total - shared);
    };
    box.addEventListener("input", tell);
    tell();
  }
}

// A slider beside the number field of a precept, and what the amount costs in the own band.
function slidePrecepts() {
  for (const box of document.querySelectorAll("[data-consult-precept]")) {
    const { min, max, step, band_d: bandD, ninths } = JSON.parse(box.dataset.consultPrecept);
    const input = box.querySelector("input");
    const cost = box.querySelector("[data-consult-cost]");
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min, max, step, className: "consult-slider" });
    // The number field says the same to a screen reader, which meets it once.
    slider.value = min;
    slider.setAttribute("aria-hidden", "true");
    slider.tabIndex = -1;
    const sterling = (pence) => {
      if (pence > 0 && pence < 100) return `${pence}p`;
      return `£${(pence / 100).toFixed(2)}`.replace(".00", "");
    };
    const bill = (amount) => Math.round((Math.round(amount * 100) * ninths) / 9);
    const tell = () => {
      const amount = Number(input.value);
      if (input.value.trim() === "" || !Number.isFinite(amount)) {
        cost.textContent = "";
        return;
      }
      slider.value = amount;
      const year = bill(Number(bandD) + amount) - bill(Number(bandD));
      cost.textContent = box.dataset.says
        .replace("{year}", sterling(year))
        .replace("{month}", sterling(Math.round(year / 12)));
    };
    slider.addEventListener("input", () => {
      input.value = slider.value;
      tell();
    });
    input.addEventListener("input", tell);
    input.closest(".govuk-form-group").append(slider);
    tell();
  }
}

await enhance();
