const kept = new WeakMap();
const LEAVE = "Leave this text? It has unsaved changes.";

export default function ({ data, parentElement: root, setStateValue }) {
  let state = kept.get(root);
  if (!state) {
    state = build_editor(root);
    kept.set(root, state);
    state.ready = import(new URL(data.library, location.origin).href).then((library) => open_view(state, library));
  }
  Object.assign(state, { data, set: setStateValue });
  state.ready.then(() => update_view(state)).catch((error) => {
    state.status.textContent = `The editor failed (${error.message}): reload the page.`;
    throw error;
  });
  return () => {
    for (const stop of state.stops) stop();
    clearTimeout(state.timer);
    state.timer = null;
    state.view?.destroy();
    kept.delete(root);
  };
}

function build_editor(root) {
  const place = root.querySelector(".editor");
  const frame = el("div", { class: "frame" });
  const save = el("button", { type: "button", class: "save" });
  const status = el("span", { class: "status", role: "status" });
  const problems = el("ul", { class: "problems" });
  const bar = el("div", { class: "bar" }, save, status);
  place.replaceChildren(frame, bar, problems);
  const state = { root, frame, bar, save, status, problems, timer: null, saving: null, stops: [], told: null, sent: null, base: null, version: null };
  save.onclick = () => save_text(state);
  return state;
}

// ------------------------------------------------------------------------------------------------------------ the view
function open_view(state, library) {
  state.library = library;
  const { Annotation, Compartment, EditorView } = library;
  state.given = Annotation.define(); // marks changes that come from Python
  state.options = new Compartment();
  state.view = new EditorView({ parent: state.frame, root: state.root.getRootNode() });
  const listen = (target, kind, listener, capture = false) => {
    target.addEventListener(kind, listener, capture);
    state.stops.push(() => target.removeEventListener(kind, listener, capture));
  };
  listen(window, "beforeunload", (event) => is_changed(state) && event.preventDefault());
  listen(state.frame, "focusout", () => state.timer && send_change(state));
  // Streamlit's own links, and those of components, act in the bubbling phase.
  listen(document, "click", (event) => confirm_leaving(state, event), true);
}

// Bring text, options and marks in line with the data from Python; what was typed since the last save stays.
function update_view(state) {
  const { data, view } = state;
  if (!view) return;
  state.frame.style.setProperty("--editor-height", `${data.height_rem}rem`);
  const keeps = data.version === state.version || (state.version !== null && data.draft != null) || (state.sent !== null && data.text === state.sent);
  if (data.version !== state.version) Object.assign(state, { version: data.version, base: data.text, sent: null });
  if (keeps) view.dispatch({ effects: state.options.reconfigure(make_options(state)) });
  else show_text(state, data.draft ?? data.text);
  show_problems(state);
  if (data.save === state.saving) state.saving = null;
  show_status(state);
}

function show_text(state, text) {
  const { EditorState } = state.library;
  const focused = state.view.hasFocus;
  const head = Math.min(state.view.state.selection.main.head, text.length);
  state.shown = "";
  state.told = state.data.draft ?? null;
  const made = EditorState.create({ extensions: [...fixed_options(state, text), state.options.of(make_options(state))] });
  state.view.setState(made);
  // The document is split by the separator of the configuration, which is in force from now on.
  state.view.dispatch({ changes: { from: 0, insert: made.toText(text) }, selection: { anchor: Math.min(head, made.toText(text).length) }, annotations: state.given.of(true) });
  if (focused) state.view.focus();
}

function fixed_options(state, text) {
  const { autocompletion, bracketMatching, classHighlighter, closeBrackets, closeBracketsKeymap, completionKeymap, defaultKeymap, drawSelection,
    EditorState, EditorView, foldGutter, foldKeymap, highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches, highlightSpecialChars,
    history, historyKeymap, indentOnInput, keymap, lineNumbers, lintGutter, lintKeymap, search, searchKeymap, syntaxHighlighting } = state.library;
  // Line ends that are not uniform stay as they are.
  const separator = /\r\n/.test(text) && !/\r(?!\n)|(?<!\r)\n/.test(text) ? "\r\n" : "\n";
  return [
    EditorState.lineSeparator.of(separator), lintGutter(), lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), foldGutter(),
    drawSelection(), indentOnInput(), syntaxHighlighting(classHighlighter), bracketMatching(), closeBrackets(), highlightActiveLine(),
    highlightSelectionMatches(), search({ top: true }), autocompletion({ override: [(context) => complete(state, context)] }),
    keymap.of([
      { key: "Mod-s", run: () => save_text(state), preventDefault: true },
      ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.some((one) => one.annotation(state.given))) text_changed(state);
    }),
  ];
}

function make_options(state) {
  const { data } = state;
  const { EditorState, EditorView, indentUnit, indentWithTab, keymap, languages } = state.library;
  const leave = data.read_only ? "read only" : "press Escape, then Tab to leave the editor";
  const options = [
    EditorView.darkTheme.of(is_dark(state.frame)),
    EditorView.contentAttributes.of({ "aria-label": `${data.label}: ${leave}`, tabindex: "0" }),
    EditorState.readOnly.of(data.read_only),
  ];
  if (languages[data.mode]) options.push(languages[data.mode]());
  else options.push(EditorView.lineWrapping);
  if (data.mode === "python") options.push(indentUnit.of("    "));
  if (!data.read_only) options.push(keymap.of([indentWithTab]));
  return options;
}

function complete(state, context) {
  const word = context.matchBefore(/[\w.-]*/);
  if (!state.data.completions.length || (word.from === word.to && !context.explicit)) return null;
  return { from: word.from, options: state.data.completions, validFor: /^[\w.-]*$/ };
}

// ------------------------------------------------------------------------------------------------- what the user does
const text_of = (state) => state.view.state.sliceDoc();
const is_changed = (state) => state.view && !state.data.read_only && text_of(state) !== state.base;
const script_runs = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";

function text_changed(state) {
  show_status(state);
  if (state.data.change_delay_ms == null) return;
  clearTimeout(state.timer);
  state.timer = setTimeout(() => send_change(state), state.data.change_delay_ms);
}

// A running script may be about to change the URL; a rerun requested meanwhile would restore the old one. A save is answered first.
function send_change(state) {
  clearTimeout(state.timer);
  state.timer = script_runs() || state.saving !== null ? setTimeout(() => send_change(state), 150) : null;
  if (state.timer === null) send(state, state.data.save);
}

// Texts are states of the component: Streamlit loses triggers if another part of the page requests a rerun at the same time.
function send(state, save) {
  state.told = text_of(state);
  state.set("sent", { text: state.told, version: state.version, save });
}

function save_text(state) {
  if (!state.data.save_label || state.saving !== null || (!is_changed(state) && !state.data.save_unchanged)) return true;
  clearTimeout(state.timer);
  state.timer = null;
  state.sent = text_of(state);
  state.saving = Date.now();
  show_status(state);
  send(state, state.saving);
  return true;
}

function confirm_leaving(state, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button || !is_changed(state)) return;
  const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement && one.href);
  if (!link || link.target === "_blank" || link.hasAttribute("download") || new URL(link.href).origin !== location.origin) return;
  if (state.data.keeps_draft && state.timer === null && state.told === text_of(state)) return;
  if (confirm(LEAVE)) {
    clearTimeout(state.timer);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}

// ------------------------------------------------------------------------------------------------------ what is shown
function show_status(state) {
  const { data } = state;
  const changed = is_changed(state);
  state.bar.hidden = data.read_only;
  state.save.hidden = !data.save_label;
  state.save.textContent = data.save_label;
  state.save.disabled = state.saving !== null || !(changed || data.save_unchanged);
  const text = data.read_only ? "" : state.saving !== null ? "Saving …" : changed ? "● Unsaved changes" : "No unsaved changes";
  if (state.status.textContent !== text) state.status.textContent = text;
}

function show_problems(state) {
  const known = JSON.stringify(state.data.annotations);
  if (known === state.shown) return;
  state.shown = known;
  const { view, library } = state;
  const found = state.data.annotations.map((one) => ({ ...place_of(view.state.doc, one), severity: one.severity, message: one.message }));
  view.dispatch(library.setDiagnostics(view.state, found));
  state.problems.replaceChildren(...state.data.annotations.map((one, index) => {
    const where = `Line ${one.line}${one.column ? `, column ${one.column}` : ""}`;
    const button = el("button", { type: "button" }, `${where}: ${one.message}`);
    button.onclick = () => {
      // The marks move with what is typed.
      library.forEachDiagnostic(view.state, (mark, from) => mark === found[index] && view.dispatch({ selection: { anchor: from }, scrollIntoView: true }));
      view.focus();
    };
    return el("li", { class: one.severity }, button);
  }));
}

// Python counts characters, the browser units of UTF-16.
function place_of(doc, { line, column }) {
  const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
  if (!column) return { from: found.from, to: found.to };
  const from = Math.min(found.from + [...found.text].slice(0, column - 1).join("").length, found.to);
  const rest = /^\w+/.exec(found.text.slice(from - found.from))?.[0].length ?? 1;
  return { from, to: Math.min(from + rest, found.to) };
}
