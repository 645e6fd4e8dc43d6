// The pages work without this; it only makes their components a little more helpful.
import { initAll } from "./vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();

// "Other, please say": asked once that option is picked.
for (const box of document.querySelectorAll("[data-consult-wanted-by]")) {
  const radios = [...document.getElementsByName(box.dataset.of)];
  const show = () => {
    const picked = radios.find((radio) => radio.checked);
    box.hidden = picked?.value !== box.dataset.consultWantedBy;
  };
  for (const radio of radios) radio.addEventListener("change", show);
  show();
}

// A long list of options becomes one to type into.
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

// How many points are left to share out.
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

// A slider beside the number field of a precept, and what the amount costs in the own band.
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
