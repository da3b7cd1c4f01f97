// What the tests ask the page; each is called as look.name(argument).
window.look = {
  name(e) {
    const id = e.id ? `#${e.id}` : "";
    const within = e.closest("[id]");
    const place = !id && within ? ` in #${within.id}` : "";
    return `${e.tagName.toLowerCase()}${id}${place} ${(e.textContent || "").trim().slice(0, 40)}`;
  },

  shown(e) {
    return e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  },

  // Elements that reach beyond the right edge and are not inside a region that scrolls.
  beyond(width) {
    const out = [];
    for (const e of document.body.querySelectorAll("*")) {
      if (e.ownerSVGElement || !look.shown(e)) continue;
      if (e.getBoundingClientRect().right <= width + 1) continue;
      let region = e.parentElement;
      while (region && getComputedStyle(region).overflowX === "visible") region = region.parentElement;
      if (!region || region === document.body || region === document.documentElement) {
        out.push(look.name(e));
      }
    }
    return out;
  },

  // Elements, chosen by a selector, that a reader would not see.
  unseen(selector) {
    const hidden = (e) => {
      const box = e.getBoundingClientRect();
      return !look.shown(e) || box.width <= 0 || box.height <= 0;
    };
    return [...document.querySelectorAll(selector)].filter(hidden).map(look.name);
  },

  seen(selector) {
    return [...document.querySelectorAll(selector)].filter(look.shown).map(look.name);
  },

  // Use every control once, and go to the end of the page.
  work() {
    for (const e of document.querySelectorAll("summary, input, button")) if (look.shown(e)) e.click();
    for (const e of document.querySelectorAll("input[type=range], select")) {
      e.dispatchEvent(new Event("input", { bubbles: true }));
      e.dispatchEvent(new Event("change", { bubbles: true }));
    }
    scrollTo(0, document.body.scrollHeight);
  },

  // A picture is to axe what its title and description say; the strokes inside only take its time.
  empty_pictures() {
    for (const e of document.querySelectorAll("svg > :not(title, desc)")) e.remove();
  },

  // What a reader sees of the tables and of what the page announces.
  state() {
    const cells = [...document.querySelectorAll("th, td")].map((e) => (look.shown(e) ? "1" : "0"));
    const said = [...document.querySelectorAll("output, [aria-live], [role=status]")];
    return cells.join("") + said.map((e) => e.innerText).join("|");
  },

  // From now on note of every change whether the box is checked, and what a reader sees after it.
  watch() {
    look.changes = [];
    document.addEventListener("change", ({ target: e }) => look.changes.push([e.checked, look.state()]));
    return look.state();
  },

  changed() {
    return look.changes;
  },

  controls(kind) {
    return [...document.querySelectorAll(`main input[type=${kind}]`)].filter(look.shown);
  },

  // What the Tab key should reach: of a group of radio buttons one.
  stops() {
    const able = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const found = [...document.querySelectorAll(able)].filter((e) => look.shown(e) && !e.disabled);
    const groups = new Set();
    return found.filter((e) => {
      if (e.type !== "radio") return true;
      const first = !groups.has(e.name);
      groups.add(e.name);
      return first;
    });
  },

  // From now on note where the focus goes: the number of the stop in the order of the page, and
  // whether one sees that it is there.
  follow() {
    const stops = look.stops();
    look.path = [];
    document.addEventListener("focusin", ({ target: e }) => {
      const style = getComputedStyle(e);
      const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      const at = stops.findIndex((s) => s === e || (e.type === "radio" && s.name === e.name));
      look.path.push([at, (ring || style.boxShadow !== "none") && look.shown(e)]);
    });
    return stops.length;
  },

  followed() {
    return look.path;
  },

  // Texts that print must hold: a row, a heading, a caption, a paragraph, a listing at a time.
  printed() {
    const whole = "h1, h2, h3, h4, h5, h6, caption, figcaption, tr, p, li, dt, dd, summary, pre";
    const inside = (e) => !e.closest("nav, svg, table") || e.matches("tr, caption");
    return [...document.querySelectorAll(whole)]
      .filter((e) => inside(e) && look.shown(e))
      .map((e) => e.textContent);
  },
};
