// Keeps on the server what is being written. Nothing is kept in the browser: what the server has
// not got yet is on this page alone, and the page says so. Without JavaScript the form is a form.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const IDLE = 5000, TYPING = 20000, SLOWEST = 30000, LARGEST = 60000;
  const NOT_FIELDS = ["csrf_token", "idempotency_key", "draft_version", "anyway", "shown"];
  const LISTS = ["named", "hidden_from", "goal_keys", "areas"];
  const { csrf_token: token, draft_version: version } = form.elements;
  const WORDS = "textarea, input[type=text]", NO_WORDS = /\.(key|username|service_id|status|remove)$/;
  const place = form.querySelector("[data-draft-says]"), two = form.querySelector("[data-draft-two]");
  const login = form.querySelector("[data-draft-login]");
  let saved, since = 0, timer = 0, pause = 1000, busy = null, sent = "", other = null, sending = false;
  let reach = true;  // whether the last try was answered, with something other than «log in»
  let shut = false;  // whether the author may not write here any more: what is sent would be lost

  const fields = () => {
    const found = {};
    for (const [name, value] of new FormData(form)) {
      if (LISTS.includes(name)) (found[name] ||= []).push(value);
      else if (!NOT_FIELDS.includes(name)) found[name] = value;
    }
    return found;
  };
  const typed = () => JSON.stringify(fields());
  const refused = form.dataset.draftState === "refused";
  const worded = [...form.querySelectorAll(WORDS)].some((field) => field.value.trim());
  const pristine = Number(version.value) || (refused && worded) ? "" : typed();
  const changed = () => typed() !== saved;

  const say = (words, state) => {
    if (place.lastChild.textContent !== words) place.lastChild.textContent = words;
    place.dataset.state = state;
    place.firstChild.className = `st-icon st-icon--${state === "saved" ? "saved" : "offline"}`;
    place.hidden = false;
    login.hidden = state !== "login";
    form.toggleAttribute("data-kept", state === "saved");
  };
  const wait = (ms) => { clearTimeout(timer); timer = setTimeout(save, ms); };
  const again = () => { wait(pause); pause = Math.min(2 * pause, SLOWEST); };
  const clock = (at) => new Date(at).toLocaleTimeString("nb-NO",
    { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Oslo" }).replace(":", ".");

  // After a new log-in the page needs a new token. It gets one for the person who wrote it only;
  // for anybody else the words are taken away.
  const renewed = async () => {
    const me = await fetch("/api/v1/me");
    if (me.status === 401) return false;
    if (me.ok && (await me.json()).username !== form.dataset.author) {
      form.reset();
      form.querySelectorAll(WORDS).forEach((field) => { field.value = ""; });
      form.setAttribute("data-kept", "");
      location.replace("/");
      return false;
    }
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    const fresh = page.querySelector("form[data-draft] [name=csrf_token]");
    if (fresh) token.value = fresh.value;
    return Boolean(fresh);
  };

  const taken = (current) => {
    version.value = current.version;
    other = null;
    two.hidden = true;
  };
  // Words that were written elsewhere and are not the same here: [the field here or null, the words].
  const apart = (there) => Object.entries(there).map(([name, said]) => [form.elements[name] || null, said, name])
    .filter(([field, said, name]) => typeof said === "string" && said.trim() &&
      (field ? field instanceof Element && field.matches(WORDS) && field.value !== said : !NO_WORDS.test(name)));
  const show = (found) => {
    const named = ([field, said]) => (found.length > 1 && field && field.labels[0] ? `${field.labels[0].firstChild.textContent.trim()}\n` : "") + said;
    two.querySelector("[data-draft-other]").textContent = found.map(named).join("\n\n");
    two.hidden = !found.length;
  };
  const offer = (current) => {
    other = current;
    show(apart(current.fields));
    two.hidden = false;
    say("Du har skrevet et annet sted også. Velg under. Begge tekstene er her.", "unsaved");
  };

  const put = async (leaving) => {
    const now = typed(), given = now === pristine ? {} : fields();
    const body = JSON.stringify({ fields: given, seen_version: Number(version.value) || 0 });
    const answer = await fetch(form.dataset.draft, {
      method: "PUT", body, keepalive: Boolean(leaving) && new Blob([body]).size < LARGEST,
      headers: { "Content-Type": "application/json", "X-CSRFToken": token.value },
    });
    const told = await answer.json();
    reach = answer.status !== 401 && answer.status < 500;
    shut = false;
    if (answer.ok) {
      taken(told);
      saved = sent = now;
      pause = 1000;
      since = changed() ? Date.now() : 0;
      if (told.version) say((form.dataset.draftKept || "Lagret kl. ?").replace("?", clock(told.saved_at)), since ? "unsaved" : "saved");
      else { place.hidden = true; form.setAttribute("data-kept", ""); }
      if (since) wait(IDLE);
    } else if (answer.status === 409 && told.error.current) {
      const there = told.error.current, same = JSON.stringify(there.fields);
      // What stands is what we sent, and the answer was lost on the way.
      if (same === sent || !apart(there.fields).length) { taken(there); saved = ""; wait(0); }
      else offer(there);
    } else if (answer.status === 422) {
      say(`Ikke lagret. ${Object.values(told.error.fields || {}).flat().join(" ")}`, "unsaved");
    } else if (answer.status === 403 && told.error.code === "csrf" && await renewed()) {
      wait(0);
    } else if (answer.status === 401) {
      say("Ikke lagret ennå: du er logget ut.", "login");
      again();
    } else if ([403, 404].includes(answer.status)) {
      if (answer.status === 404) await renewed();
      // A part that has left a plan is shown again with its words, while the rest of it is his.
      shut = !(form.dataset.draftWhole && (await fetch(form.dataset.draftWhole, { method: "HEAD" })).ok);
      say(!shut && form.dataset.draftGone || "Du har ikke lenger tilgang. Kopier det du har skrevet, før du lukker siden.", "unsaved");
    } else {
      say("Ikke lagret ennå. Vi prøver igjen.", "unsaved");
      again();
    }
  };
  const save = (leaving) => {
    clearTimeout(timer);
    if (busy) return busy;
    if (other || sending || !changed()) return Promise.resolve();
    sent ||= typed();
    busy = put(leaving === true).catch(() => {
      reach = false;
      say("Ikke lagret ennå – venter på nett. Ikke lukk fanen.", "unsaved");
      again();
    }).finally(() => { busy = null; });
    return busy;
  };

  const note = () => {
    form.removeAttribute("data-kept");
    if (!changed()) return;
    since ||= Date.now();
    if (place.dataset.state === "saved") place.hidden = true;
    wait(Math.max(0, Math.min(IDLE, since + TYPING - Date.now())));
  };
  form.addEventListener("input", note);
  form.addEventListener("focusout", () => save());
  addEventListener("online", () => save());
  addEventListener("focus", () => save());
  document.addEventListener("visibilitychange", () => save(document.hidden));
  addEventListener("pagehide", () => save(true));
  addEventListener("pageshow", () => { sending = false; if (changed()) note(); });

  // Saving the entry waits for the draft: without a net, or logged out, the words stay on the page.
  addEventListener("submit", (event) => {
    if (event.target !== form || sending) return;
    const waits = busy ? busy.then(() => save()) : changed() && !other && save();
    if (!waits && navigator.onLine) { sending = true; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const by = event.submitter;
    const send = () => {
      if (!navigator.onLine) say("Ikke lagret ennå – venter på nett. Trykk igjen når du har nett.", "unsaved");
      else if ((reach && !shut) || !changed()) { sending = true; form.requestSubmit(by); }
    };
    if (waits) waits.then(send);
    else send();
  }, true);

  // What is let go of, or answered otherwise, is not kept once more on the way out.
  document.querySelectorAll("form[data-draft-drop]").forEach((drop) => drop.addEventListener("submit", (event) => {
    sending = true;
    clearTimeout(timer);
    form.setAttribute("data-kept", "");
    if (!busy) return;
    event.preventDefault();
    const seen = drop.elements.draft_version;
    busy.finally(() => { if (seen) seen.value = version.value; drop.submit(); });
  }));

  two.addEventListener("click", (event) => {
    const both = event.target.closest("[data-draft-both]"), mine = event.target.closest("[data-draft-mine]");
    if (!(both || mine)) return;
    if (!other) { two.hidden = true; return; }
    const found = apart(other.fields);
    taken(other);
    if (both) {
      for (const [field, said] of found) {
        if (field && field.type === "textarea") field.value = [field.value, said].filter(Boolean).join("\n\n");
        else if (field && !field.value) field.value = said;
      }
      show(found.filter(([field, said]) => !field || !field.value.endsWith(said)));  // has no room here
    }
    saved = "";
    form.querySelector(WORDS).focus();
    wait(0);
  });

  saved = refused ? "" : typed();
})();
