// Moves what stands in a list by drag: a grip beside the buttons that move it without JavaScript.
// Where it is let go of, the same form is sent with the place that it has then.
(() => {
  "use strict";
  const EDGE = 60, STEP = 14;
  const moves = (one) => one.hasAttribute("data-moves");
  const middle = (one) => { const box = one.getBoundingClientRect(); return box.top + box.height / 2; };

  const wire = (grip) => {
    const form = grip.closest("form"), item = grip.closest("[data-moves]");
    const list = () => Array.from(item.parentElement.children).filter(moves);
    let before = null;  // the order when it was taken hold of

    const end = () => { before = null; item.removeAttribute("data-dragged"); };
    const back = () => {
      if (before) before.reduce((last, one) => { last.after(one); return one; });
      end();
    };
    grip.hidden = false;
    grip.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      before = list();
      item.setAttribute("data-dragged", "");
    });
    grip.addEventListener("pointermove", (event) => {
      if (!before) return;
      const now = list(), at = now.indexOf(item);
      // The others step aside: what is held stays where it is in the document, and is not let go of.
      if (at > 0 && event.clientY < middle(now[at - 1])) item.after(now[at - 1]);
      else if (at < now.length - 1 && event.clientY > middle(now[at + 1])) item.before(now[at + 1]);
      if (event.clientY < EDGE) scrollBy(0, -STEP);
      else if (event.clientY > innerHeight - EDGE) scrollBy(0, STEP);
    });
    grip.addEventListener("pointerup", () => {
      if (!before) return;
      const to = list().indexOf(item), was = before.indexOf(item);
      end();
      if (to === was) return;
      const place = document.createElement("input");
      Object.assign(place, { type: "hidden", name: "to", value: to });
      form.append(place);
      form.requestSubmit();
    });
    grip.addEventListener("pointercancel", back);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") back(); });
  };
  document.querySelectorAll("[data-grip]").forEach(wire);
})();
