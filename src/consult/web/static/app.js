// The pages work without this; it only makes GOV.UK's components a little more helpful.
import { initAll } from "./vendor/govuk-frontend.min.js";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
initAll();
