// What pages do better with JavaScript; without it everything still works.
// Nothing here stores anything, and nothing is loaded from elsewhere.
(() => {
  "use strict";
  const doc = document;
  const on = (name, act, capture) => doc.addEventListener(name, act, capture);

  // htmx 2 notes the address of the last page for its history. It has no switch for that.
  const forget = () => {
    try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch { /* storage is off */ }
  };
  forget();
  on("htmx:pushedIntoHistory", forget);
  on("htmx:replacedInHistory", forget);
  on("htmx:historyRestore", forget);

  // An error summary, or what stands in the way, takes the focus when it comes.
  const lead = (part) => {
    const first = part.querySelector("[data-takes-focus]");
    if (first) first.focus();
    return first;
  };
  // So does what the address points at: what was just saved.
  on("DOMContentLoaded", () => {
    const there = !lead(doc) && location.hash && doc.getElementById(location.hash.slice(1));
    if (!there || there.contains(doc.activeElement)) return;
    if (there.tabIndex < 0) there.tabIndex = -1;
    there.focus();
  });

  // A swap that takes away what had the focus gives it to what came instead.
  let lost = false;
  on("htmx:beforeSwap", (event) => { lost = event.detail.target.contains(doc.activeElement); });
  on("htmx:afterSettle", (event) => {
    const part = event.detail.elt;
    if (!lost || lead(part.parentElement || part)) return;
    lost = false;
    if (doc.activeElement !== doc.body || part === doc.body) return;
    if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
    part.focus({ preventScroll: true });
  });

  // A request that did not get through is said in words; what is typed stays.
  const fail = (text) => {
    const place = doc.getElementById("svikt");
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
  };
  on("htmx:sendError", () => fail("Ikke lagret: ingen nett. Det du skrev, står her fortsatt. Ikke lukk fanen."));
  on("htmx:responseError", () => fail("Det gikk ikke. Det du skrev, står her fortsatt. Prøv igjen."));
  on("htmx:afterOnLoad", (event) => { if (event.detail.successful) fail(""); });

  // A form that is sent without a net or a log-in would be lost with its words. So before words that
  // took a while are sent, the page asks whether there is one; otherwise they stay where they are.
  // After a new log-in in another tab the same person presses again; nobody else can send them.
  const WHILE = 60000, author = doc.body.dataset.user, passed = new WeakSet();
  const opened = Date.now();
  const mayBeLost = (form) => author && !("draft" in form.dataset) &&
    (Date.now() - opened > WHILE || !navigator.onLine) && unsent(form);
  const reached = async (form, by) => {
    const told = form.querySelector("[data-not-sent]") || doc.createElement("p");
    told.className = "st-failed";
    told.dataset.notSent = "";
    told.setAttribute("role", "alert");
    told.textContent = "";
    ((by && by.closest(".st-row")) || form.lastElementChild).before(told);
    const say = (...words) => told.append(...words, " Det du skrev, står her fortsatt.");
    try {
      const answer = await fetch("/varsler");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const user = page.body.dataset.user;
      if (answer.ok && user === author) {
        const { value } = page.querySelector("[name=csrf_token]");
        doc.querySelectorAll("[name=csrf_token]").forEach((field) => { field.value = value; });
        told.remove();
        return true;
      }
      if (!answer.ok) say("Ikke sendt: det gikk ikke nå. Prøv igjen.");
      else if (user) {
        form.dataset.sent = "";
        location.replace("/");
      } else {
        const link = doc.createElement("a");
        Object.assign(link, { href: "/logg-inn", target: "_blank", rel: "noopener", textContent: "Logg inn i en ny fane" });
        say("Ikke sendt: du er logget ut. ", link, ", kom tilbake hit, og trykk en gang til.");
      }
    } catch {
      say("Ikke sendt: ingen nett. Trykk igjen når du har nett, og ikke lukk fanen.");
    }
    return false;
  };

  // A form is sent once: a second press waits for the answer of the first.
  const release = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  };
  on("submit", (event) => {
    const form = event.target, by = event.submitter;
    if (form.method !== "post") return;
    const again = "sent" in form.dataset, asks = !again && !passed.delete(form) && mayBeLost(form);
    if (again || asks) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (again) return;
    form.dataset.sent = "";
    if (by) by.setAttribute("aria-busy", "true");
    setTimeout(release, 10000, form);
    if (!asks) return;
    reached(form, by).then((yes) => {
      release(form);
      if (!yes) return;
      passed.add(form);
      form.requestSubmit(by);
    });
  }, true);
  on("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form");
    if (form) release(form);
  });
  addEventListener("pageshow", () => doc.querySelectorAll("form[data-sent]").forEach(release));

  // Leaving with typed text that was not sent, nor kept as a draft: the browser asks first.
  const unsent = (form) => !("sent" in form.dataset) && !("kept" in form.dataset) && Array.from(form.elements).some((field) =>
    field.matches("textarea, input:is([type=text], [type=date], [type=search], [type=email], [type=tel])") &&
    field.value.trim() && (field.value !== field.defaultValue || field.form.querySelector("[aria-invalid]")));
  addEventListener("beforeunload", (event) => {
    if (Array.from(doc.querySelectorAll("form[method=post]")).some(unsent)) event.preventDefault();
  });

  // The menu closes like a menu.
  const close = (menu) => { menu.open = false; };
  on("click", (event) => {
    for (const menu of doc.querySelectorAll(".st-menu[open]")) if (!menu.contains(event.target)) close(menu);
  });
  on("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest(".st-menu[open]");
    if (!menu) return;
    close(menu);
    menu.querySelector("summary").focus();
  });
})();
