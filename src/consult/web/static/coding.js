// Pages of coding work without this. It codes by single keys, and says how far a job has come.

const form = document.querySelector("[data-coding]");

function press(element) {
  if (!element) return;
  if (element.type === "checkbox") element.checked = !element.checked;
  else element.click();
}

function key(event) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.target.closest("textarea, select")) return;
  if (event.target.matches('input:not([type="checkbox"])')) return;
  if (event.key === "Enter" && !event.target.closest("a, button, summary")) {
    event.preventDefault();
    form.querySelector('button[value="save"]').click();
    return;
  }
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (found) {
    event.preventDefault();
    press(found);
  }
}

if (form) {
  document.addEventListener("keydown", key);
  document.querySelector("[data-keys]")?.removeAttribute("hidden");
}

const job = document.querySelector("[data-progress]");

async function look() {
  try {
    const told = await (await fetch(job.dataset.progress, { redirect: "error" })).json();
    job.querySelector("progress").value = told.share;
    const step = job.querySelector("[data-step]");
    if (step.textContent !== told.step) step.textContent = told.step;
    job.querySelector("[data-left]").textContent = told.left;
    if (!told.under_way) return location.reload();
  } catch {
    // The service or the line is away: look again.
  }
  setTimeout(look, 1000);
}

if (job) setTimeout(look, 1000);
