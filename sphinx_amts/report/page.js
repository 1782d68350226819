"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const { rows, messages, languages, states, checks, paths, documents } = data;
  const [MESSAGE, LANGUAGE, STATE, TEXT, CATALOG, CATALOG_LINE, ENGINE, DETAILS] = [0, 1, 2, 3, 4, 5, 6, 7];
  const [DOCUMENT, KIND, FILE, LINE, SOURCE] = [0, 1, 2, 3, 4];
  const HEIGHT = 76; // of a row in the list, as the style has it
  const NOTHING = { findings: [] };

  const el = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  };
  const number = (value) => value.toLocaleString("en");
  const details = (row) => row[DETAILS] || NOTHING;
  const message = (row) => messages[row[MESSAGE]];

  // -- what is shown --------------------------------------------------------------------------------------------

  const empty = () => ({ q: "", lang: -1, doc: -1, check: "", states: new Set(), change: false, first: false });
  let wanted = empty();
  let shown = []; // numbers of rows
  let selected = -1; // number of a row
  let folded = null; // text of each row in lower case, made when somebody searches

  const haystack = () => {
    folded ??= rows.map((row) => `${message(row)[SOURCE]}\n${row[TEXT]}`.toLowerCase());
    return folded;
  };

  const FACETS = {
    lang: (row) => wanted.lang < 0 || row[LANGUAGE] === wanted.lang,
    doc: (row) => wanted.doc < 0 || message(row)[DOCUMENT] === wanted.doc,
    state: (row) => !wanted.states.size || wanted.states.has(row[STATE]),
    check: (row) => !wanted.check || found(row, wanted.check),
    change: (row) => !wanted.change || Boolean(details(row).change),
  };
  const found = (row, check) => {
    const findings = details(row).findings;
    return Boolean(findings) && (check === "*" ? findings.length > 0 : findings.some((one) => one[0] === check));
  };

  /** Rows that pass every filter, and how many would pass with each choice of state or finding. */
  const filter = () => {
    const query = wanted.q.trim().toLowerCase();
    const texts = query ? haystack() : null;
    const facets = Object.entries(FACETS);
    const counts = { state: states.map(() => 0), check: new Map(checks.map((name) => [name, 0])), any: 0 };
    shown = [];
    rows.forEach((row, index) => {
      let failed = "";
      for (const [name, passes] of facets) {
        if (passes(row)) continue;
        if (failed) return;
        failed = name;
      }
      if (failed && failed !== "state" && failed !== "check") return;
      if (texts && !texts[index].includes(query)) return;
      if (!failed) shown.push(index);
      if (failed !== "check") counts.state[row[STATE]] += 1;
      if (failed !== "state" && details(row).findings?.length) {
        counts.any += 1;
        for (const name of new Set(details(row).findings.map((one) => one[0]))) counts.check.set(name, counts.check.get(name) + 1);
      }
    });
    if (wanted.first) shown.sort((left, right) => waits(rows[left]) - waits(rows[right]) || left - right);
    return counts;
  };
  const waits = (row) => 2 * row[STATE] + (details(row).findings?.length ? 0 : 1);

  // -- the list -------------------------------------------------------------------------------------------------

  const list = byId("list");
  const space = byId("space");
  let drawn = [-1, -1];

  const draw = (force) => {
    const first = Math.max(0, Math.floor(list.scrollTop / HEIGHT) - 6);
    const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / HEIGHT) + 6);
    if (!force && first === drawn[0] && last === drawn[1]) return;
    drawn = [first, last];
    space.replaceChildren(...shown.slice(first, last).map((index, offset) => rowOf(index, first + offset)));
    if (!shown.length) space.append(el("p", { class: "empty" }, "No message fits these filters."));
    list.setAttribute("aria-activedescendant", selected >= 0 ? `row-${selected}` : "");
  };

  const rowOf = (index, place) => {
    const row = rows[index];
    const [code, , direction] = languages[row[LANGUAGE]];
    const extra = details(row);
    const flags = el("span", { class: "flags" });
    if (extra.findings?.length) flags.append(el("b", {}, `${extra.findings.length} ${extra.findings.length > 1 ? "findings" : "finding"}`));
    if (extra.change) flags.append(extra.findings?.length ? " · " : "", extra.change);
    const made = el(
      "div",
      {
        class: "row", role: "option", id: `row-${index}`, "aria-selected": String(index === selected),
        "aria-setsize": shown.length, "aria-posinset": place + 1,
      },
      el("i", { class: `dot s-${states[row[STATE]]}`, title: states[row[STATE]] }),
      el("span", { class: "head" }, `${documents[message(row)[DOCUMENT]][0]}${languages.length > 1 ? ` · ${code}` : ""} · ${states[row[STATE]]}`),
      flags,
      el("p", { class: "from", dir: "auto" }, message(row)[SOURCE].slice(0, 220)),
      el("p", { class: "to", dir: direction, lang: code.replace("_", "-") }, row[TEXT].slice(0, 220) || "–"),
    );
    made.style.transform = `translateY(${place * HEIGHT}px)`;
    made.dataset.index = index;
    return made;
  };

  const select = (index, scroll = true) => {
    selected = index;
    const place = shown.indexOf(index);
    if (scroll && place >= 0) {
      const top = place * HEIGHT;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (top + HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + HEIGHT - list.clientHeight;
    }
    draw(true);
    show();
  };
  const move = (steps) => {
    if (!shown.length) return;
    const place = shown.indexOf(selected);
    const next = place < 0 && Math.abs(steps) === 1 ? 0 : place + steps;
    select(shown[Math.min(shown.length - 1, Math.max(0, next))]);
  };

  // -- differences ----------------------------------------------------------------------------------------------

  const TOKEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{M}\p{N}_]+|\s+|[^]/gu;
  const LARGEST = 4e6; // cells of the table of differences; longer texts are shown as replaced

  /** Longest common subsequence of two texts by words: lists of [kept, text] for the old and the new side. */
  const compare = (before, after) => {
    const left = before.match(TOKEN) ?? [];
    const right = after.match(TOKEN) ?? [];
    let start = 0;
    while (start < left.length && start < right.length && left[start] === right[start]) start += 1;
    let end = 0;
    while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end += 1;
    const [a, b] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
    const kept = a.length * b.length > LARGEST ? [[], []] : common(a, b);
    const side = (tokens, changed, keep) => [
      ...tokens.slice(0, start).map((text) => [true, text]),
      ...changed.map((text, place) => [keep.has(place), text]),
      ...tokens.slice(tokens.length - end).map((text) => [true, text]),
    ];
    return [side(left, a, new Set(kept[0])), side(right, b, new Set(kept[1]))];
  };

  const common = (a, b) => {
    const width = b.length + 1;
    const table = new Uint16Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i -= 1) {
      for (let j = b.length - 1; j >= 0; j -= 1) {
        table[i * width + j] = a[i] === b[j]
          ? table[(i + 1) * width + j + 1] + 1
          : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
      }
    }
    const kept = [[], []];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
      if (a[i] === b[j]) {
        kept[0].push(i);
        kept[1].push(j);
        i += 1;
        j += 1;
      } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) i += 1;
      else j += 1;
    }
    return kept;
  };

  const marked = (tokens, tag) => {
    const nodes = [];
    let run = "";
    let state = true;
    const flush = () => {
      if (run) nodes.push(state ? run : el(tag, {}, run));
      run = "";
    };
    for (const [kept, text] of tokens) {
      if (kept !== state) flush();
      state = kept;
      run += text;
    }
    flush();
    return nodes;
  };

  // -- one message ----------------------------------------------------------------------------------------------

  const detail = byId("detail");

  const said = (text, language, nodes = null) => {
    const attributes = language
      ? { class: "said", dir: language[2], lang: language[0].replace("_", "-") }
      : { class: "said", dir: "auto" };
    if (!text) return el("p", { class: "said none" }, "no translation");
    return el("p", attributes, ...(nodes ?? [text]));
  };
  const titled = (title, ...content) => el("div", {}, el("h2", {}, title), ...content);

  const excerpts = (text, findings) => {
    const places = [];
    for (const [, , excerpt] of findings) {
      const at = excerpt && excerpt.length < text.length ? text.indexOf(excerpt) : -1;
      if (at >= 0 && !places.some(([from, to]) => at < to && at + excerpt.length > from)) places.push([at, at + excerpt.length]);
    }
    places.sort((left, right) => left[0] - right[0]);
    const nodes = [];
    let end = 0;
    for (const [from, to] of places) {
      nodes.push(text.slice(end, from), el("mark", {}, text.slice(from, to)));
      end = to;
    }
    return [...nodes, text.slice(end)];
  };

  const show = () => {
    if (selected < 0) {
      detail.replaceChildren(el("p", { class: "welcome" }, "Choose a message. The keys j and k go through the list; ? shows all keys."));
      byId("view-messages").querySelector(".work").classList.remove("open");
      return;
    }
    const row = rows[selected];
    const extra = details(row);
    const language = languages[row[LANGUAGE]];
    const source = message(row)[SOURCE];
    const parts = [];
    const back = el("button", { type: "button", class: "quiet back" }, "Back to the list");
    back.addEventListener("click", () => select(-1));
    parts.push(back, meta(row, language));
    if (extra.findings?.length) {
      parts.push(el("ul", { class: "found" }, ...extra.findings.map(([check, text]) => el("li", {}, el("code", {}, check), el("span", { dir: "auto" }, text)))));
    }
    if (extra.fresh?.length) parts.push(el("p", { class: "note", dir: "auto" }, `New in the source: ${extra.fresh.join(" ")}`));
    const target = extra.findings?.length ? excerpts(row[TEXT], extra.findings) : null;
    parts.push(pair(["Source", said(source)], [language[1], said(row[TEXT], language, target)]));
    const difference = (title, [first, before], [second, after], tongue) => {
      const [left, right] = compare(before, after);
      parts.push(el("h2", { class: "part" }, title));
      parts.push(pair([first, said(before, tongue, marked(left, "del"))], [second, said(after, tongue, marked(right, "ins"))]));
    };
    if (extra.previous) difference("The source changed", ["It was translated from", extra.previous], ["It says now", source], null);
    if (extra.change === "edited") difference("The last run changed it", ["Before", extra.before], ["After", row[TEXT]], language);
    if (extra.other) difference("Edited in two places", ["In the catalog", row[TEXT]], ["In the localized file", extra.other], language);
    parts.push(places(row), context(row));
    detail.replaceChildren(...parts.filter((part) => part !== null));
    detail.scrollTop = 0;
    byId("view-messages").querySelector(".work").classList.add("open");
  };

  const pair = ([left, first], [right, second]) => el("div", { class: "pair" }, titled(left, first), titled(right, second));

  const meta = (row, language) => {
    const state = states[row[STATE]];
    const made = el("p", { class: "meta" }, el("span", { class: "state" }, el("i", { class: `dot s-${state}` }), state));
    made.append(el("span", {}, documents[message(row)[DOCUMENT]][1]), el("span", {}, message(row)[KIND]), el("span", {}, language[1]));
    if (row[ENGINE]) made.append(el("span", {}, `by ${row[ENGINE]}`));
    return made;
  };

  const places = (row) => {
    const made = el("p", { class: "places" });
    const [path, line] = [paths[message(row)[FILE]], message(row)[LINE]];
    if (path) made.append(link(path, line, "source"));
    const catalog = paths[row[CATALOG]];
    if (catalog) made.append(link(catalog, row[CATALOG_LINE], "catalog"));
    return made;
  };

  const codeLines = (lines, first, here) => lines.map((text, place) => {
    const line = first + place;
    return el("span", { class: line === here ? "code here" : "code", "data-line": line }, text || " ");
  });

  /** The message's line with the lines around it; a click opens the whole file. */
  const context = (row) => {
    const [path, line] = [paths[message(row)[FILE]], message(row)[LINE]];
    if (!line || !(path in data.texts)) return null;
    const first = Math.max(1, line - 3);
    const made = el("button", { type: "button", class: "context", title: "Open the source file here", dir: "auto" });
    made.append(...codeLines(data.texts[path].split("\n").slice(first - 1, line + 6), first, line));
    made.addEventListener("click", () => openFile(path, line));
    return made;
  };

  /** Address of a line elsewhere: in an editor or on a server where a pattern is given, else the file beside the page. */
  const address = (path, line) => {
    const encoded = path.split("/").map(encodeURIComponent).join("/");
    if (data.editor) return data.editor.replaceAll("{path}", encoded).replaceAll("{line}", line || 1);
    return data.base ? `${data.base}/${encoded}${line ? `#L${line}` : ""}` : "";
  };

  const link = (path, line, what) => {
    const label = `${path}${line ? `:${line}` : ""}`;
    const made = el("a", { href: address(path, line) || "#", class: what, title: `Open the ${what}`, rel: "noopener" }, label);
    if (path in data.texts) {
      made.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        openFile(path, line);
      });
    }
    return made;
  };

  // -- a file ---------------------------------------------------------------------------------------------------

  const openFile = (path, line) => {
    byId("file-title").textContent = `${path}${line ? `:${line}` : ""}`;
    const target = address(path, line);
    byId("file-link").hidden = !target;
    if (target) byId("file-link").href = target;
    const text = byId("file-text");
    text.replaceChildren(...codeLines(data.texts[path].split("\n"), 1, line));
    byId("file").showModal();
    text.querySelector(".here")?.scrollIntoView({ block: "center" });
    text.focus();
  };
  byId("file-copy").addEventListener("click", () => {
    const range = document.createRange();
    range.selectNodeContents(byId("file-title"));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    navigator.clipboard?.writeText(byId("file-title").textContent).catch(() => {}); // it stays selected all the same
  });
  for (const name of ["file", "help"]) {
    byId(`${name}-close`).addEventListener("click", () => byId(name).close());
    byId(name).addEventListener("click", (event) => event.target === byId(name) && byId(name).close());
  }
  byId("help-open").addEventListener("click", () => byId("help").showModal());

  // -- filters and address --------------------------------------------------------------------------------------

  const views = ["overview", "messages", "evaluation"].filter((name) => byId(`view-${name}`));
  let view = views[0];

  const option = (value, text) => el("option", { value }, text);
  const fillControls = () => {
    byId("lang").append(option(-1, "all languages"), ...languages.map(([, name], place) => option(place, name)));
    byId("doc").append(option(-1, "all chapters"), ...documents.map(([name, title], place) => option(place, title === name ? name : `${title} (${name})`)));
    byId("states").append(...states.map((state, place) => {
      const made = el("button", { type: "button", class: "chip", "aria-pressed": "false" }, el("i", { class: `dot s-${state}` }), state, el("b", {}));
      made.addEventListener("click", () => {
        if (!wanted.states.delete(place)) wanted.states.add(place);
        update();
      });
      return made;
    }));
  };

  const showControls = (counts) => {
    byId("q").value = wanted.q;
    byId("lang").value = wanted.lang;
    byId("doc").value = wanted.doc;
    byId("change").checked = wanted.change;
    byId("first").checked = wanted.first;
    [...byId("states").children].forEach((button, place) => {
      button.setAttribute("aria-pressed", String(wanted.states.has(place)));
      button.querySelector("b").textContent = number(counts.state[place]);
    });
    const check = byId("check");
    check.replaceChildren(option("", "findings or not"), option("*", `any finding (${number(counts.any)})`));
    for (const name of checks) if (counts.check.get(name) || name === wanted.check) check.append(option(name, `${name} (${number(counts.check.get(name))})`));
    check.value = wanted.check;
    byId("count").textContent = `${number(shown.length)} of ${number(rows.length)}`;
  };

  const hash = () => {
    if (view !== "messages") return `#${view}`;
    const parts = new URLSearchParams();
    if (wanted.lang >= 0) parts.set("lang", languages[wanted.lang][0]);
    if (wanted.doc >= 0) parts.set("doc", documents[wanted.doc][0]);
    for (const state of [...wanted.states].sort()) parts.append("state", states[state]);
    if (wanted.check) parts.set("check", wanted.check);
    if (wanted.change) parts.set("change", "1");
    if (wanted.first) parts.set("first", "1");
    if (wanted.q) parts.set("q", wanted.q);
    const text = parts.toString();
    return `#messages${text ? `?${text}` : ""}`;
  };

  const read = () => {
    const [name, query] = location.hash.slice(1).split("?");
    view = views.includes(name) ? name : views[0];
    if (view !== "messages") return;
    const parts = new URLSearchParams(query ?? "");
    wanted = {
      q: parts.get("q") ?? "",
      lang: languages.findIndex(([code]) => code === parts.get("lang")),
      doc: documents.findIndex(([code]) => code === parts.get("doc")),
      check: ["*", ...checks].includes(parts.get("check")) ? parts.get("check") : "",
      states: new Set(parts.getAll("state").map((state) => states.indexOf(state)).filter((place) => place >= 0)),
      change: parts.has("change"),
      first: parts.has("first"),
    };
  };

  const update = (write = true) => {
    for (const name of views) byId(`view-${name}`).hidden = name !== view;
    for (const one of document.querySelectorAll(".top nav a")) {
      if (one.getAttribute("href") === `#${view}`) one.setAttribute("aria-current", "page");
      else one.removeAttribute("aria-current");
    }
    if (write && location.hash !== hash()) history.replaceState(null, "", hash());
    if (view !== "messages") return;
    showControls(filter());
    space.style.height = `${shown.length * HEIGHT}px`;
    if (!shown.includes(selected)) {
      selected = -1;
      list.scrollTop = 0;
      show();
    }
    draw(true);
  };

  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 120);
  };

  const connect = () => {
    byId("q").addEventListener("input", () => {
      wanted.q = byId("q").value;
      soon();
    });
    for (const name of ["lang", "doc"]) {
      byId(name).addEventListener("change", () => {
        wanted[name] = Number(byId(name).value);
        update();
      });
    }
    byId("check").addEventListener("change", () => {
      wanted.check = byId("check").value;
      update();
    });
    for (const name of ["change", "first"]) {
      byId(name).addEventListener("change", () => {
        wanted[name] = byId(name).checked;
        update();
      });
    }
    byId("reset").addEventListener("click", () => {
      wanted = empty();
      update();
    });
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    list.addEventListener("scroll", () => requestAnimationFrame(() => draw(false)), { passive: true });
    list.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) select(Number(row.dataset.index), false);
    });
    addEventListener("resize", () => draw(true));
  };

  // -- keys, theme ----------------------------------------------------------------------------------------------

  const go = (name) => {
    if (name) location.hash = `#${name}`;
  };
  const KEYS = {
    j: () => move(1),
    k: () => move(-1),
    o: () => detail.querySelector(".places a.source")?.click(),
    "/": () => byId("q").focus(),
    "?": () => byId("help").showModal(),
    1: () => go(views[0]),
    2: () => go(views[1]),
    3: () => go(views[2]),
    Escape: () => select(-1),
  };
  const IN_LIST = {
    ArrowDown: () => move(1), ArrowUp: () => move(-1), PageDown: () => move(8), PageUp: () => move(-8),
    Home: () => move(-Infinity), End: () => move(Infinity), Enter: () => detail.focus(),
  };
  const IN_MESSAGES = new Set(["j", "k", "o", "/", "Escape"]);

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.matches("input, select, textarea");
    if (typing) {
      if (event.key === "Escape") list.focus();
      return;
    }
    const action = event.target === list && IN_LIST[event.key] ? IN_LIST[event.key] : KEYS[event.key];
    if (!action || (view !== "messages" && (action !== KEYS[event.key] || IN_MESSAGES.has(event.key)))) return;
    event.preventDefault();
    action();
  });

  const theme = byId("theme");
  const dress = (dark) => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    theme.setAttribute("aria-pressed", String(dark));
    theme.textContent = dark ? "Light" : "Dark";
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  dress(system.matches);
  system.addEventListener("change", () => dress(system.matches));
  theme.addEventListener("click", () => dress(document.documentElement.dataset.theme !== "dark"));

  // -- begin ----------------------------------------------------------------------------------------------------

  if (views.includes("messages")) {
    fillControls();
    connect();
    show();
  }
  addEventListener("hashchange", () => {
    read();
    update(false);
    byId("content").scrollTop = 0;
  });
  read();
  update(false);
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
